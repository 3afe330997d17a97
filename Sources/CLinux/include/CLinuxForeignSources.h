// DHCPv4 requests that come from another Ethernet source than they name, counted by the kernel.
#pragma once

#include <stdint.h>

/// Where the kernel counts for so many sockets (bpf(2), BPF_MAP_CREATE); needs CAP_BPF.
int cl_foreign_sources_map(uint32_t capacity);
/// The filter that counts there, for any number of sockets (BPF_PROG_LOAD): it lets all packets through.
int cl_foreign_sources_program(int map);
/// Has the requests of a UDP socket counted from now on (SO_ATTACH_BPF, socket(7)); relayed ones are not.
int cl_count_foreign_sources(int program, int map, int fd);
/// How many came so far.
int cl_foreign_sources(int map, int fd, uint64_t *count);
/// Keeps nothing of a socket any more; to be called before it is closed.
void cl_forget_foreign_sources(int map, int fd);
