import NetworkModel
import NetworkStore

/// A refusal as it goes out: a status, Neutron's type name and a message.
struct APIError: Error, Hashable {
    let status: Int
    let type: String
    let message: String
    /// The verbs that the path does know, for 405.
    var allowedMethods: [String] = []
    /// Further headers of the answer.
    var headers: [String: String] = [:]
    /// What the log is told and the client is not.
    var logged: String?

    /// Neutron's words for whatever the client must not know more about.
    static let internalMessage = "Request Failed: internal server error while processing your request."

    /// 400 with a message of its own.
    static func badRequest(_ message: String) -> APIError {
        APIError(status: 400, type: "HTTPBadRequest", message: message)
    }

    /// 401 for a request without the token.
    static let unauthorized = APIError(
        status: 401, type: "HTTPUnauthorized", message: "The request you have made requires authentication.")

    /// 404 for a path that leads nowhere.
    static let unknownPath = APIError(
        status: 404, type: "HTTPNotFound", message: "The resource could not be found.")

    /// 405 for a verb that a path does not know.
    static func methodNotAllowed(_ method: String, allowed: [String]) -> APIError {
        APIError(
            status: 405, type: "HTTPMethodNotAllowed",
            message: "The method \(method) is not allowed for this resource.", allowedMethods: allowed)
    }

    /// 413 for a body beyond the limit.
    static func bodyTooLarge(limit: Int) -> APIError {
        APIError(
            status: 413, type: "HTTPRequestEntityTooLarge",
            message: "The request body is larger than \(limit) bytes.")
    }

    /// 408 for a body that does not come in time.
    static let bodyTooSlow = APIError(
        status: 408, type: "HTTPRequestTimeout", message: "The request body did not come in time.")

    /// 500 with the fixed text; the cause is for the log.
    static func internalError(_ cause: String) -> APIError {
        APIError(status: 500, type: "HTTPInternalServerError", message: internalMessage, logged: cause)
    }

    /// The one table from domain errors to statuses.
    init(_ error: ModelError) {
        let status: Int? =
            switch error.kind {
            case .badRequest: 400
            case .notAuthorized, .forbidden: 403
            case .notFound: 404
            case .conflict: 409
            case .preconditionFailed: 412
            case .serviceUnavailable: 503
            case .notImplemented: 501
            case .internalError: nil
            }
        if let status {
            self.init(status: status, type: error.type, message: error.message)
        } else {
            self = .internalError(error.description)
        }
    }

    /// A store that lost every race, or that does not work.
    init(_ error: StoreError) {
        switch error.kind {
        case .conflict, .claimed:
            self.init(
                status: 503, type: "ServiceUnavailable",
                message: "The request collided with others again and again; try it later.",
                logged: error.description)
        case .io, .unusable, .closed, .compacted:
            self.init(
                status: 503, type: "ServiceUnavailable",
                message: "The service cannot store changes at the moment; try it later.",
                logged: error.description)
        }
    }

    init(
        status: Int, type: String, message: String, allowedMethods: [String] = [], logged: String? = nil
    ) {
        self.status = status
        self.type = type
        self.message = message
        self.allowedMethods = allowedMethods
        self.logged = logged
    }

    /// Whatever a handler threw.
    static func of(_ error: any Error) -> APIError {
        switch error {
        case let error as APIError: error
        case let error as ModelError: APIError(error)
        case let error as StoreError: APIError(error)
        default: .internalError(String(describing: error))
        }
    }

    /// `{"NeutronError": {"type": …, "message": …, "detail": ""}}`.
    var body: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.key("NeutronError")
            writer.object { writer in
                writer.key("type")
                writer.string(type)
                writer.key("message")
                writer.string(message)
                writer.key("detail")
                writer.string("")
            }
        }
        return writer.bytes
    }
}
