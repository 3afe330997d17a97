package import Addressing
import CLinux

/// Builds one netlink request: the header, the family's fixed part, attributes (netlink(7),
/// rtnetlink(7)).
///
/// Lengths are filled in by the builder, the sequence number by the socket that sends it. Integers
/// are in host order, as netlink wants them, but for what travels in packets.
package struct MessageWriter: Sendable {
    /// The whole message, with its length.
    package private(set) var bytes: [UInt8]

    /// Begins a request of that type; NLM_F_REQUEST is always set.
    package init(type: some BinaryInteger, flags: some BinaryInteger) {
        bytes = []
        bytes.reserveCapacity(256)
        append(UInt32(0))
        append(UInt16(truncatingIfNeeded: type))
        append(UInt16(truncatingIfNeeded: flags) | UInt16(NLM_F_REQUEST))
        append(UInt32(0))
        // The kernel's port; ours is that of the socket.
        append(UInt32(0))
        patchLength(at: 0, as: UInt32.self)
    }

    /// Appends the fixed part of a family, such as an `ifinfomsg`.
    package mutating func fixed<Header: BitwiseCopyable>(_ header: Header) {
        withUnsafeBytes(of: header) { bytes += $0 }
        pad()
        patchLength(at: 0, as: UInt32.self)
    }

    /// Appends an attribute with these bytes.
    package mutating func attribute(_ type: some BinaryInteger, _ value: [UInt8]) {
        append(UInt16(value.count + 4))
        append(UInt16(truncatingIfNeeded: type))
        bytes += value
        pad()
        patchLength(at: 0, as: UInt32.self)
    }

    /// Appends an attribute with an integer in host order.
    package mutating func attribute<Integer: FixedWidthInteger>(_ type: some BinaryInteger, _ value: Integer)
    {
        attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }

    /// Appends an attribute with a zero-terminated string.
    package mutating func attribute(_ type: some BinaryInteger, _ value: String) {
        attribute(type, Array(value.utf8) + [0])
    }

    /// Appends an attribute with an address in the order in which it travels.
    package mutating func attribute(_ type: some BinaryInteger, _ value: IPAddress) {
        attribute(type, value.octets)
    }

    /// Appends an attribute that holds attributes, marked as such (NLA_F_NESTED).
    package mutating func nested(_ type: some BinaryInteger, _ body: (inout MessageWriter) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(UInt16(truncatingIfNeeded: type) | UInt16(NLA_F_NESTED))
        body(&self)
        patchLength(at: start, as: UInt16.self)
        patchLength(at: 0, as: UInt32.self)
    }

    /// Fills in the sequence number by which the reply is known.
    mutating func setSequence(_ sequence: UInt32) {
        withUnsafeBytes(of: sequence) { bytes.replaceSubrange(8..<12, with: $0) }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes += $0 }
    }

    /// Attributes begin at multiples of four.
    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// Writes the number of bytes from `start` to the end there.
    private mutating func patchLength<Length: FixedWidthInteger>(at start: Int, as: Length.Type) {
        let length = Length(bytes.count - start)
        withUnsafeBytes(of: length) { bytes.replaceSubrange(start..<start + $0.count, with: $0) }
    }
}
