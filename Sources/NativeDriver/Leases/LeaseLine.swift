import Addressing
import DHCPEngine
import NetworkModel

/// A line of the record of leases: eight hexadecimal digits of a CRC-32 over the rest, a sign, fields joined
/// by spaces. Later lines hold against earlier ones.
enum LeaseLine: Hashable, Sendable {
    /// `+`: this was told.
    case told(ToldLease, ClientDescription)
    /// `-`: the port is gone.
    case portGone(PortIdentity)
    /// `x`: the network is gone.
    case networkGone(ResourceID)

    /// The first line of a file; another version of the format would have another number.
    static let header = Array("leasehold leases 1\n".utf8)

    /// Adds the line with its line feed.
    func append(to file: inout [UInt8]) {
        let start = file.count
        file += [UInt8](repeating: 0x30, count: 8)
        switch self {
        case .portGone(let port): file += " - \(ResourceID(rawValue: port.rawValue))".utf8
        case .networkGone(let network): file += " x \(network)".utf8
        case .told(let told, let client):
            file += " + \(ResourceID(rawValue: told.port.rawValue)) \(told.network) \(told.address) ".utf8
            file += "\(told.mac.map { "\($0)" } ?? "-") \(told.time) \(told.duration) ".utf8
            file += "\(told.message.rawValue) \(told.server.map { "\($0)" } ?? "-") ".utf8
            file += (told.iaid.map { "\($0)" } ?? "-").utf8
            for part in [client.clientIdentifier, client.hostName, client.vendorClass] {
                file.append(0x20)
                Self.escape(part, to: &file)
            }
        }
        var crc = CRC32()
        crc.update(file[(start + 8)...])
        for digit in 0..<8 {
            let value = UInt8(truncatingIfNeeded: crc.value >> UInt32(28 - 4 * digit)) & 15
            file[start + digit] = Self.digit(value)
        }
        file.append(0x0A)
    }

    /// Reads a line without its line feed, or returns nil where it is damaged.
    init?(_ line: ArraySlice<UInt8>) {
        guard line.count > 11, let sum = Self.hexadecimal(line.prefix(8)) else { return nil }
        let rest = line.dropFirst(8)
        var crc = CRC32()
        crc.update(rest)
        guard crc.value == sum else { return nil }
        let fields = rest.dropFirst().split(separator: 0x20, omittingEmptySubsequences: false)
        func text(_ at: Int) -> String { String(decoding: fields[at], as: UTF8.self) }
        switch (fields.first.map { Array($0) }, fields.count) {
        case ([0x2D], 2):
            guard let port = ResourceID(text(1)) else { return nil }
            self = .portGone(PortIdentity(rawValue: port.rawValue))
        case ([0x78], 2):
            guard let network = ResourceID(text(1)) else { return nil }
            self = .networkGone(network)
        case ([0x2B], 13):
            guard let port = ResourceID(text(1)), let network = ResourceID(text(2)),
                let address = IPAddress(text(3)), let time = UInt32(text(5)),
                let duration = UInt32(text(6)), let message = Lease.Message(rawValue: text(7)),
                let clientIdentifier = Self.unescape(fields[10]), let hostName = Self.unescape(fields[11]),
                let vendorClass = Self.unescape(fields[12])
            else { return nil }
            self = .told(
                ToldLease(
                    network: network, port: PortIdentity(rawValue: port.rawValue), address: address,
                    server: IPAddress(text(8)), mac: MACAddress(text(4)), message: message, time: time,
                    duration: duration, iaid: UInt32(text(9))),
                ClientDescription(
                    clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass))
        default: return nil
        }
    }

    /// Visible ASCII as it is, all else and `%` as two hexadecimal digits behind a `%`; `-` for nothing.
    private static func escape(_ bytes: some Collection<UInt8>, to file: inout [UInt8]) {
        if bytes.isEmpty { return file.append(0x2D) }
        let isHyphen = bytes.count == 1 && bytes.first == 0x2D
        for byte in bytes {
            if (0x21...0x7E).contains(byte), byte != 0x25, !isHyphen {
                file.append(byte)
            } else {
                file += [0x25, digit(byte >> 4), digit(byte & 15)]
            }
        }
    }

    private static func unescape(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        if field.elementsEqual([0x2D]) { return [] }
        var bytes: [UInt8] = []
        var at = field.startIndex
        while at < field.endIndex {
            if field[at] != 0x25 {
                bytes.append(field[at])
                at += 1
                continue
            }
            guard at + 2 < field.endIndex, let value = hexadecimal(field[at + 1...at + 2]) else { return nil }
            bytes.append(UInt8(value))
            at += 3
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt32(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt32(digit - 0x57)
            default: return nil
            }
        }
        return value
    }
}

/// CRC-32 as in Ethernet and zip (ISO 3309): polynomial 0x04C11DB7, reflected.
struct CRC32 {
    private var register: UInt32 = .max

    var value: UInt32 { ~register }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            register = register >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
        }
    }

    private static let table: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
}
