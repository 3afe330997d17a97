public import Addressing

/// Where things are in the bytes of a DHCPv4 request, found without copying or allocating.
///
/// The server's view of the packet: the header's values and the places of the options that a server reads.
/// ``DHCPv4Message`` is the value with everything in it. Offsets count from the start of the bytes that the
/// view was made of, and stay valid for exactly those bytes.
public struct DHCPv4View: Hashable, Sendable {
    /// Where an option's data is; options in pieces (RFC 3396) are read after ``joined(_:)``.
    public struct Field: Hashable, Sendable {
        /// 0 where the option is absent.
        public internal(set) var offset: UInt32 = 0
        public internal(set) var count: UInt16 = 0
        /// Whether there are more pieces elsewhere; `count` is the sum, `offset` where the first one is.
        public internal(set) var isSplit = false

        /// Takes one piece; returns whether it is not the first.
        @inline(__always)
        fileprivate mutating func note(_ option: DHCPv4OptionCursor.Option) -> Bool {
            if offset != 0 {
                count &+= UInt16(truncatingIfNeeded: option.count)
                isSplit = true
                return true
            }
            offset = UInt32(truncatingIfNeeded: option.offset)
            count = UInt16(truncatingIfNeeded: option.count)
            return false
        }

        /// Whether the message has the option.
        @inlinable public var isPresent: Bool { offset != 0 }
        /// The bytes of the data.
        @inlinable public var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }

    /// `op`: 1 a request, 2 a reply.
    public private(set) var operation: UInt8
    public private(set) var hardwareType: UInt8
    /// At most 16.
    public private(set) var hardwareLength: UInt8
    public private(set) var hops: UInt8
    public private(set) var transactionID: UInt32
    public private(set) var flags: UInt16
    public private(set) var ciaddr: IPv4Address
    public private(set) var giaddr: IPv4Address
    /// The first six octets of `chaddr`; the client's MAC address where ``isEthernet``.
    public private(set) var mac: MACAddress
    /// Whether the magic cookie is there; without it there are no options (RFC 951).
    public private(set) var hasCookie = false
    /// Whether options are in `file` (1), `sname` (2) or both (3).
    public private(set) var overload: UInt8 = 0
    /// Whether an option that a server reads is in pieces: use ``joined(_:)``.
    public internal(set) var isSplit = false

    /// Option 12.
    public internal(set) var hostName = Field()
    /// Option 50.
    public internal(set) var requestedAddressField = Field()
    /// Option 51.
    public internal(set) var leaseTimeField = Field()
    /// Option 53.
    public internal(set) var messageTypeField = Field()
    /// Option 54.
    public internal(set) var serverIdentifierField = Field()
    /// Option 55.
    public internal(set) var parameterRequestList = Field()
    /// Option 57.
    public internal(set) var maximumMessageSizeField = Field()
    /// Option 60.
    public internal(set) var vendorClass = Field()
    /// Option 61.
    public internal(set) var clientIdentifier = Field()
    /// Option 77.
    public internal(set) var userClass = Field()
    /// Option 80.
    public internal(set) var rapidCommit = Field()
    /// Option 81.
    public internal(set) var fullyQualifiedName = Field()
    /// Option 82.
    public internal(set) var relayInformation = Field()
    /// Option 118.
    public internal(set) var subnetSelection = Field()
    /// Option 125.
    public internal(set) var vendorIdentifiedOptions = Field()
    /// Option 175, iPXE's own.
    public internal(set) var etherboot = Field()
    /// Option 52, of which the value is ``overload``.
    var overloadField = Field()

    /// Whether `chaddr` is an Ethernet address.
    public var isEthernet: Bool { hardwareType == 1 && hardwareLength == 6 }

    /// Whether the client wants the reply broadcast.
    public var wantsBroadcast: Bool { flags & DHCPv4Message.broadcastFlag != 0 }

    /// Where the magic cookie is.
    static let cookieOffset = 236
    /// The options fields that option 52 opens.
    static let fileField = 108..<236
    static let serverNameField = 44..<108

    /// Reads a UDP payload; never traps, whatever the bytes.
    public init(_ bytes: RawSpan) throws(DHCPv4ViewError) {
        guard bytes.byteCount >= DHCPv4Message.headerLength else { throw .truncated }
        guard bytes.byteCount <= 0xFFFF else { throw .malformedHeader }
        operation = bytes.octet(0)
        hardwareType = bytes.octet(1)
        hardwareLength = bytes.octet(2)
        guard operation == 1 || operation == 2, hardwareLength <= 16 else { throw .malformedHeader }
        hops = bytes.octet(3)
        transactionID = bytes.uint32(4)
        flags = bytes.uint16(10)
        ciaddr = IPv4Address(rawValue: bytes.uint32(12))
        giaddr = IPv4Address(rawValue: bytes.uint32(24))
        mac = MACAddress(rawValue: UInt64(bytes.uint32(28)) << 16 | UInt64(bytes.uint16(32)))
        guard bytes.uint32(Self.cookieOffset) == DHCPv4Message.magicCookie else { return }
        hasCookie = true
        // RFC 3396 section 5: the aggregate buffer is the options field, then file, then sname.
        try read(bytes, DHCPv4Message.headerLength..<bytes.byteCount)
        guard overloadField.isPresent else { return }
        guard overloadField.count == 1, !overloadField.isSplit else { throw .malformedOption(code: 52) }
        overload = bytes.octet(Int(overloadField.offset))
        guard (1...3).contains(overload) else { throw .malformedOption(code: 52) }
        // There option 52 means nothing.
        if overload & 1 != 0 { try read(bytes, Self.fileField) }
        if overload & 2 != 0 { try read(bytes, Self.serverNameField) }
    }

    /// Notes the options of one field up to its End option; pads are skipped.
    private mutating func read(_ bytes: RawSpan, _ range: Range<Int>) throws(DHCPv4ViewError) {
        var options = DHCPv4OptionCursor(range)
        while let option = try options.next(bytes) {
            switch option.code {
            case 12: isSplit = hostName.note(option) || isSplit
            case 50: isSplit = requestedAddressField.note(option) || isSplit
            case 51: isSplit = leaseTimeField.note(option) || isSplit
            case 52: isSplit = overloadField.note(option) || isSplit
            case 53: isSplit = messageTypeField.note(option) || isSplit
            case 54: isSplit = serverIdentifierField.note(option) || isSplit
            case 55: isSplit = parameterRequestList.note(option) || isSplit
            case 57: isSplit = maximumMessageSizeField.note(option) || isSplit
            case 60: isSplit = vendorClass.note(option) || isSplit
            case 61: isSplit = clientIdentifier.note(option) || isSplit
            case 77: isSplit = userClass.note(option) || isSplit
            case 80: isSplit = rapidCommit.note(option) || isSplit
            case 81: isSplit = fullyQualifiedName.note(option) || isSplit
            case 82: isSplit = relayInformation.note(option) || isSplit
            case 118: isSplit = subnetSelection.note(option) || isSplit
            case 125: isSplit = vendorIdentifiedOptions.note(option) || isSplit
            case 175: isSplit = etherboot.note(option) || isSplit
            default: break
            }
        }
    }
}

/// Why bytes are no DHCPv4 message that a server can read.
public enum DHCPv4ViewError: Error, Hashable, Sendable {
    /// Fewer bytes than the header has.
    case truncated
    /// `op` or `hlen` has an impossible value, or there are more bytes than UDP carries.
    case malformedHeader
    /// The option's length leads outside, or its value has not the length or content that its RFC wants.
    case malformedOption(code: UInt8)
}

/// Walks the options of one field.
struct DHCPv4OptionCursor {
    struct Option {
        var code: UInt8
        /// Where the data is.
        var offset: Int
        var count: Int
    }

    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next option, or nil at the End option or the end of the field.
    @inline(__always)
    mutating func next(_ bytes: RawSpan) throws(DHCPv4ViewError) -> Option? {
        while position < end {
            let code = bytes.octet(position)
            position += 1
            if code == 0 { continue }
            if code == 255 { return nil }
            guard position < end else { throw .malformedOption(code: code) }
            let option = Option(code: code, offset: position + 1, count: Int(bytes.octet(position)))
            position = option.offset + option.count
            guard position <= end else { throw .malformedOption(code: code) }
            return option
        }
        return nil
    }
}
