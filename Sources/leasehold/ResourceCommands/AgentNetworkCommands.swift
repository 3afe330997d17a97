import ArgumentParser
import NeutronAPI

/// What `agent add network` and `agent remove network` are about.
struct AgentNetworkArguments: ParsableArguments {
    @Flag(help: "A DHCP agent, as there is no other kind.") var dhcp = false
    @Argument(help: "The agent's id or host.") var agent: String
    @Argument(help: "The network's name or id.") var network: String

    fileprivate func ids(_ client: NeutronClient) async throws -> (agent: String, network: String) {
        (try await client.id(of: .agent, agent), try await client.id(of: .network, network))
    }
}

/// `leasehold agent add …`.
struct AgentAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Have an agent serve more.",
        discussion: """
            EXAMPLES
              leasehold agent add network --dhcp host2 blue
            """,
        subcommands: [AddNetwork.self])

    struct AddNetwork: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "network", abstract: "Have a DHCP agent serve a network.",
            discussion: """
                From then on the network is served by those agents that were chosen for it.

                EXAMPLES
                  leasehold agent add network --dhcp host2 blue
                """)

        @OptionGroup var arguments: AgentNetworkArguments
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            let (agent, network) = try await arguments.ids(client)
            _ = try await client.post(
                "agents", agent, "dhcp-networks",
                body: JSONObject(members: [.init(key: "network_id", value: .string(network))]))
            return nil
        }
    }
}

/// `leasehold agent remove …`.
struct AgentRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Have an agent serve less.",
        discussion: """
            EXAMPLES
              leasehold agent remove network --dhcp host1 blue
            """,
        subcommands: [RemoveNetwork.self])

    struct RemoveNetwork: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "network", abstract: "Have a DHCP agent leave a network.",
            discussion: """
                Its DHCP port keeps its addresses for the next agent of the network.

                EXAMPLES
                  leasehold agent remove network --dhcp host1 blue
                """)

        @OptionGroup var arguments: AgentNetworkArguments
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            let (agent, network) = try await arguments.ids(client)
            try await client.delete("agents", agent, "dhcp-networks", network)
            return nil
        }
    }
}
