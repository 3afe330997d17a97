import Addressing
import ArgumentParser
import NeutronAPI

/// `leasehold subnet …`.
struct SubnetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subnet",
        abstract: "Subnets: blocks of addresses on a network, and what DHCP tells its clients.",
        discussion: """
            The options are those of `openstack subnet …`, which works with this service too.

            EXAMPLES
              leasehold subnet create --network blue --subnet-range 10.0.0.0/24 blue-v4
              leasehold subnet create --network blue --subnet-range fd00::/64 \\
                  --ipv6-address-mode dhcpv6-stateful blue-v6
              leasehold subnet list --network blue
              leasehold subnet set --dns-nameserver 9.9.9.9 blue-v4
              leasehold subnet delete blue-v6
            """,
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Delete.self, SubnetPoolCommand.self,
        ])
}

extension SubnetCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List subnets.",
            discussion: """
                EXAMPLES
                  leasehold subnet list --network blue --long
                  leasehold subnet list --ip-version 6 -f value -c Subnet
                """)

        @Flag(help: "Show more columns.") var long = false
        @Option(help: ArgumentHelp("Only subnets of this IP version.", valueName: "4|6")) var ipVersion: Int?
        @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Only subnets with DHCP, or without.")
        var dhcp: Bool?
        @Option(
            name: .customLong("service-type"),
            help: ArgumentHelp("Only subnets for this device owner; may be repeated.", valueName: "owner"))
        var serviceTypes: [String] = []
        @Option(help: ArgumentHelp("Only subnets of this project.", valueName: "id")) var project: String?
        @Option(help: "Only subnets of this network (name or id).") var network: String?
        @Option(help: ArgumentHelp("Only subnets with this gateway.", valueName: "ip")) var gateway: String?
        @Option(help: "Only subnets of this name.") var name: String?
        @Option(help: ArgumentHelp("Only the subnet with this block.", valueName: "cidr")) var subnetRange:
            String?
        @OptionGroup(title: "Tags") var tags: TagFilterOptions
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if let ipVersion, ipVersion != 4, ipVersion != 6 {
                throw ValidationError("--ip-version is 4 or 6.")
            }
        }

        /// The filters as a query.
        func query(networkID: String?) -> [QueryItem] {
            let filters: [(String, String?)] = [
                ("ip_version", ipVersion.map(String.init)), ("enable_dhcp", dhcp?.queryText),
                ("project_id", project), ("network_id", networkID), ("gateway_ip", gateway), ("name", name),
                ("cidr", subnetRange),
            ]
            return filters.compactMap { name, value in value.map { QueryItem(name, $0) } }
                + serviceTypes.map { QueryItem("service_types", $0) } + tags.query
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            var networkID: String?
            if let network { networkID = try await client.id(of: .network, network) }
            let subnets = try await client.list("subnets", key: "subnets", query: query(networkID: networkID))
            return try ResourceView.subnet.list(subnets, long: long, output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one subnet.",
            discussion: """
                EXAMPLES
                  leasehold subnet show blue-v4
                """)

        @Argument(help: "The subnet's name or id.") var subnet: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try ResourceView.subnet.show(try await client.find(.subnet, subnet), output)
        }
    }

    struct Create: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a subnet.",
            discussion: """
                Without --allocation-pool addresses are chosen from the whole block. Without --gateway \
                the gateway is the block's first address.

                EXAMPLES
                  leasehold subnet create --network blue --subnet-range 10.0.0.0/24 blue-v4
                  leasehold subnet create --network blue --subnet-range 10.1.0.0/24 \\
                      --gateway none --dns-nameserver 9.9.9.9 \\
                      --allocation-pool start=10.1.0.10,end=10.1.0.99 \\
                      --host-route destination=10.9.0.0/16,gateway=10.1.0.9 blue-more
                  leasehold subnet create --network blue --subnet-range fd00::/64 \\
                      --ipv6-ra-mode slaac --ipv6-address-mode slaac blue-v6
                  leasehold subnet create --network blue --subnet-pool lan \\
                      --prefix-length 26 blue-v4
                """)

        @Option(help: "The network that it is part of (name or id).") var network: String
        @Option(help: ArgumentHelp("The block, such as 10.0.0.0/24.", valueName: "cidr")) var subnetRange:
            String?
        @Option(help: "The pool to cut it from (name or id).") var subnetPool: String?
        @Flag(help: "Cut it from the default pool of its IP version.") var useDefaultSubnetPool = false
        @Option(help: ArgumentHelp("The prefix length of the block to cut.", valueName: "length"))
        var prefixLength: Int?
        @Option(help: ArgumentHelp("The IP version; that of the block if not said.", valueName: "4|6"))
        var ipVersion: Int?
        @Option(
            help: ArgumentHelp(
                "The gateway: an address, auto for the first one, or none.", valueName: "ip|auto|none"),
            transform: GatewayArgument.init)
        var gateway: GatewayArgument?
        @OptionGroup var attributes: SubnetAttributes
        @Option(
            help: ArgumentHelp(
                "How routers announce it: slaac, dhcpv6-stateful or dhcpv6-stateless.", valueName: "mode"),
            completion: .list(["slaac", "dhcpv6-stateful", "dhcpv6-stateless"]))
        var ipv6RAMode: String?
        @Option(
            help: ArgumentHelp(
                "How addresses come about: slaac, dhcpv6-stateful or dhcpv6-stateless.", valueName: "mode"),
            completion: .list(["slaac", "dhcpv6-stateful", "dhcpv6-stateless"]))
        var ipv6AddressMode: String?
        @Option(help: ArgumentHelp("The project that owns it.", valueName: "id")) var project: String?
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The new subnet's name.") var name: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if let ipVersion, ipVersion != 4, ipVersion != 6 {
                throw ValidationError("--ip-version is 4 or 6.")
            }
            let fromPool = subnetPool != nil || useDefaultSubnetPool
            if subnetRange == nil && !fromPool {
                throw ValidationError(
                    "Name a block with --subnet-range, or a pool with --subnet-pool or --use-default-subnet-pool."
                )
            }
            if prefixLength != nil && !fromPool {
                throw ValidationError("--prefix-length goes with --subnet-pool or --use-default-subnet-pool.")
            }
        }

        /// What is sent.
        func body(networkID: String, poolID: String? = nil) -> RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("network_id", networkID)
            body.set("cidr", subnetRange)
            body.set("subnetpool_id", poolID)
            if useDefaultSubnetPool { body.set("use_default_subnetpool", true) }
            body.set("prefixlen", prefixLength)
            // A block that cannot be read is the service's to refuse.
            body.set("ip_version", ipVersion ?? subnetRange.flatMap { IPPrefix($0) }?.version.rawValue ?? 4)
            SubnetAttributes.add(gateway, to: &body)
            attributes.add(to: &body)
            body.set("ipv6_ra_mode", ipv6RAMode)
            body.set("ipv6_address_mode", ipv6AddressMode)
            body.set("allocation_pools", unlessEmpty: attributes.pools)
            body.set("dns_nameservers", unlessEmpty: attributes.dnsNameservers.map { .string($0) })
            body.set("host_routes", unlessEmpty: attributes.routes)
            body.set("service_types", unlessEmpty: attributes.serviceTypes.map { .string($0) })
            body.set("project_id", project)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            var poolID: String?
            if let subnetPool { poolID = try await client.id(of: .subnetPool, subnetPool) }
            let body = body(networkID: try await client.id(of: .network, network), poolID: poolID)
            return try ResourceView.subnet.show(try await client.create(.subnet, body, tags: tags), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a subnet.",
            discussion: """
                Only what is said changes. Options that may be repeated add to what there is; with the \
                --no-… option beside them they replace it.

                EXAMPLES
                  leasehold subnet set --dns-nameserver 9.9.9.9 blue-v4
                  leasehold subnet set --no-dns-nameservers --dns-nameserver 1.1.1.1 blue-v4
                  leasehold subnet set --gateway none --no-dhcp blue-v4
                """)

        @Option(help: "A new name.") var name: String?
        @Option(
            help: ArgumentHelp("The gateway: an address, or none.", valueName: "ip|none"),
            transform: GatewayArgument.init)
        var gateway: GatewayArgument?
        @OptionGroup var attributes: SubnetAttributes
        @Flag(name: .customLong("no-allocation-pool"), help: "Forget the present allocation pools.")
        var clearsPools = false
        @Flag(name: .customLong("no-dns-nameservers"), help: "Forget the present DNS servers.")
        var clearsNameservers = false
        @Flag(name: .customLong("no-host-route"), help: "Forget the present routes.")
        var clearsRoutes = false
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The subnet's name or id.") var subnet: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if gateway == .auto { throw ValidationError("--gateway auto is for new subnets only.") }
        }

        /// What is sent to change the subnet.
        func body(present: JSONObject) -> RequestBody {
            var body = RequestBody()
            body.set("name", name)
            SubnetAttributes.add(gateway, to: &body)
            attributes.add(to: &body)
            let lists: [(key: String, clears: Bool, added: [JSONValue])] = [
                ("allocation_pools", clearsPools, attributes.pools),
                ("dns_nameservers", clearsNameservers, attributes.dnsNameservers.map { .string($0) }),
                ("host_routes", clearsRoutes, attributes.routes),
                ("service_types", false, attributes.serviceTypes.map { .string($0) }),
            ]
            for (key, clears, added) in lists where clears || !added.isEmpty {
                let kept = clears ? [] : present[key]?.array ?? []
                body.set(key, .array(kept + added.filter { !kept.contains($0) }))
            }
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let present = try await client.find(.subnet, subnet)
            try await client.update(.subnet, present, body(present: present), tags: tags)
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete subnets.",
            discussion: """
                A subnet of which ports hold addresses is refused. Where one of several fails, the others \
                are deleted all the same, and the status is 1.

                EXAMPLES
                  leasehold subnet delete blue-v4 blue-v6
                """)

        @Argument(help: "The subnets' names or ids.") var subnets: [String]
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.deleteAll(.subnet, subnets)
            return nil
        }
    }
}
