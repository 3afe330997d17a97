/// Which port of the port database: the 128 bits of its UUID.
public struct PortIdentity: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt128

    public init(rawValue: UInt128) { self.rawValue = rawValue }
}
