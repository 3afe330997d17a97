// The clients: state of each exchange under way, and the three ways to make them ask.
#define _GNU_SOURCE
#include "CDHCPLoad.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"

enum {
  // A transaction id is the place of its exchange and, above that, how often the place was used.
  PLACE_BITS = 17,
  PLACES = 1 << PLACE_BITS,
};

// An exchange under way.
struct exchange {
  enum { IDLE, DISCOVERING, REQUESTING } state;
  int32_t client;
  uint32_t transaction;
  double begun;
  double sent;
};

struct dhcpload {
  struct wire wire;
  struct dhcpload_network *networks;
  struct dhcpload_client *clients;
  struct exchange *exchanges;
  int32_t network_count;
  int32_t client_count;
  // Exchanges that are not IDLE.
  int32_t under_way;
  uint32_t generation;
  int32_t turn;
  int broadcasts;
  // Latencies of the exchanges that ended well; grows.
  float *latencies;
  size_t latency_count;
  size_t latency_room;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct dhcpload *dhcpload_open(const struct dhcpload_network *networks, int32_t network_count,
                               const struct dhcpload_client *clients, int32_t client_count,
                               const char **failed_step) {
  *failed_step = "take in the clients";
  if (network_count < 1 || client_count < 1 || client_count > PLACES) {
    errno = EINVAL;
    return NULL;
  }
  struct dhcpload *load = calloc(1, sizeof *load);
  if (!load) return NULL;
  load->wire.socket = -1;
  load->network_count = network_count;
  load->client_count = client_count;
  load->networks = malloc((size_t)network_count * sizeof *networks);
  load->clients = malloc((size_t)client_count * sizeof *clients);
  load->exchanges = calloc((size_t)client_count, sizeof *load->exchanges);
  if (!load->networks || !load->clients || !load->exchanges) goto failed;
  memcpy(load->networks, networks, (size_t)network_count * sizeof *networks);
  memcpy(load->clients, clients, (size_t)client_count * sizeof *clients);
  if (wire_open(&load->wire, networks, network_count, failed_step) < 0) goto failed;
  return load;
failed:;
  int error = errno;
  dhcpload_close(load);
  errno = error;
  return NULL;
}

void dhcpload_close(struct dhcpload *load) {
  wire_close(&load->wire);
  free(load->networks);
  free(load->clients);
  free(load->exchanges);
  free(load->latencies);
  free(load);
}

// Sends the message that the exchange's state calls for.
static int ask(struct dhcpload *load, struct exchange *exchange, uint32_t server) {
  const struct dhcpload_client *client = &load->clients[exchange->client];
  uint8_t *frame = wire_queue(&load->wire, load->networks[client->network].interface_index);
  write_request(frame, exchange->state == DISCOVERING ? DHCPDISCOVER : DHCPREQUEST, client,
                exchange->transaction, server, load->broadcasts);
  exchange->sent = now();
  return wire_is_full(&load->wire) ? wire_send(&load->wire) : 0;
}

static int begin(struct dhcpload *load, int32_t place, int32_t client) {
  struct exchange *exchange = &load->exchanges[place];
  if (exchange->state == IDLE) load->under_way++;
  *exchange = (struct exchange){
      .state = DISCOVERING,
      .client = client,
      .transaction = load->generation++ << PLACE_BITS | (uint32_t)place,
      .begun = now(),
  };
  return ask(load, exchange, 0);
}

// The next client in turn begins at that place. A client's turn comes again only after all others,
// and there are no more places than clients; but one that is slow may still be at another place.
static int begin_next(struct dhcpload *load, int32_t place, int32_t window) {
  for (;;) {
    int32_t client = load->turn;
    load->turn = (load->turn + 1) % load->client_count;
    int is_busy = 0;
    for (int32_t other = 0; other < window && !is_busy; other++)
      is_busy = other != place && load->exchanges[other].state != IDLE &&
                load->exchanges[other].client == client;
    if (!is_busy) return begin(load, place, client);
  }
}

static void end(struct dhcpload *load, struct exchange *exchange) {
  exchange->state = IDLE;
  load->under_way--;
}

static int note_latency(struct dhcpload *load, double latency) {
  if (load->latency_count == load->latency_room) {
    size_t room = load->latency_room ? load->latency_room * 2 : 1 << 16;
    float *grown = realloc(load->latencies, room * sizeof *grown);
    if (!grown) return -1;
    load->latencies = grown;
    load->latency_room = room;
  }
  load->latencies[load->latency_count++] = (float)latency;
  return 0;
}

static int compare(const void *a, const void *b) {
  float difference = *(const float *)a - *(const float *)b;
  return (difference > 0) - (difference < 0);
}

static void summarize(struct dhcpload *load, struct dhcpload_result *result) {
  size_t count = load->latency_count;
  result->lost_here = wire_lost(&load->wire);
  if (count == 0) return;
  qsort(load->latencies, count, sizeof *load->latencies, compare);
  result->latency_median = load->latencies[(count - 1) / 2];
  result->latency_p99 = load->latencies[(count - 1) * 99 / 100];
  result->latency_worst = load->latencies[count - 1];
}

static void start_over(struct dhcpload *load, int broadcasts, struct dhcpload_result *result) {
  memset(result, 0, sizeof *result);
  memset(load->exchanges, 0, (size_t)load->client_count * sizeof *load->exchanges);
  load->under_way = 0;
  load->turn = 0;
  load->latency_count = 0;
  load->broadcasts = broadcasts;
  // What still comes for an earlier load bears an old transaction id.
  wire_lost(&load->wire);
}

static const uint8_t everybody[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

// Whether the reply is what the client of the exchange must get.
static int is_right(const struct dhcpload *load, const struct exchange *exchange,
                    const struct dhcp_reply *reply) {
  const struct dhcpload_client *client = &load->clients[exchange->client];
  uint32_t server = load->networks[client->network].server;
  return reply->type == (exchange->state == DISCOVERING ? DHCPOFFER : DHCPACK) &&
         reply->address == client->address && memcmp(reply->mac, client->mac, 6) == 0 &&
         reply->server != 0 && (server == 0 || reply->server == server) &&
         (load->broadcasts != 0) == (reply->is_broadcast != 0) &&
         (memcmp(reply->target, client->mac, 6) == 0 ||
          (reply->is_broadcast && memcmp(reply->target, everybody, 6) == 0));
}

// Takes all replies that have come.
//
// Returns how many there were, or -1. An exchange that ended is IDLE afterwards, and `ended` is told.
static int take_replies(struct dhcpload *load, struct dhcpload_result *result,
                        int (*ended)(struct dhcpload *, int32_t place, void *context), void *context) {
  int count = 0;
  size_t size;
  const uint8_t *frame;
  // Not without end: what is queued must go out in between.
  while (count < BATCH && (frame = wire_receive(&load->wire, &size))) {
    struct dhcp_reply reply = {0};
    int is_reply = read_reply(frame, size, &reply) == 0;
    count++;
    uint32_t place = reply.transaction & (PLACES - 1);
    int failed = 0;
    if (!is_reply) {
      result->wrong++;
    } else if (place >= (uint32_t)load->client_count || load->exchanges[place].state == IDLE ||
               load->exchanges[place].transaction != reply.transaction) {
      result->late++;
    } else if (!is_right(load, &load->exchanges[place], &reply)) {
      if (result->wrong++ == 0) {
        result->first_wrong = (struct dhcpload_reply){
            .type = reply.type,
            .is_broadcast = reply.is_broadcast,
            .address = reply.address,
            .server = reply.server,
        };
        result->wanted = load->clients[load->exchanges[place].client].address;
      }
      end(load, &load->exchanges[place]);
      failed = ended(load, (int32_t)place, context);
    } else if (load->exchanges[place].state == DISCOVERING) {
      load->exchanges[place].state = REQUESTING;
      failed = ask(load, &load->exchanges[place], reply.server);
    } else {
      result->exchanges++;
      failed = note_latency(load, now() - load->exchanges[place].begun);
      end(load, &load->exchanges[place]);
      if (!failed) failed = ended(load, (int32_t)place, context);
    }
    wire_done(&load->wire);
    if (failed) return -1;
  }
  return wire_send(&load->wire) < 0 ? -1 : count;
}

// Waits a little for replies: awake at first, so that the server is not charged for waking us.
static void rest(struct dhcpload *load, double since) {
  if (now() - since > 0.002) wire_wait(&load->wire, 0.002);
}

struct loop {
  int32_t window;
  double until;
};

static int go_on(struct dhcpload *load, int32_t place, void *context) {
  const struct loop *loop = context;
  return now() < loop->until ? begin_next(load, place, loop->window) : 0;
}

int dhcpload_exchanges(struct dhcpload *load, const struct dhcpload_manner *manner,
                       struct dhcpload_result *result) {
  start_over(load, manner->broadcasts, result);
  struct loop loop = {manner->window, now() + manner->duration};
  if (loop.window > load->client_count) loop.window = load->client_count;
  double start = now(), last = start, scanned = start;
  for (int32_t place = 0; place < loop.window; place++)
    if (begin_next(load, place, loop.window) < 0) return -1;
  if (wire_send(&load->wire) < 0) return -1;
  while (load->under_way > 0) {
    int count = take_replies(load, result, go_on, &loop);
    if (count < 0) return -1;
    double time = now();
    if (count > 0) last = time;
    if (time - scanned > 0.02) {
      scanned = time;
      for (int32_t place = 0; place < loop.window; place++) {
        struct exchange *exchange = &load->exchanges[place];
        if (exchange->state == IDLE || time - exchange->sent < manner->timeout) continue;
        result->timeouts++;
        end(load, exchange);
        if (go_on(load, place, &loop) < 0) return -1;
      }
      if (wire_send(&load->wire) < 0) return -1;
    }
    if (count == 0) rest(load, last);
  }
  result->seconds = now() - start;
  summarize(load, result);
  return 0;
}

static int stay_idle(struct dhcpload *load, int32_t place, void *context) {
  (void)load, (void)place, (void)context;
  return 0;
}

int dhcpload_storm(struct dhcpload *load, const struct dhcpload_manner *manner,
                   struct dhcpload_result *result) {
  start_over(load, manner->broadcasts, result);
  double start = now();
  for (int32_t client = 0; client < load->client_count; client++)
    if (begin(load, client, client) < 0) return -1;
  if (wire_send(&load->wire) < 0) return -1;
  double last = now();
  double last_exchange = start;
  while (load->under_way > 0 && now() - last < manner->timeout) {
    int64_t before = result->exchanges;
    int count = take_replies(load, result, stay_idle, NULL);
    if (count < 0) return -1;
    if (count > 0) last = now();
    if (result->exchanges > before) last_exchange = last;
    if (count == 0) rest(load, last);
  }
  result->timeouts = load->under_way;
  result->seconds = last_exchange - start;
  summarize(load, result);
  return 0;
}

// Networks that are asked at the same time, and before any has answered: until then each question is work
// for the machine that tells nothing.
enum { ASKED_AT_ONCE = 64, ASKED_AT_FIRST = 8 };

// A network that has not answered yet.
struct asked {
  int32_t network;
  double sent;
};

int dhcpload_first_answers(struct dhcpload *load, double interval, double limit, double *moments) {
  struct dhcpload_result unused;
  start_over(load, 1, &unused);
  int32_t *first = malloc((size_t)load->network_count * sizeof *first);
  if (!first) return -1;
  for (int32_t network = 0; network < load->network_count; network++) first[network] = -1;
  for (int32_t client = load->client_count - 1; client >= 0; client--)
    first[load->clients[client].network] = client;
  memset(moments, 0, (size_t)load->network_count * sizeof *moments);

  struct asked asked[ASKED_AT_ONCE];
  int count = 0;
  int answered = 0;
  int failed = 0;
  int32_t next = 0;
  double start = now();
  while (!failed && answered < load->network_count && now() - start < limit) {
    // Whoever answered makes room for the next network.
    for (int i = 0; i < count; i++)
      if (moments[asked[i].network] != 0) asked[i--] = asked[--count];
    int most = answered > 0 ? ASKED_AT_ONCE : ASKED_AT_FIRST;
    for (; count < most && next < load->network_count; next++)
      if (first[next] >= 0) asked[count++] = (struct asked){next, 0};
    if (count == 0) break;
    double time = now();
    for (int i = 0; i < count && !failed; i++) {
      if (time - asked[i].sent < interval) continue;
      asked[i].sent = time;
      failed = begin(load, first[asked[i].network], first[asked[i].network]);
    }
    if (!failed) failed = wire_send(&load->wire);

    size_t size;
    const uint8_t *frame = wire_receive(&load->wire, &size);
    if (!frame) wire_wait(&load->wire, 0.0005);
    for (; frame; wire_done(&load->wire), frame = wire_receive(&load->wire, &size)) {
      struct dhcp_reply reply;
      if (read_reply(frame, size, &reply) < 0) continue;
      uint32_t place = reply.transaction & (PLACES - 1);
      // An answer to an earlier attempt is as good.
      if (place >= (uint32_t)load->client_count || reply.type != DHCPOFFER ||
          reply.address != load->clients[place].address)
        continue;
      double *moment = &moments[load->clients[place].network];
      if (*moment != 0) continue;
      *moment = now();
      answered++;
    }
  }
  free(first);
  return failed ? -1 : answered;
}
