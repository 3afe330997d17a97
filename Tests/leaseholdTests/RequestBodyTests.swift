import ArgumentParser
import NeutronAPI
import Testing

@testable import leasehold

@Suite struct RequestBodyTests {
    private let net = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"
    private let subnet = "e5a5c64a-03f2-4652-a5ae-3e5ff2d36102"

    private func arguments(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    /// An object of the text.
    private func object(_ text: String) throws -> JSONObject {
        try #require(try JSONParser(maximumDepth: 8).parse(Array(text.utf8)).object)
    }

    @Test(arguments: [
        ("net1", #"{"name":"net1","admin_state_up":true}"#),
        (
            "--share --provider-network-type vlan --provider-physical-network physnet1 --provider-segment 100 --mtu 1450 --description d --tag a net2",
            #"{"name":"net2","admin_state_up":true,"description":"d","shared":true,"mtu":1450,"provider:network_type":"vlan","provider:physical_network":"physnet1","provider:segmentation_id":100}"#
        ),
        (
            "n --disable --no-share --external --no-default --disable-port-security --dns-domain e.org. --project p --availability-zone-hint a --availability-zone-hint b",
            #"{"name":"n","admin_state_up":false,"shared":false,"router:external":true,"is_default":false,"port_security_enabled":false,"dns_domain":"e.org.","project_id":"p","availability_zone_hints":["a","b"]}"#
        ),
        (
            "n --dhcp-driver native", #"{"name":"n","admin_state_up":true,"leasehold:dhcp_driver":"native"}"#
        ),
        (
            "n --internal --default --enable-port-security",
            #"{"name":"n","admin_state_up":true,"router:external":false,"is_default":true,"port_security_enabled":true}"#
        ),
    ])
    func `network create sends`(line: String, body: String) throws {
        let command = try NetworkCommand.Create.parse(arguments(line))
        #expect(JSONValue.object(command.body.object).compactJSON == body)
    }

    @Test(arguments: [
        ("--description newd net1", #"{"description":"newd"}"#), ("net1", "{}"),
        ("--name b --enable --no-share net1", #"{"name":"b","admin_state_up":true,"shared":false}"#),
        ("--tag x net1", "{}"), ("--dhcp-driver dnsmasq n", #"{"leasehold:dhcp_driver":"dnsmasq"}"#),
        ("--dhcp-driver default n", #"{"leasehold:dhcp_driver":null}"#),
    ])
    func `network set sends only what is said`(line: String, body: String) throws {
        let command = try NetworkCommand.Update.parse(arguments(line))
        #expect(JSONValue.object(command.body.object).compactJSON == body)
    }

    @Test(arguments: [
        ("--subnet-range 10.0.0.0/24 s", #""cidr":"10.0.0.0/24","ip_version":4"#),
        ("--subnet-range fd00::/64 s", #""cidr":"fd00::/64","ip_version":6"#),
        ("--subnet-range nonsense s", #""cidr":"nonsense","ip_version":4"#),
        ("--subnet-range fd00::/64 --ip-version 4 s", #""cidr":"fd00::/64","ip_version":4"#),
        ("--subnet-range 10.0.0.0/24 --gateway auto s", #""cidr":"10.0.0.0/24","ip_version":4"#),
        (
            "--subnet-range 10.0.0.0/24 --gateway 10.0.0.9 --dhcp s",
            #""cidr":"10.0.0.0/24","ip_version":4,"gateway_ip":"10.0.0.9","enable_dhcp":true"#
        ),
        (
            "--subnet-range 10.1.0.0/24 --gateway none --no-dhcp --allocation-pool start=10.1.0.10,end=10.1.0.20 --dns-nameserver 8.8.8.8 --host-route destination=10.9.0.0/16,gateway=10.1.0.9 s",
            #""cidr":"10.1.0.0/24","ip_version":4,"gateway_ip":null,"enable_dhcp":false,"allocation_pools":[{"start":"10.1.0.10","end":"10.1.0.20"}],"dns_nameservers":["8.8.8.8"],"host_routes":[{"destination":"10.9.0.0/16","nexthop":"10.1.0.9"}]"#
        ),
        (
            "--subnet-range fd00::/64 --ipv6-ra-mode slaac --ipv6-address-mode slaac --dns-publish-fixed-ip --service-type a --service-type b --project p --description d s",
            #""cidr":"fd00::/64","ip_version":6,"description":"d","dns_publish_fixed_ip":true,"ipv6_ra_mode":"slaac","ipv6_address_mode":"slaac","service_types":["a","b"],"project_id":"p""#
        ),
    ])
    func `subnet create sends`(line: String, body: String) throws {
        let command = try SubnetCommand.Create.parse(["--network", "net1"] + arguments(line))
        #expect(
            JSONValue.object(command.body(networkID: net).object).compactJSON
                == #"{"name":"s","network_id":"\#(net)",\#(body)}"#)
    }

    @Test(arguments: [
        ("--dns-nameserver 1.1.1.1 s", #"{"dns_nameservers":["8.8.8.8","1.1.1.1"]}"#),
        ("--dns-nameserver 8.8.8.8 s", #"{"dns_nameservers":["8.8.8.8"]}"#),
        ("--no-dns-nameservers --dns-nameserver 1.1.1.1 s", #"{"dns_nameservers":["1.1.1.1"]}"#),
        ("--no-dns-nameservers s", #"{"dns_nameservers":[]}"#),
        ("--host-route destination=a,gateway=b s", #"{"host_routes":[{"destination":"a","nexthop":"b"}]}"#),
        (
            "--no-allocation-pool --allocation-pool start=1,end=2 s",
            #"{"allocation_pools":[{"start":"1","end":"2"}]}"#
        ),
        ("--gateway none --no-dhcp --name t s", #"{"name":"t","gateway_ip":null,"enable_dhcp":false}"#),
        ("s", "{}"),
    ])
    func `subnet set adds to lists or replaces them`(line: String, body: String) throws {
        let present = try object(#"{"id":"1","dns_nameservers":["8.8.8.8"],"host_routes":[]}"#)
        let command = try SubnetCommand.Update.parse(arguments(line))
        #expect(JSONValue.object(command.body(present: present).object).compactJSON == body)
    }

    @Test(arguments: [
        ("p", #""admin_state_up":true"#),
        (
            "--fixed-ip subnet=sub1,ip-address=10.0.0.5 --mac-address fa:16:3e:11:22:33 --extra-dhcp-option name=bootfile-name,value=pxe.0,ip-version=4 --host h1 p",
            #""admin_state_up":true,"mac_address":"fa:16:3e:11:22:33","binding:host_id":"h1","extra_dhcp_opts":[{"opt_name":"bootfile-name","opt_value":"pxe.0","ip_version":"4"}],"fixed_ips":[{"subnet_id":"e5a5c64a-03f2-4652-a5ae-3e5ff2d36102","ip_address":"10.0.0.5"}]"#
        ),
        ("--no-fixed-ip p", #""admin_state_up":true,"fixed_ips":[]"#),
        (
            "--fixed-ip subnet=sub1 --fixed-ip ip-address=10.0.0.7 p",
            #""admin_state_up":true,"fixed_ips":[{"subnet_id":"e5a5c64a-03f2-4652-a5ae-3e5ff2d36102"},{"ip_address":"10.0.0.7"}]"#
        ),
        (
            "--extra-dhcp-option name=classless-static-route,value=10.0.0.0/8,10.0.0.1,0.0.0.0/0,10.0.0.1,ip-version=4 p",
            #""admin_state_up":true,"extra_dhcp_opts":[{"opt_name":"classless-static-route","opt_value":"10.0.0.0/8,10.0.0.1,0.0.0.0/0,10.0.0.1","ip_version":"4"}]"#
        ),
        (
            "--disable --device d --device-owner o --vnic-type normal --dns-name n --dns-domain e.org. --allowed-address ip-address=10.0.0.9,mac-address=aa:bb:cc:dd:ee:ff --no-security-group --project x p",
            #""admin_state_up":false,"device_id":"d","device_owner":"o","binding:vnic_type":"normal","dns_domain":"e.org.","dns_name":"n","allowed_address_pairs":[{"ip_address":"10.0.0.9","mac_address":"aa:bb:cc:dd:ee:ff"}],"security_groups":[],"project_id":"x""#
        ),
    ])
    func `port create sends`(line: String, body: String) throws {
        let command = try PortCommand.Create.parse(["--network", "net1"] + arguments(line))
        #expect(
            JSONValue.object(command.body(networkID: net, subnetIDs: ["sub1": subnet]).object).compactJSON
                == #"{"name":"p","network_id":"\#(net)",\#(body)}"#)
    }

    @Test(arguments: [
        ("--name b p", #"{"name":"b"}"#),
        (
            "--no-fixed-ip --fixed-ip subnet=sub1,ip-address=10.0.0.6 p",
            #"{"fixed_ips":[{"subnet_id":"e5a5c64a-03f2-4652-a5ae-3e5ff2d36102","ip_address":"10.0.0.6"}]}"#
        ),
        (
            "--fixed-ip ip-address=10.0.0.6 p",
            #"{"fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.5"},{"ip_address":"10.0.0.6"}]}"#
        ),
        ("--no-fixed-ip p", #"{"fixed_ips":[]}"#),
        ("--extra-dhcp-option name=mtu p", #"{"extra_dhcp_opts":[{"opt_name":"mtu","opt_value":null}]}"#),
        (
            "--extra-dhcp-option name=router,value= p",
            #"{"extra_dhcp_opts":[{"opt_name":"router","opt_value":""}]}"#
        ),
        ("--no-allowed-address p", #"{"allowed_address_pairs":[]}"#),
    ])
    func `port set sends`(line: String, body: String) throws {
        let present = try object(#"{"id":"1","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.5"}]}"#)
        let command = try PortCommand.Update.parse(arguments(line))
        #expect(
            JSONValue.object(command.body(present: present, subnetIDs: ["sub1": subnet]).object).compactJSON
                == body)
    }

    @Test func `agent set sends`() throws {
        let command = try AgentCommand.Update.parse(arguments("--disable --description d a"))
        #expect(
            JSONValue.object(command.body.object).compactJSON
                == #"{"description":"d","admin_state_up":false}"#)
    }

    // MARK: queries

    private func text(_ query: [QueryItem]) -> String {
        query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    @Test(arguments: [
        ("", ""), ("--name n --long", "name=n"),
        ("--external --share --enable", "router:external=True&admin_state_up=True&shared=True"),
        ("--status active --provider-segment 5", "status=ACTIVE&provider:segmentation_id=5"),
        ("--tags a,b --not-any-tags c", "tags=a,b&not-tags-any=c"),
    ])
    func `network list filters by`(line: String, query: String) throws {
        #expect(text(try NetworkCommand.List.parse(arguments(line)).query) == query)
    }

    @Test func `subnet list filters by`() throws {
        let command = try SubnetCommand.List.parse(
            arguments("--ip-version 6 --no-dhcp --service-type a --service-type b --subnet-range fd00::/64"))
        #expect(
            text(command.query(networkID: net))
                == "ip_version=6&enable_dhcp=False&network_id=\(net)&cidr=fd00::/64&service_types=a&service_types=b"
        )
    }

    @Test func `port list filters by`() throws {
        let command = try PortCommand.List.parse(
            arguments(
                "--server d --mac-address m --fixed-ip subnet=s,ip-address=1 --fixed-ip ip-substring=10."))
        #expect(
            text(command.query(networkID: nil, subnetIDs: ["s": "id"]))
                == "device_id=d&mac_address=m&fixed_ips=subnet_id=id&fixed_ips=ip_address=1&fixed_ips=ip_address_substr=10."
        )
    }

    @Test func `the agent type dhcp stands for its long name`() throws {
        #expect(
            text(try AgentCommand.List.parse(arguments("--agent-type dhcp")).query) == "agent_type=DHCP agent"
        )
    }

    // MARK: command lines that are refused

    @Test(arguments: [
        ("start=1", "'start=1' should be start=…,end=…; it has no end."),
        ("", "'' should be start=…,end=…; '' is no such pair."),
        ("start=1,start=2,end=3", "'start' comes twice in 'start=1,start=2,end=3'."),
        ("1,end=2", "'1,end=2' should be start=…,end=…; '1' is no such pair."),
    ])
    func `malformed pairs are refused with their form`(text: String, message: String) {
        let error = #expect(throws: ValidationError.self) {
            try KeyValueArgument(text, required: ["start", "end"])
        }
        #expect(error?.message == message)
    }

    @Test func `options that exclude each other are refused`() {
        for line in ["--share --no-share n", "--enable --disable n", "--external --internal n"] {
            #expect(throws: (any Error).self, "\(line)") { try NetworkCommand.Create.parse(arguments(line)) }
        }
        #expect(throws: (any Error).self) {
            try PortCommand.Create.parse(arguments("--network n --no-fixed-ip --fixed-ip ip-address=1 p"))
        }
        #expect(throws: (any Error).self) { try SubnetCommand.Update.parse(arguments("--gateway auto s")) }
        #expect(throws: (any Error).self) { try NetworkCommand.List.parse(arguments("--agent a --name n")) }
        #expect(throws: (any Error).self) { try NetworkCommand.Delete.parse([]) }
    }

    @Test(
        arguments: [
            (["--tag", "a"], ["x"], ["x", "a"]), (["--tag", "x"], ["x"], ["x"]), (["--no-tag"], ["x"], []),
            (["--no-tag", "--tag", "a"], ["x"], ["a"]), ([], ["x"], nil),
        ] as [([String], [String], [String]?)])
    func `tags are added or replaced`(arguments: [String], present: [String], expected: [String]?) throws {
        #expect(try TagOptions.parse(arguments).tags(from: present) == expected)
    }

    @Test func `every command has a discussion with examples`() {
        let groups: [any ParsableCommand.Type] = [
            NetworkCommand.self, SubnetCommand.self, PortCommand.self, AgentCommand.self,
            ConfigurationCommand.self,
        ]
        let commands = groups.flatMap { $0.configuration.subcommands }.filter {
            $0 is any ResourceCommand.Type || $0.configuration.commandName == "check"
        }
        #expect(commands.count == 5 * 3 + 4 + 1)
        for command in groups + commands {
            #expect(command.helpMessage().contains("EXAMPLES"), "\(command)")
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            let lines = command.configuration.discussion.split(separator: "\n")
            let examples = lines.drop { $0 != "EXAMPLES" }
            #expect(examples.allSatisfy { $0.count <= 80 }, "\(command) has examples that would be broken")
        }
    }

    @Test(arguments: [
        ("--subnet-pool p s", #""subnetpool_id":"POOL","ip_version":4"#),
        (
            "--use-default-subnet-pool --prefix-length 26 --ip-version 6 s",
            #""use_default_subnetpool":true,"prefixlen":26,"ip_version":6"#
        ),
    ])
    func `subnet create from a pool sends`(line: String, body: String) throws {
        let command = try SubnetCommand.Create.parse(arguments("--network n \(line)"))
        let sent = command.body(networkID: net, poolID: command.subnetPool.map { _ in "POOL" })
        #expect(
            JSONValue.object(sent.object).compactJSON
                == "{\"name\":\"s\",\"network_id\":\"\(net)\",\(body)}")
    }

    @Test(arguments: ["--network n s", "--network n --subnet-range 10.0.0.0/8 --prefix-length 9 s"])
    func `subnet create wants a block or a pool`(line: String) {
        #expect(throws: (any Error).self) { try SubnetCommand.Create.parse(arguments(line)) }
    }

    @Test func `subnet pool create and set send what is said`() throws {
        let create = try SubnetPoolCommand.Create.parse(
            arguments(
                "--pool-prefix 10.0.0.0/8 --pool-prefix 11.0.0.0/8 --default-prefix-length 24 "
                    + "--min-prefix-length 20 --max-prefix-length 28 --share --default --default-quota 9 p"))
        #expect(
            JSONValue.object(create.body.object).compactJSON
                == #"{"name":"p","prefixes":["10.0.0.0/8","11.0.0.0/8"],"default_prefixlen":24,"#
                + #""min_prefixlen":20,"max_prefixlen":28,"is_default":true,"default_quota":9,"shared":true}"#
        )
        let update = try SubnetPoolCommand.Update.parse(arguments("--pool-prefix 11.0.0.0/8 --no-default p"))
        #expect(
            JSONValue.object(update.body(present: try object(#"{"prefixes":["10.0.0.0/8"]}"#)).object)
                .compactJSON == #"{"prefixes":["10.0.0.0/8","11.0.0.0/8"],"is_default":false}"#)
        #expect(throws: (any Error).self) { try SubnetPoolCommand.Create.parse(["p"]) }
    }

    @Test func `quota set sends the limits that are said`() throws {
        let command = try QuotaCommand.Update.parse(arguments("--networks 3 --subnetpools -1 --force p"))
        #expect(
            JSONValue.object(command.body.object).compactJSON
                == #"{"network":3,"subnetpool":-1,"force":true}"#)
        #expect(throws: (any Error).self) { try QuotaCommand.Update.parse(["p"]) }
    }
}
