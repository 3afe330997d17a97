import NetworkModel
import NeutronAPI

extension NeutronClient {
    /// The resource with the id, or else the only one with the name (an agent: on the host).
    func find(_ kind: ResourceKind, _ nameOrID: String) async throws -> JSONObject {
        guard !nameOrID.isEmpty else {
            throw CommandFailure("an empty name names no \(kind.singular)", status: ExitStatus.usage)
        }
        // Ids are UUIDs: what is none can only be a name, and one request is enough.
        if ResourceID(nameOrID) != nil {
            do {
                let answer = try await get(kind.plural, nameOrID)
                if let found = answer[kind.singular]?.object { return found }
            } catch let refusal as Refusal where [400, 403, 404].contains(refusal.status) {
                // Not an id, then; somebody may have used it as a name all the same.
            }
        }
        let named = try await list(
            kind.plural, key: kind.plural, query: [QueryItem(kind.nameField, nameOrID)])
        return try Self.only(named, kind, nameOrID)
    }

    /// The id of ``find(_:_:)``'s result.
    func id(of kind: ResourceKind, _ nameOrID: String) async throws -> String {
        try Self.id(try await find(kind, nameOrID), kind)
    }

    /// The ids of several resources of a kind, by what they were called.
    func ids(of kind: ResourceKind, _ namesOrIDs: some Sequence<String>) async throws -> [String: String] {
        var ids: [String: String] = [:]
        for name in namesOrIDs where ids[name] == nil { ids[name] = try await id(of: kind, name) }
        return ids
    }

    /// The one element of a search.
    static func only(
        _ found: [JSONObject], _ kind: ResourceKind, _ nameOrID: String
    ) throws(CommandFailure) -> JSONObject {
        guard let first = found.first else {
            throw CommandFailure("\(kind.singular) '\(nameOrID)' does not exist")
        }
        guard found.count == 1 else {
            let ids = found.compactMap { $0["id"]?.string }.sorted().joined(separator: ", ")
            throw CommandFailure(
                "\(kind.singular) '\(nameOrID)' is not unique; use one of the ids: \(ids)")
        }
        return first
    }

    /// The id of a resource that the service sent.
    static func id(_ resource: JSONObject, _ kind: ResourceKind) throws(CommandFailure) -> String {
        guard let id = resource["id"]?.string else {
            throw CommandFailure("the service sent a \(kind.singular) without an id")
        }
        return id
    }
}
