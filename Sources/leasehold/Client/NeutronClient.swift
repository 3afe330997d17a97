import NeutronAPI

/// A client of Neutron's REST API, version 2.0.
struct NeutronClient: Sendable {
    let endpoint: Endpoint
    /// Sent as X-Auth-Token.
    let token: String?
    let transport: any HTTPTransport

    /// An answer that refuses a request.
    struct Refusal: Error, Hashable, Sendable {
        let status: Int
        /// Neutron's name of the error, such as `NetworkNotFound`; empty where the answer names none.
        let type: String
        let message: String
    }

    /// The answer to a GET, parsed.
    func get(_ path: String..., query: [QueryItem] = []) async throws -> JSONValue {
        try await answer("GET", endpoint.url(path, query: query), body: nil)
    }

    /// All elements of a collection, pages put together.
    ///
    /// - Parameters:
    ///   - path: the collection's path below `/v2.0`.
    ///   - key: the key in the answer, such as `networks`.
    func list(_ path: String..., key: String, query: [QueryItem] = []) async throws -> [JSONObject] {
        var elements: [JSONObject] = []
        var url = endpoint.url(path, query: query)
        var seen: Set<String> = []
        while seen.insert(url).inserted {
            let answer = try await answer("GET", url, body: nil)
            guard let page = answer[key]?.array else {
                throw CommandFailure("\(endpoint) answered without '\(key)': is that a Neutron API?")
            }
            elements += page.compactMap(\.object)
            guard let next = nextPage(answer["\(key)_links"]) else { break }
            url = next
        }
        return elements
    }

    /// Creates something and returns it.
    func post(_ path: String..., body: JSONObject) async throws -> JSONValue {
        try await answer("POST", endpoint.url(path), body: .object(body))
    }

    /// Changes something and returns it.
    func put(_ path: String..., body: JSONObject) async throws -> JSONValue {
        try await answer("PUT", endpoint.url(path), body: .object(body))
    }

    /// Deletes something.
    func delete(_ path: String...) async throws {
        _ = try await answer("DELETE", endpoint.url(path), body: nil)
    }

    /// The URL of the next page at our endpoint: the service may know itself by another name.
    private func nextPage(_ links: JSONValue?) -> String? {
        let next = links?.array?.first { $0["rel"]?.string == "next" }
        guard let href = next?["href"]?.string, let question = href.firstIndex(of: "?"),
            let path = href[..<question].firstRange(of: "/v2.0/")
        else { return nil }
        return endpoint.url + href[path.lowerBound...]
    }

    private func answer(_ method: String, _ url: String, body: JSONValue?) async throws -> JSONValue {
        var headers = ["Accept": "application/json", "User-Agent": "leasehold"]
        if let token { headers["X-Auth-Token"] = token }
        if body != nil { headers["Content-Type"] = "application/json" }
        let request = ClientRequest(
            method: method, url: url, headers: headers, body: body.map { Array($0.compactJSON.utf8) })
        let response: ClientResponse
        do throws(TransportError) {
            response = try await transport.send(request)
        } catch {
            throw failure(error)
        }
        return try value(response)
    }

    private func value(_ response: ClientResponse) throws -> JSONValue {
        let body: JSONValue?
        do throws(JSONError) {
            body = response.body.isEmpty ? .null : try JSONParser(maximumDepth: 64).parse(response.body)
        } catch {
            body = nil
        }
        guard (200..<300).contains(response.status) else { throw refusal(response.status, body) }
        guard let body else {
            throw CommandFailure("what answers at \(endpoint) is no Neutron API: its answer is not JSON")
        }
        return body
    }

    private func refusal(_ status: Int, _ body: JSONValue?) -> any Error {
        if status == 401 {
            let hint = token == nil ? "set OS_TOKEN" : "OS_TOKEN is not it"
            return CommandFailure("the service at \(endpoint) wants a token: \(hint)")
        }
        if let error = body?["NeutronError"] {
            let type = error["type"]?.string ?? ""
            let message = error["message"]?.string ?? error.string ?? "HTTP status \(status)"
            return Refusal(status: status, type: type, message: message)
        }
        if body == nil {
            return CommandFailure("what answers at \(endpoint) is no Neutron API: HTTP status \(status)")
        }
        return Refusal(status: status, type: "", message: "HTTP status \(status)")
    }

    private func failure(_ error: TransportError) -> CommandFailure {
        switch error {
        case .unreachable:
            CommandFailure(
                "no service answers at \(endpoint): start it with `leasehold serve`, or name another with --endpoint",
                status: ExitStatus.unavailable)
        case .timedOut:
            CommandFailure(
                "the service at \(endpoint) did not answer in time", status: ExitStatus.unavailable)
        case .untrusted(let cause):
            CommandFailure(
                "the certificate of the service at \(endpoint) is not trusted (\(cause)): name the authority's certificates with --cacert",
                status: ExitStatus.unavailable)
        case .broken(let cause):
            CommandFailure("the service at \(endpoint) broke off: \(cause)", status: ExitStatus.unavailable)
        }
    }
}
