extension ResourceTable {
    /// As in `Network`: what the schemas of the resource are named after.
    var schemaName: String { name.split(separator: "_").map(\.capitalized).joined() }

    /// What an answer shows of a resource. Answers to POST and PUT have every attribute that all resources
    /// have and everybody sees; answers to GET only those that were asked for.
    static func schema(
        of rows: [Attribute<Resource, Request>], isWhole: Bool = true, seenBySome: Set<String> = []
    ) -> Schema {
        var required: [(String, Schema)] = []
        var optional: [(String, Schema)] = []
        for row in rows {
            guard let shows = row.shows else { continue }
            if isWhole && row.isPresent == nil && !row.isDetail && !seenBySome.contains(row.name) {
                required.append((row.name, shows))
            } else {
                optional.append((row.name, shows))
            }
        }
        return .object(required: required, optional: optional)
    }

    /// A resource in the answer to POST or PUT.
    var shown: Schema {
        let seenBySome = attributes.map(\.name).filter { PolicyTable.rule("get_\(name):\($0)") != nil }
        return .named(schemaName, Self.schema(of: attributes, seenBySome: Set(seenBySome)))
    }

    /// A resource in the answer to GET, where `fields` may limit it.
    var shownFields: Schema { .named(schemaName + "Fields", Self.schema(of: attributes, isWhole: false)) }

    /// What a POST takes: one resource under its name, or many under the collection's.
    var createBody: Schema {
        let allowed = attributes.compactMap { row in
            row.post == .no ? nil : row.accepts.map { (row: row, accepts: $0) }
        }
        let one = Schema.named(
            schemaName + "Create",
            .object(
                required: allowed.filter { $0.row.post == .required }.map { ($0.row.name, $0.accepts) },
                optional: allowed.filter { $0.row.post == .optional }.map { ($0.row.name, $0.accepts) }))
        let enveloped = Schema.object(required: [(name, one)], optional: [], isOpen: true)
        return .any(of: [
            enveloped,
            .object(
                required: [(collection, .array(of: .any(of: [one, enveloped]), min: 1))], optional: [],
                isOpen: true),
        ])
    }

    /// What a PUT takes.
    var updateBody: Schema {
        let allowed = attributes.compactMap { row in
            row.put ? row.accepts.map { (row.name, $0) } : nil
        }
        return .object(
            required: [(name, .named(schemaName + "Update", .object(required: [], optional: allowed)))],
            optional: [], isOpen: true)
    }
}

extension StringProtocol {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
