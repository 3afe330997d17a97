import ArgumentParser
import NetworkModel

/// `leasehold agent …`.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Agents: the processes that serve networks.",
        discussion: """
            The options are those of `openstack network agent …`, which works with this service too. An \
            agent may be named by its id or its host.

            EXAMPLES
              leasehold agent list
              leasehold agent show $(hostname)
              leasehold agent set --disable $(hostname)
              leasehold agent add network --dhcp host2 blue
            """,
        subcommands: [
            List.self, Show.self, Update.self, Delete.self, AgentAddCommand.self, AgentRemoveCommand.self,
        ])
}

extension AgentCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List agents.",
            discussion: """
                EXAMPLES
                  leasehold agent list --network blue
                  leasehold agent list -f value -c Host -c Alive
                """)

        @Option(help: ArgumentHelp("Only agents of this type: dhcp.", valueName: "type")) var agentType:
            String?
        @Option(help: "Only agents on this host.") var host: String?
        @Option(help: "Only DHCP agents that serve this network (name or id).") var network: String?
        @Flag(help: "Show more columns; agents have none.") var long = false
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// The filters as a query.
        var query: [QueryItem] {
            // As in the openstack client: `dhcp` stands for the API's name of the type.
            let type = agentType.map { $0.lowercased() == "dhcp" ? Agent.dhcpType : $0 }
            return [("agent_type", type), ("host", host)].compactMap { name, value in
                value.map { QueryItem(name, $0) }
            }
        }

        func validate() throws {
            if network != nil, !query.isEmpty {
                throw ValidationError("--network cannot be combined with other filters.")
            }
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            if let network {
                let id = try await client.id(of: .network, network)
                let agents = try await client.list("networks", id, "dhcp-agents", key: "agents")
                return try ResourceView.agent.list(agents, output)
            }
            return try ResourceView.agent.list(
                try await client.list("agents", key: "agents", query: query), output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one agent, with what it serves and what does not work.",
            discussion: """
                EXAMPLES
                  leasehold agent show $(hostname) -c configuration
                """)

        @Argument(help: "The agent's id or host.") var agent: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.agent.show(try await client.find(.agent, agent), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change an agent.",
            discussion: """
                An agent that is disabled stops serving its networks.

                EXAMPLES
                  leasehold agent set --description "rack 4" $(hostname)
                """)

        @Option(help: "A description for people.") var description: String?
        @Flag(exclusivity: .exclusive) var adminState: AdminState?
        @Argument(help: "The agent's id or host.") var agent: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent.
        var body: RequestBody {
            var body = RequestBody()
            body.set("description", description)
            body.set("admin_state_up", adminState?.isUp)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            guard !body.isEmpty else { return nil }
            let id = try await client.id(of: .agent, agent)
            _ = try await client.put("agents", id, body: body.wrapped(as: .agent))
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete agents that are gone.",
            discussion: """
                An agent that still runs reports again and is back at once.

                EXAMPLES
                  leasehold agent delete old-host
                """)

        @Argument(help: "The agents' ids or hosts.") var agents: [String]
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.deleteAll(.agent, agents)
            return nil
        }
    }
}
