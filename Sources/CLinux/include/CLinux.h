// What Glibc's module hides from Swift: kernel structures and constants, and thin functions around
// system calls. Every function returns what the call returns, -1 with errno set on failure, unless
// its comment says otherwise; none allocates, none keeps state.
#pragma once

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "CLinuxDatagrams.h"
#include "CLinuxForeignSources.h"
#include "CLinuxLab.h"

#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

/// strerror_r(3) of POSIX: writes what an errno means, zero-terminated.
void cl_error_text(int number, char *buffer, size_t size);
/// Names the calling thread, as ps and top show it; at most 15 bytes (pthread_setname_np(3)).
void cl_name_thread(const char *name);
/// pipe2(2) with O_CLOEXEC.
int cl_pipe(int *reading_end, int *writing_end);

// Namespaces and mounts.

/// setns(2) with CLONE_NEWNET: puts the calling thread into the network namespace behind fd.
int cl_enter_network_namespace(int fd);
/// unshare(2) with CLONE_NEWNET: puts the calling thread into a new network namespace.
int cl_new_network_namespace(void);
/// Whether the file system that holds path is nsfs: 1, 0, or -1.
int cl_is_namespace_file(const char *path);
/// mount(2) with MS_SHARED | MS_REC.
int cl_make_shared(const char *path);
/// mount(2) with MS_BIND (| MS_REC when recursive is not 0).
int cl_bind_mount(const char *source, const char *target, int recursive);
/// umount2(2) with MNT_DETACH.
int cl_unmount(const char *path);
/// NS_GET_USERNS of ioctl_ns(2): a descriptor of the user namespace that owns the namespace fd.
int cl_owning_user_namespace(int fd);

// Privileges.

/// The calling thread's effective capabilities, one bit each (capget(2)).
int cl_effective_capabilities(uint64_t *bits);
/// Tries, in a child process that ends at once, to become root of new user and network namespaces:
/// 0, or the errno (positive) of the step that failed.
int cl_probe_user_namespace(void);

// Processes.

/// Starts a program: posix_spawn(3) with default signal handlers and an empty signal mask.
///
/// input, output and error become descriptors 0, 1 and 2; every other descriptor is closed. With
/// new_session the child leads a session of its own. Returns 0 or an errno, positive.
int cl_spawn(const char *path, char *const arguments[], char *const environment[], int input,
             int output, int error, int new_session, pid_t *pid);
/// environ(7): our own environment as the C library holds it.
char *const *cl_environment(void);
/// How many processors the calling thread may run on (sched_getaffinity(2)), or -1.
int cl_usable_processors(void);
/// pidfd_open(2).
int cl_pidfd_open(pid_t pid);
/// pidfd_send_signal(2).
int cl_pidfd_signal(int pidfd, int signal);
/// waitid(2) with P_PIDFD and WEXITED | WNOHANG: 1 when the child was reaped, 0 while it runs.
///
/// code is an exit status, or the number of the signal that ended it with signalled set to 1.
int cl_pidfd_reap(int pidfd, int *code, int *signalled);

// Sockets and devices.

/// A NETLINK_ROUTE socket, close-on-exec.
int cl_netlink_open(int nonblocking);
/// setsockopt(2) at SOL_NETLINK with an int.
int cl_netlink_option(int fd, int option, int value);
/// recvmsg(2) with the namespace id that NETLINK_LISTEN_ALL_NSID attaches, or -1 where there is none.
///
/// truncated is set to 1 where the message did not fit.
ssize_t cl_netlink_receive(int fd, void *buffer, size_t size, int *namespace_id, int *truncated);
/// ETHTOOL_GTXCSUM through any socket of the device's namespace: 1 on, 0 off.
int cl_get_transmit_checksum(int fd, const char *device);
/// ETHTOOL_STXCSUM through any socket of the device's namespace.
int cl_set_transmit_checksum(int fd, const char *device, int on);
/// Makes a TAP device without packet information that outlives its creator (TUNSETPERSIST).
int cl_create_tap(const char *device);

/// AF_PACKET, SOCK_RAW or SOCK_DGRAM, bound to the interface; ethertype in host order.
int cl_packet_socket(int interface_index, uint16_t ethertype, int cooked);
/// Makes a packet socket receive all frames of the interface whoever they are for, our own ones not
/// (PACKET_MR_PROMISC, PACKET_IGNORE_OUTGOING).
int cl_packet_see_all(int fd, int interface_index);
