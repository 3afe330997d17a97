import NeutronAPI

extension ConfigurationOption {
    /// Who may call, and how the connection is protected.
    static let access: [ConfigurationOption] =
        [
            .init(
                .neutron, "DEFAULT", "auth_strategy", .authStrategy, \.authStrategy,
                "How it is found out who calls. `noauth`: everybody administers, which is for an API on loopback only. `token`: whoever sends a token that `leasehold token create` made. `keystone`: whoever sends a token that Keystone knows, see `[keystone_authtoken]`. Neutron's default is keystone."
            ),
            .init(
                .leasehold, "leasehold", "api_host_names", ValueForm.nonEmptyText.list(of: "host names"),
                \.apiHostNames,
                "With `auth_strategy = noauth`: the names besides `localhost`, addresses, `host` and its first label by which clients call the API, on this machine or by way of a proxy. A request with another `Host` may come from a web page whose name was made to mean this machine, and is refused."
            ),
            .init(
                .leasehold, "leasehold", "api_tokens_file", .path, \.apiTokensFile,
                "The file of the tokens for `auth_strategy = token`. Only its owner, the user of the service, may be able to read it; it holds digests, not the tokens. Changes count at once."
            ),
            .init(
                .leasehold, "leasehold", "api_token", ValueForm.nonEmptyText.optional, \.apiToken,
                isSecret: true,
                "One more token, whose bearer administers (`openstack --os-auth-type admin_token --os-token …`, or `OS_TOKEN` for `leasehold`). Setting it makes `auth_strategy` `token` where that is not said."
            ),
            .init(
                .neutron, "DEFAULT", "use_ssl", .boolean, \.useSSL,
                "Whether the API speaks TLS (1.2 and later), with the certificate of `[ssl]`."),
            .init(
                .neutron, "ssl", "cert_file", ValueForm.path.optional, \.sslCertFile,
                aliases: [OptionName("DEFAULT", "ssl_cert_file")],
                "The API's certificate in PEM, followed by those between it and the authority."),
            .init(
                .neutron, "ssl", "key_file", ValueForm.path.optional, \.sslKeyFile,
                aliases: [OptionName("DEFAULT", "ssl_key_file")],
                "The private key of the certificate in PEM, without a password. Only its owner may be able to read it."
            ),
        ] + keystone

    private static let keystone: [ConfigurationOption] = [
        keystone(
            "auth_url", ValueForm.httpURL.orEmpty, \.keystone.authURL,
            "Where Keystone is, such as `http://controller:5000`."),
        keystone(
            "www_authenticate_uri", ValueForm.httpURL.orEmpty, \.keystone.publicURL,
            aliases: ["auth_uri"],
            "Where clients are told to get a token, in the `WWW-Authenticate` header of a 401. Nothing: `auth_url`."
        ),
        keystone(
            "auth_type", .keystoneAuthType, \.keystone.authType, aliases: ["auth_plugin"],
            "With what the service proves to Keystone who it is."),
        keystone(
            "username", .text, \.keystone.username, aliases: ["user_name", "user-name"],
            "The user of the service, for `auth_type = password`; its role in the project must be `service` or `admin`."
        ),
        keystone("password", .text, \.keystone.password, isSecret: true, "The user's password."),
        keystone(
            "user_domain_name", .nonEmptyText, \.keystone.userDomain.name, "The domain of the user by name."),
        keystone("user_domain_id", .text, \.keystone.userDomain.id, "The domain of the user by id."),
        keystone(
            "project_name", .text, \.keystone.projectName, aliases: ["tenant_name", "tenant-name"],
            "The project of the service by name."),
        keystone(
            "project_id", .text, \.keystone.projectID, aliases: ["tenant_id", "tenant-id"],
            "The project of the service by id."),
        keystone(
            "project_domain_name", .nonEmptyText, \.keystone.projectDomain.name,
            "The domain of the project by name."),
        keystone(
            "project_domain_id", .text, \.keystone.projectDomain.id, "The domain of the project by id."),
        keystone(
            "application_credential_id", .text, \.keystone.applicationCredentialID,
            "The credential for `auth_type = v3applicationcredential`."),
        keystone(
            "application_credential_secret", .text, \.keystone.applicationCredentialSecret, isSecret: true,
            "The credential's secret."),
        keystone(
            "cafile", ValueForm.path.optional, \.keystoneCAFile,
            "The certificates (PEM) of the authorities that may have signed Keystone's. Nothing: the system's."
        ),
        keystone(
            "insecure", .boolean, \.keystoneInsecure,
            "Takes any certificate for Keystone's. Whoever is on the way can then be anybody."),
        keystone(
            "http_connect_timeout", ValueForm.integer(1..., unit: "seconds").optional,
            \.keystoneConnectTimeout, "How long a connection to Keystone may take. Nothing: 5 seconds."),
        keystone(
            "http_request_max_retries", .integer(0...20), \.keystone.retries,
            "How often a request is sent again when Keystone does not answer, after 0.2 seconds and more."),
        keystone(
            "token_cache_time", .integer((-1)...86_400, unit: "seconds, -1 for none"),
            \.keystone.tokenCacheTime,
            "How long Keystone's word about a token counts; a revocation is noticed after that time. Tokens that Keystone does not know are asked for again after 10 seconds."
        ),
        keystone(
            "service_token_roles", ValueForm.nonEmptyText.list(of: "roles"), \.keystone.serviceTokenRoles,
            "The roles one of which the token of another service (`X-Service-Token`) must have; what it asks for a user may then take longer than the user's token lasts."
        ),
        keystone(
            "service_token_roles_required", .boolean, \.keystone.serviceTokenRolesRequired,
            "Whether a service's token without such a role is refused; otherwise it counts for nothing."),
    ]

    private static func keystone<Value>(
        _ name: String, _ form: ValueForm<Value>, _ property: any WritableKeyPath<Settings, Value> & Sendable,
        aliases: [String] = [], isSecret: Bool = false, _ documentation: String
    ) -> ConfigurationOption {
        ConfigurationOption(
            .neutron, "keystone_authtoken", name, form, property,
            aliases: aliases.map { OptionName("keystone_authtoken", $0) }, isSecret: isSecret, documentation)
    }
}

extension ValueForm where Value == AuthStrategy {
    /// `noauth`, `token` or `keystone`.
    static let authStrategy = ValueForm("noauth, token or keystone", render: \.rawValue) {
        AuthStrategy(rawValue: $0.trimmed)
    }
}

extension ValueForm where Value == KeystoneConfiguration.AuthType {
    /// keystoneauth's names of the plugins.
    static let keystoneAuthType = ValueForm(
        "password, v3password or v3applicationcredential", render: \.rawValue
    ) { (text, _) throws(MalformedValue) in
        switch text.trimmed {
        case "password", "v3password": return .password
        case "v3applicationcredential": return .applicationCredential
        case let other:
            throw MalformedValue(reason: "the auth_type \(other) is not available in this version")
        }
    }
}

extension ValueForm where Value == String {
    /// A URL of http or https.
    static let httpURL = ValueForm("a URL of http or https") { Endpoint($0) == nil ? nil : $0.trimmed }

    /// The same form, where the empty text stands for itself.
    fileprivate var orEmpty: ValueForm<String> {
        let form = self
        return ValueForm("\(expected), or nothing", render: form.render) {
            (text, remarks) throws(MalformedValue) in
            text.trimmed.isEmpty ? "" : try form.parse(text, &remarks)
        }
    }
}
