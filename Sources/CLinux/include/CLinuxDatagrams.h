// Datagrams by the batch: recvmmsg(2) and sendmmsg(2) with the addresses that IP_ORIGDSTADDR, IP_PKTINFO and
// IPV6_PKTINFO tell (ip(7), ipv6(7)). A batch is memory of the caller's; nothing here allocates.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The most datagrams in a batch.
#define CL_BATCH_DATAGRAMS 64
/// The most bytes of a datagram that is received; longer ones are marked as truncated.
#define CL_BATCH_BYTES 4096

/// Room for received datagrams and for replies.
struct cl_batch;

/// A datagram that came; addresses as they travel, ports in host order.
struct cl_arrival {
  const uint8_t *bytes;
  uint32_t length;
  /// Whether the datagram was longer than CL_BATCH_BYTES.
  uint32_t truncated;
  /// AF_INET: the first 4 bytes.
  uint8_t source[16];
  /// Zeros where the socket does not tell (cl_tell_destinations).
  uint8_t destination[16];
  uint16_t source_port;
  /// 255 for neighbours only where IPV6_RECVHOPLIMIT is on; 0 where unknown.
  uint16_t hop_limit;
};

/// Bytes that a batch takes, to be aligned to 64.
size_t cl_batch_size(void);
/// Makes zeroed memory a batch.
void cl_batch_prepare(struct cl_batch *batch);
/// recvmmsg(2) without waiting: the number of datagrams.
int cl_batch_receive(struct cl_batch *batch, int fd);
/// What came as number index.
void cl_batch_arrival(const struct cl_batch *batch, int index, struct cl_arrival *arrival);
/// The six octets of number index that are a DHCPv4 request's chaddr, and two more, as they travel; 0 where it is
/// too short to have them.
int cl_batch_chaddr(const struct cl_batch *batch, int index, uint64_t *octets);
/// Where reply number index is written, CL_BATCH_BYTES long.
uint8_t *cl_batch_reply(struct cl_batch *batch, int index);
/// The length with which reply number index was addressed.
uint32_t cl_batch_reply_length(const struct cl_batch *batch, int index);
/// Addresses reply number index; host order. source 0 leaves the choice to the kernel.
void cl_batch_address_v4(struct cl_batch *batch, int index, uint32_t length, uint32_t destination,
                         uint16_t port, uint32_t source);
/// Addresses reply number index; octets as they travel. source NULL leaves the choice to the kernel.
void cl_batch_address_v6(struct cl_batch *batch, int index, uint32_t length, const uint8_t *destination,
                         uint16_t port, uint32_t device, const uint8_t *source);
/// sendmmsg(2) without waiting, of the replies from first on: how many went.
int cl_batch_send(struct cl_batch *batch, int fd, int first, int count);

/// A UDP socket for port 67 or 547 on a device of the calling thread's namespace: bound to the device, joined
/// to no group; buffer is the size that SO_RCVBUFFORCE asks for. That for 547 tells where datagrams were sent
/// to.
///
/// stage names the call that failed.
int cl_dhcp_socket(int family, const char *device, uint16_t port, int buffer, const char **stage);
/// Whether an IPv4 socket tells where datagrams were sent to (IP_ORIGDSTADDR), which takes a hundredth of all
/// that an exchange takes.
int cl_tell_destinations(int fd, int on);
/// IPV6_ADD_MEMBERSHIP (ipv6(7)) of the group whose octets are given.
int cl_join_group(int fd, const uint8_t *group, uint32_t device);
/// A raw ICMPv6 socket on a device of the calling thread's namespace that receives one type only, with
/// hop limit 255 for what is sent to groups and IPV6_RECVHOPLIMIT on.
int cl_icmpv6_socket(const char *device, uint8_t type, const char **stage);
/// SO_BINDTODEVICE's answer as an index, for a socket of any namespace: 0 for none (SO_BINDTOIFINDEX).
int cl_bound_device(int fd);
/// SO_NETNS_COOKIE (since Linux 5.14): which namespace the socket belongs to; 0 where the kernel can't tell.
uint64_t cl_namespace_cookie(int fd);

/// Sends text to systemd's notification socket at path (sd_notify(3)), with a descriptor unless fd is -1.
///
/// A path that begins with @ is an abstract one. Waits a second at most.
int cl_notify(const char *path, const char *text, int fd);
/// SIOCGIFINDEX (netdevice(7)) through any socket of the device's namespace: its index.
int cl_device_index(int fd, const char *device);
/// recvmsg(2) on a UNIX socket with the descriptor that came along (SCM_RIGHTS), close-on-exec, or -1.
ssize_t cl_receive_descriptor(int socket, void *buffer, size_t size, int *fd);

/// The length to which ``cl_mark_foreign_sources`` cuts a datagram: up to the end of chaddr.
#define CL_FOREIGN_LENGTH 34
/// Has the kernel cut DHCPv4 requests that came from another Ethernet source than their chaddr to
/// CL_FOREIGN_LENGTH bytes, a length that no other datagram comes with; relayed requests are left
/// alone. With on 0 nothing is cut any more.
int cl_mark_foreign_sources(int fd, int on);
