#define _GNU_SOURCE
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Only IPv4, UDP, to port 68 passes; the offsets are those of an IPv4 header without options.
static struct sock_filter replies_only[] = {
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 5),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHERNET_SIZE + 9),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 3),
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETHERNET_SIZE + IP_SIZE + 2),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 68, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, RING_FRAME),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static struct tpacket2_hdr *slot(const struct wire *wire, uint32_t index) {
  return (struct tpacket2_hdr *)(wire->ring + (size_t)index * RING_FRAME);
}

static int set_up(struct wire *wire, const struct dhcpload_network *networks, int count,
                  const char **failed_step) {
  *failed_step = "filter the packet socket";
  struct sock_fprog program = {sizeof replies_only / sizeof *replies_only, replies_only};
  if (setsockopt(wire->socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) return -1;

  *failed_step = "make the packet socket's ring";
  int version = TPACKET_V2;
  if (setsockopt(wire->socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0) return -1;
  struct tpacket_req request = {
      .tp_block_size = RING_BLOCK,
      .tp_block_nr = RING_BLOCKS,
      .tp_frame_size = RING_FRAME,
      .tp_frame_nr = RING_FRAMES,
  };
  if (setsockopt(wire->socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) < 0) return -1;
  void *ring = mmap(NULL, (size_t)RING_BLOCKS * RING_BLOCK, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, wire->socket, 0);
  if (ring == MAP_FAILED) return -1;
  wire->ring = ring;

  // A socket for all protocols (ETH_P_ALL) sees a frame at the device itself, before a bridge does,
  // whoever it is for; what goes out is not to come back.
  *failed_step = "bind the packet socket";
  int on = 1;
  if (setsockopt(wire->socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0) return -1;
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET,
      .sll_protocol = htons(ETH_P_ALL),
      .sll_ifindex = count == 1 ? networks[0].interface_index : 0,
  };
  if (bind(wire->socket, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  *failed_step = NULL;
  return 0;
}

int wire_open(struct wire *wire, const struct dhcpload_network *networks, int count,
              const char **failed_step) {
  memset(wire, 0, sizeof *wire);
  for (int i = 0; i < BATCH; i++) {
    wire->pieces[i] = (struct iovec){wire->frames[i], FRAME_SIZE};
    wire->targets[i] = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
    wire->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &wire->targets[i],
        .msg_namelen = sizeof wire->targets[i],
        .msg_iov = &wire->pieces[i],
        .msg_iovlen = 1,
    };
  }
  *failed_step = "open a packet socket";
  // Protocol 0: nothing comes before the filter and the ring are in place.
  wire->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (wire->socket < 0) return -1;
  if (set_up(wire, networks, count, failed_step) == 0) return 0;
  int error = errno;
  wire_close(wire);
  errno = error;
  return -1;
}

void wire_close(struct wire *wire) {
  if (wire->ring) munmap(wire->ring, (size_t)RING_BLOCKS * RING_BLOCK);
  if (wire->socket >= 0) close(wire->socket);
  wire->ring = NULL;
  wire->socket = -1;
}

uint8_t *wire_queue(struct wire *wire, int interface_index) {
  wire->targets[wire->queued].sll_ifindex = interface_index;
  return wire->frames[wire->queued++];
}

int wire_send(struct wire *wire) {
  int sent = 0;
  while (sent < wire->queued) {
    int count = sendmmsg(wire->socket, wire->messages + sent, (unsigned)(wire->queued - sent), 0);
    if (count > 0) {
      sent += count;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      struct pollfd polled = {.fd = wire->socket, .events = POLLOUT};
      poll(&polled, 1, 1);
    } else if (errno != EINTR) {
      return -1;
    }
  }
  wire->queued = 0;
  return 0;
}

const uint8_t *wire_receive(struct wire *wire, size_t *size) {
  struct tpacket2_hdr *header = slot(wire, wire->next);
  // The kernel writes the frame first and this word last.
  if (!(__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) return NULL;
  *size = header->tp_snaplen;
  return (const uint8_t *)header + header->tp_mac;
}

void wire_done(struct wire *wire) {
  __atomic_store_n(&slot(wire, wire->next)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  wire->next = (wire->next + 1) % RING_FRAMES;
}

void wire_wait(struct wire *wire, double seconds) {
  struct pollfd polled = {.fd = wire->socket, .events = POLLIN};
  struct timespec limit = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  ppoll(&polled, 1, &limit, NULL);
}

int64_t wire_lost(struct wire *wire) {
  struct tpacket_stats statistics = {0};
  socklen_t size = sizeof statistics;
  // Reading them sets them back to 0.
  if (getsockopt(wire->socket, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0) return 0;
  return statistics.tp_drops;
}
