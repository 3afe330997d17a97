import Addressing
import ArgumentParser
import NeutronAPI

/// `leasehold lease …`.
struct LeaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lease",
        abstract: "Leases: what DHCP servers told their clients, and when.",
        discussion: """
            A lease is a record, not a decision: which port has which address is what `leasehold port` says. \
            A client that was not told yet has none.

            EXAMPLES
              leasehold lease list --network blue
              leasehold lease show vm1
              leasehold lease show 172.16.1.103 --network blue
            """,
        subcommands: [List.self, Show.self])
}

extension LeaseCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List leases.",
            discussion: """
                EXAMPLES
                  leasehold lease list --network blue --long
                  leasehold lease list --port vm1 -f json
                  leasehold lease list -f value -c "IP Address" -c Hostname
                """)

        @Option(help: "Only leases of this network (name or id).") var network: String?
        @Option(help: "Only leases of this port (name or id).") var port: String?
        @Flag(help: "Show more columns.") var long = false
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            var query: [QueryItem] = []
            if let network {
                query.append(QueryItem("network_id", try await client.id(of: .network, network)))
            }
            if let port { query.append(QueryItem("port_id", try await client.id(of: .port, port))) }
            return try ResourceView.lease.list(try await client.leases(query), long: long, output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the lease of a port or of an address.",
            discussion: """
                A port with several leases, or an address that several networks have, gives a list. Without \
                a lease the exit status is 1.

                EXAMPLES
                  leasehold lease show vm1
                  leasehold lease show 172.16.1.103 --network blue -f value -c expires_at
                """)

        @Argument(help: "The port's name or id, or an IP address.") var portOrAddress: String
        @Option(help: "Only on this network (name or id).") var network: String?
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            var query: [QueryItem] = []
            if let network {
                query.append(QueryItem("network_id", try await client.id(of: .network, network)))
            }
            if let address = IPAddress(portOrAddress) {
                query.append(QueryItem("ip_address", address.description))
            } else {
                query.append(QueryItem("port_id", try await client.id(of: .port, portOrAddress)))
            }
            let leases = try await client.leases(query)
            guard let first = leases.first else {
                throw CommandFailure("no client was told an address of \(portOrAddress) yet")
            }
            if leases.count == 1 { return try ResourceView.lease.show(first, output) }
            return try ResourceView.lease.list(leases, long: true, output)
        }
    }
}

extension NeutronClient {
    /// Leases that the filters select.
    fileprivate func leases(_ query: [QueryItem]) async throws -> [JSONObject] {
        do {
            return try await list("leasehold", "leases", key: "leases", query: query)
        } catch let refusal as Refusal where refusal.status == 404 && refusal.type != "LeaseNotFound" {
            throw CommandFailure(
                "what answers at \(endpoint) is no Leasehold service", status: ExitStatus.unavailable)
        }
    }
}
