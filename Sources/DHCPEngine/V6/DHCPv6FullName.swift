import Addressing

/// The client's name in option 39 (RFC 4704).
enum DHCPv6FullName {
    /// The option's value; nil where the name is no domain name.
    ///
    /// The network's DNS has the port's name whatever the client would like, so the server does the update
    /// (S), says so where the client did not ask for it (O), and never leaves it out (N clear): section 6.
    static func option(
        hostName: String?, address: IPv6Address, domainName: String, clientFlags: UInt8?
    ) -> [UInt8]? {
        var name = hostName ?? ""
        if name.isEmpty { name = "host-\(address)".replacing(0x3A, with: 0x2D) }
        guard let labels = DomainLabels.encode(name),
            let domain = domainName.isEmpty ? [] : DomainLabels.encode(domainName)
        else { return nil }
        // Without a domain it is a partial name, which has no root label at its end (section 4.2).
        let encoded = labels + domain + (domainName.isEmpty ? [] : [0])
        guard encoded.count <= 255 else { return nil }
        let hasAskedForUpdate = (clientFlags ?? 1) & 1 == 1
        return [hasAskedForUpdate ? 0x01 : 0x03] + encoded
    }
}

extension String {
    /// The text with one ASCII character for another.
    fileprivate func replacing(_ old: UInt8, with new: UInt8) -> String {
        String(decoding: utf8.map { $0 == old ? new : $0 }, as: UTF8.self)
    }
}
