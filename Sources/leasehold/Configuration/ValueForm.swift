/// Why a text is no value of a form; nil where the form's own sentence says it all.
struct MalformedValue: Error, Hashable {
    var reason: String?
}

/// What the values of an option look like: how to read and write one, and how to say it in words.
struct ValueForm<Value: Sendable>: Sendable {
    /// Completes "expected …", such as `an integer of at least 1`.
    var expected: String
    /// Reads a value; remarks about one that is accepted go into the array.
    var parse: @Sendable (String, inout [String]) throws(MalformedValue) -> Value
    /// The text that reads back as the value.
    var render: @Sendable (Value) -> String

    init(
        _ expected: String, render: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String, inout [String]) throws(MalformedValue) -> Value
    ) {
        self.expected = expected
        self.parse = parse
        self.render = render
    }

    /// A form whose parser answers nil for what it does not know.
    init(
        _ expected: String, render: @escaping @Sendable (Value) -> String = { "\($0)" },
        reading: @escaping @Sendable (String) -> Value?
    ) {
        self.init(expected, render: render) { (text, _) throws(MalformedValue) in
            guard let value = reading(text) else { throw MalformedValue() }
            return value
        }
    }
}

extension ValueForm where Value == String {
    /// Any text.
    static let text = ValueForm("text") { $0 }
    /// Text with something in it.
    static let nonEmptyText = ValueForm("text that is not empty") { $0.isEmpty ? nil : $0 }
    /// An absolute path.
    static let path = ValueForm("an absolute path") { $0.hasPrefix("/") ? $0 : nil }
}

extension ValueForm where Value == Bool {
    /// oslo.config's booleans, in any case.
    static let boolean = ValueForm("true or false", render: { $0 ? "true" : "false" }) {
        switch $0.trimmed.lowercased() {
        case "true", "1", "on", "yes": true
        case "false", "0", "off", "no": false
        default: nil
        }
    }
}

extension ValueForm where Value == Int {
    /// A decimal integer of the range; `unit` completes the sentence, such as `seconds`.
    static func integer(_ range: ClosedRange<Int>, unit: String? = nil) -> ValueForm {
        var expected = "an integer"
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): break
        case (let low, .max): expected += " of at least \(low)"
        case (let low, let high): expected += " from \(low) to \(high)"
        }
        if let unit { expected += " (\(unit))" }
        return ValueForm(expected) { text in
            guard let value = Int(text.trimmed), range.contains(value) else { return nil }
            return value
        }
    }

    /// A decimal integer of at least the bound.
    static func integer(_ range: PartialRangeFrom<Int>, unit: String? = nil) -> ValueForm {
        integer(range.lowerBound...Int.max, unit: unit)
    }
}

extension ValueForm where Value == Double {
    /// A decimal number that is greater than zero.
    static func positiveNumber(unit: String) -> ValueForm {
        ValueForm("a number greater than 0 (\(unit))", render: Self.shortest) { text in
            guard let value = Double(text.trimmed), value > 0, value.isFinite else { return nil }
            return value
        }
    }

    @Sendable private static func shortest(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}

extension ValueForm {
    /// The same form, where the empty text means nil.
    var optional: ValueForm<Value?> {
        let form = self
        return ValueForm<Value?>(
            "\(expected), or nothing", render: { $0.map(form.render) ?? "" }
        ) { (text, remarks) throws(MalformedValue) in
            text.trimmed.isEmpty ? nil : try form.parse(text, &remarks)
        }
    }

    /// A list of such values, separated by commas; one comma at the end is ignored.
    ///
    /// - Parameter items: what the elements are called, such as `IP addresses`.
    func list(of items: String) -> ValueForm<[Value]> {
        let form = self
        return ValueForm<[Value]>(
            "a list of \(items) separated by commas",
            render: { $0.map(form.render).joined(separator: ",") }
        ) { (text, remarks) throws(MalformedValue) in
            var values: [Value] = []
            for item in text.commaSeparated {
                do throws(MalformedValue) {
                    values.append(try form.parse(item, &remarks))
                } catch {
                    throw MalformedValue(reason: error.reason ?? "'\(item)' is not \(form.expected)")
                }
            }
            return values
        }
    }

    /// A list of `name:value` pairs separated by commas; a name may come once.
    ///
    /// - Parameter pairs: what the pairs look like, such as `physical network:interface`.
    func mapping(of pairs: String) -> ValueForm<[String: Value]> {
        let form = self
        return ValueForm<[String: Value]>(
            "a list of '\(pairs)' pairs separated by commas",
            render: { map in
                map.sorted { $0.key < $1.key }.map { "\($0.key):\(form.render($0.value))" }
                    .joined(separator: ",")
            }
        ) { (text, remarks) throws(MalformedValue) in
            var map: [String: Value] = [:]
            for item in text.commaSeparated {
                guard let colon = item.firstIndex(of: ":") else {
                    throw MalformedValue(reason: "'\(item)' has no ':'")
                }
                let name = item[..<colon].trimmed
                let rest = item[item.index(after: colon)...].trimmed
                guard !name.isEmpty else { throw MalformedValue(reason: "'\(item)' has no name") }
                guard map[name] == nil else { throw MalformedValue(reason: "'\(name)' comes twice") }
                do throws(MalformedValue) {
                    map[name] = try form.parse(rest, &remarks)
                } catch {
                    throw MalformedValue(
                        reason: error.reason ?? "'\(rest)' of '\(item)' is not \(form.expected)")
                }
            }
            return map
        }
    }
}

extension String {
    /// The parts between commas without white space around them; a comma at the end adds none.
    var commaSeparated: [String] {
        var text = trimmed
        while text.hasSuffix(",") { text.removeLast() }
        guard !text.trimmed.isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
    }
}
