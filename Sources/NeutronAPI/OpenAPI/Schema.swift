/// What a JSON value looks like: a JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) with the named schemas
/// that it refers to.
///
/// Every validator says what it accepts, every attribute what it shows, every route what it answers; the
/// description of the API is put together of these, so nothing can be served and left out of it.
public struct Schema: Hashable, Sendable {
    /// The keywords.
    let keywords: JSONObject
    /// The schemas that references inside of this one name, by their names.
    let definitions: [String: JSONObject]

    /// A schema of keywords in the order in which they are to be read.
    init(_ keywords: KeyValuePairs<String, JSONValue>, using schemas: [Schema] = []) {
        self.init(JSONObject(members: keywords.map { .init(key: $0, value: $1) }), using: schemas)
    }

    /// A schema of keywords.
    init(_ keywords: [JSONObject.Member], using schemas: [Schema] = []) {
        self.init(JSONObject(members: keywords), using: schemas)
    }

    private init(_ keywords: JSONObject, using schemas: [Schema]) {
        self.keywords = keywords
        definitions = schemas.reduce(into: [:]) { $0.merge($1.definitions) { old, _ in old } }
    }

    private init(_ keywords: JSONObject, definitions: [String: JSONObject]) {
        self.keywords = keywords
        self.definitions = definitions
    }

    /// The schema as a JSON value.
    var json: JSONValue { .object(keywords) }

}

extension Schema {
    /// Any string.
    public static let string = Schema(["type": "string"])
    /// `true` or `false`.
    public static let boolean = Schema(["type": "boolean"])
    /// A whole number.
    public static let integer = Schema(["type": "integer"])
    /// Nothing but null.
    public static let null = Schema(["type": "null"])
    /// Any object.
    public static let object = Schema(["type": "object"])
    /// Whatever it is.
    public static let anything = Schema(["type": ["null", "boolean", "number", "string", "array", "object"]])
    /// A UUID in its 36 characters.
    public static let uuid = Schema(["type": "string", "format": "uuid"])
    /// An IPv4 or IPv6 address.
    public static let ipAddress = Schema.named(
        "IPAddress",
        Schema(["type": "string", "anyOf": [["format": "ipv4"], ["format": "ipv6"]]]))
    /// An address with a prefix length.
    public static let cidr = Schema.named(
        "CIDR", Schema(["type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"]))
    /// A MAC as answers have it: `fa:16:3e:00:00:01`.
    public static let macAddress = Schema.named(
        "MACAddress", Schema(["type": "string", "pattern": "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$"]))
    /// A moment: `2026-11-22T14:00:00Z`.
    public static let moment = Schema.named(
        "Moment", Schema(["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"]))

    /// A string of at most so many characters, none of them U+0000.
    public static func string(max: Int?) -> Schema {
        let withoutNUL: JSONValue = .string("^[^\\u0000]*$")
        guard let max else { return Schema(["type": "string", "pattern": withoutNUL]) }
        return Schema(["type": "string", "maxLength": .integer(max), "pattern": withoutNUL])
    }

    /// A string that a regular expression finds something in.
    public static func string(pattern: String) -> Schema {
        Schema(["type": "string", "pattern": .string(pattern)])
    }

    /// A whole number within limits.
    public static func integer(min: Int?, max: Int? = nil) -> Schema {
        var keywords: [JSONObject.Member] = [.init(key: "type", value: "integer")]
        if let min { keywords.append(.init(key: "minimum", value: .integer(min))) }
        if let max { keywords.append(.init(key: "maximum", value: .integer(max))) }
        return Schema(keywords)
    }

    /// One of a few strings.
    public static func oneOf(_ values: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(values.map { .string($0) })])
    }

    /// A list.
    public static func array(of item: Schema, min: Int? = nil, max: Int? = nil) -> Schema {
        var keywords: [JSONObject.Member] = [
            .init(key: "type", value: "array"), .init(key: "items", value: item.json),
        ]
        if let min { keywords.append(.init(key: "minItems", value: .integer(min))) }
        if let max { keywords.append(.init(key: "maxItems", value: .integer(max))) }
        return Schema(keywords, using: [item])
    }

    /// An object of any keys with values of one kind.
    public static func map(of value: Schema) -> Schema {
        Schema(["type": "object", "additionalProperties": value.json], using: [value])
    }

    /// A value that matches at least one of the schemas.
    public static func any(of schemas: [Schema]) -> Schema {
        Schema(["anyOf": .array(schemas.map(\.json))], using: schemas)
    }

    /// An object with these members; no others, unless it is open.
    public static func object(
        _ required: KeyValuePairs<String, Schema>, optional: KeyValuePairs<String, Schema> = [:],
        isOpen: Bool = false
    ) -> Schema {
        object(
            required: Array(required.map { ($0, $1) }), optional: optional.map { ($0, $1) }, isOpen: isOpen)
    }

    static func object(
        required: [(String, Schema)], optional: [(String, Schema)], isOpen: Bool = false
    ) -> Schema {
        let members = required + optional
        var keywords: [JSONObject.Member] = [
            .init(key: "type", value: "object"),
            .init(
                key: "properties",
                value: .object(JSONObject(members: members.map { .init(key: $0, value: $1.json) }))),
        ]
        if !required.isEmpty {
            keywords.append(.init(key: "required", value: .array(required.map { .string($0.0) })))
        }
        if !isOpen { keywords.append(.init(key: "additionalProperties", value: .bool(false))) }
        return Schema(keywords, using: members.map(\.1))
    }

    /// A reference to a schema that the description holds once under that name.
    public static func named(_ name: String, _ schema: Schema) -> Schema {
        var definitions = schema.definitions
        definitions[name] = schema.keywords
        return Schema(
            JSONObject(members: [.init(key: "$ref", value: .string("#/components/schemas/\(name)"))]),
            definitions: definitions)
    }

    /// The same, or null.
    public var orNull: Schema {
        guard keywords["enum"] == nil, keywords["anyOf"] == nil, case .string(let type)? = keywords["type"]
        else { return .any(of: [self, .null]) }
        let members = keywords.members.map { member in
            member.key == "type"
                ? JSONObject.Member(key: "type", value: .array([.string(type), "null"])) : member
        }
        return Schema(JSONObject(members: members), definitions: definitions)
    }

    /// The same with a sentence for people.
    public func described(_ text: String) -> Schema { with("description", .string(text)) }

    /// The same with a keyword set.
    func with(_ keyword: String, _ value: JSONValue) -> Schema {
        Schema(
            JSONObject(
                members: keywords.members.filter { $0.key != keyword } + [.init(key: keyword, value: value)]),
            definitions: definitions)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(stringLiteral text: String) { self = .string(text) }

    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// An object whose keys the caller knows to be unique.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(members: members.map { .init(key: $0, value: $1) }))
    }
}
