import DHCPMessages

/// A thing that is fuzzed: any bytes may reach it, and its properties hold for all of them.
///
/// The fuzzers of FuzzTesting/ and the test that replays what they found call the same functions.
public enum FuzzTarget: String, Sendable, CaseIterable {
    /// The DHCPv4 codec, the server's view of a request, and the engine.
    case dhcpv4 = "FuzzDHCPv4"
    /// The DHCPv6 codec with relays, and the engine.
    case dhcpv6 = "FuzzDHCPv6"
    /// The DNS engine and its forwarded queries.
    case dns = "FuzzDNS"

    /// Checks all properties for an input; throws the first that does not hold. A trap is a failure too.
    public func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        switch self {
        case .dhcpv4:
            try DHCPv4CodecProperties.check(bytes)
            try DHCPv4EngineProperties.check(bytes)
        case .dhcpv6:
            try DHCPv6CodecProperties.check(bytes)
            try DHCPv6EngineProperties.check(bytes)
        case .dns: try DNSProperties.check(bytes)
        }
    }

    /// The longest input worth trying: the largest datagram of an Ethernet, or deep nesting of relays.
    public var longestInput: Int { self == .dns ? 1232 : 1500 }

    /// The dictionary in libFuzzer's form.
    public var dictionary: String {
        switch self {
        case .dhcpv4: DHCPOptionRegistry.fuzzDictionary(.v4)
        case .dhcpv6: DHCPOptionRegistry.fuzzDictionary(.v6)
        case .dns: DNSSeeds.dictionary
        }
    }

    /// Messages to begin with, by name.
    public var seeds: [(name: String, bytes: [UInt8])] {
        switch self {
        case .dhcpv4: DHCPv4Seeds.all
        case .dhcpv6: DHCPv6Seeds.all
        case .dns: DNSSeeds.all
        }
    }
}

/// A property that an input breaks.
public struct PropertyFailure: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Throws unless the property holds.
func require(_ holds: Bool, _ property: @autoclosure () -> String) throws(PropertyFailure) {
    if !holds { throw PropertyFailure(property()) }
}

/// Runs a body that writes to a buffer, and returns what was written.
func written(capacity: Int, _ body: (inout OutputRawSpan) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        let raw = UnsafeMutableRawBufferPointer(buffer)
        var output = OutputRawSpan(buffer: raw, initializedCount: 0)
        body(&output)
        count = output.finalize(for: raw)
    }
}
