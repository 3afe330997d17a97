import Addressing
import Glibc
import NetworkModel
import NeutronAPI

extension Configuration {
    /// What is wrong with who may call, and how.
    func access() -> [ConfigurationProblem] {
        listening() + keystone() + transport() + secrets()
    }

    private func listening() -> [ConfigurationProblem] {
        guard settings.effectiveAuthStrategy == .noauth, !settings.listensOnLoopbackOnly else { return [] }
        return [
            problem(
                .error, at: OptionName("leasehold", "bind_host"),
                message:
                    "bind_host \(settings.bindHost) lets other hosts in, and auth_strategy is noauth: set auth_strategy in [DEFAULT] to token (tokens are made by `leasehold token create`) or to keystone, or bind_host to 127.0.0.1"
            )
        ]
    }

    private func keystone() -> [ConfigurationProblem] {
        guard settings.authStrategy == .keystone else { return [] }
        let keystone = settings.keystone
        var missing: [String] = keystone.authURL.isEmpty ? ["auth_url"] : []
        switch keystone.authType {
        case .password:
            if keystone.username.isEmpty { missing.append("username") }
            if keystone.password.isEmpty { missing.append("password") }
            if keystone.projectName.isEmpty && keystone.projectID.isEmpty { missing.append("project_name") }
        case .applicationCredential:
            if keystone.applicationCredentialID.isEmpty { missing.append("application_credential_id") }
            if keystone.applicationCredentialSecret.isEmpty {
                missing.append("application_credential_secret")
            }
        }
        var problems: [ConfigurationProblem] = []
        if !missing.isEmpty {
            problems.append(
                problem(
                    .error, at: OptionName("DEFAULT", "auth_strategy"),
                    message:
                        "auth_strategy is keystone, and [keystone_authtoken] lacks \(missing.joined(separator: ", ")): set it to what neutron.conf has for the service's user, or set auth_strategy to token"
                ))
        }
        if settings.apiToken != nil {
            problems.append(
                problem(
                    .warning, at: OptionName("leasehold", "api_token"),
                    message: "api_token opens nothing: auth_strategy is keystone"))
        }
        if settings.keystoneInsecure {
            problems.append(
                problem(
                    .warning, at: OptionName("keystone_authtoken", "insecure"),
                    message: "insecure takes any certificate for Keystone's: set cafile instead"))
        }
        return problems
    }

    private func transport() -> [ConfigurationProblem] {
        if settings.useSSL {
            let missing = [("cert_file", settings.sslCertFile), ("key_file", settings.sslKeyFile)]
                .filter { $0.1 == nil }.map(\.0)
            guard !missing.isEmpty else { return [] }
            return [
                problem(
                    .error, at: OptionName("DEFAULT", "use_ssl"),
                    message:
                        "use_ssl is true, and [ssl] lacks \(missing.joined(separator: " and ")): set it to the certificate's files, or use_ssl to false"
                )
            ]
        }
        guard settings.effectiveAuthStrategy != .noauth, !settings.listensOnLoopbackOnly else { return [] }
        return [
            problem(
                .warning, at: OptionName("leasehold", "bind_host"),
                message:
                    "tokens travel to bind_host \(settings.bindHost) where anybody on the way can read them: set use_ssl, or put a TLS proxy in front and bind_host to 127.0.0.1"
            )
        ]
    }

    /// Files that hold a secret and that everybody can read.
    private func secrets() -> [ConfigurationProblem] {
        ConfigurationOption.effective.filter(\.isSecret).compactMap { option in
            guard let value = given[option.name.normalized], !value.text.isEmpty else { return nil }
            var status = stat()
            guard stat(value.file, &status) == 0, status.st_mode & 0o007 != 0 else { return nil }
            return problem(
                .warning, at: option.name,
                message:
                    "\(option.name.name) is a secret, and everybody on this host can read the file: run chmod o-rwx \(value.file)"
            )
        }
    }
}

extension Settings {
    /// Whether only processes of this host can reach the API.
    var listensOnLoopbackOnly: Bool {
        if let address = IPAddress(bindHost) { return address.isLoopback }
        return bindHost == "localhost"
    }
}
