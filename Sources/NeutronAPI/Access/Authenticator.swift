/// Finds out on whose behalf a request is done.
public protocol Authenticator: Sendable {
    /// The caller; throws where there is none, or where it cannot be found out.
    func caller(for request: APIRequest) async throws(AuthenticationFailure) -> Caller
}

/// Why a request has no caller.
public struct AuthenticationFailure: Error, Hashable, Sendable {
    /// What the client is answered.
    public enum Answer: Hashable, Sendable {
        /// 400: the request says who it is in a form that cannot be read.
        case malformed(String)
        /// 401, with what goes into `WWW-Authenticate`.
        case unauthorized(challenge: String?)
        /// 403: whoever it is, nobody may ask in this way.
        case refused(String)
        /// 403: who it is has been found out, but not in which project it works.
        case withoutProject
        /// 503: who it is cannot be found out at the moment.
        case unavailable
    }

    public var answer: Answer
    /// What the log is told and the client is not.
    public var logged: String?

    public init(_ answer: Answer, logged: String? = nil) {
        self.answer = answer
        self.logged = logged
    }
}

extension APIError {
    /// The answer to a request without a caller.
    init(_ failure: AuthenticationFailure) {
        switch failure.answer {
        case .malformed(let message): self = .badRequest(message)
        case .unauthorized(let challenge):
            self = .unauthorized
            if let challenge { headers["WWW-Authenticate"] = challenge }
        case .refused(let message): self.init(status: 403, type: "HTTPForbidden", message: message)
        case .withoutProject:
            self.init(
                status: 403, type: "InvalidScope",
                message: "The token is for no project: get one that is, for instance with OS_PROJECT_NAME.")
        case .unavailable:
            self.init(
                status: 503, type: "HTTPServiceUnavailable",
                message: "The service cannot find out who you are at the moment; try it later.")
        }
        logged = failure.logged
    }
}
