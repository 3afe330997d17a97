#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

void cl_error_text(int number, char *buffer, size_t size) {
    // The GNU form may answer with a constant of its own instead of the buffer.
    snprintf(buffer, size, "%s", strerror_r(number, buffer, size));
}

void cl_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int cl_pipe(int *reading_end, int *writing_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    *reading_end = ends[0];
    *writing_end = ends[1];
    return 0;
}

int cl_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET); }

int cl_new_network_namespace(void) { return unshare(CLONE_NEWNET); }

int cl_is_namespace_file(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -1;
    return status.f_type == NSFS_MAGIC;
}

int cl_make_shared(const char *path) { return mount("", path, "none", MS_SHARED | MS_REC, NULL); }

int cl_bind_mount(const char *source, const char *target, int recursive) {
    return mount(source, target, "none", MS_BIND | (recursive ? MS_REC : 0), NULL);
}

int cl_unmount(const char *path) { return umount2(path, MNT_DETACH); }

int cl_owning_user_namespace(int fd) { return ioctl(fd, NS_GET_USERNS); }

int cl_effective_capabilities(uint64_t *bits) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) != 0) return -1;
    *bits = (uint64_t)data[1].effective << 32 | data[0].effective;
    return 0;
}

int cl_probe_user_namespace(void) {
    // The child of a process with threads may only make async-signal-safe calls until it ends.
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) {
        // One after the other: some systems grant the user namespace without its capabilities.
        if (unshare(CLONE_NEWUSER) != 0 || unshare(CLONE_NEWNET) != 0) _exit(errno);
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int cl_spawn(const char *path, char *const arguments[], char *const environment[], int input,
             int output, int error, int new_session, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) return result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return result;
    }
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (new_session) flags |= POSIX_SPAWN_SETSID;
    if (result == 0) result = posix_spawnattr_setflags(&attributes, flags);
    if (result == 0) result = posix_spawnattr_setsigdefault(&attributes, &all);
    if (result == 0) result = posix_spawnattr_setsigmask(&attributes, &none);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&actions, error, 2);
    if (result == 0) result = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (result == 0) result = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

char *const *cl_environment(void) { return environ; }

int cl_usable_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

int cl_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cl_pidfd_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int cl_pidfd_reap(int pidfd, int *code, int *signalled) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int result;
    do {
        result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return -1;
    if (info.si_pid == 0) return 0;
    *signalled = info.si_code != CLD_EXITED;
    *code = info.si_status;
    return 1;
}

int cl_netlink_open(int nonblocking) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), NETLINK_ROUTE);
}

int cl_netlink_option(int fd, int option, int value) {
    return setsockopt(fd, SOL_NETLINK, option, &value, sizeof value);
}

ssize_t cl_netlink_receive(int fd, void *buffer, size_t size, int *namespace_id, int *truncated) {
    struct iovec vector = {.iov_base = buffer, .iov_len = size};
    char control[CMSG_SPACE(sizeof(int)) * 4];
    struct sockaddr_nl sender;
    struct msghdr message = {
        .msg_name = &sender,
        .msg_namelen = sizeof sender,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    ssize_t count;
    // Only the kernel (port 0) is believed; whatever another process sends is read and dropped.
    do {
        message.msg_namelen = sizeof sender;
        message.msg_controllen = sizeof control;
        count = recvmsg(fd, &message, 0);
    } while ((count < 0 && errno == EINTR) || (count >= 0 && sender.nl_pid != 0));
    if (count < 0) return -1;
    *truncated = (message.msg_flags & MSG_TRUNC) != 0;
    *namespace_id = -1;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item != NULL; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level == SOL_NETLINK && item->cmsg_type == NETLINK_LISTEN_ALL_NSID) {
            memcpy(namespace_id, CMSG_DATA(item), sizeof(int));
        }
    }
    return count;
}

// One round of SIOCETHTOOL with a single value.
static int ethtool(int fd, const char *device, struct ethtool_value *value) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(device) >= IFNAMSIZ) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(request.ifr_name, device);
    request.ifr_data = (void *)value;
    return ioctl(fd, SIOCETHTOOL, &request);
}

int cl_get_transmit_checksum(int fd, const char *device) {
    struct ethtool_value value = {.cmd = ETHTOOL_GTXCSUM};
    if (ethtool(fd, device, &value) != 0) return -1;
    return value.data != 0;
}

int cl_set_transmit_checksum(int fd, const char *device, int on) {
    struct ethtool_value value = {.cmd = ETHTOOL_STXCSUM, .data = on ? 1 : 0};
    return ethtool(fd, device, &value);
}

int cl_create_tap(const char *device) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(device) >= IFNAMSIZ) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(request.ifr_name, device);
    // TUN_EXCL: taking over a device that stands already is not creating one.
    request.ifr_flags = IFF_TAP | IFF_NO_PI | (short)IFF_TUN_EXCL;
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
    int result = ioctl(fd, TUNSETIFF, &request);
    if (result == 0) result = ioctl(fd, TUNSETPERSIST, 1);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int cl_packet_socket(int interface_index, uint16_t ethertype, int cooked) {
    int fd = socket(AF_PACKET, (cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ethertype);
    address.sll_ifindex = interface_index;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

int cl_packet_see_all(int fd, int interface_index) {
    struct packet_mreq request = {.mr_ifindex = interface_index, .mr_type = PACKET_MR_PROMISC};
    if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) != 0) return -1;
    int one = 1;
    return setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
}
