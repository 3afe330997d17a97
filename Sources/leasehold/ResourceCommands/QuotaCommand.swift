import ArgumentParser
import NeutronAPI

/// `leasehold quota …`.
struct QuotaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Quotas: how many resources a project may have.",
        discussion: """
            The options are those of `openstack quota …` for networks, which works with this service too.

            EXAMPLES
              leasehold quota show
              leasehold quota set --networks 20 --ports 1000 9f3a…
              leasehold quota list
            """,
        subcommands: [List.self, Show.self, Update.self, Delete.self])
}

extension QuotaCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the quotas of projects for which something was set.",
            discussion: """
                EXAMPLES
                  leasehold quota list -f json
                """)

        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.quota.list(try await client.list("quotas", key: "quotas"), output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the quota of a project; -1 is no limit.",
            discussion: """
                Without a project it is your own.

                EXAMPLES
                  leasehold quota show --usage
                  leasehold quota show --default -f json
                """)

        @Flag(
            name: .customLong("default"), help: "Show what projects have unless something was set.")
        var standard = false
        @Flag(help: "Show what is in use, too.") var usage = false
        @Argument(help: ArgumentHelp("The project.", valueName: "id")) var project: String?
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if standard && usage { throw ValidationError("--default and --usage exclude each other.") }
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let project = try await client.projectID(project)
            if usage {
                let details = try await client.get("quotas", project, "details")["quota"]?.object
                let rows = (details ?? JSONObject()).members.map { member in
                    JSONObject(
                        members: [.init(key: "resource", value: .string(member.key))]
                            + (member.value.object?.members ?? []))
                }
                return try ResourceView.quotaUsage.list(rows, output)
            }
            let answer =
                standard
                ? try await client.get("quotas", project, "default")
                : try await client.get("quotas", project)
            return try ResourceView.quota.show(answer["quota"]?.object ?? JSONObject(), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Set how many resources a project may have; -1 is no limit.",
            discussion: """
                Only what is said changes. A limit below what is in use is refused without --force.

                EXAMPLES
                  leasehold quota set --networks 20 --ports 1000 9f3a…
                  leasehold quota set --subnetpools 0 --force 9f3a…
                """)

        @Option(parsing: .unconditional, help: ArgumentHelp("The most networks.", valueName: "number"))
        var networks: Int?
        @Option(parsing: .unconditional, help: ArgumentHelp("The most subnets.", valueName: "number"))
        var subnets: Int?
        @Option(parsing: .unconditional, help: ArgumentHelp("The most ports.", valueName: "number"))
        var ports: Int?
        @Option(parsing: .unconditional, help: ArgumentHelp("The most subnet pools.", valueName: "number"))
        var subnetpools: Int?
        @Flag(help: "Allow limits below what is in use.") var force = false
        @Argument(help: ArgumentHelp("The project.", valueName: "id")) var project: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent.
        var body: RequestBody {
            var body = RequestBody()
            body.set("network", networks)
            body.set("subnet", subnets)
            body.set("port", ports)
            body.set("subnetpool", subnetpools)
            if force { body.set("force", true) }
            return body
        }

        func validate() throws {
            if [networks, subnets, ports, subnetpools].allSatisfy({ $0 == nil }) {
                throw ValidationError("Nothing to set: name a limit, such as --networks 20.")
            }
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let envelope = JSONObject(members: [.init(key: "quota", value: .object(body.object))])
            _ = try await client.put("quotas", project, body: envelope)
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Go back to the default quota of a project.",
            discussion: """
                EXAMPLES
                  leasehold quota delete 9f3a…
                """)

        @Argument(help: ArgumentHelp("The project.", valueName: "id")) var project: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.delete("quotas", project)
            return nil
        }
    }
}

extension NeutronClient {
    /// The project that was named, or else the caller's own.
    fileprivate func projectID(_ named: String?) async throws -> String {
        if let named { return named }
        guard let own = try await get("quotas", "project")["project"]?["project_id"]?.string else {
            throw CommandFailure("\(endpoint) does not say which project is yours: name it")
        }
        return own
    }
}
