import Addressing
import CLinux
import DHCPEngine
import DHCPMessages
import Glibc

/// Room for a batch of datagrams and the replies to them, one per loop: recvmmsg(2), sendmmsg(2).
///
/// `@unchecked Sendable`: only handlers on the loop's thread touch it, one after the other.
final class DatagramBatch: @unchecked Sendable {
    /// The most datagrams at a time.
    static let capacity = Int(CL_BATCH_DATAGRAMS)
    /// The most bytes of a datagram.
    static let datagramLimit = Int(CL_BATCH_BYTES)

    private let memory: UnsafeMutableRawPointer
    private let batch: OpaquePointer
    /// What the replies of the batch at hand are.
    var answers: [DHCPv4Answer] = []
    var answersV6: [DHCPv6Answer] = []
    /// Where the clients' ports are, of each datagram of the batch at hand.
    var places: [DHCPv4PortPlace?] = []
    /// The leases that answers of the batch at hand gave: the datagram, the answer, and where the record may
    /// have the lease.
    var leases: [(arrival: Int, answer: Int, number: UInt32?)] = []
    /// Senders of the batch at hand of whom the log may hear.
    var strangers: [(mac: MACAddress, reason: DropReason, request: DHCPv4MessageType?)] = []

    init() {
        // The kernel's pages come zeroed, and cost nothing until they are used.
        guard
            let memory = mmap(
                nil, cl_batch_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { fatalError("no memory for a batch of datagrams") }
        self.memory = memory
        batch = OpaquePointer(memory)
        cl_batch_prepare(batch)
    }

    deinit { munmap(memory, cl_batch_size()) }

    /// Takes what waits in the socket: how many datagrams, or the errno; nothing to take is none.
    func receive(_ descriptor: Int32) -> (count: Int, errno: Int32) {
        let count = cl_batch_receive(batch, descriptor)
        if count >= 0 { return (Int(count), 0) }
        return errno == EAGAIN ? (0, 0) : (0, errno)
    }

    /// A datagram of the last receive.
    func arrival(_ index: Int) -> cl_arrival {
        var arrival = cl_arrival()
        cl_batch_arrival(batch, Int32(truncatingIfNeeded: index), &arrival)
        return arrival
    }

    /// The chaddr of a datagram of the last receive, whatever it is; nil where it is too short.
    func chaddr(_ index: Int) -> MACAddress? {
        var number: UInt64 = 0
        let isThere = cl_batch_chaddr(batch, Int32(truncatingIfNeeded: index), &number)
        return isThere != 0 ? MACAddress(rawValue: UInt64(bigEndian: number) >> 16) : nil
    }

    /// Where a reply is written: never more than there is room for, ``datagramLimit`` bytes.
    func reply(_ index: Int) -> UnsafeMutableRawBufferPointer {
        precondition((0..<Self.capacity).contains(index), "a batch has no such reply")
        return UnsafeMutableRawBufferPointer(
            start: cl_batch_reply(batch, Int32(truncatingIfNeeded: index)), count: Self.datagramLimit)
    }

    /// Writes a reply; false where it is longer than there is room for, and then nothing is written.
    func write(_ index: Int, _ bytes: [UInt8]) -> Bool {
        // In release builds copyBytes(from:) itself does not look.
        guard bytes.count <= Self.datagramLimit else { return false }
        reply(index).copyBytes(from: bytes)
        return true
    }

    /// What every call that says where a reply goes must keep to, in all builds.
    private static func check(_ index: Int, _ length: Int) {
        precondition((0..<capacity).contains(index), "a batch has no such reply")
        precondition((0...datagramLimit).contains(length), "a reply is longer than its place")
    }

    /// Says where a reply goes.
    func address(
        _ index: Int, length: Int, to destination: IPv4Address, port: UInt16, from source: IPv4Address
    ) {
        Self.check(index, length)
        cl_batch_address_v4(
            batch, Int32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: length),
            destination.rawValue, port, source.rawValue)
    }

    /// Says where a reply goes; without a source the kernel chooses.
    func address(
        _ index: Int, length: Int, to destination: IPv6Address, port: UInt16, device: UInt32,
        from source: IPv6Address? = nil
    ) {
        Self.check(index, length)
        var to = destination.rawValue.bigEndian
        withUnsafeBytes(of: &to) { to in
            let number = Int32(truncatingIfNeeded: index)
            let length = UInt32(truncatingIfNeeded: length)
            let destination = to.bindMemory(to: UInt8.self).baseAddress
            guard let source else {
                return cl_batch_address_v6(batch, number, length, destination, port, device, nil)
            }
            var from = source.rawValue.bigEndian
            withUnsafeBytes(of: &from) { from in
                cl_batch_address_v6(
                    batch, number, length, destination, port, device,
                    from.bindMemory(to: UInt8.self).baseAddress)
            }
        }
    }

    /// Sends a reply elsewhere than was said, its length kept.
    func readdress(_ index: Int, to destination: IPv4Address, port: UInt16, from source: IPv4Address) {
        let number = Int32(truncatingIfNeeded: index)
        cl_batch_address_v4(
            batch, number, cl_batch_reply_length(batch, number), destination.rawValue, port, source.rawValue)
    }

    /// Sends one reply; whether it went.
    func sendOne(_ descriptor: Int32, _ index: Int) -> Bool {
        cl_batch_send(batch, descriptor, Int32(truncatingIfNeeded: index), 1) == 1
    }

    /// Sends the first replies; calls `failed` with the place of each that the kernel refused and the errno.
    func send(_ descriptor: Int32, count: Int, failed: (_ index: Int, _ errno: Int32) -> Void) {
        var sent = 0
        while sent < count {
            let more = cl_batch_send(
                batch, descriptor, Int32(truncatingIfNeeded: sent), Int32(truncatingIfNeeded: count - sent))
            if more > 0 {
                sent += Int(more)
            } else {
                failed(sent, errno)
                sent += 1
            }
        }
    }
}

extension cl_arrival {
    /// The bytes of the datagram; valid until the next receive.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: Int(length)) }

    /// The hardware address that a DHCPv4 request names (RFC 2131 section 2); nil where it is too short.
    var chaddr: MACAddress? {
        guard length >= 34 else { return nil }
        var number: UInt64 = 0
        for index in 28..<34 { number = number << 8 | UInt64(bytes[index]) }
        return MACAddress(rawValue: number)
    }

    var sourceV4: IPv4Address { Self.v4(source) }
    var destinationV4: IPv4Address { Self.v4(destination) }
    var sourceV6: IPv6Address { Self.v6(source) }
    var destinationV6: IPv6Address { Self.v6(destination) }

    private typealias Octets = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
        UInt8, UInt8
    )

    private static func v4(_ octets: Octets) -> IPv4Address {
        IPv4Address(octets.0, octets.1, octets.2, octets.3)
    }

    private static func v6(_ octets: Octets) -> IPv6Address {
        withUnsafeBytes(of: octets) {
            IPv6Address(rawValue: UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)))
        }
    }
}
