// Ethernet frames with a DHCPv4 message in them (RFC 2131), written and read at fixed places.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "CDHCPLoad.h"

enum {
  ETHERNET_SIZE = 14,
  IP_SIZE = 20,
  UDP_SIZE = 8,
  // Up to and with the magic cookie.
  BOOTP_SIZE = 240,
  // What RFC 1542 asks clients to pad to.
  MESSAGE_SIZE = 300,
  FRAME_SIZE = ETHERNET_SIZE + IP_SIZE + UDP_SIZE + MESSAGE_SIZE,

  DHCPDISCOVER = 1,
  DHCPOFFER = 2,
  DHCPREQUEST = 3,
  DHCPACK = 5,

  OPTION_SUBNET_MASK = 1,
  OPTION_ROUTER = 3,
  OPTION_NAME_SERVER = 6,
  OPTION_HOST_NAME = 12,
  OPTION_DOMAIN_NAME = 15,
  OPTION_MTU = 26,
  OPTION_BROADCAST_ADDRESS = 28,
  OPTION_REQUESTED_ADDRESS = 50,
  OPTION_LEASE_TIME = 51,
  OPTION_MESSAGE_TYPE = 53,
  OPTION_SERVER = 54,
  OPTION_PARAMETERS = 55,
  OPTION_RENEWAL_TIME = 58,
  OPTION_REBINDING_TIME = 59,
  OPTION_CLASSLESS_ROUTES = 121,
  OPTION_END = 255,

  // Every client's message begins with these two options, so that the ceiling finds them without
  // looking: 53, 1, type; 50, 4, address.
  TYPE_AT = BOOTP_SIZE + 2,
  REQUESTED_ADDRESS_AT = BOOTP_SIZE + 5,
};

/// What a client reads out of a reply.
struct dhcp_reply {
  uint32_t transaction;
  uint8_t type;
  // Sent to 255.255.255.255. The frame itself need not be: Kea sends it to the client's MAC then too.
  uint8_t is_broadcast;
  uint32_t address;
  uint32_t server;
  // chaddr, and where the frame went.
  const uint8_t *mac;
  const uint8_t *target;
};

/// Writes a whole frame of FRAME_SIZE bytes.
///
/// @param server the server identifier for a DHCPREQUEST; not used for a DHCPDISCOVER.
void write_request(uint8_t *frame, uint8_t type, const struct dhcpload_client *client,
                   uint32_t transaction, uint32_t server, int broadcasts);

/// Reads a frame; 0, or -1 when it is no DHCP reply.
int read_reply(const uint8_t *frame, size_t size, struct dhcp_reply *reply);

static inline void put16(uint8_t *bytes, uint32_t value) {
  bytes[0] = (uint8_t)(value >> 8);
  bytes[1] = (uint8_t)value;
}

static inline void put32(uint8_t *bytes, uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes + 2, value);
}

static inline uint32_t get32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}
