/// A DHCP unique identifier: who a DHCPv6 client or server is (RFC 8415 section 11).
///
/// To everybody but its owner it is opaque and compared byte by byte; the parts are for people.
public struct DUID: Hashable, Sendable {
    /// What a DUID was made of.
    public enum Form: Hashable, Sendable {
        /// Type 1: a link-layer address and when it was made, in seconds since 2000-01-01 modulo 2³².
        case linkLayerTime(hardwareType: UInt16, time: UInt32, address: [UInt8])
        /// Type 2: a vendor's enterprise number and what the vendor likes.
        case enterprise(number: UInt32, identifier: [UInt8])
        /// Type 3: a link-layer address.
        case linkLayer(hardwareType: UInt16, address: [UInt8])
        /// Type 4: a UUID (RFC 6355).
        case uuid(UInt128)
        /// Any other type, or a known one with content that its definition does not allow.
        case other(type: UInt16, content: [UInt8])
    }

    /// The longest DUID, type included (RFC 8415 section 11.1).
    public static let longest = 130

    /// The identifier as it travels in options 1 and 2: 3 to 130 bytes.
    public let bytes: [UInt8]

    /// Takes an identifier as it is; throws where it has not 3 to 130 bytes.
    public init(parsing bytes: some Collection<UInt8>) throws(DHCPParseError) {
        guard (3...Self.longest).contains(bytes.count) else {
            throw .malformed(field: "DUID length", value: UInt32(clamping: bytes.count))
        }
        self.bytes = Array(bytes)
    }

    /// Makes an identifier of its parts; throws where it would be too long or too short.
    public init(_ form: Form) throws(DHCPParseError) {
        var bytes: [UInt8] = []
        switch form {
        case .linkLayerTime(let hardwareType, let time, let address):
            bytes.append(bigEndian: UInt16(1))
            bytes.append(bigEndian: hardwareType)
            bytes.append(bigEndian: time)
            bytes += address
        case .enterprise(let number, let identifier):
            bytes.append(bigEndian: UInt16(2))
            bytes.append(bigEndian: number)
            bytes += identifier
        case .linkLayer(let hardwareType, let address):
            bytes.append(bigEndian: UInt16(3))
            bytes.append(bigEndian: hardwareType)
            bytes += address
        case .uuid(let number):
            bytes.append(bigEndian: UInt16(4))
            bytes += (0..<16).map { UInt8(truncatingIfNeeded: number >> UInt128(8 * (15 - $0))) }
        case .other(let type, let content):
            bytes.append(bigEndian: type)
            bytes += content
        }
        try self.init(parsing: bytes)
    }

    /// The parts of the identifier.
    public var form: Form {
        var reader = ByteReader(bytes[...])
        guard let type = try? reader.uint16("DUID type") else { return .other(type: 0, content: []) }
        let content = Array(bytes.dropFirst(2))
        switch type {
        case 1:
            guard let hardwareType = try? reader.uint16(""), let time = try? reader.uint32(""),
                reader.remaining > 0
            else { break }
            return .linkLayerTime(hardwareType: hardwareType, time: time, address: Array(content[6...]))
        case 2:
            guard let number = try? reader.uint32(""), reader.remaining > 0 else { break }
            return .enterprise(number: number, identifier: Array(content[4...]))
        case 3:
            guard let hardwareType = try? reader.uint16(""), reader.remaining > 0 else { break }
            return .linkLayer(hardwareType: hardwareType, address: Array(content[2...]))
        case 4 where content.count == 16:
            return .uuid(content.reduce(0) { $0 << 8 | UInt128($1) })
        default: break
        }
        return .other(type: type, content: content)
    }

    /// The link-layer address in the identifier, for the hint that it is; nil where it has none.
    public var linkLayerAddress: [UInt8]? {
        switch form {
        case .linkLayerTime(_, _, let address), .linkLayer(_, let address): address
        default: nil
        }
    }
}

extension DUID: CustomStringConvertible {
    /// For people: `LLT fa:16:3e:00:00:01 at 700000000`, `LL …`, `EN 9 …`, `UUID …`, `type 5 …`.
    public var description: String {
        switch form {
        case .linkLayerTime(let hardwareType, let time, let address):
            "LLT \(Self.hardware(hardwareType))\(Hexadecimal.colons(address)) at \(time)"
        case .linkLayer(let hardwareType, let address):
            "LL \(Self.hardware(hardwareType))\(Hexadecimal.colons(address))"
        case .enterprise(let number, let identifier): "EN \(number) \(Hexadecimal.colons(identifier))"
        case .uuid: "UUID \(Self.uuidText(Array(bytes.dropFirst(2))))"
        case .other(let type, let content): "type \(type) \(Hexadecimal.colons(content))"
        }
    }

    /// Ethernet is not worth a word.
    private static func hardware(_ type: UInt16) -> String { type == 1 ? "" : "hardware \(type) " }

    private static func uuidText(_ bytes: [UInt8]) -> String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += Hexadecimal.digits(byte)
        }
        return text
    }
}
