import NetworkModel

/// The rows that networks, subnets and ports have in common (`standard-attr-*`, `project-id`).
struct StandardAttributeRows<Resource: Sendable, Request> {
    let id: @Sendable (Resource) -> ResourceID
    let standard: @Sendable (Resource) -> StandardAttributes

    var idRow: Attribute<Resource, Request> {
        let read = id
        return Attribute(readOnly: "id", filter: .id(read), shows: .uuid) { $2.id(read($0)) }
    }

    func nameRow(
        _ assign: @escaping @Sendable (inout Request, String) -> Void
    ) -> Attribute<Resource, Request> {
        let read = standard
        return Attribute(
            "name", post: .optional, put: true, .name, assign, filter: .text { read($0).name },
            shows: .string
        ) { $2.string(read($0).name) }
    }

    func descriptionRow(
        _ assign: @escaping @Sendable (inout Request, String) -> Void
    ) -> Attribute<Resource, Request> {
        let read = standard
        return Attribute(
            "description", post: .optional, put: true, .string(max: 255), assign,
            filter: .text { read($0).description }, shows: .string
        ) { $2.string(read($0).description) }
    }

    /// `project_id`, and `tenant_id` of old.
    func projectRows(
        _ assign: @escaping @Sendable (inout Request, String) -> Void
    ) -> [Attribute<Resource, Request>] {
        let read = standard
        return ["project_id", "tenant_id"].map { name in
            Attribute(
                name, post: .optional, .string(max: 255), assign, filter: .text { read($0).projectID },
                shows: .string
            ) { $2.string(read($0).projectID) }
        }
    }

    /// `created_at`, `updated_at`, `revision_number`, and the query `changed_since`.
    var historyRows: [Attribute<Resource, Request>] {
        let read = standard
        return [
            Attribute(readOnly: "created_at", filter: .timestamp { read($0).createdAt }, shows: .moment) {
                $2.string(read($0).createdAt.iso8601)
            },
            Attribute(readOnly: "updated_at", filter: .timestamp { read($0).updatedAt }, shows: .moment) {
                $2.string(read($0).updatedAt.iso8601)
            },
            Attribute(
                readOnly: "revision_number", filter: .integer { read($0).revisionNumber }, shows: .integer
            ) {
                $2.integer(read($0).revisionNumber)
            },
            Attribute(
                queryOnly: "changed_since",
                filter: FilterRule(accepts: .string(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z?$")) {
                    (values) throws(APIError) in
                    guard values.count == 1, let value = values.first,
                        let since = Timestamp(iso8601: value)
                    else {
                        throw APIError(
                            ModelError.invalidInput(
                                "The input changed_since must be in the following format: "
                                    + "YYYY-MM-DDTHH:MM:SS[Z]"))
                    }
                    return { resource, _ in read(resource).updatedAt >= since }
                }),
        ]
    }

    /// `tags` with the queries that only filter; ports take tags when they are created.
    func tagRows(
        _ assign: (@Sendable (inout Request, [String]) -> Void)? = nil
    ) -> [Attribute<Resource, Request>] {
        let read = standard
        // All of the comma-separated tags.
        let all = FilterRule<Resource>(accepts: .string) { values in
            let wanted = tags(values)
            return { resource, _ in wanted.isSubset(of: read(resource).tags) }
        }
        let write: @Sendable (Resource, Rendering, inout JSONWriter) -> Void = { resource, _, writer in
            writer.array(read(resource).tags) { $1.string($0) }
        }
        let row: Attribute<Resource, Request> =
            if let assign {
                Attribute(
                    "tags", post: .optional, .tags, assign, filter: all,
                    shows: .array(of: .string), write: write)
            } else {
                Attribute(readOnly: "tags", filter: all, shows: .array(of: .string), write: write)
            }
        return [
            row,
            Attribute(
                queryOnly: "tags-any",
                filter: FilterRule(accepts: .string) { values in
                    let wanted = tags(values)
                    return { resource, _ in !wanted.isDisjoint(with: read(resource).tags) }
                }),
            Attribute(
                queryOnly: "not-tags",
                filter: FilterRule(accepts: .string) { values in
                    let wanted = tags(values)
                    return { resource, _ in !wanted.isSubset(of: read(resource).tags) }
                }),
            Attribute(
                queryOnly: "not-tags-any",
                filter: FilterRule(accepts: .string) { values in
                    let wanted = tags(values)
                    return { resource, _ in wanted.isDisjoint(with: read(resource).tags) }
                }),
        ]
    }
}

extension Attribute {
    /// An attribute of Neutron that is always null here: clients expect the key.
    static func alwaysNull(_ name: String) -> Attribute {
        Attribute(readOnly: name, shows: .null) { $2.null() }
    }
}
