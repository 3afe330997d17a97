public import Addressing

/// A host's question for Router Advertisements (RFC 4861 section 4.1).
public struct RouterSolicitation: Hashable, Sendable {
    /// The host's MAC (option 1); nil where it does not say.
    public var sourceLinkLayer: MACAddress?

    /// Parses an ICMPv6 message; nil where it is no solicitation that RFC 4861 section 6.1.1 lets pass. The
    /// hop limit must be 255, or a router let it through; the checksum is the kernel's to check.
    public init?(parsing bytes: [UInt8], source: IPv6Address, hopLimit: Int) {
        guard hopLimit == 255, bytes.count >= 8, bytes[0] == 133, bytes[1] == 0 else { return nil }
        var at = 8
        while at < bytes.count {
            guard at + 8 <= bytes.count, bytes[at + 1] > 0 else { return nil }
            let end = at + 8 * Int(bytes[at + 1])
            guard end <= bytes.count else { return nil }
            if bytes[at] == 1 {
                // Who has no address yet must not tell its MAC.
                guard source != .any else { return nil }
                if end == at + 8 { sourceLinkLayer = MACAddress(octets: bytes[at + 2..<end]) }
            }
            at = end
        }
    }
}
