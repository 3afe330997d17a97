import ArgumentParser

/// An argument such as `start=10.0.0.10,end=10.0.0.20`.
struct KeyValueArgument: Hashable, Sendable {
    private var values: [String: String] = [:]

    /// Reads the pairs. A part without one of the keys belongs to the value before it, so that values
    /// may hold commas.
    init(_ text: String, required: [String], optional: [String] = []) throws(ValidationError) {
        let keys = required + optional
        var last: String?
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if let equals = part.firstIndex(of: "="), keys.contains(String(part[..<equals])) {
                let key = String(part[..<equals])
                guard values[key] == nil else { throw ValidationError("'\(key)' comes twice in '\(text)'.") }
                values[key] = String(part[part.index(after: equals)...])
                last = key
            } else if let key = last {
                values[key, default: ""] += ",\(part)"
            } else {
                throw ValidationError(
                    "'\(text)' should be \(Self.form(required, optional)); '\(part)' is no such pair.")
            }
        }
        let missing = required.filter { values[$0] == nil }
        guard missing.isEmpty else {
            throw ValidationError(
                "'\(text)' should be \(Self.form(required, optional)); it has no \(missing.joined(separator: ", "))."
            )
        }
        guard !values.isEmpty else { throw ValidationError("Expected \(Self.form(required, optional)).") }
    }

    /// The value of a key, or nil.
    subscript(key: String) -> String? { values[key] }

    private static func form(_ required: [String], _ optional: [String]) -> String {
        let pairs = required.map { "\($0)=…" }.joined(separator: ",")
        if pairs.isEmpty { return optional.map { "\($0)=…" }.joined(separator: " and/or ") }
        return pairs + optional.map { "[,\($0)=…]" }.joined()
    }
}
