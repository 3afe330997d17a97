package import Addressing
import CLinux

/// A netlink message that is not what its type promises; the kernel sends none.
package struct MalformedMessage: Error, Equatable {
    /// What is wrong with it.
    package let detail: String
}

/// One message out of what a socket received.
package struct Message: Sendable {
    package let type: UInt16
    package let flags: UInt16
    package let sequence: UInt32
    /// The port of the socket that it answers.
    package let port: UInt32
    /// What follows the header.
    package let payload: ArraySlice<UInt8>

    /// Cuts what one receive brought into its messages.
    package static func all(in bytes: [UInt8]) throws(MalformedMessage) -> [Message] {
        var messages: [Message] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = Int(try rest.integer(at: 0, UInt32.self))
            guard length >= 16, length <= rest.count else {
                throw MalformedMessage(detail: "message of \(length) bytes in \(rest.count)")
            }
            messages.append(
                Message(
                    type: try rest.integer(at: 4), flags: try rest.integer(at: 6),
                    sequence: try rest.integer(at: 8),
                    port: try rest.integer(at: 12), payload: rest.dropFirst(16).prefix(length - 16)))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return messages
    }

    /// The attributes after a fixed part of that many bytes.
    package func attributes(after fixed: Int) throws(MalformedMessage) -> AttributeReader {
        let start = (fixed + 3) & ~3
        guard payload.count >= start else {
            throw MalformedMessage(detail: "message of type \(type) has only \(payload.count) bytes")
        }
        return AttributeReader(payload.dropFirst(start))
    }

    /// The fixed part, such as an `ifinfomsg`.
    package func fixed<Header: BitwiseCopyable>(_: Header.Type) throws(MalformedMessage) -> Header {
        guard payload.count >= MemoryLayout<Header>.size else {
            throw MalformedMessage(detail: "message of type \(type) has only \(payload.count) bytes")
        }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }
}

/// Reads attributes one after the other, in any order and with unknown ones among them.
package struct AttributeReader {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next attribute, or nil at the end.
    package mutating func next() throws(MalformedMessage) -> Attribute? {
        if rest.isEmpty { return nil }
        let length = Int(try rest.integer(at: 0, UInt16.self))
        guard length >= 4, length <= rest.count else {
            throw MalformedMessage(detail: "attribute of \(length) bytes in \(rest.count)")
        }
        let type: UInt16 = try rest.integer(at: 2)
        let value = rest.dropFirst(4).prefix(length - 4)
        rest = rest.dropFirst((length + 3) & ~3)
        // The two highest bits are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
        return Attribute(type: Int(type & 0x3FFF), value: value)
    }
}

/// One attribute, with typed ways to read it that check its length.
package struct Attribute {
    package let type: Int
    package let value: ArraySlice<UInt8>

    /// An integer in host order that fills the attribute.
    package func integer<Integer: FixedWidthInteger>(
        _: Integer.Type = Integer.self
    ) throws(MalformedMessage) -> Integer {
        guard value.count == MemoryLayout<Integer>.size else {
            throw MalformedMessage(detail: "attribute \(type) has \(value.count) bytes")
        }
        return try value.integer(at: 0)
    }

    /// A string, up to its zero.
    package func string() -> String { String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }

    /// An Ethernet address, or nil for an address of another length.
    package func macAddress() -> MACAddress? { MACAddress(octets: value) }

    /// An IPv4 or IPv6 address, told apart by their length.
    package func address() throws(MalformedMessage) -> IPAddress {
        switch value.count {
        case 4: return .v4(IPv4Address(rawValue: value.reduce(0) { $0 << 8 | UInt32($1) }))
        case 16:
            guard let address = IPv6Address(octets: value) else { break }
            return .v6(address)
        default: break
        }
        throw MalformedMessage(detail: "attribute \(type) has \(value.count) bytes, which is no address")
    }

    /// The attributes inside.
    package func nested() -> AttributeReader { AttributeReader(value) }
}

extension ArraySlice<UInt8> {
    /// An integer in host order, that many bytes after the start.
    func integer<Integer: FixedWidthInteger>(
        at offset: Int, _: Integer.Type = Integer.self
    ) throws(MalformedMessage) -> Integer {
        guard offset + MemoryLayout<Integer>.size <= count else {
            throw MalformedMessage(detail: "\(count) bytes end before the integer at \(offset)")
        }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Integer.self) }
    }
}
