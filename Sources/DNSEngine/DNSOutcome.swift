/// How a message came.
public enum DNSTransport: Hashable, Sendable {
    case udp
    /// Without the two bytes of length (RFC 1035 section 4.2.2).
    case tcp
}

/// What became of one DNS message.
public enum DNSOutcome: Sendable {
    /// The answer's bytes are in the caller's buffer.
    case answered(DNSResponseCode)
    /// It is for other servers to answer.
    case forward(DNSForwardedQuery)
    case dropped(DNSDropReason)
}

/// Why a DNS message was not answered: exactly one per message; docs/outcomes.md has a paragraph on each.
public enum DNSDropReason: String, Hashable, Sendable, CaseIterable {
    // What is no query.
    case truncated = "dns-truncated"
    case notAQuery = "dns-not-a-query"
    case tooLong = "dns-too-long"
    // Who we do not serve.
    case foreignSource = "dns-foreign-source"
    // Our own trouble.
    case noRoom = "dns-no-room"
    case sendFailed = "dns-send-failed"
    case clientGone = "dns-client-gone"
}
