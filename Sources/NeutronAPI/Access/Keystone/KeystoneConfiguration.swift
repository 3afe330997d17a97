/// How Keystone is asked about tokens (`[keystone_authtoken]`, in keystonemiddleware's own words).
public struct KeystoneConfiguration: Hashable, Sendable {
    /// Where Keystone is, with or without `/v3` at its end.
    public var authURL = ""
    /// Where clients are told to get a token (`www_authenticate_uri`); `authURL` if empty.
    public var publicURL = ""
    /// With what the service proves who it is.
    public var authType = AuthType.password
    public var username = ""
    public var password = ""
    public var userDomain = Domain()
    /// The project that the service's own token is for, by name or else by id.
    public var projectName = ""
    public var projectID = ""
    public var projectDomain = Domain()
    public var applicationCredentialID = ""
    public var applicationCredentialSecret = ""
    /// Seconds for which a verdict about a token counts, and so a revocation may stay unnoticed; 0 and
    /// below for none.
    public var tokenCacheTime = 300
    /// How often a request is sent again when Keystone does not answer.
    public var retries = 3
    /// The roles one of which the token of another service must have (`service_token_roles`).
    public var serviceTokenRoles = ["service"]
    /// Whether a service's token without such a role makes the request fail; otherwise it counts for nothing.
    public var serviceTokenRolesRequired = false

    /// The kinds of credentials (`auth_type`).
    public enum AuthType: String, Hashable, Sendable, CaseIterable {
        case password
        case applicationCredential = "v3applicationcredential"
    }

    /// A domain by name or id.
    public struct Domain: Hashable, Sendable {
        public var name = "Default"
        /// Goes before the name unless it is empty.
        public var id = ""

        public init() {}
    }

    public init() {}

    /// The URL of a path below `/v3`.
    func url(_ path: String) -> String {
        var base = Substring(authURL)
        while base.hasSuffix("/") { base.removeLast() }
        // Files from before Keystone's version 3 end in /v2.0; the third version stands beside it.
        for version in ["/v3", "/v2.0"] where base.hasSuffix(version) { base.removeLast(version.count) }
        return base + "/v3/" + path
    }

    /// What 401 answers say in `WWW-Authenticate`.
    var challenge: String { "Keystone uri=\"\(publicURL.isEmpty ? authURL : publicURL)\"" }
}
