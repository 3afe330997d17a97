import Addressing

extension DHCPv4Message {
    /// Parses a UDP payload; never traps, whatever the bytes.
    ///
    /// Options may end without End (255), as some clients send them; a length that leads outside throws.
    public init(parsing bytes: some Collection<UInt8>) throws(DHCPParseError) {
        let all = Array(bytes)
        var reader = ByteReader(all[...])
        let op = try reader.byte("op")
        guard let operation = Operation(rawValue: op) else {
            throw .malformed(field: "op", value: UInt32(op))
        }
        let hardwareType = try reader.byte("htype")
        let hardwareLength = try reader.byte("hlen")
        guard hardwareLength <= 16 else { throw .malformed(field: "hlen", value: UInt32(hardwareLength)) }
        let hops = try reader.byte("hops")
        let transactionID = try reader.uint32("xid")
        let seconds = try reader.uint16("secs")
        let flags = try reader.uint16("flags")
        let ciaddr = IPv4Address(rawValue: try reader.uint32("ciaddr"))
        let yiaddr = IPv4Address(rawValue: try reader.uint32("yiaddr"))
        let siaddr = IPv4Address(rawValue: try reader.uint32("siaddr"))
        let giaddr = IPv4Address(rawValue: try reader.uint32("giaddr"))
        let chaddr = try reader.take(16, "chaddr")
        let sname = try reader.take(64, "sname")
        let file = try reader.take(128, "file")
        guard reader.remaining >= 4 else { throw .noMagicCookie }
        guard try reader.uint32("magic cookie") == Self.magicCookie else { throw .noMagicCookie }

        // RFC 3396 section 5: the aggregate buffer is the options field, then file, then sname.
        var table = OptionTable()
        try table.read(all[reader.position...])
        let overload = try table.takeOverload()
        if overload & 1 != 0 { try table.read(file) }
        if overload & 2 != 0 { try table.read(sname) }

        self.init(
            operation: operation, hardwareType: hardwareType, hops: hops, transactionID: transactionID,
            seconds: seconds, flags: flags, ciaddr: ciaddr, yiaddr: yiaddr, siaddr: siaddr, giaddr: giaddr,
            chaddr: Array(chaddr.prefix(Int(hardwareLength))),
            serverName: overload & 2 != 0 ? [] : Self.withoutTrailingZeros(sname),
            bootFile: overload & 1 != 0 ? [] : Self.withoutTrailingZeros(file),
            options: table.options)
    }

    private static func withoutTrailingZeros(_ field: ArraySlice<UInt8>) -> [UInt8] {
        Array(field.prefix((field.lastIndex { $0 != 0 } ?? field.startIndex - 1) - field.startIndex + 1))
    }
}

/// Options as they are collected from up to three fields.
private struct OptionTable {
    private(set) var options: [DHCPv4Option] = []
    private var positions: [UInt8: Int] = [:]
    /// Option 52 counts in the options field only; inside file or sname it means nothing.
    private var overloadTaken = false

    /// Reads one field up to its End option; pads (0) are skipped.
    mutating func read(_ field: ArraySlice<UInt8>) throws(DHCPParseError) {
        var reader = ByteReader(field)
        while reader.remaining > 0 {
            let code = try reader.byte("option code")
            if code == 0 { continue }
            if code == 255 { return }
            let count = try reader.byte("option \(code)")
            let data = try reader.take(Int(count), "option \(code)")
            if code == 52 && overloadTaken { continue }
            // One byte cannot come in pieces.
            if code == 52 && positions[code] != nil { throw .malformedOption(code: 52) }
            if let position = positions[code] {
                options[position].data += data
            } else {
                positions[code] = options.count
                options.append(DHCPv4Option(code, Array(data)))
            }
        }
    }

    /// Removes option 52 and returns it: 1 file, 2 sname, 3 both hold options; 0 if absent.
    mutating func takeOverload() throws(DHCPParseError) -> UInt8 {
        overloadTaken = true
        guard let position = positions[52] else { return 0 }
        guard let value = options[position].data.first, options[position].data.count == 1,
            (1...3).contains(value)
        else { throw .malformedOption(code: 52) }
        options.remove(at: position)
        positions = [:]
        for (index, option) in options.enumerated() { positions[option.code] = index }
        return value
    }
}
