/// The lengths that Neutron's database and API give texts.
enum TextLimits {
    /// Names, descriptions, device ids, device owners, tags, host names.
    static let text = 255
    /// `max_tags`.
    static let tags = 50

    /// Throws 400 if the text has more characters than the attribute may have.
    static func check(
        _ text: String?, _ attribute: String, limit: Int = TextLimits.text
    ) throws(ModelError) {
        guard let text, text.unicodeScalars.count > limit else { return }
        throw .invalidAttribute(attribute, "'\(text)' exceeds maximum length of \(limit)")
    }
}

extension StandardAttributes {
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

    /// Takes in what was given, within the limits.
    mutating func change(name: String?, description: String?, tags: [String]?) throws(ModelError) {
        try TextLimits.check(name, "name")
        try TextLimits.check(description, "description")
        if let name { self.name = name }
        if let description { self.description = description }
        guard let tags else { return }
        for tag in tags { try TextLimits.check(tag, "tags") }
        var seen: Set<String> = []
        self.tags = tags.filter { seen.insert($0).inserted }
        if self.tags.count > TextLimits.tags {
            throw .invalidAttribute(
                "tags", "'\(self.tags.count)' tags exceed the limit of \(TextLimits.tags)")
        }
    }
}
