import DHCPMessages

/// Options as the bytes in which they travel, one behind the other.
struct EncodedOptions: Hashable, Sendable {
    /// An option in ``EncodedOptions/bytes``, code and length included.
    struct Slot: Hashable, Sendable {
        var code: UInt8
        var offset: UInt32
        var count: UInt32

        var range: Range<Int> { Int(offset)..<Int(offset + count) }
    }

    private(set) var bytes: [UInt8] = []

    /// Appends an option: in pieces of 255 bytes where it is longer (RFC 3396), `sname` and `file` with a
    /// final zero, which some PXE ROMs need and dnsmasq sends, too.
    mutating func append(_ code: UInt8, _ data: [UInt8]) -> Slot {
        let start = bytes.count
        var data = data
        if code == DHCPv4OptionCode.serverName || code == DHCPv4OptionCode.bootFile,
            !data.isEmpty, data.count < 255, data.last != 0
        {
            data.append(0)
        }
        var rest = data[...]
        repeat {
            let piece = rest.prefix(255)
            bytes.append(code)
            bytes.append(UInt8(truncatingIfNeeded: piece.count))
            bytes += piece
            rest = rest[piece.endIndex...]
        } while !rest.isEmpty
        return Slot(
            code: code, offset: UInt32(truncatingIfNeeded: start),
            count: UInt32(truncatingIfNeeded: bytes.count - start))
    }

    /// Appends bytes that are no option; returns where they are.
    mutating func append(text: [UInt8]) -> Slot {
        let start = bytes.count
        bytes += text
        return Slot(
            code: 0, offset: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: text.count))
    }
}
