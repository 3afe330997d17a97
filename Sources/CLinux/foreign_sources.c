// A filter that counts without dropping: in eBPF (bpf(2)), for the classic one can't write.
#define _GNU_SOURCE
#include "CLinuxForeignSources.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static uint64_t pointer(const void *address) { return (uint64_t)(uintptr_t)address; }

int cl_foreign_sources_map(uint32_t capacity) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = BPF_MAP_TYPE_HASH;
  attributes.key_size = sizeof(uint64_t);
  attributes.value_size = sizeof(uint64_t);
  attributes.max_entries = capacity;
  attributes.map_flags = BPF_F_NO_PREALLOC;
  memcpy(attributes.map_name, "foreign_sources", 15);
  return bpf(BPF_MAP_CREATE, &attributes);
}

#define INSTRUCTION(CODE, TO, FROM, OFFSET, NUMBER) \
  ((struct bpf_insn){.code = (CODE), .dst_reg = (TO), .src_reg = (FROM), .off = (OFFSET), .imm = (NUMBER)})
#define LOAD(SIZE, OFFSET) INSTRUCTION(BPF_LD | BPF_ABS | (SIZE), 0, 0, 0, (int32_t)(OFFSET))
#define COPY(TO, FROM) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, TO, FROM, 0, 0)
#define COPY_NUMBER(TO, NUMBER) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, TO, 0, 0, NUMBER)
#define SHIFT(TO, BITS) INSTRUCTION(BPF_ALU64 | BPF_LSH | BPF_K, TO, 0, 0, BITS)
#define OR(TO, FROM) INSTRUCTION(BPF_ALU64 | BPF_OR | BPF_X, TO, FROM, 0, 0)
#define STORE(TO, OFFSET, FROM) INSTRUCTION(BPF_STX | BPF_MEM | BPF_DW, TO, FROM, OFFSET, 0)
#define CALL(FUNCTION) INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, FUNCTION)

int cl_foreign_sources_program(int map) {
  // Offsets count from the UDP header, but for the link-layer header's (SKF_LL_OFF). r6 is the packet,
  // r8 its source, r9 its chaddr; PASS ends the program with the packet as it is.
  enum { GIADDR = 8 + 24, HARDWARE = 8 + 1, CHADDR = 8 + 28, SOURCE = SKF_LL_OFF + 6, HEAD = 8 + 34 };
  enum { LENGTH = 31, PASS = LENGTH - 2 };
#define PASS_FROM(PLACE) ((int16_t)(PASS - (PLACE) - 1))
  struct bpf_insn code[LENGTH] = {
      COPY(6, 1),
      INSTRUCTION(BPF_LDX | BPF_MEM | BPF_W, 2, 6, offsetof(struct __sk_buff, len), 0),
      // A load from beyond the end would drop it.
      INSTRUCTION(BPF_JMP | BPF_JLT | BPF_K, 2, 0, PASS_FROM(2), HEAD),
      // A relay speaks for others.
      LOAD(BPF_W, GIADDR),
      INSTRUCTION(BPF_JMP | BPF_JNE | BPF_K, 0, 0, PASS_FROM(4), 0),
      // Ethernet, six octets.
      LOAD(BPF_H, HARDWARE),
      INSTRUCTION(BPF_JMP | BPF_JNE | BPF_K, 0, 0, PASS_FROM(6), 0x0106),
      LOAD(BPF_W, CHADDR),
      COPY(9, 0),
      SHIFT(9, 16),
      LOAD(BPF_H, CHADDR + 4),
      OR(9, 0),
      LOAD(BPF_W, SOURCE),
      COPY(8, 0),
      SHIFT(8, 16),
      LOAD(BPF_H, SOURCE + 4),
      OR(8, 0),
      INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_X, 8, 9, PASS_FROM(17), 0),
      COPY(1, 6),
      CALL(BPF_FUNC_get_socket_cookie),
      STORE(10, -8, 0),
      // Two instructions long.
      INSTRUCTION(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
      INSTRUCTION(0, 0, 0, 0, 0),
      COPY(2, 10),
      INSTRUCTION(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8),
      CALL(BPF_FUNC_map_lookup_elem),
      INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, PASS_FROM(26), 0),
      COPY_NUMBER(1, 1),
      INSTRUCTION(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 1, 0, BPF_ADD),
      INSTRUCTION(BPF_ALU | BPF_MOV | BPF_K, 0, 0, 0, -1),
      INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
#undef PASS_FROM
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = pointer(code);
  attributes.insn_cnt = LENGTH;
  attributes.license = pointer("Apache-2.0");
  memcpy(attributes.prog_name, "foreign_sources", 15);
  return bpf(BPF_PROG_LOAD, &attributes);
}

static int socket_cookie(int fd, uint64_t *cookie) {
  socklen_t size = sizeof *cookie;
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &size);
}

int cl_count_foreign_sources(int program, int map, int fd) {
  uint64_t cookie;
  if (socket_cookie(fd, &cookie) != 0) return -1;
  uint64_t none = 0;
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = pointer(&cookie);
  attributes.value = pointer(&none);
  attributes.flags = BPF_ANY;
  if (bpf(BPF_MAP_UPDATE_ELEM, &attributes) != 0) return -1;
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program);
}

int cl_foreign_sources(int map, int fd, uint64_t *count) {
  uint64_t cookie;
  if (socket_cookie(fd, &cookie) != 0) return -1;
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = pointer(&cookie);
  attributes.value = pointer(count);
  return bpf(BPF_MAP_LOOKUP_ELEM, &attributes);
}

void cl_forget_foreign_sources(int map, int fd) {
  uint64_t cookie;
  if (socket_cookie(fd, &cookie) != 0) return;
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = pointer(&cookie);
  bpf(BPF_MAP_DELETE_ELEM, &attributes);
}
