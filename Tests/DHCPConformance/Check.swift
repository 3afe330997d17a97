/// Why a fact does not hold, for people.
public struct FactFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Throws unless the condition holds.
func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(FactFailure) {
    if !condition { throw FactFailure(otherwise()) }
}

/// Throws unless both are equal.
func require<T: Equatable>(
    _ what: String, _ found: T, is wanted: T
) throws(FactFailure) {
    if found != wanted { throw FactFailure("\(what) is \(found), not \(wanted)") }
}

/// The value, or a failure where there is none.
func require<T>(some value: T?, _ otherwise: @autoclosure () -> String) throws(FactFailure) -> T {
    guard let value else { throw FactFailure(otherwise()) }
    return value
}
