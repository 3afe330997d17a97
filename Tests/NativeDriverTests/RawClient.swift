import Addressing
import CLinux
import DHCPMessages
import Glibc
import KernelPlan
import LinuxKernel

/// A client that sees every frame on its device and sends frames under any address: as many machines as
/// a test wants.
struct RawClient: Sendable {
    /// A UDP datagram in its frame.
    struct Frame: Sendable {
        var destinationMAC: MACAddress
        var sourceMAC: MACAddress
        var source: IPAddress
        var destination: IPAddress
        var sourcePort: UInt16
        var destinationPort: UInt16
        /// Whether the UDP checksum is there and right.
        var hasRightChecksum: Bool
        var payload: [UInt8]

        var v4: DHCPv4Message? { try? DHCPv4Message(parsing: payload) }
    }

    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Opens a packet socket on a device of the calling thread's namespace.
    static func open(_ device: String) throws -> Int32 {
        let index = if_nametoindex(device)
        let number = cl_packet_socket(Int32(bitPattern: index), 0x0003, 0)
        if number < 0 { throw KernelError("open packet socket on", device, errno) }
        if cl_packet_see_all(number, Int32(bitPattern: index)) != 0 {
            throw KernelError("open packet socket on", device, errno)
        }
        var buffer: Int32 = 16 << 20
        setsockopt(number, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, 4)
        return number
    }

    func close() { Glibc.close(descriptor) }

    // MARK: Sending

    /// Sends a DHCPv4 message as a client does: by broadcast, or from an address to one.
    func send(
        _ message: DHCPv4Message, sourceMAC: MACAddress? = nil, from source: IPv4Address = .any,
        to destination: IPv4Address = .broadcast, destinationMAC: MACAddress? = nil, sourcePort: UInt16 = 68
    ) throws {
        let mac = sourceMAC ?? MACAddress(octets: message.chaddr) ?? MACAddress(rawValue: 0)
        send(
            try message.serialized(), sourceMAC: mac, source: .v4(source), destination: .v4(destination),
            destinationMAC: destinationMAC ?? MACAddress(rawValue: .max), ports: (sourcePort, 67))
    }

    /// Sends a UDP datagram in a frame of its own.
    func send(
        _ payload: [UInt8], sourceMAC: MACAddress, source: IPAddress, destination: IPAddress,
        destinationMAC: MACAddress, ports: (UInt16, UInt16)
    ) {
        func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
        let length = 8 + payload.count
        var udp = two(Int(ports.0)) + two(Int(ports.1)) + two(length) + [0, 0] + payload
        let pseudo =
            source.octets + destination.octets + two(17).suffix(1).reduce(into: [0]) { $0.append($1) }
            + two(length)
        let sum = Self.checksum(pseudo + udp)
        udp.replaceSubrange(6..<8, with: two(Int(sum == 0 ? 0xFFFF : sum)))
        var frame = destinationMAC.octets + sourceMAC.octets
        switch source {
        case .v4:
            var header: [UInt8] = [0x45, 0] + two(20 + length) + [0, 0, 0, 0, 64, 17, 0, 0]
            header += source.octets + destination.octets
            header.replaceSubrange(10..<12, with: two(Int(Self.checksum(header))))
            frame += [0x08, 0x00] + header
        case .v6:
            frame += [0x86, 0xDD, 0x60, 0, 0, 0] + two(length) + [17, 255]
            frame += source.octets + destination.octets
        }
        sendFrame(frame + udp)
    }

    /// Sends a whole frame.
    func sendFrame(_ frame: [UInt8]) {
        while frame.withUnsafeBytes({ Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }) < 0
            && (errno == ENOBUFS || errno == EINTR)
        {
            usleep(200)
        }
    }

    /// The Internet checksum (RFC 1071).
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        var index = 0
        while index < bytes.count {
            let high = UInt32(bytes[index]) << 8
            sum += high | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
            index += 2
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }

    // MARK: Receiving

    /// The next frame with a UDP datagram to that port; nil where none comes in time.
    func receive(port: UInt16 = 68, within: Duration = NativeNetwork.patience) -> Frame? {
        let deadline = ContinuousClock.now + within
        while let bytes = receiveFrame(deadline) {
            if let frame = Self.parse(bytes), frame.destinationPort == port { return frame }
        }
        return nil
    }

    /// The next frame from somebody else, whatever it holds.
    func receiveFrame(_ deadline: ContinuousClock.Instant) -> [UInt8]? {
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds >= 0 else { return nil }
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, Int32(clamping: milliseconds)) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    /// Reads a frame; nil for what is no UDP datagram.
    static func parse(_ frame: [UInt8]) -> Frame? {
        func number(_ at: Int) -> Int { Int(frame[at]) << 8 | Int(frame[at + 1]) }
        guard frame.count > 42 else { return nil }
        let (start, source, destination): (Int, IPAddress, IPAddress)
        switch number(12) {
        case 0x0800:
            start = 14 + Int(frame[14] & 15) * 4
            guard frame[23] == 17 else { return nil }
            source = .init(number: UInt128(frame[26..<30].reduce(0) { $0 << 8 | UInt32($1) }), version: .v4)
            destination = .init(
                number: UInt128(frame[30..<34].reduce(0) { $0 << 8 | UInt32($1) }), version: .v4)
        case 0x86DD:
            start = 54
            guard frame[20] == 17, frame.count >= 62 else { return nil }
            source = .init(number: frame[22..<38].reduce(0) { $0 << 8 | UInt128($1) }, version: .v6)
            destination = .init(number: frame[38..<54].reduce(0) { $0 << 8 | UInt128($1) }, version: .v6)
        default: return nil
        }
        guard frame.count >= start + 8 else { return nil }
        let length = number(start + 4)
        guard length >= 8, frame.count >= start + length else { return nil }
        let udp = Array(frame[start..<start + length])
        let pseudo =
            source.octets + destination.octets + [0, 17] + [UInt8(length >> 8), UInt8(length & 0xFF)]
        guard let to = MACAddress(octets: frame[0..<6]), let from = MACAddress(octets: frame[6..<12]) else {
            return nil
        }
        return Frame(
            destinationMAC: to, sourceMAC: from, source: source, destination: destination,
            sourcePort: UInt16(number(start)), destinationPort: UInt16(number(start + 2)),
            hasRightChecksum: number(start + 6) != 0 && checksum(pseudo + udp) == 0,
            payload: Array(udp.dropFirst(8)))
    }

    // MARK: DHCPv4

    static func discover(_ mac: MACAddress, broadcast: Bool = false) -> DHCPv4Message {
        var message = DHCPv4Message(
            operation: .request, transactionID: UInt32(truncatingIfNeeded: mac.rawValue),
            flags: broadcast ? DHCPv4Message.broadcastFlag : 0, chaddr: mac.octets)
        message[option: 53] = [1]
        message[option: 55] = [1, 3, 6, 15, 51, 54]
        return message
    }

    static func request(_ mac: MACAddress, for offer: DHCPv4Message, broadcast: Bool = false) -> DHCPv4Message
    {
        var message = discover(mac, broadcast: broadcast)
        message[option: 53] = [3]
        message[option: 50] = offer.yiaddr.octets
        message[option: 54] = offer[option: 54]
        return message
    }

    /// The frames of OFFER and ACK to a client without an address; nil where one of them does not come.
    func lease(_ mac: MACAddress, broadcast: Bool = false) throws -> (offer: Frame, ack: Frame)? {
        try send(Self.discover(mac, broadcast: broadcast))
        guard let first = reply(to: mac, .offer), let offer = first.v4 else { return nil }
        try send(Self.request(mac, for: offer, broadcast: broadcast))
        guard let second = reply(to: mac, .ack) else { return nil }
        return (first, second)
    }

    /// The next reply of that type for a client.
    func reply(to mac: MACAddress, _ type: DHCPv4MessageType) -> Frame? {
        let deadline = ContinuousClock.now + NativeNetwork.patience
        while ContinuousClock.now < deadline, let frame = receive(within: deadline - .now) {
            if let message = frame.v4, message.chaddr == mac.octets, (try? message.messageType()) == type {
                return frame
            }
        }
        return nil
    }
}
