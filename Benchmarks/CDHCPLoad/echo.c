// The ceiling: what it costs to take a request from a socket and to put a reply of usual size back.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CDHCPLoad.h"
#include "frames.h"

enum {
  AT_ONCE = 64,
  BUFFER = 1500,
  EVENTS = 64,
  // As large as the servers' own.
  RECEIVE_BUFFER = 4 << 20,
};

int dhcpload_echo_socket(const char *device) {
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file < 0) return -1;
  int on = 1;
  int bytes = RECEIVE_BUFFER;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(67)};
  // More than net.core.rmem_max only for the host's administrator.
  if (setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      setsockopt(file, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0 ||
      setsockopt(file, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0 ||
      bind(file, (struct sockaddr *)&address, sizeof address) < 0) {
    int error = errno;
    close(file);
    errno = error;
    return -1;
  }
  return file;
}

// What follows the message type in a reply on a Neutron network, as both drivers send it; the server
// identifier comes first and is filled in.
static const uint8_t rest_of_reply[] = {
    OPTION_SERVER, 4, 0, 0, 0, 0,
    OPTION_LEASE_TIME, 4, 0, 1, 0x51, 0x80,
    OPTION_RENEWAL_TIME, 4, 0, 0, 0xA8, 0xC0,
    OPTION_REBINDING_TIME, 4, 0, 1, 0x27, 0x50,
    OPTION_SUBNET_MASK, 4, 255, 255, 0, 0,
    OPTION_BROADCAST_ADDRESS, 4, 10, 0, 255, 255,
    OPTION_ROUTER, 4, 10, 0, 0, 1,
    OPTION_NAME_SERVER, 4, 10, 0, 0, 2,
    OPTION_DOMAIN_NAME, 14, 'o', 'p', 'e', 'n', 's', 't', 'a', 'c', 'k', 'l', 'o', 'c', 'a', 'l',
    OPTION_HOST_NAME, 11, 'h', 'o', 's', 't', '-', '1', '0', '-', '0', '-', '0',
    OPTION_MTU, 2, 5, 0xAA,
    OPTION_CLASSLESS_ROUTES, 14, 32, 169, 254, 169, 254, 10, 0, 0, 1, 0, 10, 0, 0, 1,
    OPTION_END,
};
enum { REPLY_SIZE = BOOTP_SIZE + 3 + sizeof rest_of_reply };

struct ceiling {
  uint8_t buffers[AT_ONCE][BUFFER];
  struct sockaddr_in peers[AT_ONCE];
  struct iovec pieces[AT_ONCE];
  struct mmsghdr messages[AT_ONCE];
};

// Turns the requests that wait at one socket into replies.
static void answer(struct ceiling *ceiling, int file, uint32_t server) {
  for (;;) {
    for (int i = 0; i < AT_ONCE; i++) {
      ceiling->pieces[i].iov_len = BUFFER;
      ceiling->messages[i].msg_hdr.msg_namelen = sizeof ceiling->peers[i];
    }
    int count = recvmmsg(file, ceiling->messages, AT_ONCE, 0, NULL);
    if (count <= 0) return;
    for (int i = 0; i < count; i++) {
      uint8_t *message = ceiling->buffers[i];
      uint8_t type = message[TYPE_AT];
      message[0] = 2;  // BOOTREPLY
      memcpy(message + 16, message + REQUESTED_ADDRESS_AT, 4);
      message[TYPE_AT] = type == DHCPDISCOVER ? DHCPOFFER : DHCPACK;
      // Broadcast where the client asks for it, else to the address that it is given.
      if (message[10] & 0x80)
        ceiling->peers[i].sin_addr.s_addr = INADDR_BROADCAST;
      else
        memcpy(&ceiling->peers[i].sin_addr.s_addr, message + 16, 4);
      memcpy(message + BOOTP_SIZE + 3, rest_of_reply, sizeof rest_of_reply);
      put32(message + BOOTP_SIZE + 5, server);
      ceiling->pieces[i].iov_len = REPLY_SIZE;
    }
    int sent = 0;
    while (sent < count) {
      int some = sendmmsg(file, ceiling->messages + sent, (unsigned)(count - sent), 0);
      // A reply that cannot be sent is lost, as in a server.
      sent += some > 0 ? some : 1;
    }
    if (count < AT_ONCE) return;
  }
}

static void run(const int *sockets, const uint32_t *servers, int count) {
  static struct ceiling ceiling;
  int events = epoll_create1(EPOLL_CLOEXEC);
  if (events < 0) _exit(1);
  for (int i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(events, EPOLL_CTL_ADD, sockets[i], &event) < 0) _exit(1);
  }
  for (int i = 0; i < AT_ONCE; i++) {
    ceiling.pieces[i] = (struct iovec){ceiling.buffers[i], BUFFER};
    ceiling.messages[i].msg_hdr = (struct msghdr){
        .msg_name = &ceiling.peers[i],
        .msg_iov = &ceiling.pieces[i],
        .msg_iovlen = 1,
    };
  }
  for (;;) {
    struct epoll_event ready[EVENTS];
    int number = epoll_wait(events, ready, EVENTS, -1);
    if (number < 0 && errno != EINTR) _exit(1);
    for (int i = 0; i < number; i++)
      answer(&ceiling, sockets[ready[i].data.u32], servers[ready[i].data.u32]);
  }
}

pid_t dhcpload_echo_start(const int *sockets, const uint32_t *servers, int32_t count) {
  pid_t child = fork();
  if (child != 0) return child;
  // Only system calls from here on: the parent may have other threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "dhcp-echo");
  signal(SIGTERM, SIG_DFL);
  run(sockets, servers, count);
  _exit(1);
}
