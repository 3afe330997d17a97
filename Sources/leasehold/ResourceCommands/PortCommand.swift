import ArgumentParser
import NeutronAPI

/// `leasehold port …`.
struct PortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port",
        abstract: "Ports: a MAC address with the addresses that DHCP hands to it.",
        discussion: """
            The options are those of `openstack port …`, which works with this service too.

            EXAMPLES
              leasehold port create --network blue web1
              leasehold port create --network blue --mac-address fa:16:3e:00:00:05 \\
                  --fixed-ip subnet=blue-v4,ip-address=10.0.0.5 db1
              leasehold port set --extra-dhcp-option name=bootfile-name,value=pxe.0 db1
              leasehold port list --network blue
              leasehold port delete web1 db1
            """,
        subcommands: [List.self, Show.self, Create.self, Update.self, Delete.self, Plug.self, Unplug.self])
}

extension PortCommand {
    struct List: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List ports.",
            discussion: """
                EXAMPLES
                  leasehold port list --network blue --long
                  leasehold port list --mac-address fa:16:3e:00:00:05
                  leasehold port list --fixed-ip ip-substring=10.0. -f value -c "MAC Address"
                """)

        @Flag(help: "Show more columns.") var long = false
        @Option(help: ArgumentHelp("Only ports of this device owner.", valueName: "owner")) var deviceOwner:
            String?
        @Option(help: "Only ports bound to this host.") var host: String?
        @Option(help: "Only ports of this network (name or id).") var network: String?
        @Option(
            name: [.customLong("device-id"), .customLong("server")],
            help: ArgumentHelp("Only ports of this device.", valueName: "id"))
        var deviceID: String?
        @Option(help: ArgumentHelp("Only the ports with this MAC address.", valueName: "mac")) var macAddress:
            String?
        @Option(help: ArgumentHelp("Only ports of this project.", valueName: "id")) var project: String?
        @Option(help: "Only ports of this name.") var name: String?
        @Option(help: ArgumentHelp("Only ports of this status, such as ACTIVE.", valueName: "status"))
        var status: String?
        @Option(
            name: .customLong("fixed-ip"),
            help: ArgumentHelp(
                "Only ports with such an address; may be repeated.",
                valueName: "subnet=<subnet>,ip-address=<ip>,ip-substring=<part>"),
            transform: {
                try KeyValueArgument($0, required: [], optional: ["subnet", "ip-address", "ip-substring"])
            })
        var fixedIPs: [KeyValueArgument] = []
        @OptionGroup(title: "Tags") var tags: TagFilterOptions
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// The filters as a query.
        func query(networkID: String?, subnetIDs: [String: String]) -> [QueryItem] {
            let filters: [(String, String?)] = [
                ("device_owner", deviceOwner), ("binding:host_id", host), ("network_id", networkID),
                ("device_id", deviceID), ("mac_address", macAddress), ("project_id", project), ("name", name),
                ("status", status?.uppercased()),
            ]
            let addresses: [(String, String?)] = fixedIPs.flatMap { argument in
                [
                    ("subnet_id", argument["subnet"].map { subnetIDs[$0] ?? $0 }),
                    ("ip_address", argument["ip-address"]),
                    ("ip_address_substr", argument["ip-substring"]),
                ]
            }
            return filters.compactMap { name, value in value.map { QueryItem(name, $0) } }
                + addresses.compactMap { name, value in value.map { QueryItem("fixed_ips", "\(name)=\($0)") }
                }
                + tags.query
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            var networkID: String?
            if let network { networkID = try await client.id(of: .network, network) }
            let subnetIDs = try await client.ids(of: .subnet, fixedIPs.compactMap { $0["subnet"] })
            let ports = try await client.list(
                "ports", key: "ports", query: query(networkID: networkID, subnetIDs: subnetIDs))
            return try ResourceView.port.list(ports, long: long, output)
        }
    }

    struct Show: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show one port.",
            discussion: """
                EXAMPLES
                  leasehold port show web1
                  leasehold port show web1 -f value -c mac_address
                """)

        @Argument(help: "The port's name or id.") var port: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            let found = try await client.find(.port, port)
            // Lists, by which names are found, leave out the leases.
            let whole =
                found["leasehold:leases"] == nil
                ? try await client.get("ports", try NeutronClient.id(found, .port))["port"]?.object : nil
            return try ResourceView.port.show(whole ?? found, output)
        }
    }

    struct Create: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a port.",
            discussion: """
                Without --fixed-ip it gets an address of each IP version that the network's subnets have.

                EXAMPLES
                  leasehold port create --network blue web1
                  leasehold port create --network blue \\
                      --fixed-ip subnet=blue-v4,ip-address=10.0.0.5 \\
                      --extra-dhcp-option name=bootfile-name,value=pxe.0,ip-version=4 db1
                  leasehold port create --network blue --no-fixed-ip bare
                """)

        @Option(help: "The network that it is on (name or id).") var network: String
        @OptionGroup var attributes: PortAttributes
        @Flag(name: .customLong("no-fixed-ip"), help: "Give it no address.") var hasNoFixedIP = false
        @Option(
            name: .customLong("security-group"),
            help: ArgumentHelp("The id of a security group; may be repeated.", valueName: "id"))
        var securityGroups: [String] = []
        @Flag(name: .customLong("no-security-group"), help: "Give it no security group.")
        var hasNoSecurityGroup = false
        @Option(help: ArgumentHelp("The project that owns it.", valueName: "id")) var project: String?
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The new port's name.") var name: String
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var service: EndpointOptions

        func validate() throws {
            if hasNoFixedIP, !attributes.fixedIPs.isEmpty {
                throw ValidationError("--fixed-ip and --no-fixed-ip exclude each other.")
            }
            if hasNoSecurityGroup, !securityGroups.isEmpty {
                throw ValidationError("--security-group and --no-security-group exclude each other.")
            }
        }

        /// What is sent.
        func body(networkID: String, subnetIDs: [String: String]) -> RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("network_id", networkID)
            body.set("admin_state_up", attributes.adminState?.isUp ?? true)
            attributes.add(to: &body)
            let fixedIPs = attributes.fixedIPBodies(subnetIDs: subnetIDs)
            if hasNoFixedIP || !fixedIPs.isEmpty { body.set("fixed_ips", .array(fixedIPs)) }
            body.set("allowed_address_pairs", unlessEmpty: attributes.allowedAddressBodies)
            if hasNoSecurityGroup || !securityGroups.isEmpty {
                body.set("security_groups", .array(securityGroups.map { .string($0) }))
            }
            body.set("project_id", project)
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let networkID = try await client.id(of: .network, network)
            let subnetIDs = try await client.ids(of: .subnet, attributes.subnets)
            let body = body(networkID: networkID, subnetIDs: subnetIDs)
            return try ResourceView.port.show(try await client.create(.port, body, tags: tags), output)
        }
    }

    struct Update: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a port.",
            discussion: """
                Only what is said changes. --fixed-ip and --allowed-address add to what there is; with \
                --no-fixed-ip or --no-allowed-address beside them they replace it.

                EXAMPLES
                  leasehold port set --name web2 web1
                  leasehold port set --no-fixed-ip --fixed-ip ip-address=10.0.0.6 web1
                  leasehold port set --extra-dhcp-option name=bootfile-name web1
                """)

        @Option(help: "A new name.") var name: String?
        @OptionGroup var attributes: PortAttributes
        @Flag(name: .customLong("no-fixed-ip"), help: "Take its present addresses away.")
        var clearsFixedIPs = false
        @Flag(name: .customLong("no-allowed-address"), help: "Forget the further addresses.")
        var clearsAllowedAddresses = false
        @OptionGroup(title: "Tags") var tags: TagOptions
        @Argument(help: "The port's name or id.") var port: String
        @OptionGroup(title: "Service") var service: EndpointOptions

        /// What is sent to change the port.
        func body(present: JSONObject, subnetIDs: [String: String]) -> RequestBody {
            var body = RequestBody()
            body.set("name", name)
            body.set("admin_state_up", attributes.adminState?.isUp)
            attributes.add(to: &body)
            let lists: [(key: String, clears: Bool, added: [JSONValue])] = [
                ("fixed_ips", clearsFixedIPs, attributes.fixedIPBodies(subnetIDs: subnetIDs)),
                ("allowed_address_pairs", clearsAllowedAddresses, attributes.allowedAddressBodies),
            ]
            for (key, clears, added) in lists where clears || !added.isEmpty {
                let kept = clears ? [] : present[key]?.array ?? []
                body.set(key, .array(kept + added.filter { !kept.contains($0) }))
            }
            return body
        }

        func execute(_ client: NeutronClient) async throws -> String? {
            let present = try await client.find(.port, port)
            let subnetIDs = try await client.ids(of: .subnet, attributes.subnets)
            let body = body(present: present, subnetIDs: subnetIDs)
            try await client.update(.port, present, body, tags: tags)
            return nil
        }
    }

    struct Delete: ResourceCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete ports; their addresses are free at once.",
            discussion: """
                Where one of several fails, the others are deleted all the same, and the status is 1.

                EXAMPLES
                  leasehold port delete web1 db1
                """)

        @Argument(help: "The ports' names or ids.") var ports: [String]
        @OptionGroup(title: "Service") var service: EndpointOptions

        func execute(_ client: NeutronClient) async throws -> String? {
            try await client.deleteAll(.port, ports)
            return nil
        }
    }
}
