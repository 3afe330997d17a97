import NetworkModel

/// Why a value of a request is refused.
enum InvalidValue: Error {
    /// A validator's reason: "Invalid input for <attribute>. Reason: <text>."
    case reason(String)
    /// A conversion's reason: "Invalid input for operation: <text>."
    case operation(String)
    /// A sentence that stands for itself.
    case request(String)
    /// A refusal with a type of its own.
    case model(ModelError)
}

/// Turns a JSON value into a value of the model, or says why not in Neutron's words.
struct Validator<Value>: Sendable {
    /// What values look like that may pass; nothing passes that it does not allow.
    let accepts: Schema
    let parse: @Sendable (JSONValue) throws(InvalidValue) -> Value

    init(accepts: Schema, _ parse: @escaping @Sendable (JSONValue) throws(InvalidValue) -> Value) {
        self.accepts = accepts
        self.parse = parse
    }

    /// Takes null for nil.
    var orNull: Validator<Value?> {
        let parse = parse
        return Validator<Value?>(accepts: accepts.orNull) { (data) throws(InvalidValue) in
            if data == .null { return nil }
            return try parse(data)
        }
    }

    /// Takes null for that value.
    func null(is value: Value) -> Validator<Value> where Value: Sendable {
        let parse = parse
        return Validator(accepts: accepts.orNull) { (data) throws(InvalidValue) in
            data == .null ? value : try parse(data)
        }
    }
}

extension Validator where Value == String {
    /// A string of at most so many characters (Unicode code points, as Python counts), none of them U+0000: the
    /// store's columns end there, and files and command lines could not have it either.
    static func string(max: Int? = nil) -> Validator {
        Validator(accepts: .string(max: max)) { (data) throws(InvalidValue) in
            guard case .string(let text) = data else {
                throw .reason("'\(data.pythonText)' is not a valid string")
            }
            if let max, text.unicodeScalars.count > max {
                throw .reason("'\(text)' exceeds maximum length of \(max)")
            }
            if text.utf8.contains(0) {
                let parts = text.split(separator: "\0", omittingEmptySubsequences: false)
                throw .reason("'\(parts.joined(separator: "\\x00"))' must not contain the character U+0000")
            }
            return text
        }
    }

    /// A name: what can be printed on one line, without blanks at its ends (Neutron's `name_string`).
    static let name = Validator(accepts: .string(max: 255)) { (data) throws(InvalidValue) in
        let text = try string(max: 255).parse(data)
        let scalars = text.unicodeScalars
        guard scalars.allSatisfy(isPrintable), scalars.first.map(isBlank) != true,
            scalars.last.map(isBlank) != true
        else { throw .reason("'\(text)' is not a valid string") }
        return text
    }

    /// A name that is not empty.
    static let notEmptyName = Validator(
        accepts: Schema.string(max: 255).with("minLength", .integer(1))
    ) { (data) throws(InvalidValue) in
        if case .string(let text) = data, text.trimmingBlanks().isEmpty {
            throw .reason("'\(text)' Blank strings are not permitted")
        }
        return try name.parse(data)
    }

    /// Whether names may have the character: Neutron knows those of Unicode's first plane.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        default: scalar.value < 0xFFFF
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .spaceSeparator
    }

    /// One of a few strings.
    static func oneOf(_ values: [String]) -> Validator {
        Validator(accepts: .oneOf(values)) { (data) throws(InvalidValue) in
            guard case .string(let text) = data, values.contains(text) else {
                throw .reason("'\(data.pythonText)' is not in \(JSONValue.pythonList(values))")
            }
            return text
        }
    }
}

extension Validator where Value: RawRepresentable<String> & Sendable {
    /// One of a few values, by its name.
    static func oneOf(_ values: [Value]) -> Validator {
        let names = values.map(\.rawValue)
        return Validator(accepts: .oneOf(names)) { (data) throws(InvalidValue) in
            let name = data.string
            guard let value = values.first(where: { $0.rawValue == name }) else {
                throw .reason("'\(data.pythonText)' is not in \(JSONValue.pythonList(names))")
            }
            return value
        }
    }
}

extension Validator where Value == Bool {
    /// What oslo.utils takes for a boolean, in any case and with blanks around it.
    static let boolean = Validator(accepts: .booleanInAnyForm) { (data) throws(InvalidValue) in
        guard let value = parseBoolean(data.pythonText) else {
            throw .operation("'\(data.pythonText)' cannot be converted to boolean")
        }
        return value
    }
}

/// `1 t true on y yes` and `0 f false off n no`, as `strutils.bool_from_string(strict=True)`.
func parseBoolean(_ text: String) -> Bool? {
    switch text.lowercased().trimmingBlanks() {
    case "1", "t", "true", "on", "y", "yes": true
    case "0", "f", "false", "off", "n", "no": false
    default: nil
    }
}

extension StringProtocol {
    /// Whether there are only decimal digits.
    var isDecimal: Bool { utf8.allSatisfy { (0x30...0x39).contains($0) } }
}

extension String {
    /// The text without white space at its ends.
    func trimmingBlanks() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}

extension Validator where Value == Int {
    /// A number, or its text, within limits.
    static func integer(min: Int? = nil, max: Int? = nil) -> Validator {
        Validator(accepts: .integerInAnyForm(min: min, max: max)) { (data) throws(InvalidValue) in
            let value = try convertToInteger(data)
            if let min, value < min {
                throw .reason("'\(value)' is too small - must be at least '\(min)'")
            }
            if let max, value > max {
                throw .reason("'\(value)' is too large - must be no larger than '\(max)'")
            }
            return value
        }
    }

    /// A number, or its text, that is not negative.
    static let nonNegative = Validator(accepts: .integerInAnyForm(min: 0)) { (data) throws(InvalidValue) in
        let value = try convertToInteger(data)
        if value < 0 { throw .reason("'\(value)' should be non-negative") }
        return value
    }
}

/// What Python's `int()` makes of a JSON value: text is read, fractions are cut, booleans are 0 and 1.
func convertToInteger(_ data: JSONValue) throws(InvalidValue) -> Int {
    let value: Int? =
        switch data {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        case .decimal(let text): Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }
        case .string(let text): parseInteger(text)
        default: nil
        }
    guard let value else { throw .operation("'\(data.pythonText)' is not an integer") }
    return value
}

/// Decimal digits with an optional sign and blanks around them.
func parseInteger(_ text: String) -> Int? { Int(text.trimmingBlanks()) }

extension Validator where Value == ResourceID {
    /// A UUID with its hyphens, or without them.
    static let uuid = Validator(accepts: .uuidInAnyForm) { (data) throws(InvalidValue) in
        guard case .string(let text) = data, let id = parseUUID(text) else {
            throw .reason("'\(data.pythonText)' is not a valid UUID")
        }
        return id
    }
}

/// A UUID of 36 characters, or of 32 without the hyphens.
func parseUUID(_ text: String) -> ResourceID? {
    if let id = ResourceID(text) { return id }
    let digits = Array(text)
    guard digits.count == 32, text.utf8.count == 32 else { return nil }
    let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
    return ResourceID(parts.map { String($0) }.joined(separator: "-"))
}

extension Validator {
    /// A list whose items each pass, without duplicates.
    static func list<Item: Hashable & Sendable>(of item: Validator<Item>) -> Validator where Value == [Item] {
        Validator(accepts: .set(of: item.accepts)) { (data) throws(InvalidValue) in
            guard case .array(let elements) = data else {
                throw .reason("'\(data.pythonText)' is not a list")
            }
            if let duplicates = duplicates(of: elements) {
                throw .reason(
                    "Duplicate items in the list: '\(duplicates.map(\.pythonText).joined(separator: ", "))'")
            }
            var items: [Item] = []
            for element in elements { items.append(try item.parse(element)) }
            return items
        }
    }
}

/// The elements that come again, or nil if none does.
func duplicates(of elements: [JSONValue]) -> [JSONValue]? {
    var seen = Set<JSONValue>()
    var again = Set<JSONValue>()
    var found: [JSONValue] = []
    for element in elements where !seen.insert(element).inserted && again.insert(element).inserted {
        found.append(element)
    }
    return found.isEmpty ? nil : found
}

/// Checks that an object has exactly these keys, in the words of Neutron's `_verify_dict_keys`.
func requireKeys(_ expected: [String], of data: JSONValue) throws(InvalidValue) -> JSONObject {
    guard case .object(let object) = data else {
        throw .reason(
            "Invalid input. '\(data.pythonText)' must be a dictionary with keys: "
                + JSONValue.pythonList(expected))
    }
    guard Set(object.keys) == Set(expected) else {
        throw .reason(
            "Validation of dictionary's keys failed. Expected keys: \(pythonSet(expected)) "
                + "Provided keys: \(pythonSet(object.keys))")
    }
    return object
}

/// A Python set of strings; Python's own order is arbitrary.
private func pythonSet(_ keys: [String]) -> String {
    keys.isEmpty ? "set()" : "{" + keys.sorted().map(JSONValue.pythonQuoted).joined(separator: ", ") + "}"
}
