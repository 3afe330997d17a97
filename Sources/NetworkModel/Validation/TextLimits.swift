/// The lengths that Neutron's database and API give texts.
enum TextLimits {
    /// Names, descriptions, device ids, device owners, tags, host names.
    static let text = 255

    /// Throws 400 if the text has more characters than the attribute may have, or U+0000: a claim in a store
    /// would end there, and files and command lines could not have it either.
    static func check(
        _ text: String?, _ attribute: String, limit: Int = TextLimits.text
    ) throws(ModelError) {
        guard let text else { return }
        // No text has fewer bytes than characters.
        if text.utf8.count > limit, text.unicodeScalars.count > limit {
            throw .invalidAttribute(attribute, "'\(text)' exceeds maximum length of \(limit)")
        }
        if text.utf8.contains(0) {
            let parts = text.split(separator: "\0", omittingEmptySubsequences: false)
            throw .invalidAttribute(
                attribute,
                "'\(parts.joined(separator: "\\x00"))' must not contain the character U+0000")
        }
    }

    /// Text of a server's own, such as an error message, in a form that can be stored.
    static func storable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}

extension StandardAttributes {
    /// How many tags a resource may have (`max_tags`).
    public static let mostTags = 50

    /// The attributes of a new resource.
    static func create(
        projectID: String?, name: String?, description: String?, tags: [String]?, in context: DecisionContext
    ) throws(ModelError) -> StandardAttributes {
        var standard = StandardAttributes(
            projectID: projectID ?? context.projectID, createdAt: context.now)
        try TextLimits.check(standard.projectID, "project_id")
        try standard.change(name: name, description: description, tags: tags)
        return standard
    }

    /// Takes in what was given, within the limits; tags are a set, shown in order.
    mutating func change(name: String?, description: String?, tags: [String]?) throws(ModelError) {
        try TextLimits.check(name, "name")
        try TextLimits.check(description, "description")
        if let name { self.name = name }
        if let description { self.description = description }
        guard let tags else { return }
        for tag in tags { try TextLimits.check(tag, "tags") }
        self.tags = Set(tags).sorted()
        if self.tags.count > Self.mostTags {
            throw .invalidAttribute(
                "tags", "'\(self.tags.count)' tags exceed the limit of \(Self.mostTags)")
        }
    }
}
