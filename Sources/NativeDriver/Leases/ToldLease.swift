import Addressing
import DHCPEngine
import Glibc
import NetworkModel

/// What an answer told a client, besides the bytes with which the client described itself.
struct ToldLease: Hashable, Sendable {
    var network: ResourceID
    var port: PortIdentity
    var address: IPAddress
    /// Our own address.
    var server: IPAddress?
    /// The client's hardware address, where it is known.
    var mac: MACAddress?
    var message: Lease.Message
    /// Seconds since 1970.
    var time: UInt32
    /// Seconds; 4294967295 is infinite.
    var duration: UInt32
    /// DHCPv6's identity association; nil in DHCPv4.
    var iaid: UInt32?

    init(
        network: ResourceID, port: PortIdentity, address: IPAddress, server: IPAddress? = nil,
        mac: MACAddress? = nil, message: Lease.Message, time: UInt32, duration: UInt32, iaid: UInt32? = nil
    ) {
        self.network = network
        self.port = port
        self.address = address
        self.server = server
        self.mac = mac
        self.message = message
        self.time = time
        self.duration = duration
        self.iaid = iaid
    }
}

/// How a client described itself, in one run of bytes: the lengths of client identifier, host name and
/// vendor class, then these; empty where there is none of them.
struct ClientDescription: Hashable, Sendable {
    /// Longer parts are cut.
    static let longestPart = 255

    private(set) var bytes: [UInt8] = []

    init() {}

    init(clientIdentifier: RawSpan, hostName: RawSpan, vendorClass: RawSpan) {
        let counts = Self.counts(clientIdentifier, hostName, vendorClass)
        if counts == (0, 0, 0) { return }
        bytes.reserveCapacity(3 + counts.0 + counts.1 + counts.2)
        bytes += [UInt8(counts.0), UInt8(counts.1), UInt8(counts.2)]
        clientIdentifier.withUnsafeBytes { bytes += $0.prefix(counts.0) }
        hostName.withUnsafeBytes { bytes += $0.prefix(counts.1) }
        vendorClass.withUnsafeBytes { bytes += $0.prefix(counts.2) }
    }

    init(clientIdentifier: [UInt8], hostName: [UInt8], vendorClass: [UInt8]) {
        self.init(
            clientIdentifier: clientIdentifier.span.bytes, hostName: hostName.span.bytes,
            vendorClass: vendorClass.span.bytes)
    }

    private static func counts(_ a: RawSpan, _ b: RawSpan, _ c: RawSpan) -> (Int, Int, Int) {
        (min(a.byteCount, longestPart), min(b.byteCount, longestPart), min(c.byteCount, longestPart))
    }

    /// Whether it says just this; allocates nothing.
    func isSame(clientIdentifier: RawSpan, hostName: RawSpan, vendorClass: RawSpan) -> Bool {
        let counts = Self.counts(clientIdentifier, hostName, vendorClass)
        if bytes.isEmpty { return counts == (0, 0, 0) }
        guard Int(bytes[0]) == counts.0, Int(bytes[1]) == counts.1, Int(bytes[2]) == counts.2 else {
            return false
        }
        return Self.isSame(bytes, at: 3, clientIdentifier, counts.0)
            && Self.isSame(bytes, at: 3 + counts.0, hostName, counts.1)
            && Self.isSame(bytes, at: 3 + counts.0 + counts.1, vendorClass, counts.2)
    }

    private static func isSame(_ bytes: [UInt8], at start: Int, _ span: RawSpan, _ count: Int) -> Bool {
        if count == 0 { return true }
        return bytes.withUnsafeBytes { own in
            span.withUnsafeBytes { other in
                guard let own = own.baseAddress, let other = other.baseAddress else { return false }
                return memcmp(own + start, other, count) == 0
            }
        }
    }

    private func part(_ number: Int) -> ArraySlice<UInt8> {
        if bytes.isEmpty { return [] }
        let start = 3 + bytes[..<number].reduce(0) { $0 + Int($1) }
        return bytes[start..<start + Int(bytes[number])]
    }

    var clientIdentifier: ArraySlice<UInt8> { part(0) }
    var hostName: ArraySlice<UInt8> { part(1) }
    var vendorClass: ArraySlice<UInt8> { part(2) }
}
