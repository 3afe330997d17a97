/// One figure of the result.
struct Measurement {
    /// What was measured, such as `create 200 networks: time`.
    var name: String
    /// Of whom: Leasehold, or the baseline.
    var subject: String
    var value: Double
    var unit: String
    /// How many times better than the baseline; above 1 is better.
    var ratio: Double?
    /// What the value should be at most, or at least, in the same unit.
    var target: Double?
    /// Whether it is.
    var met: Bool?

    init(_ name: String, _ subject: String, _ value: Double, _ unit: String, ratio: Double? = nil) {
        self.name = name
        self.subject = subject
        self.value = value
        self.unit = unit
        self.ratio = ratio
    }

    /// The figure with a target that it should not reach.
    func below(_ target: Double) -> Measurement {
        var copy = self
        copy.target = target
        copy.met = value < target
        return copy
    }

    /// The figure with a target that it may reach but not exceed.
    func atMost(_ target: Double) -> Measurement {
        var copy = self
        copy.target = target
        copy.met = value <= target
        return copy
    }

    /// The figure with a target that it should reach.
    func atLeast(_ target: Double) -> Measurement {
        var copy = self
        copy.target = target
        copy.met = value >= target
        return copy
    }

    /// The figure as a JSON object; what it lacks is null, so that every object has the same keys.
    var json: String {
        func number(_ value: Double?) -> String {
            guard let value, value.isFinite else { return "null" }
            let rounded = value.significant(4)
            return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded))" : "\(rounded)"
        }
        let members = [
            ("name", Self.quoted(name)), ("subject", Self.quoted(subject)), ("value", number(value)),
            ("unit", Self.quoted(unit)), ("ratio", number(ratio)), ("target", number(target)),
            ("met", met.map { "\($0)" } ?? "null"),
        ]
        return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }

    /// The figures as a JSON list, one object a line.
    static func json(_ measurements: [Measurement]) -> String {
        "[\n" + measurements.map { "  " + $0.json }.joined(separator: ",\n") + "\n]\n"
    }

    /// A text of ours as a JSON string; there are no control characters in it.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }
}

extension Double {
    /// The number rounded to that many significant digits.
    func significant(_ digits: Int) -> Double {
        guard isFinite, self != 0 else { return self }
        var scale = 1.0
        var size = magnitude
        // The exponent is found by hand: a power computed by pow() need not be exact.
        while size >= 10 {
            size /= 10
            scale /= 10
        }
        while size < 1 {
            size *= 10
            scale *= 10
        }
        for _ in 1..<Swift.max(digits, 2) { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
