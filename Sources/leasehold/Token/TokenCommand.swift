public import ArgumentParser
import Glibc
import NetworkModel
public import NeutronAPI

/// `leasehold token …`.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "API tokens: who may call a service with auth_strategy = token.",
        discussion: """
            Tokens are kept in the file that [leasehold] api_tokens_file names, which only the user of the \
            service can read, so run this as that user and with the same --config-file. A service that \
            runs takes changes up at once. The file holds digests: a token is shown once, when it is made.

            EXAMPLES
              leasehold token create alice --project blue --role member
              leasehold token list
              leasehold token revoke alice
            """,
        subcommands: [Create.self, List.self, Revoke.self])
}

extension TokenCommand {
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a token, and show it this once.",
            discussion: """
                Send it as X-Auth-Token: OS_TOKEN for `leasehold`, --os-auth-type admin_token --os-token \
                for `openstack`.

                EXAMPLES
                  leasehold token create ops --role admin
                  leasehold token create ci --project blue --role member --expires 30d
                  export OS_TOKEN=$(leasehold token create ops --role admin -f value -c token)
                """)

        @Argument(help: "What to call it; no two tokens have the same name.") var name: String
        @Option(
            help: ArgumentHelp(
                "The project that its bearer works in, any text; without it the one of requests that name none.",
                valueName: "project"))
        var project = NoAuthentication.defaultProjectID
        @Option(help: "What its bearer may do: admin (all projects), member or reader.")
        var role = APIToken.Role.member
        @Option(
            help: ArgumentHelp(
                "When it ends: after 30d, 12h, 45m, or at 2027-01-31T12:00:00Z (UTC). Never if not said.",
                valueName: "when"))
        var expires: String?
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Configuration") var files: ConfigurationOptions

        func validate() throws {
            guard !name.isEmpty, name.unicodeScalars.count <= 255 else {
                throw ValidationError("A name has 1 to 255 characters.")
            }
            guard !project.isEmpty, project.unicodeScalars.count <= 255 else {
                throw ValidationError("A project has 1 to 255 characters.")
            }
            _ = try end(from: Timestamp(secondsSinceEpoch: 0))
        }

        func run() throws {
            let now = Timestamp(secondsSinceEpoch: Int64(time(nil)))
            let (token, secret) = APIToken.make(
                name: name, projectID: project, role: role, createdAt: now, expiresAt: try end(from: now))
            try withFile(files) { (file) throws(TokenFile.Failure) in try file.add(token) }
            print(try output.object([("token", Cell(secret))] + token.fields))
        }

        /// When the token ends; nil for never.
        func end(from now: Timestamp) throws -> Timestamp? {
            guard let expires else { return nil }
            if let moment = Timestamp(iso8601: expires) { return moment }
            let units: [Character: Int64] = ["d": 86_400, "h": 3_600, "m": 60]
            guard let unit = expires.last.flatMap({ units[$0] }), let count = Int64(expires.dropLast()),
                (1...1_000_000).contains(count)
            else {
                throw ValidationError(
                    "--expires '\(expires)' is neither such as 30d, 12h or 45m nor such as 2027-01-31T12:00:00Z."
                )
            }
            return Timestamp(secondsSinceEpoch: now.secondsSinceEpoch + count * unit)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the tokens, without what lets one in.",
            discussion: """
                EXAMPLES
                  leasehold token list -f json
                """)

        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Configuration") var files: ConfigurationOptions

        func run() throws {
            let tokens = try withFile(files) { (file) throws(TokenFile.Failure) in try file.tokens() }
            let columns = ["id", "name", "project_id", "role", "created_at", "expires_at"]
            let text = try output.list(columns, tokens.map { $0.fields.map(\.cell) })
            if !text.isEmpty { print(text) }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Take tokens back: they open nothing any more, at once.",
            discussion: """
                EXAMPLES
                  leasehold token revoke alice
                  leasehold token revoke 4f3a9c1b-2d7e-4b5a-9c59-0f1e2d3c4b5a
                """)

        @Argument(help: "The tokens' names or ids.") var tokens: [String]
        @OptionGroup(title: "Configuration") var files: ConfigurationOptions

        func run() throws {
            try withFile(files) { (file) throws(TokenFile.Failure) in
                for token in tokens { _ = try file.remove(token) }
            }
        }
    }
}

/// Runs the body with the file that the configuration names.
private func withFile<Result>(
    _ files: ConfigurationOptions, _ body: (TokenFile) throws(TokenFile.Failure) -> Result
) throws -> Result {
    let settings = try files.load(saying: [.error]).settings
    do throws(TokenFile.Failure) {
        return try body(TokenFile(path: settings.apiTokensFile))
    } catch {
        throw CommandFailure(error.description).reported()
    }
}

extension APIToken {
    /// What may be shown of it.
    fileprivate var fields: [(name: String, cell: Cell)] {
        [
            ("id", Cell(id.description)), ("name", Cell(name)), ("project_id", Cell(projectID)),
            ("role", Cell(role.rawValue)), ("created_at", Cell(createdAt.iso8601)),
            ("expires_at", FieldFormat.expiry.cell(expiresAt.map { .string($0.iso8601) } ?? .null)),
        ]
    }
}

extension APIToken.Role: ExpressibleByArgument {}
