import CLinux
import Glibc

/// Sends a DHCPDISCOVER into a network's bridge, as an instance would, and reads the offer (RFC 2131).
final class DiscoverProbe {
    private let file: Int32

    init(bridge: String) throws(Failure) {
        let index = if_nametoindex(bridge)
        guard index > 0 else { throw .call("find the bridge \(bridge)") }
        // 0x0800 is IPv4 (RFC 894).
        file = cl_packet_socket(Int32(index), 0x0800, 0)
        guard file >= 0 else { throw .call("open a packet socket on \(bridge)") }
    }

    deinit { close(file) }

    /// The address that is offered to the machine, or nil when nothing is within a second.
    ///
    /// One DISCOVER is sent, never a second one.
    func offer(to mac: [UInt8]) throws(Failure) -> UInt32? {
        let transaction = UInt32.random(in: .min ... .max)
        let frame = Self.discover(mac, transaction)
        guard frame.withUnsafeBytes({ send(file, $0.baseAddress, $0.count, 0) }) == frame.count else {
            throw .call("send a DHCPDISCOVER")
        }
        let end = now() + 1
        var buffer = [UInt8](repeating: 0, count: 2048)
        while waitToRead(file, end - now()) {
            let count = recv(file, &buffer, buffer.count, 0)
            guard count >= 0 else { throw .call("receive a DHCPOFFER") }
            if let address = Self.offered(buffer[..<count], transaction) { return address }
        }
        return nil
    }

    /// Ethernet (14 bytes), IPv4 (20), UDP (8), BOOTP (236), magic cookie and options.
    private static func discover(_ mac: [UInt8], _ transaction: UInt32) -> [UInt8] {
        var bootp: [UInt8] = [1, 1, 6, 0] + bytes(transaction)
        // secs 0; flags: answer by broadcast, since nobody here has the address yet.
        bootp += [0, 0, 0x80, 0] + [UInt8](repeating: 0, count: 16) + mac
        bootp += [UInt8](repeating: 0, count: 10 + 64 + 128)
        bootp += [99, 130, 83, 99, 53, 1, 1, 55, 3, 1, 3, 6, 255]
        bootp += [UInt8](repeating: 0, count: max(0, 300 - bootp.count))
        let length = UInt16(8 + bootp.count)
        // Checksum 0: none, as IPv4 allows.
        let udp: [UInt8] = [0, 68, 0, 67, UInt8(length >> 8), UInt8(length & 255), 0, 0]
        let total = 20 + length
        var ip: [UInt8] = [0x45, 0, UInt8(total >> 8), UInt8(total & 255), 0, 0, 0, 0, 64, 17, 0, 0]
        ip += [0, 0, 0, 0, 255, 255, 255, 255]
        let checksum = checksum(ip)
        ip[10] = UInt8(checksum >> 8)
        ip[11] = UInt8(checksum & 255)
        return [UInt8](repeating: 0xFF, count: 6) + mac + [8, 0] + ip + udp + bootp
    }

    /// `yiaddr` of an offer in that transaction.
    private static func offered(_ frame: ArraySlice<UInt8>, _ transaction: UInt32) -> UInt32? {
        let bootp = Array(frame.dropFirst(14 + 20 + 8))
        // 243 bytes: the fixed part, the cookie and option 53, which dnsmasq puts first.
        guard bootp.count >= 243, bootp[0] == 2, Array(bootp[4..<8]) == bytes(transaction),
            Array(bootp[240..<243]) == [53, 1, 2]
        else { return nil }
        return bootp[16..<20].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// The checksum of an IPv4 header (RFC 1071).
    private static func checksum(_ header: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: header.count, by: 2) {
            sum += UInt32(header[index]) << 8 | UInt32(header[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }
}
