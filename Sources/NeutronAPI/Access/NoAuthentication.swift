import Addressing

/// `auth_strategy = noauth`: everybody administers; `X-Project-Id` says for whom.
///
/// `X-Roles` takes rights away, as in Neutron's pipeline without Keystone. Everybody means every program that
/// reaches the API, not the web pages that a browser on this machine shows: see ``refuseWebPages(_:)``.
public struct NoAuthentication: Authenticator {
    /// The project of requests that name none.
    public static let defaultProjectID = String(repeating: "0", count: 32)

    /// The names by which clients may call the API, in lower case; nil for any.
    private let hostNames: Set<String>?

    /// - Parameter hostNames: the names of this machine, of which the first labels count as well; nil where names
    ///   need not be looked at.
    public init(hostNames: [String]? = nil) {
        self.hostNames = hostNames.map { names in
            let names = names.map { $0.lowercased() }
            let first = names.compactMap { $0.split(separator: ".").first.map { String($0) } }
            return Set(names + first + ["localhost", "localhost.localdomain", "ip6-localhost"])
        }
    }

    public func caller(for request: APIRequest) throws(AuthenticationFailure) -> Caller {
        try refuseWebPages(request)
        return try Self.namedCaller(request)
    }

    /// Whom the headers name.
    static func namedCaller(_ request: APIRequest) throws(AuthenticationFailure) -> Caller {
        var roles: Caller.Roles = [.admin, .manager, .member, .reader]
        if let names = request.headers["x-roles"], !names.isEmpty {
            roles = Caller.Roles(names: names.split(separator: ",").map { String($0).trimmingBlanks() })
        }
        guard let project = request.headers["x-project-id"], !project.isEmpty else {
            return Caller(projectID: defaultProjectID, roles: roles)
        }
        guard project.unicodeScalars.count <= 255 else {
            throw AuthenticationFailure(
                .malformed("Invalid input for X-Project-Id. Reason: it exceeds maximum length of 255."))
        }
        return Caller(projectID: project, roles: roles)
    }

    /// Refuses what a page from elsewhere makes a browser on this machine send.
    ///
    /// Browsers let any page post to an address of loopback, and name the page's origin (RFC 6454); or the page's
    /// own name is made to mean loopback (DNS rebinding), which shows in `Host`.
    private func refuseWebPages(_ request: APIRequest) throws(AuthenticationFailure) {
        let host = request.headers["host"] ?? ""
        if let origin = request.headers["origin"],
            origin.lowercased() != "http://\(host)".lowercased(),
            origin.lowercased() != "https://\(host)".lowercased()
        {
            throw Self.refusal("a web page (Origin: \(origin))")
        }
        if let hostNames, !host.isEmpty, !Self.isLocal(host, hostNames) {
            throw Self.refusal("clients that call it by the name '\(host)'")
        }
    }

    private static func refusal(_ whom: String) -> AuthenticationFailure {
        AuthenticationFailure(
            .refused(
                "The API does not answer \(whom) while auth_strategy is noauth. Call it by its address, name the "
                    + "host in api_host_names of [leasehold], or set auth_strategy to token or keystone."))
    }

    /// Whether a host, perhaps with a port, is an address, a name of loopback, or one of the names.
    private static func isLocal(_ host: String, _ names: Set<String>) -> Bool {
        var name = host.lowercased()
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            name = String(name[name.index(after: name.startIndex)..<end])
        } else if let colon = name.lastIndex(of: ":") {
            name = String(name[..<colon])
        }
        if name.hasSuffix(".") { name.removeLast() }
        return names.contains(name) || name.hasSuffix(".localhost") || IPAddress(name) != nil
    }
}
