// Load for DHCPv4 servers: many clients played from one thread over one packet socket, and the
// ceiling that servers are held against. IPv4 addresses are in host order, times in seconds.
//
// Functions return 0 or more on success; -1 with errno set on failure, unless their comment says
// otherwise. Nothing here is thread-safe: one thread plays all clients.
#pragma once

#include <stdint.h>
#include <sys/types.h>

/// A network with a server on it.
struct dhcpload_network {
  /// The index of our end of the network's veth pair: frames are sent into it and read from it.
  int32_t interface_index;
  /// The server identifier that every reply must bear; 0 where any will do.
  uint32_t server;
};

/// A machine that asks for its address, and the address that it must be given.
struct dhcpload_client {
  uint8_t mac[6];
  /// The position of its network.
  uint16_t network;
  uint32_t address;
};

/// How the clients ask.
struct dhcpload_manner {
  /// Whether they set the broadcast flag; else replies must come to their MAC.
  int32_t broadcasts;
  /// Exchanges under way at any time; no more than there are clients are used.
  int32_t window;
  /// For how long new exchanges are begun; those under way are then waited for.
  double duration;
  /// After how long an unanswered message is given up, and its exchange with it.
  double timeout;
};

/// A reply that was not what the client had to get.
struct dhcpload_reply {
  /// The DHCP message type.
  uint8_t type;
  /// Whether it was sent to all machines (255.255.255.255) rather than to the client's address.
  uint8_t is_broadcast;
  uint32_t address;
  uint32_t server;
};

/// What came of it.
struct dhcpload_result {
  /// Exchanges of four messages that ended with the right address.
  int64_t exchanges;
  /// Messages that nothing came back for in time.
  int64_t timeouts;
  /// Replies that were not what the client had to get: another address, another server, a DHCPNAK,
  /// broadcast where unicast was asked for or the other way round.
  int64_t wrong;
  /// The first of those, and the address that its client had to get.
  struct dhcpload_reply first_wrong;
  uint32_t wanted;
  /// Replies to exchanges that were over.
  int64_t late;
  /// Frames that the kernel could not keep for us. Where it is not 0 the load was the bottleneck.
  int64_t lost_here;
  /// From the first message to the last reply.
  double seconds;
  /// From DHCPDISCOVER to DHCPACK, of exchanges that ended well; 0 where there were none.
  double latency_median;
  double latency_p99;
  double latency_worst;
};

struct dhcpload;

/// Opens the packet socket in the calling thread's network namespace and readies the clients, whose
/// descriptions are copied. At most 131,072 clients.
///
/// @return NULL with errno set on failure, failed_step naming the step; else to be closed.
struct dhcpload *dhcpload_open(const struct dhcpload_network *networks, int32_t network_count,
                               const struct dhcpload_client *clients, int32_t client_count,
                               const char **failed_step);
void dhcpload_close(struct dhcpload *load);

/// A closed loop: whenever an exchange ends, the next client begins one, in turn.
int dhcpload_exchanges(struct dhcpload *load, const struct dhcpload_manner *manner,
                       struct dhcpload_result *result);

/// A boot storm: all clients send their DHCPDISCOVER at once, and nobody sends anything twice.
///
/// Ends when all have their address, or when nothing came for `timeout`. seconds runs to the last
/// DHCPACK; timeouts counts the clients that were left without.
int dhcpload_storm(struct dhcpload *load, const struct dhcpload_manner *manner,
                   struct dhcpload_result *result);

/// Asks on every network, by its first client, until each server has made its offer.
///
/// A DHCPDISCOVER that was not answered is repeated every `interval`. Some networks are asked at a
/// time, and the next one when one has answered: asking all of them again and again would be more
/// work for the machine than to begin serving them. So a moment may be some milliseconds late, the
/// last one too. Ends when all have answered or after `limit`.
///
/// @param moments one per network: when its offer came, on CLOCK_MONOTONIC; 0 where none did.
/// @return how many networks answered, or -1.
int dhcpload_first_answers(struct dhcpload *load, double interval, double limit, double *moments);

/// A UDP socket on port 67 of the device, as the ceiling uses it, in the calling thread's network
/// namespace.
int dhcpload_echo_socket(const char *device);

/// The ceiling: starts a process that turns every request that comes to the sockets into a reply of
/// usual size, without looking anything up: the least that a server over UDP sockets can do.
///
/// The address given is the one that the client wishes for, which the clients here always say.
/// @param servers the server identifier of each socket.
/// @return the process; it ends by SIGTERM, or with its parent.
pid_t dhcpload_echo_start(const int *sockets, const uint32_t *servers, int32_t count);

/// Keeps a thread on one processor, or lets it go with -1 (sched_setaffinity(2)); thread 0 is the
/// calling one.
int dhcpload_run_on(pid_t thread, int32_t processor);

/// Gives back to the kernel what is free of this process's heap (malloc_trim(3), which Glibc's module
/// hides from Swift).
void dhcpload_trim_heap(void);

/// Gives a socket of another process a larger receive buffer (pidfd_getfd(2)); the process must be
/// one that we may trace.
int dhcpload_enlarge_buffer(pid_t process, int socket, int32_t bytes);
