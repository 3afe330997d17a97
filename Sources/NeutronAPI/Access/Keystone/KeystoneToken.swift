import NetworkModel

/// What Keystone says of a token.
struct KeystoneToken: Hashable, Sendable {
    let caller: Caller
    /// The names of all its roles.
    let roles: Set<String>
    let expiresAt: Timestamp

    /// Reads the body of an answer to `GET /v3/auth/tokens` or `POST /v3/auth/tokens`.
    init?(_ body: [UInt8]) {
        guard let token = (try? JSONParser(maximumDepth: 64).parse(body))?["token"],
            let expires = token["expires_at"]?.string.flatMap(Self.moment)
        else { return nil }
        let names = (token["roles"]?.array ?? []).compactMap { $0["name"]?.string }
        // Neutron's policies are for projects: a token of a domain or of the system does nothing there,
        // whatever its roles, and `is_admin_project` counts for nothing.
        let project = token["project"]?["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        caller = Caller(
            projectID: project ?? "", userID: token["user"]?["id"]?.string,
            roles: project == nil ? [] : Caller.Roles(names: names))
        roles = Set(names.map { $0.lowercased() })
        expiresAt = expires
    }

    /// `2026-11-23T03:00:00.000000Z`.
    private static func moment(_ text: String) -> Timestamp? {
        Timestamp(iso8601: String(text.prefix { $0 != "." && $0 != "Z" }))
    }
}
