#include "frames.h"

#include <string.h>

// What clients ask for: the union of what udhcpc and dhclient want of a Neutron network.
static const uint8_t wishes[] = {
    OPTION_SUBNET_MASK, OPTION_ROUTER, OPTION_NAME_SERVER, OPTION_HOST_NAME, OPTION_DOMAIN_NAME,
    OPTION_MTU, OPTION_BROADCAST_ADDRESS, OPTION_CLASSLESS_ROUTES,
};

// The checksum of an IPv4 header (RFC 1071).
static uint16_t checksum(const uint8_t *header) {
  uint32_t sum = 0;
  for (int i = 0; i < IP_SIZE; i += 2) sum += (uint32_t)header[i] << 8 | header[i + 1];
  while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
  return (uint16_t)~sum;
}

void write_request(uint8_t *frame, uint8_t type, const struct dhcpload_client *client,
                   uint32_t transaction, uint32_t server, int broadcasts) {
  memset(frame, 0, FRAME_SIZE);
  memset(frame, 0xFF, 6);
  memcpy(frame + 6, client->mac, 6);
  put16(frame + 12, 0x0800);

  uint8_t *ip = frame + ETHERNET_SIZE;
  ip[0] = 0x45;
  put16(ip + 2, IP_SIZE + UDP_SIZE + MESSAGE_SIZE);
  ip[8] = 64;  // time to live
  ip[9] = 17;  // UDP
  memset(ip + 16, 0xFF, 4);
  put16(ip + 10, checksum(ip));

  // Checksum 0: none, as IPv4 allows.
  uint8_t *udp = ip + IP_SIZE;
  put16(udp, 68);
  put16(udp + 2, 67);
  put16(udp + 4, UDP_SIZE + MESSAGE_SIZE);

  uint8_t *message = udp + UDP_SIZE;
  message[0] = 1;  // BOOTREQUEST
  message[1] = 1;  // Ethernet
  message[2] = 6;
  put32(message + 4, transaction);
  if (broadcasts) message[10] = 0x80;
  memcpy(message + 28, client->mac, 6);
  put32(message + 236, 0x63825363);

  uint8_t *option = message + BOOTP_SIZE;
  *option++ = OPTION_MESSAGE_TYPE;
  *option++ = 1;
  *option++ = type;
  // In a DHCPDISCOVER this is a wish (RFC 2131, section 4.4.1), as of a machine that boots again.
  *option++ = OPTION_REQUESTED_ADDRESS;
  *option++ = 4;
  put32(option, client->address);
  option += 4;
  if (type == DHCPREQUEST) {
    *option++ = OPTION_SERVER;
    *option++ = 4;
    put32(option, server);
    option += 4;
  }
  *option++ = OPTION_PARAMETERS;
  *option++ = sizeof wishes;
  memcpy(option, wishes, sizeof wishes);
  option += sizeof wishes;
  *option = OPTION_END;
}

int read_reply(const uint8_t *frame, size_t size, struct dhcp_reply *reply) {
  if (size < ETHERNET_SIZE + IP_SIZE) return -1;
  const uint8_t *ip = frame + ETHERNET_SIZE;
  size_t header = (size_t)(ip[0] & 15) * 4;
  if (size < ETHERNET_SIZE + header + UDP_SIZE + BOOTP_SIZE) return -1;
  const uint8_t *message = ip + header + UDP_SIZE;
  const uint8_t *end = frame + size;
  // BOOTREPLY, Ethernet, and the magic cookie.
  if (message[0] != 2 || message[1] != 1 || get32(message + 236) != 0x63825363) return -1;
  *reply = (struct dhcp_reply){
      .transaction = get32(message + 4),
      .is_broadcast = get32(ip + 16) == 0xFFFFFFFF,
      .address = get32(message + 16),
      .mac = message + 28,
      .target = frame,
  };
  const uint8_t *option = message + BOOTP_SIZE;
  while (option < end && *option != OPTION_END) {
    if (*option == 0) {
      option++;
      continue;
    }
    if (option + 2 > end || option + 2 + option[1] > end) return -1;
    if (option[0] == OPTION_MESSAGE_TYPE && option[1] == 1) reply->type = option[2];
    if (option[0] == OPTION_SERVER && option[1] == 4) reply->server = get32(option + 2);
    option += 2 + option[1];
  }
  return reply->type ? 0 : -1;
}
