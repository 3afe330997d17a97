public import Addressing

// What the noted options say. An absent option is nil; one of the wrong length throws.
extension DHCPv4View {
    /// Option 53; nil for BOOTP.
    public func messageType(_ bytes: RawSpan) throws(DHCPv4ViewError) -> DHCPv4MessageType? {
        guard messageTypeField.isPresent else { return nil }
        guard messageTypeField.count == 1 else { throw .malformedOption(code: 53) }
        return DHCPv4MessageType(rawValue: bytes.octet(Int(messageTypeField.offset)))
    }

    /// Option 50.
    public func requestedAddress(_ bytes: RawSpan) throws(DHCPv4ViewError) -> IPv4Address? {
        try number(requestedAddressField, 50, bytes).map(IPv4Address.init(rawValue:))
    }

    /// Option 54.
    public func serverIdentifier(_ bytes: RawSpan) throws(DHCPv4ViewError) -> IPv4Address? {
        try number(serverIdentifierField, 54, bytes).map(IPv4Address.init(rawValue:))
    }

    /// Option 118 (RFC 3011).
    public func selectedSubnet(_ bytes: RawSpan) throws(DHCPv4ViewError) -> IPv4Address? {
        try number(subnetSelection, 118, bytes).map(IPv4Address.init(rawValue:))
    }

    /// Option 51, the lease time that the client would like, in seconds.
    public func leaseTime(_ bytes: RawSpan) throws(DHCPv4ViewError) -> UInt32? {
        try number(leaseTimeField, 51, bytes)
    }

    /// Option 57.
    public func maximumMessageSize(_ bytes: RawSpan) throws(DHCPv4ViewError) -> UInt16? {
        guard maximumMessageSizeField.isPresent else { return nil }
        guard maximumMessageSizeField.count == 2 else { throw .malformedOption(code: 57) }
        return bytes.uint16(Int(maximumMessageSizeField.offset))
    }

    /// A sub-option of option 82 (RFC 3046), or nil; what follows a length that leads outside is not seen.
    public func relaySuboption(_ code: UInt8, _ bytes: RawSpan) -> Field? {
        guard relayInformation.isPresent else { return nil }
        var position = relayInformation.range.lowerBound
        let end = relayInformation.range.upperBound
        while position + 2 <= end {
            let count = Int(bytes.octet(position + 1))
            guard position + 2 + count <= end else { return nil }
            if bytes.octet(position) == code {
                return Field(
                    offset: UInt32(truncatingIfNeeded: position + 2), count: UInt16(truncatingIfNeeded: count)
                )
            }
            position += 2 + count
        }
        return nil
    }

    /// A sub-option of option 82 that is an address, or nil.
    public func relayAddress(_ code: UInt8, _ bytes: RawSpan) -> IPv4Address? {
        guard let field = relaySuboption(code, bytes), field.count == 4 else { return nil }
        return IPv4Address(rawValue: bytes.uint32(Int(field.offset)))
    }

    /// Whether the data has these bytes somewhere.
    public func contains(_ word: StaticString, in field: Field, _ bytes: RawSpan) -> Bool {
        let count = word.utf8CodeUnitCount
        guard field.isPresent, field.range.count >= count else { return false }
        return (field.range.lowerBound...field.range.upperBound - count).contains { start in
            starts(with: word, at: start, bytes)
        }
    }

    /// Whether the data begins with these bytes.
    public func starts(with word: StaticString, in field: Field, _ bytes: RawSpan) -> Bool {
        field.isPresent && field.range.count >= word.utf8CodeUnitCount
            && starts(with: word, at: field.range.lowerBound, bytes)
    }

    /// The bytes from `start` on must be as many as the word has.
    private func starts(with word: StaticString, at start: Int, _ bytes: RawSpan) -> Bool {
        word.withUTF8Buffer { word in
            for (index, byte) in word.enumerated() where bytes.octet(start + index) != byte { return false }
            return true
        }
    }

    private func number(
        _ field: Field, _ code: UInt8, _ bytes: RawSpan
    ) throws(DHCPv4ViewError) -> UInt32? {
        guard field.isPresent else { return nil }
        guard field.count == 4 else { throw .malformedOption(code: code) }
        return bytes.uint32(Int(field.offset))
    }
}

extension DHCPv4View {
    /// The bytes with the pieces of split options joined behind them (RFC 3396 section 7), and the view of
    /// them.
    public func joined(_ bytes: RawSpan) -> (bytes: [UInt8], view: DHCPv4View) {
        var view = self
        var all: [UInt8] = []
        all.reserveCapacity(bytes.byteCount * 2)
        for index in 0..<bytes.byteCount { all.append(bytes.octet(index)) }
        view.isSplit = false
        join(12, &view.hostName, bytes, &all)
        join(50, &view.requestedAddressField, bytes, &all)
        join(51, &view.leaseTimeField, bytes, &all)
        join(53, &view.messageTypeField, bytes, &all)
        join(54, &view.serverIdentifierField, bytes, &all)
        join(55, &view.parameterRequestList, bytes, &all)
        join(57, &view.maximumMessageSizeField, bytes, &all)
        join(60, &view.vendorClass, bytes, &all)
        join(61, &view.clientIdentifier, bytes, &all)
        join(77, &view.userClass, bytes, &all)
        join(80, &view.rapidCommit, bytes, &all)
        join(81, &view.fullyQualifiedName, bytes, &all)
        join(82, &view.relayInformation, bytes, &all)
        join(118, &view.subnetSelection, bytes, &all)
        join(125, &view.vendorIdentifiedOptions, bytes, &all)
        join(175, &view.etherboot, bytes, &all)
        return (all, view)
    }

    private func join(_ code: UInt8, _ field: inout Field, _ bytes: RawSpan, _ all: inout [UInt8]) {
        guard field.isSplit else { return }
        field.offset = UInt32(truncatingIfNeeded: all.count)
        field.isSplit = false
        append(code, DHCPv4Message.headerLength..<bytes.byteCount, bytes, &all)
        if overload & 1 != 0 { append(code, Self.fileField, bytes, &all) }
        if overload & 2 != 0 { append(code, Self.serverNameField, bytes, &all) }
        field.count = UInt16(truncatingIfNeeded: all.count - Int(field.offset))
    }

    private func append(_ code: UInt8, _ range: Range<Int>, _ bytes: RawSpan, _ all: inout [UInt8]) {
        var options = DHCPv4OptionCursor(range)
        // The view was made by reading the same bytes, so nothing throws here.
        while let option = try? options.next(bytes) {
            guard option.code == code else { continue }
            for index in option.offset..<option.offset + option.count { all.append(bytes.octet(index)) }
        }
    }
}

extension RawSpan {
    /// The octet at an offset inside the span.
    @inlinable package func octet(_ offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The big-endian number at an offset that has two octets left.
    @inlinable package func uint16(_ offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The big-endian number at an offset that has four octets left.
    @inlinable package func uint32(_ offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
