import ArgumentParser
import NeutronAPI

/// `leasehold network …`.
struct NetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Networks: isolated segments with their own address spaces.",
        discussion: """
            The options are those of `openstack network …`, which works with this service too.

            EXAMPLES
              leasehold network create blue
              leasehold network create --provider-network-type flat \\
                  --provider-physical-network physnet1 office
              leasehold network list --long
              leasehold network show blue -f json
              leasehold network set --mtu 1400 blue
              leasehold network delete blue
            """,
        subcommands: [List.self, Show.self, Create.self, Update.self, Delete.self, AgentCommand.self])
}

extension NetworkCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List networks.",
            discussion: """
                Filters may be combined; each narrows the list.

                EXAMPLES
                  leasehold network list --name blue -f value -c ID
                  leasehold network list --provider-network-type vxlan --long
                """)

        @Flag(help: "Show more columns.") var long = false
        @Flag(exclusivity: .exclusive) var reach: NetworkReach?
        @Option(help: "Only networks of this name.") var name: String?
        @Flag(exclusivity: .exclusive) var adminState: AdminState?
        @Option(help: ArgumentHelp("Only networks of this project.", valueName: "id")) var project: String?
        @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Only networks that are shared, or not.")
        var share: Bool?
        @Option(help: ArgumentHelp("Only networks of this status, such as ACTIVE.", valueName: "status"))
        var status: String?
        @Option(help: ArgumentHelp("Only networks of this type.", valueName: "type"))
        var providerNetworkType: String?
        @Option(help: ArgumentHelp("Only networks on this physical network.", valueName: "name"))
        var providerPhysicalNetwork: String?
        @Option(help: ArgumentHelp("Only networks with this segment.", valueName: "number"))
        var providerSegment: Int?
        @Option(help: ArgumentHelp("Only networks that this DHCP agent serves.", valueName: "agent"))
        var agent: String?
        @OptionGroup(title: "Tags") var tags: TagFilterOptions
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// The filters as a query.
        var query: [QueryItem] {
            let filters: [(String, String?)] = [
                ("router:external", reach.map { ($0 == .external).queryText }), ("name", name),
                ("admin_state_up", adminState?.isUp.queryText), ("project_id", project),
                ("shared", share?.queryText), ("status", status?.uppercased()),
                ("provider:network_type", providerNetworkType),
                ("provider:physical_network", providerPhysicalNetwork),
                ("provider:segmentation_id", providerSegment.map(String.init)),
            ]
            return filters.compactMap { name, value in value.map { QueryItem(name, $0) } } + tags.query
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            if let agent {
                let id = try await client.id(of: .agent, agent)
                let networks = try await client.list("agents", id, "dhcp-networks", key: "networks")
                return try ResourceView.network.list(networks, long: long, output)
            }
            let networks = try await client.list("networks", key: "networks", query: query)
            return try ResourceView.network.list(networks, long: long, output)
        }

        func validate() throws {
            if agent != nil, !query.isEmpty {
                throw ValidationError("--agent cannot be combined with other filters.")
            }
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one network.",
            discussion: """
                EXAMPLES
                  leasehold network show blue
                  leasehold network show blue -f value -c id
                """)

        @Argument(help: "The network's name or id.") var network: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.network.show(try await client.find(.network, network), output)
        }
    }

    struct Create: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a network.",
            discussion: """
                Without --provider-network-type the type is the first of the service's \
                tenant_network_types. DHCP is served as soon as the network has a subnet.

                EXAMPLES
                  leasehold network create blue
                  leasehold network create --provider-network-type vxlan \\
                      --provider-segment 5001 --mtu 1450 green
                """)

        @OptionGroup var attributes: NetworkAttributes
        @Option(help: ArgumentHelp("The project that owns it.", valueName: "id")) var project: String?
        @Option(
            name: .customLong("availability-zone-hint"),
            help: ArgumentHelp("An availability zone to serve it in; may be repeated.", valueName: "zone"))
        var availabilityZoneHints: [String] = []
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The new network's name.") var name: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent.
        var body: RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("admin_state_up", attributes.adminState?.isUp ?? true)
            attributes.add(to: &body)
            body.set("project_id", project)
            body.set("availability_zone_hints", unlessEmpty: availabilityZoneHints.map { .string($0) })
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.network.show(try await client.create(.network, body, tags: tags), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a network.",
            discussion: """
                Only what is said changes.

                EXAMPLES
                  leasehold network set --name azure blue
                  leasehold network set --disable --tag parked blue
                  leasehold network set --dhcp-driver native blue
                """)

        @Option(help: "A new name.") var name: String?
        @OptionGroup var attributes: NetworkAttributes
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The network's name or id.") var network: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent.
        var body: RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("admin_state_up", attributes.adminState?.isUp)
            attributes.add(to: &body)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.update(.network, try await client.find(.network, network), body, tags: tags)
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete networks with their subnets.",
            discussion: """
                A network with ports of others is refused. Where one of several fails, the others are \
                deleted all the same, and the status is 1.

                EXAMPLES
                  leasehold network delete blue green
                """)

        @Argument(help: "The networks' names or ids.") var networks: [String]
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.deleteAll(.network, networks)
            return nil
        }
    }
}
