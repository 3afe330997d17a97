import NetworkModel

/// On whose behalf a request is done.
struct Caller: Sendable {
    var projectID: String
    var isAdmin: Bool

    /// The project of requests that name none.
    static let defaultProjectID = String(repeating: "0", count: 32)

    /// Without authentication everybody administers; `X-Project-Id` says for whom.
    static func withoutAuthentication(_ request: APIRequest) throws(APIError) -> Caller {
        guard let project = request.headers["x-project-id"], !project.isEmpty else {
            return Caller(projectID: defaultProjectID, isAdmin: true)
        }
        guard project.unicodeScalars.count <= 255 else {
            throw .badRequest("Invalid input for X-Project-Id. Reason: it exceeds maximum length of 255.")
        }
        return Caller(projectID: project, isAdmin: true)
    }
}

extension APIRequest {
    /// The revision that an `If-Match: revision_number=N` header demands.
    func revisionToMatch() throws(APIError) -> Int? {
        guard let header = headers["if-match"] else { return nil }
        let sides = header.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, String(sides[0]).trimmingBlanks() == "revision_number",
            let revision = parseInteger(String(sides[1]))
        else {
            throw .badRequest(
                "Invalid If-Match header '\(header)'. It must be 'revision_number=<integer>'.")
        }
        return revision
    }
}
