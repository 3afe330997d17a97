package import Addressing
import CLinux
import Glibc
package import KernelPlan

/// A conversation about neighbours with the namespace in which it was opened.
///
/// Tables of thousands are no trouble: permanent entries don't count against `gc_thresh3` (Linux 5.0 and up).
package struct NeighbourSocket: ~Copyable, Sendable {
    /// Requests in one sendmsg: their acknowledgements, all of them failures, fit into the receive buffer.
    private static let batch = 64

    private let descriptor: OwnedDescriptor
    private var sequence: UInt32 = 0
    /// The request that is being written; a thousand idle networks keep none.
    private var buffer: [UInt8] = []

    /// Opens a socket in the namespace of the calling thread; for ``init(descriptor:)``.
    package static func open() throws(KernelError) -> Int32 {
        let number = cl_netlink_open(0)
        if number < 0 { throw KernelError("open", "netlink socket", errno) }
        return number
    }

    /// Takes over an open socket.
    package init(descriptor number: Int32) throws(KernelError) {
        let descriptor = OwnedDescriptor(number)
        for option in [NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            if cl_netlink_option(descriptor.number, Int32(option), 1) != 0 {
                throw KernelError("configure", "netlink socket", errno)
            }
        }
        _ = try bindNetlink(descriptor.number, groups: 0)
        self.descriptor = descriptor
    }

    /// The socket's number, for what works on any socket of a namespace.
    package var number: Int32 { descriptor.number }

    /// Makes the changes, many at a time; returns the places of those that failed, with their errno.
    package mutating func apply(
        _ changes: [NeighbourChange], device: Int32
    ) throws(KernelError) -> [(place: Int, errno: Int32)] {
        var failures: [(place: Int, errno: Int32)] = []
        var start = 0
        while start < changes.count {
            let end = min(start + Self.batch, changes.count)
            let first = sequence &+ 1
            for place in start..<end {
                sequence &+= 1
                append(changes[place], device: device, acknowledged: place == end - 1)
            }
            try send("change", "neighbours")
            // Failures are always told, in order; success only of the last.
            var isDone = false
            while !isDone {
                for reply in try receive("change", "neighbours") where reply.type == UInt16(NLMSG_ERROR) {
                    let offset = Int(reply.sequence &- first)
                    guard offset < end - start, let status = reply.status else { continue }
                    let place = start + offset
                    if status != 0 && !Self.isHarmless(-status, changes[place]) {
                        failures.append((place, -status))
                    }
                    if place == end - 1 { isDone = true }
                }
            }
            start = end
        }
        return failures
    }

    private static func isHarmless(_ number: Int32, _ change: NeighbourChange) -> Bool {
        if case .remove = change { number == ENOENT } else { false }
    }

    /// What the kernel knows of a neighbour; nil where it has no entry.
    package mutating func state(of address: IPAddress, device: Int32) throws(KernelError) -> NeighbourState? {
        try states(of: [address], device: device)[0]?.state
    }

    /// Those of these neighbours whose entry is not what it should be, permanent and with this address.
    ///
    /// Looks up one by one, many in one call: the kernel keeps the neighbours of all namespaces in one table,
    /// and a dump reads through all of it.
    package mutating func wrong(
        among neighbours: [Neighbour], device: Int32
    ) throws(KernelError) -> [Neighbour] {
        let states = try states(of: neighbours.map(\.address), device: device)
        return zip(neighbours, states).compactMap { neighbour, found in
            if let found, found.isPermanent, found.state == .known(neighbour.mac) { return nil }
            return neighbour
        }
    }

    private mutating func states(
        of addresses: [IPAddress], device: Int32
    ) throws(KernelError) -> [ParsedNeighbour?] {
        var found = [ParsedNeighbour?](repeating: nil, count: addresses.count)
        var start = 0
        while start < addresses.count {
            let end = min(start + Self.batch, addresses.count)
            let first = sequence &+ 1
            for address in addresses[start..<end] {
                sequence &+= 1
                begin(RTM_GETNEIGH, NLM_F_REQUEST, payload: 4 + address.octetCount)
                appendHeader(address.version, state: 0, flags: 0, index: device)
                append(NDA_DST, address)
            }
            try send("look up", "neighbours")
            // One reply each, in order: the entry, or ENOENT.
            var left = end - start
            while left > 0 {
                for reply in try receive("look up", "neighbours") {
                    let offset = Int(reply.sequence &- first)
                    guard offset < end - start else { continue }
                    left -= 1
                    if reply.type == UInt16(NLMSG_ERROR) {
                        guard let status = reply.status, status != -ENOENT else { continue }
                        throw KernelError("look up neighbour", "\(addresses[start + offset])", -status)
                    }
                    found[start + offset] = try reading("look up", "neighbours") {
                        () throws(MalformedMessage) in
                        try parseNeighbour(reply)
                    }
                }
            }
            start = end
        }
        return found
    }

    /// Makes the kernel ask for the neighbour now, as if there were something to send (NTF_USE).
    package mutating func discover(_ address: IPAddress, device: Int32) throws(KernelError) {
        sequence &+= 1
        begin(RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK, payload: 4 + address.octetCount)
        appendHeader(address.version, state: NUD_NONE, flags: NTF_USE, index: device)
        append(NDA_DST, address)
        try send("discover neighbour", "\(address)")
        while true {
            for reply in try receive("discover neighbour", "\(address)")
            where reply.sequence == sequence && reply.type == UInt16(NLMSG_ERROR) {
                guard let status = reply.status, status != 0 else { return }
                throw KernelError("discover neighbour", "\(address)", -status)
            }
        }
    }

    /// The permanent entries of the device.
    package mutating func permanent(_ version: IPVersion, device: Int32) throws(KernelError) -> [Neighbour] {
        var found: [Neighbour] = []
        sequence &+= 1
        begin(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, payload: 8)
        appendHeader(version, state: 0, flags: 0, index: 0)
        appendAttribute(NDA_IFINDEX, 4)
        append(UInt32(bitPattern: device))
        try send("list", "neighbours")
        while true {
            for reply in try receive("list", "neighbours") where reply.sequence == sequence {
                switch Int32(reply.type) {
                case NLMSG_DONE: return found
                case NLMSG_ERROR:
                    if let status = reply.status, status != 0 {
                        throw KernelError("list", "neighbours", -status)
                    }
                    return found
                default:
                    let entry = try reading("list", "neighbours") { () throws(MalformedMessage) in
                        try parseNeighbour(reply)
                    }
                    if entry.isPermanent, entry.device == device, let address = entry.address,
                        case .known(let mac) = entry.state
                    {
                        found.append(Neighbour(address, mac))
                    }
                }
            }
        }
    }

    // MARK: Bytes

    private mutating func append(_ change: NeighbourChange, device: Int32, acknowledged: Bool) {
        let acknowledge = acknowledged ? NLM_F_ACK : 0
        switch change {
        case .add(let neighbour):
            let address = neighbour.address
            begin(
                RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE | acknowledge,
                payload: 4 + address.octetCount + 12)
            appendHeader(address.version, state: NUD_PERMANENT, flags: 0, index: device)
            append(NDA_DST, address)
            appendAttribute(NDA_LLADDR, 6)
            let mac = neighbour.mac.rawValue
            append(UInt32(truncatingIfNeeded: mac >> 16).bigEndian)
            append(UInt16(truncatingIfNeeded: mac).bigEndian)
            append(UInt16(0))
        case .remove(let address):
            begin(RTM_DELNEIGH, NLM_F_REQUEST | acknowledge, payload: 4 + address.octetCount)
            appendHeader(address.version, state: 0, flags: 0, index: device)
            append(NDA_DST, address)
        }
    }

    /// Appends the header of a message with so many bytes after the family's fixed part.
    private mutating func begin(_ type: some BinaryInteger, _ flags: some BinaryInteger, payload: Int) {
        append(UInt32(16 + MemoryLayout<ndmsg>.size + payload))
        append(UInt16(truncatingIfNeeded: type))
        append(UInt16(truncatingIfNeeded: flags))
        append(sequence)
        append(UInt32(0))
    }

    private mutating func appendHeader(
        _ version: IPVersion, state: Int32, flags: Int32, index: Int32
    ) {
        var header = ndmsg()
        header.ndm_family = version.family
        header.ndm_ifindex = index
        header.ndm_state = UInt16(truncatingIfNeeded: state)
        header.ndm_flags = UInt8(truncatingIfNeeded: flags)
        withUnsafeBytes(of: header) { buffer += $0 }
    }

    private mutating func appendAttribute(_ type: some BinaryInteger, _ length: Int) {
        append(UInt16(length + 4))
        append(UInt16(truncatingIfNeeded: type))
    }

    private mutating func append(_ type: some BinaryInteger, _ address: IPAddress) {
        appendAttribute(type, address.octetCount)
        switch address {
        case .v4(let v4): append(v4.rawValue.bigEndian)
        case .v6(let v6): append(v6.rawValue.bigEndian)
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { buffer += $0 }
    }

    private mutating func send(
        _ operation: String, _ object: @autoclosure () -> String
    ) throws(KernelError) {
        defer { buffer = [] }
        let count = retryingInterrupts {
            buffer.withUnsafeBytes { Glibc.send(descriptor.number, $0.baseAddress, $0.count, 0) }
        }
        if count < 0 { throw KernelError(operation, object(), errno) }
    }

    private func receive(
        _ operation: String, _ object: @autoclosure () -> String
    ) throws(KernelError) -> [Message] {
        let bytes = try receiveNetlink(descriptor.number, operation, object()).bytes
        do throws(MalformedMessage) {
            return try Message.all(in: bytes)
        } catch {
            throw KernelError(error, operation, object())
        }
    }
}
