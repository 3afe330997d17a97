/// A JSON value (RFC 8259) as it was written: key order kept, numbers exact.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Any other number, as its text.
    case decimal(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in the order in which they were written; keys are unique.
public struct JSONObject: Hashable, Sendable {
    /// The members in order.
    public private(set) var members: [Member]

    /// A key with its value.
    public struct Member: Hashable, Sendable {
        public let key: String
        public let value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Creates an object of members whose keys the caller knows to be unique.
    public init(members: [Member] = []) { self.members = members }

    /// The value of a key, or nil where there is none.
    public subscript(key: String) -> JSONValue? {
        members.first { $0.key == key }?.value
    }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }
}

extension JSONValue {
    /// The string, if it is one.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements, if it is an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if it is an object.
    public var object: JSONObject? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Whether it is an object without members.
    var isEmptyObject: Bool { object?.isEmpty ?? false }

    /// The value of an object's key, or nil.
    public subscript(key: String) -> JSONValue? { object?[key] }
}

// Neutron's messages quote what they refuse as Python prints it, and clients and their tests
// compare those messages.
extension JSONValue {
    /// The value as Python's `str()` prints it.
    public var pythonText: String {
        if case .string(let text) = self { text } else { pythonRepresentation }
    }

    /// The value as Python's `repr()` prints it.
    var pythonRepresentation: String {
        switch self {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): String(value)
        case .decimal(let text): text
        case .string(let text): Self.pythonQuoted(text)
        case .array(let elements):
            "[" + elements.map(\.pythonRepresentation).joined(separator: ", ") + "]"
        case .object(let object):
            "{"
                + object.members.map {
                    "\(Self.pythonQuoted($0.key)): \($0.value.pythonRepresentation)"
                }.joined(separator: ", ") + "}"
        }
    }

    /// A Python string literal: single quotes, unless the text holds some and no double ones.
    static func pythonQuoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var literal = String(Character(quote))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case quote: literal += "\\\(quote)"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                literal += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        literal.unicodeScalars.append(quote)
        return literal
    }

    /// A Python list of string literals, as Neutron prints lists of keys.
    static func pythonList(_ texts: [String]) -> String {
        "[" + texts.map(pythonQuoted).joined(separator: ", ") + "]"
    }
}
