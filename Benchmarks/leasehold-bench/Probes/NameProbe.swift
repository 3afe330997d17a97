import Glibc

/// Asks one dnsmasq for the address of a name (RFC 1035), from inside its namespace.
final class NameProbe {
    private let file: Int32
    private var last: UInt16 = 0

    /// - Parameter server: the address of dnsmasq.
    init(namespace: String, server: UInt32) throws {
        file = try insideNamespace(namespace) {
            socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }
        guard file >= 0 else { throw Failure.call("make a UDP socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(53).bigEndian
        address.sin_addr = in_addr(s_addr: server.bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.call("connect to \(NetworkNames.text(server)):53") }
    }

    deinit { close(file) }

    /// Whether the server answers with that address.
    ///
    /// Waits for the answer as long as a dnsmasq that reads 10,000 hosts may take, and much longer.
    func answers(_ name: String, with address: UInt32) throws -> Bool {
        last &+= 1
        let query = Self.query(name, id: last)
        guard query.withUnsafeBytes({ send(file, $0.baseAddress, $0.count, 0) }) == query.count else {
            throw Failure.call("send a DNS query")
        }
        let end = now() + 5
        var buffer = [UInt8](repeating: 0, count: 1500)
        while waitToRead(file, end - now()) {
            let count = recv(file, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure.call("receive a DNS answer") }
            // An answer to an earlier query is not ours.
            guard count >= 12, UInt16(buffer[0]) << 8 | UInt16(buffer[1]) == last else { continue }
            let answers = Int(buffer[6]) << 8 | Int(buffer[7])
            // One A record comes last (no EDNS was offered): its data are the last four bytes.
            guard answers == 1 else { return false }
            return buffer[(count - 4)..<count].reduce(0) { $0 << 8 | UInt32($1) } == address
        }
        return false
    }

    private static func query(_ name: String, id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") {
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        // The root label, type A, class IN.
        return bytes + [0, 0, 1, 0, 1]
    }
}
