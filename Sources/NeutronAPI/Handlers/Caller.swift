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
