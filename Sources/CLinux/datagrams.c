// Datagrams by the batch, and the sockets that they come in by.
#define _GNU_SOURCE
#include "CLinuxDatagrams.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/icmpv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef ICMPV6_FILTER
#define ICMPV6_FILTER 1
#endif

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

// Room for one IPV6_PKTINFO and one IPV6_HOPLIMIT.
union control {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

// Datagrams lie a few cache lines more than a page apart: a whole page would put the first lines of
// all of them into the same set of the cache.
#define STRIDE (CL_BATCH_BYTES + 5 * 64)

struct side {
  struct mmsghdr messages[CL_BATCH_DATAGRAMS];
  struct iovec vectors[CL_BATCH_DATAGRAMS];
  union address names[CL_BATCH_DATAGRAMS];
  union control controls[CL_BATCH_DATAGRAMS];
  uint8_t bytes[CL_BATCH_DATAGRAMS][STRIDE];
};

struct cl_batch {
  struct side in;
  struct side out;
  // How many of `in` the last receive used: only their lengths have to be set again.
  int used;
};

size_t cl_batch_size(void) { return sizeof(struct cl_batch); }

static void prepare(struct side *side) {
  for (int i = 0; i < CL_BATCH_DATAGRAMS; i++) {
    side->vectors[i] = (struct iovec){side->bytes[i], CL_BATCH_BYTES};
    side->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &side->names[i],
        .msg_iov = &side->vectors[i],
        .msg_iovlen = 1,
        .msg_control = &side->controls[i],
    };
  }
}

void cl_batch_prepare(struct cl_batch *batch) {
  prepare(&batch->in);
  prepare(&batch->out);
  batch->used = CL_BATCH_DATAGRAMS;
}

int cl_batch_receive(struct cl_batch *batch, int fd) {
  for (int i = 0; i < batch->used; i++) {
    batch->in.messages[i].msg_hdr.msg_namelen = sizeof(union address);
    batch->in.messages[i].msg_hdr.msg_controllen = sizeof(union control);
    batch->in.messages[i].msg_hdr.msg_flags = 0;
  }
  int count;
  do count = recvmmsg(fd, batch->in.messages, CL_BATCH_DATAGRAMS, MSG_DONTWAIT, NULL);
  while (count < 0 && errno == EINTR);
  batch->used = count > 0 ? count : 0;
  return count;
}

void cl_batch_arrival(const struct cl_batch *batch, int index, struct cl_arrival *arrival) {
  const struct mmsghdr *message = &batch->in.messages[index];
  const union address *name = &batch->in.names[index];
  arrival->bytes = batch->in.bytes[index];
  arrival->length = message->msg_len;
  arrival->truncated = (message->msg_hdr.msg_flags & MSG_TRUNC) != 0;
  arrival->hop_limit = 0;
  if (name->any.sa_family == AF_INET) {
    memcpy(arrival->source, &name->v4.sin_addr, 4);
    arrival->source_port = ntohs(name->v4.sin_port);
    memset(arrival->destination, 0, 4);
  } else {
    memcpy(arrival->source, &name->v6.sin6_addr, 16);
    arrival->source_port = ntohs(name->v6.sin6_port);
    memset(arrival->destination, 0, 16);
  }
  struct msghdr header = message->msg_hdr;
  for (struct cmsghdr *item = CMSG_FIRSTHDR(&header); item != NULL; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_ORIGDSTADDR) {
      struct sockaddr_in destination;
      memcpy(&destination, CMSG_DATA(item), sizeof destination);
      memcpy(arrival->destination, &destination.sin_addr, 4);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      memcpy(arrival->destination, &info.ipi6_addr, 16);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_HOPLIMIT) {
      int limit;
      memcpy(&limit, CMSG_DATA(item), sizeof limit);
      arrival->hop_limit = (uint16_t)limit;
    }
  }
}

int cl_batch_chaddr(const struct cl_batch *batch, int index, uint64_t *octets) {
  if (batch->in.messages[index].msg_len < 36) return 0;
  memcpy(octets, batch->in.bytes[index] + 28, sizeof *octets);
  return 1;
}

uint8_t *cl_batch_reply(struct cl_batch *batch, int index) { return batch->out.bytes[index]; }

uint32_t cl_batch_reply_length(const struct cl_batch *batch, int index) {
  return (uint32_t)batch->out.vectors[index].iov_len;
}

void cl_batch_address_v4(struct cl_batch *batch, int index, uint32_t length, uint32_t destination,
                         uint16_t port, uint32_t source) {
  struct msghdr *header = &batch->out.messages[index].msg_hdr;
  batch->out.vectors[index].iov_len = length;
  batch->out.names[index].v4 = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(destination)};
  header->msg_namelen = sizeof(struct sockaddr_in);
  header->msg_controllen = 0;
  if (source == 0) return;
  struct cmsghdr *item = &batch->out.controls[index].align;
  struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(source)};
  item->cmsg_level = IPPROTO_IP;
  item->cmsg_type = IP_PKTINFO;
  item->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(item), &info, sizeof info);
  header->msg_controllen = CMSG_SPACE(sizeof info);
}

void cl_batch_address_v6(struct cl_batch *batch, int index, uint32_t length, const uint8_t *destination,
                         uint16_t port, uint32_t device, const uint8_t *source) {
  struct msghdr *header = &batch->out.messages[index].msg_hdr;
  struct sockaddr_in6 *name = &batch->out.names[index].v6;
  batch->out.vectors[index].iov_len = length;
  *name = (struct sockaddr_in6){
      .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = device};
  memcpy(&name->sin6_addr, destination, 16);
  header->msg_namelen = sizeof(struct sockaddr_in6);
  header->msg_controllen = 0;
  if (source == NULL) return;
  struct cmsghdr *item = &batch->out.controls[index].align;
  struct in6_pktinfo info = {.ipi6_ifindex = device};
  memcpy(&info.ipi6_addr, source, 16);
  item->cmsg_level = IPPROTO_IPV6;
  item->cmsg_type = IPV6_PKTINFO;
  item->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(item), &info, sizeof info);
  header->msg_controllen = CMSG_SPACE(sizeof info);
}

int cl_batch_send(struct cl_batch *batch, int fd, int first, int count) {
  int sent;
  do sent = sendmmsg(fd, batch->out.messages + first, (unsigned)count, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent;
}

static int fail(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

static int set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value);
}

static int bind_device(int fd, const char *device) {
  return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device));
}

int cl_dhcp_socket(int family, const char *device, uint16_t port, int buffer, const char **stage) {
  *stage = "socket";
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  *stage = "SO_BINDTODEVICE";
  if (bind_device(fd, device) != 0) return fail(fd);
  // The new socket of a restart may come while the old one is still there.
  *stage = "SO_REUSEADDR";
  if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0) return fail(fd);
  // SO_RCVBUFFORCE passes over rmem_max, and needs CAP_NET_ADMIN in the first user namespace.
  if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, buffer) != 0) (void)set(fd, SOL_SOCKET, SO_RCVBUF, buffer);
  if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, buffer) != 0) (void)set(fd, SOL_SOCKET, SO_SNDBUF, buffer);
  union address address;
  memset(&address, 0, sizeof address);
  socklen_t length;
  if (family == AF_INET) {
    *stage = "SO_BROADCAST";
    if (set(fd, SOL_SOCKET, SO_BROADCAST, 1) != 0) return fail(fd);
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    length = sizeof address.v4;
  } else {
    *stage = "IPV6_RECVPKTINFO";
    if (set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) != 0) return fail(fd);
    *stage = "IPV6_V6ONLY";
    if (set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) return fail(fd);
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    length = sizeof address.v6;
  }
  *stage = "bind";
  if (bind(fd, &address.any, length) != 0) return fail(fd);
  return fd;
}

int cl_tell_destinations(int fd, int on) {
  // For IP_PKTINFO the kernel would look up a route for each broadcast.
  return set(fd, IPPROTO_IP, IP_RECVORIGDSTADDR, on);
}

int cl_join_group(int fd, const uint8_t *group, uint32_t device) {
  struct ipv6_mreq request = {.ipv6mr_interface = device};
  memcpy(&request.ipv6mr_multiaddr, group, 16);
  int result = setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request);
  // A socket that was taken over is a member already.
  return result != 0 && errno == EADDRINUSE ? 0 : result;
}

int cl_icmpv6_socket(const char *device, uint8_t type, const char **stage) {
  *stage = "socket";
  int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6);
  if (fd < 0) return -1;
  *stage = "SO_BINDTODEVICE";
  if (bind_device(fd, device) != 0) return fail(fd);
  *stage = "ICMPV6_FILTER";
  struct icmp6_filter filter;
  // A set bit blocks its type (RFC 3542 section 3.2).
  memset(&filter, 0xFF, sizeof filter);
  filter.data[type >> 5] &= ~(UINT32_C(1) << (type & 31));
  if (setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, &filter, sizeof filter) != 0) return fail(fd);
  *stage = "hop limit";
  if (set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255) != 0) return fail(fd);
  if (set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255) != 0) return fail(fd);
  if (set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) != 0) return fail(fd);
  if (set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) != 0) return fail(fd);
  // Our own advertisements are not for us.
  (void)set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
  return fd;
}

int cl_bound_device(int fd) {
  int index = 0;
  socklen_t length = sizeof index;
  return getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &length) == 0 ? index : -1;
}

uint64_t cl_namespace_cookie(int fd) {
  uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0 ? cookie : 0;
}

int cl_notify(const char *path, const char *text, int fd) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address.sun_path) {
    errno = EINVAL;
    return -1;
  }
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = 0;
  int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (notify < 0) return -1;
  struct timeval patience = {.tv_sec = 1};
  (void)setsockopt(notify, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  struct iovec vector = {.iov_base = (void *)text, .iov_len = strlen(text)};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_name = &address,
      .msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length),
      .msg_iov = &vector,
      .msg_iovlen = 1,
  };
  if (fd >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    control.align.cmsg_level = SOL_SOCKET;
    control.align.cmsg_type = SCM_RIGHTS;
    control.align.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
  }
  ssize_t sent;
  do sent = sendmsg(notify, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  int saved = errno;
  close(notify);
  errno = saved;
  return sent < 0 ? -1 : 0;
}

static int device_request(int fd, const char *device, unsigned long request, struct ifreq *answer) {
  memset(answer, 0, sizeof *answer);
  if (strlen(device) >= IFNAMSIZ) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(answer->ifr_name, device);
  return ioctl(fd, request, answer);
}

int cl_device_index(int fd, const char *device) {
  struct ifreq answer;
  return device_request(fd, device, SIOCGIFINDEX, &answer) != 0 ? -1 : answer.ifr_ifindex;
}

ssize_t cl_receive_descriptor(int socket, void *buffer, size_t size, int *fd) {
  struct iovec vector = {.iov_base = buffer, .iov_len = size};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &vector,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control,
  };
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  *fd = -1;
  if (count < 0) return -1;
  struct cmsghdr *item = CMSG_FIRSTHDR(&message);
  if (item != NULL && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS)
    memcpy(fd, CMSG_DATA(item), sizeof *fd);
  return count;
}

int cl_mark_foreign_sources(int fd, int on) {
  // Offsets count from the UDP header, but for the link-layer header's (SKF_LL_OFF). A filter's
  // result is the length that is kept.
  enum { GIADDR = 8 + 24, HARDWARE = 8 + 1, CHADDR = 8 + 28, SOURCE = SKF_LL_OFF + 6 };
  enum { KEPT = 8 + CL_FOREIGN_LENGTH };
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, KEPT, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KEPT, 0, 14),
      // One that has this length already would be taken for a cut one.
      BPF_STMT(BPF_RET | BPF_K, KEPT - 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, GIADDR),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 11),
      // Ethernet, six octets.
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, HARDWARE),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0106, 0, 9),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CHADDR),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SOURCE),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 4),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, CHADDR + 4),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)SOURCE + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, KEPT),
      BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  if (on) return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  int none = 0;
  int result = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
  return result != 0 && errno == ENOENT ? 0 : result;
}
