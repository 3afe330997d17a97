import Addressing

extension RouterAdvertisement {
    /// Parses an ICMPv6 message; nil where it is no valid Router Advertisement (RFC 4861 section 6.1.2).
    /// Unknown options are skipped.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count >= 16, bytes[0] == 134, bytes[1] == 0 else { return nil }
        self.init()
        dnsLifetime = 0
        hopLimit = bytes[4]
        isManaged = bytes[5] & 0x80 != 0
        hasOtherConfiguration = bytes[5] & 0x40 != 0
        routerLifetime = bytes.uint16(at: 6)
        reachableTime = bytes.uint32(at: 8)
        retransmissionTimer = bytes.uint32(at: 12)
        var at = 16
        while at < bytes.count {
            // Every option is a positive number of eight bytes.
            guard at + 8 <= bytes.count, bytes[at + 1] > 0 else { return nil }
            let end = at + 8 * Int(bytes[at + 1])
            guard end <= bytes.count, take(Array(bytes[at..<end])) else { return nil }
            at = end
        }
    }

    /// Takes an option over, type and length included; false where it is malformed.
    private mutating func take(_ option: [UInt8]) -> Bool {
        switch (option[0], option.count) {
        case (1, 8): sourceLinkLayer = MACAddress(octets: option[2...])
        case (5, 8): mtu = option.uint32(at: 4)
        case (3, 32):
            let address = IPAddress.v6(IPv6Address(rawValue: option.uint128(at: 16)))
            guard let prefix = IPPrefix(address, length: Int(option[2])) else { return false }
            prefixes.append(
                Prefix(
                    prefix: prefix, isOnLink: option[3] & 0x80 != 0, isAutonomous: option[3] & 0x40 != 0,
                    validLifetime: option.uint32(at: 4), preferredLifetime: option.uint32(at: 8)))
        case (25, 24...):
            guard option.count % 16 == 8 else { return false }
            dnsLifetime = option.uint32(at: 4)
            dnsServers += stride(from: 8, to: option.count, by: 16)
                .map { IPv6Address(rawValue: option.uint128(at: $0)) }
        case (31, 16...):
            guard let names = DomainLabels.decode(option[8...]) else { return false }
            dnsLifetime = option.uint32(at: 4)
            searchDomains += names
        case (1, _), (3, _), (5, _), (25, _), (31, _): return false
        default: break
        }
        return true
    }
}
