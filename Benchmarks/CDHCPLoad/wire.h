// The packet socket (packet(7)): frames out in batches, frames in through a ring that the kernel
// fills and we read without a system call.
#pragma once

#include <linux/if_packet.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "frames.h"

enum {
  BATCH = 64,
  RING_FRAME = 2048,
  RING_BLOCK = 1 << 16,
  // 4,096 frames: four storms of a thousand.
  RING_BLOCKS = 128,
  RING_FRAMES = RING_BLOCKS * (RING_BLOCK / RING_FRAME),
};

struct wire {
  int socket;
  uint8_t *ring;
  uint32_t next;
  int queued;
  uint8_t frames[BATCH][FRAME_SIZE];
  struct sockaddr_ll targets[BATCH];
  struct iovec pieces[BATCH];
  struct mmsghdr messages[BATCH];
};

/// Opens the socket: replies to DHCP clients that arrive at the devices are kept from here on.
///
/// @return 0, or -1 with errno set and failed_step naming the step.
int wire_open(struct wire *wire, const struct dhcpload_network *networks, int count,
              const char **failed_step);
void wire_close(struct wire *wire);

/// Room for the next frame, to be written at once; it goes out with wire_send.
uint8_t *wire_queue(struct wire *wire, int interface_index);
/// Whether the queue is full and must be sent.
static inline int wire_is_full(const struct wire *wire) { return wire->queued == BATCH; }
/// Sends what is queued.
int wire_send(struct wire *wire);

/// The next frame that has come, or NULL. It is valid until wire_done.
const uint8_t *wire_receive(struct wire *wire, size_t *size);
/// Gives the frame of wire_receive back to the kernel.
void wire_done(struct wire *wire);
/// Waits for a frame for at most that many seconds.
void wire_wait(struct wire *wire, double seconds);
/// Frames that did not fit into the ring since the last call.
int64_t wire_lost(struct wire *wire);
