import HTTPTypes
public import Hummingbird
import NIOCore

/// Hands Hummingbird's requests to the API; whatever goes wrong has Neutron's error body.
public struct NeutronResponder: HTTPResponder {
    public typealias Context = BasicRequestContext

    private let api: NeutronAPI
    private let isSecure: Bool
    var limits: NeutronAPI.Limits { api.limits }

    init(_ api: NeutronAPI, isSecure: Bool = false) {
        self.api = api
        self.isSecure = isSecure
    }

    public func respond(to request: Request, context: Context) async throws -> Response {
        let response: APIResponse
        do throws(APIError) {
            response = await api.respond(to: try await read(request))
        } catch {
            response = api.answer(to: error, nil)
        }
        var headers = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        guard !response.body.isEmpty else {
            return Response(status: .init(code: response.status), headers: headers)
        }
        headers[.contentType] = response.contentType
        if response.status == APIError.bodyTooSlow.status {
            // Hummingbird would go on to read the rest; a failure makes it close the connection.
            headers[.connection] = "close"
            return Response(
                status: .init(code: response.status), headers: headers,
                body: ResponseBody(contentLength: response.body.count) { writer in
                    try await writer.write(ByteBuffer(bytes: response.body))
                    try await writer.finish(nil)
                    throw CancellationError()
                })
        }
        return Response(
            status: .init(code: response.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    /// The body, if it comes in time.
    private func collect(_ request: Request, upTo limit: Int) async throws -> [UInt8] {
        let (body, time) = (request.body, api.limits.bodyTime)
        if request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        }
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { Array(try await body.collect(upTo: limit).readableBytesView) }
            group.addTask {
                try await Task.sleep(for: time)
                throw APIError.bodyTooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private func read(_ request: Request) async throws(APIError) -> APIRequest {
        let limit = api.limits.bodyBytes
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw .bodyTooLarge(limit: limit)
        }
        let body: [UInt8]
        do {
            body = try await collect(request, upTo: limit)
        } catch let error as APIError {
            throw error
        } catch is NIOTooManyBytesError {
            throw .bodyTooLarge(limit: limit)
        } catch {
            throw .badRequest("The request body could not be read.")
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        headers["host"] = request.head.authority
        guard
            var read = APIRequest(
                method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
                body: body)
        else { throw .badRequest("The request target is not a percent-encoded UTF-8 text.") }
        read.isSecure = isSecure
        return read
    }
}

extension NeutronAPI {
    /// The API as Hummingbird's responder, for an application of one's own.
    public var responder: NeutronResponder { NeutronResponder(self) }
}
