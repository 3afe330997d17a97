// The forms in which requests may write what answers write in one: Neutron converts leniently.
extension Schema {
    /// What oslo.utils takes for a boolean.
    static let booleanInAnyForm = named(
        "BooleanInAnyForm",
        any(of: [.boolean, Schema(["type": "integer", "enum": [.integer(0), .integer(1)]]), booleanText]))

    /// A boolean as the text that it is in queries.
    static let booleanText = named(
        "BooleanText",
        .string(
            pattern:
                #"^\s*([01]|[Tt]([Rr][Uu][Ee])?|[Oo][Nn]|[Yy]([Ee][Ss])?"#
                + #"|[Ff]([Aa][Ll][Ss][Ee])?|[Oo][Ff][Ff]|[Nn][Oo]?)\s*$"#))

    /// What Python's `int()` takes: numbers, whose fractions are cut, their texts, and booleans for 0 and 1.
    static func integerInAnyForm(min: Int? = nil, max: Int? = nil) -> Schema {
        var number: [JSONObject.Member] = [.init(key: "type", value: "number")]
        if let min { number.append(.init(key: "exclusiveMinimum", value: .integer(min - 1))) }
        if let max { number.append(.init(key: "exclusiveMaximum", value: .integer(max + 1))) }
        return any(of: [.integer(min: min, max: max), Schema(number), integerText, .boolean])
    }

    /// A whole number as text.
    static let integerText = string(pattern: #"^\s*[+-]?[0-9]+\s*$"#)

    /// 4 or 6, as a number or its text.
    static let ipVersionInAnyForm = named(
        "IPVersionInAnyForm",
        any(of: [
            ipVersion, Schema(["type": "number", "minimum": .integer(4), "exclusiveMaximum": .integer(7)]),
            string(pattern: #"^\s*[+]?0*[46]\s*$"#),
        ]))

    /// A UUID with its hyphens, or without them.
    static let uuidInAnyForm = named(
        "UUIDInAnyForm",
        string(
            pattern:
                "^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})$"
        ))

    /// A MAC with colons, hyphens, dots, or digits only.
    static let macAddressInAnyForm = named(
        "MACAddressInAnyForm",
        string(
            pattern:
                "^([0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}"
                + "|[0-9A-Fa-f]{12})$"))

    /// A list without duplicates.
    static func set(of item: Schema) -> Schema {
        array(of: item).with("uniqueItems", .bool(true))
    }
}

// Parts of resources that answers and requests have in the same form.
extension Schema {
    /// 4 or 6.
    static let ipVersion = Schema(["type": "integer", "enum": [.integer(4), .integer(6)]])
    /// A range of addresses that are given out.
    static let allocationPool = named("AllocationPool", object(["start": .ipAddress, "end": .ipAddress]))
    /// A route that DHCP hands out.
    static let hostRoute = named("HostRoute", object(["destination": .cidr, "nexthop": .ipAddress]))
}
