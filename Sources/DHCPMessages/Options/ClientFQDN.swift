/// A client's full name and who writes it into the DNS: option 81 (RFC 4702) and, in version 6, 39 (RFC 4704).
public struct DHCPClientFQDN: Hashable, Sendable {
    /// S: the server updates the name's address record.
    public var serverUpdates: Bool
    /// O: the server has overridden what the client wanted.
    public var isOverridden: Bool
    /// N: the server updates nothing.
    public var noUpdates: Bool
    /// E: the name travels as DNS labels, not as ASCII (version 4 only; version 6 knows labels only).
    public var usesLabels: Bool
    /// The name without a final dot; empty where the client wants to be told its name.
    public var name: String
    /// Whether the name goes up to the root, or is the first part of one.
    public var isComplete: Bool

    public init(
        name: String, isComplete: Bool = true, serverUpdates: Bool = false, isOverridden: Bool = false,
        noUpdates: Bool = false, usesLabels: Bool = true
    ) {
        self.name = name
        self.isComplete = isComplete
        self.serverUpdates = serverUpdates
        self.isOverridden = isOverridden
        self.noUpdates = noUpdates
        self.usesLabels = usesLabels
    }

    /// Parses the value of option 81 or 39; throws where it is too short or the name is none.
    public init(parsing data: [UInt8], _ version: DHCPVersion) throws(DHCPParseError) {
        let code: UInt16 = version == .v4 ? 81 : 39
        let header = version == .v4 ? 3 : 1
        guard data.count >= header else { throw .malformedOption(code: code) }
        let flags = data[0]
        serverUpdates = flags & 1 != 0
        isOverridden = flags & 2 != 0
        noUpdates = flags & (version == .v4 ? 8 : 4) != 0
        usesLabels = version == .v6 || flags & 4 != 0
        let bytes = Array(data[header...])
        if usesLabels {
            guard let decoded = DomainNames.decodePartial(bytes) else { throw .malformedOption(code: code) }
            (name, isComplete) = decoded
        } else {
            // RFC 4702 section 2.3.1: ASCII, a final dot where it is complete.
            guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw .malformedOption(code: code)
            }
            isComplete = bytes.last == 0x2E
            name = String(decoding: isComplete ? bytes.dropLast() : bytes[...], as: UTF8.self)
        }
    }

    /// The value of option 81 or 39, or nil where the name is no domain name. RCODE1 and RCODE2 are 255,
    /// as servers send them (RFC 4702 section 2.2).
    public func data(_ version: DHCPVersion) -> [UInt8]? {
        let asLabels = version == .v6 || usesLabels
        var flags: UInt8 = (serverUpdates ? 1 : 0) | (isOverridden ? 2 : 0)
        if noUpdates { flags |= version == .v4 ? 8 : 4 }
        if version == .v4 && asLabels { flags |= 4 }
        var bytes: [UInt8] = version == .v4 ? [flags, 255, 255] : [flags]
        if !asLabels {
            bytes += Array(name.utf8)
            if isComplete && !name.isEmpty { bytes.append(0x2E) }
            return bytes
        }
        if name.isEmpty { return isComplete ? bytes + [0] : bytes }
        guard let labels = DomainNames.encode([name], compressed: false) else { return nil }
        return bytes + (isComplete ? labels[...] : labels.dropLast())
    }
}
