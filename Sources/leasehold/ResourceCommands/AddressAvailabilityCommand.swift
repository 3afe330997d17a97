import ArgumentParser
import NeutronAPI

/// `leasehold ip …`.
struct AddressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ip",
        abstract: "How many addresses networks have left.",
        discussion: """
            EXAMPLES
              leasehold ip availability list
              leasehold ip availability show blue
            """,
        subcommands: [AddressAvailabilityCommand.self])
}

/// `leasehold ip availability …`.
struct AddressAvailabilityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "availability",
        abstract: "How many addresses networks have, and how many are in use.",
        discussion: """
            EXAMPLES
              leasehold ip availability list --ip-version 6
              leasehold ip availability show blue -f json
            """,
        subcommands: [List.self, Show.self])
}

extension AddressAvailabilityCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List networks with their numbers of addresses.",
            discussion: """
                EXAMPLES
                  leasehold ip availability list
                  leasehold ip availability list --project 9f3a… -f value -c "Used IPs"
                """)

        @Option(help: ArgumentHelp("Count subnets of this IP version.", valueName: "4|6")) var ipVersion = 4
        @Option(help: ArgumentHelp("Only networks of this project.", valueName: "id")) var project: String?
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if ipVersion != 4, ipVersion != 6 { throw ValidationError("--ip-version is 4 or 6.") }
        }

        /// The filters as a query.
        var query: [QueryItem] {
            [QueryItem("ip_version", String(ipVersion))]
                + (project.map { [QueryItem("project_id", $0)] } ?? [])
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let networks = try await client.list(
                "network-ip-availabilities", key: "network_ip_availabilities", query: query)
            return try ResourceView.addressAvailability.list(networks, output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the numbers of addresses of one network and its subnets.",
            discussion: """
                EXAMPLES
                  leasehold ip availability show blue
                """)

        @Argument(help: "The network's name or id.") var network: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            let id = try await client.id(of: .network, network)
            let answer = try await client.get("network-ip-availabilities", id)
            return try ResourceView.addressAvailability.show(
                answer["network_ip_availability"]?.object ?? JSONObject(), output)
        }
    }
}
