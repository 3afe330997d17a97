import Addressing
import Foundation
import Glibc
import NetworkModel
import Testing

@testable import leasehold

@Suite struct ConfigurationTests {
    /// The configuration of one file `c.conf`.
    private func read(_ text: String) throws(ConfigurationError) -> Configuration {
        try Configuration(texts: [("c.conf", text)])
    }

    /// What is said about a file, accepted or not.
    private func problems(_ text: String) -> [String] {
        do {
            return try read(text).problems.map(\.description)
        } catch {
            return error.problems.map(\.description)
        }
    }

    // MARK: values

    @Test func `without files the defaults are Neutron's`() {
        let settings = Configuration().settings
        #expect(settings.dhcpConfs == "/var/lib/neutron/dhcp")
        #expect(settings.database == "/var/lib/neutron/leasehold.sqlite")
        #expect(settings.dhcpLeaseDuration == 86_400)
        #expect(settings.dnsDomain == "openstacklocal")
        #expect(settings.bindPort == 9696)
        #expect(settings == Settings())
        #expect(Settings().modelPolicy == ModelPolicy())
    }

    @Test func `every property is set by its option`() throws {
        let settings = try read(
            """
            [DEFAULT]
            state_path = /srv/net
            host = node-7.example.org
            debug = yes
            base_mac = fa:16:3e:4f:00:00
            dns_domain = example.org
            max_dns_nameservers = 3
            max_subnet_host_routes = 30
            pagination_max_limit = 1000
            global_physnet_mtu = 9000
            agent_down_time = 100
            resync_interval = 7
            resync_throttle = 2
            num_sync_threads = 8
            dhcp_driver = dnsmasq
            dhcp_confs = /run/dhcp
            dhcp_lease_duration = -1
            dhcp_renewal_time = 100
            dhcp_rebinding_time = 200
            dhcp_broadcast_reply = on
            dnsmasq_config_file = /etc/dnsmasq-extra.conf
            dnsmasq_dns_servers = 192.0.2.53, 2001:db8::53,
            dnsmasq_local_resolv = True
            dnsmasq_base_log_dir = /var/log/dhcp
            dnsmasq_lease_max = 10
            dnsmasq_enable_addr6_list = 1
            dnsmasq_txt_record = probe,ok
            interface_driver = neutron.agent.linux.interface.BridgeInterfaceDriver
            [agent]
            report_interval = 12.5
            log_agent_heartbeats = true
            availability_zone = az1
            [ml2]
            tenant_network_types = vxlan,local
            path_mtu = 8000
            physical_network_mtus = physnet1:1400, physnet2:9000
            overlay_ip_version = 6
            [ml2_type_flat]
            flat_networks = physnet1
            [ml2_type_vlan]
            network_vlan_ranges = physnet1:100:199,physnet2
            [ml2_type_vxlan]
            vni_ranges = 1:99,200:299
            [linux_bridge]
            physical_interface_mappings = physnet1:eth1
            bridge_mappings = physnet2:br-ex
            [vxlan]
            enable_vxlan = true
            local_ip = 2001:db8::1
            vxlan_group = ff05::/16
            udp_dstport = 4789
            vxlan_peers = 2001:db8::2,2001:db8::3
            [leasehold]
            bind_host = ::1
            bind_port = 19696
            api_token = secret
            database = $state_path/db.sqlite
            audit_interval = 0
            """
        ).settings
        #expect(settings.statePath == "/srv/net")
        #expect(settings.host == "node-7.example.org")
        #expect(settings.debug)
        #expect(settings.baseMAC.description == "fa:16:3e:4f:00:00")
        #expect(settings.dnsDomain == "example.org")
        #expect(settings.maxDNSNameservers == 3)
        #expect(settings.maxSubnetHostRoutes == 30)
        #expect(settings.paginationMaxLimit == 1000)
        #expect(settings.globalPhysnetMTU == 9000)
        #expect(settings.agentDownTime == 100)
        #expect(settings.resyncInterval == 7)
        #expect(settings.resyncThrottle == 2)
        #expect(settings.numSyncThreads == 8)
        #expect(settings.dhcpDriver == .dnsmasq)
        #expect(settings.dhcpConfs == "/run/dhcp")
        #expect(settings.dhcpLeaseDuration == -1)
        #expect(settings.dhcpRenewalTime == 100)
        #expect(settings.dhcpRebindingTime == 200)
        #expect(settings.dhcpBroadcastReply)
        #expect(settings.dnsmasqConfigFile == "/etc/dnsmasq-extra.conf")
        #expect(settings.dnsmasqDNSServers == ["192.0.2.53", "2001:db8::53"])
        #expect(settings.dnsmasqLocalResolv)
        #expect(settings.dnsmasqBaseLogDir == "/var/log/dhcp")
        #expect(settings.dnsmasqLeaseMax == 10)
        #expect(settings.dnsmasqEnableAddr6List)
        #expect(settings.dnsmasqTXTRecord == "probe,ok")
        #expect(settings.interfaceDriver == .linuxbridge)
        #expect(settings.reportInterval == 12.5)
        #expect(settings.logAgentHeartbeats)
        #expect(settings.availabilityZone == "az1")
        #expect(settings.tenantNetworkTypes == [.vxlan, .local])
        #expect(settings.pathMTU == 8000)
        #expect(settings.physicalNetworkMTUs == ["physnet1": 1400, "physnet2": 9000])
        #expect(settings.overlayIPVersion == .v6)
        #expect(settings.flatNetworks == ["physnet1"])
        #expect(settings.vlanRanges == ["physnet1": 100...199, "physnet2": 1...4094])
        #expect(settings.vniRanges == [1...99, 200...299])
        #expect(settings.physicalInterfaceMappings == ["physnet1": "eth1"])
        #expect(settings.bridgeMappings == ["physnet2": "br-ex"])
        #expect(settings.enableVXLAN)
        #expect(settings.localIP == IPAddress("2001:db8::1"))
        #expect(settings.vxlanGroup == IPPrefix("ff05::/16")?.network)
        #expect(settings.vxlanPort == 4789)
        #expect(settings.vxlanPeers.map(\.description) == ["2001:db8::2", "2001:db8::3"])
        #expect(settings.bindHost == "::1")
        #expect(settings.bindPort == 19696)
        #expect(settings.apiToken == "secret")
        #expect(settings.database == "/srv/net/db.sqlite")
        #expect(settings.auditInterval == 0)
        let policy = settings.modelPolicy
        #expect(policy.vlanRanges == settings.vlanRanges)
        #expect(policy.globalPhysnetMTU == 9000)
        #expect(policy.overlayIPVersion == .v6)
    }

    @Test(arguments: [
        ("1", 1), ("500", 500), ("-1", nil), ("0", nil), ("infinite", nil), (" Infinite ", nil),
    ])
    func `pages have a limit, or none`(text: String, limit: Int?) throws {
        let settings = try read("[DEFAULT]\npagination_max_limit =\(text)").settings
        #expect(settings.paginationMaxLimit == limit)
        #expect(throws: ConfigurationError.self) { try read("[DEFAULT]\npagination_max_limit = \(text)x") }
    }

    @Test(arguments: ["neutron.agent.linux.dhcp.Dnsmasq", "dnsmasq", " dnsmasq "])
    func `the dnsmasq driver has two spellings`(name: String) throws {
        #expect(try read("[DEFAULT]\ndhcp_driver =\(name)").settings.dhcpDriver == .dnsmasq)
    }

    @Test(arguments: ["leasehold.native", "native", " native "])
    func `the native driver has two spellings`(name: String) throws {
        #expect(try read("[DEFAULT]\ndhcp_driver =\(name)").settings.dhcpDriver == .native)
    }

    @Test func `options of dnsmasq's own are reported where the native driver serves`() throws {
        let text = "[DEFAULT]\ndnsmasq_lease_max = 5\ndnsmasq_dns_servers = 192.0.2.1\n"
        #expect(try read(text).problems.isEmpty)
        let configuration = try read(text + "dhcp_driver = native")
        #expect(configuration.problems.map(\.line) == [2])
        #expect(configuration.problems.allSatisfy { $0.severity == .warning })
    }

    @Test func `the native driver's limits are settings`() throws {
        let settings = try read(
            """
            [leasehold]
            dhcp_port_rate = 0
            dhcp_port_burst = 7
            dhcp_network_rate = 5000
            dhcp_source_mismatch = refuse
            """
        ).settings
        #expect(settings.dhcpPortRate == 0)
        #expect(settings.dhcpPortBurst == 7)
        #expect(settings.dhcpNetworkRate == 5000)
        #expect("\(settings.dhcpSourceMismatch)" == "refuse")
    }

    @Test func `an option in Neutron's place sets the same as in ours`() throws {
        #expect(try read("[DEFAULT]\nbind_port = 1234").settings.bindPort == 1234)
        #expect(try read("[leasehold]\nbind_port = 1234").settings.bindPort == 1234)
    }

    @Test func `of two places in one file ours counts`() throws {
        for text in [
            "[DEFAULT]\nbind_port = 1\n[leasehold]\nbind_port = 2",
            "[leasehold]\nbind_port = 2\n[DEFAULT]\nbind_port = 1",
        ] {
            let configuration = try read(text)
            #expect(configuration.settings.bindPort == 2)
            #expect(configuration.problems.map(\.severity) == [.warning])
        }
    }

    @Test func `a later file goes before an earlier one option by option`() throws {
        let configuration = try Configuration(texts: [
            ("a", "[DEFAULT]\ndns_domain = a\nmax_dns_nameservers = 1\n[leasehold]\nbind_port = 1"),
            ("b", "[DEFAULT]\ndns_domain = b\nbind_port = 2"),
        ])
        #expect(configuration.settings.dnsDomain == "b")
        #expect(configuration.settings.maxDNSNameservers == 1)
        #expect(configuration.settings.bindPort == 2)
        #expect(configuration.problems.isEmpty)
    }

    @Test func `a repeated key counts where it stands last and is remarked on`() {
        #expect(
            problems("[DEFAULT]\ndns_domain = a\ndns_domain = b")
                == [
                    "c.conf:2: warning: [DEFAULT] dns_domain is set again as [DEFAULT] dns_domain in line 3, and that counts"
                ])
    }

    @Test func `sections match in any case but DEFAULT`() throws {
        #expect(try read("[VXLAN]\nudp_dstport = 4789").settings.vxlanPort == 4789)
        #expect(
            problems("[default]\n").first?.hasSuffix("there is no section [default]; did you mean [DEFAULT]?")
                == true)
    }

    // MARK: references

    @Test(arguments: [
        ("state_path = /a\ndhcp_confs = $state_path/x", "/a/x"),
        ("state_path = /a\ndhcp_confs = ${state_path}x", "/ax"),
        ("state_path = /a", "/a/dhcp"), ("dhcp_confs = /$$x", "/$x"), (#"dhcp_confs = /\$x"#, "/$x"),
        ("dhcp_confs = /a$ b$1", "/a$ b$1"), ("dhcp_confs = /$DEFAULT.dns_domain", "/openstacklocal"),
        ("dhcp_confs = /${ml2.path_mtu}/x", "/0/x"),
        ("state_path = /a\ndhcp_confs = $state_path.d", "unknown"),
        ("state_path = /a\ndhcp_confs = $state_path.", "/a."),
        ("mine = /b\ndhcp_confs = $mine", "/b"),
        ("state_path = /$dns_domain\ndhcp_confs = $state_path", "/openstacklocal"),
        ("external_pids = /p\ndhcp_confs = $external_pids", "/p"),
    ])
    func `references are replaced`(text: String, expected: String) {
        do throws(ConfigurationError) {
            #expect(try read("[DEFAULT]\n\(text)").settings.dhcpConfs == expected)
        } catch {
            #expect(expected == "unknown" && error.description.contains("has no value"), "\(error)")
        }
    }

    @Test func `a reference in an address is replaced`() throws {
        let settings = try read("[DEFAULT]\nmy_ip = 192.0.2.7\n[vxlan]\nlocal_ip = $my_ip").settings
        #expect(settings.localIP == IPAddress("192.0.2.7"))
    }

    @Test func `references in a circle are an error`() {
        #expect(
            problems("[DEFAULT]\nstate_path = $dhcp_confs\ndhcp_confs = $state_path").first
                == "c.conf:2: error: [DEFAULT] state_path = $dhcp_confs: the options refer to each other in a circle: state_path → dhcp_confs → state_path; expected an absolute path"
        )
    }

    // MARK: errors

    @Test(arguments: [
        (
            "[DEFAULT]\n\ndhcp_lease_duration = 1 day", "3",
            "[DEFAULT] dhcp_lease_duration = 1 day: expected an integer of at least -1 (seconds, -1 for infinite)"
        ),
        (
            "[DEFAULT]\ndhcp_lease_duration = -2", "2",
            "[DEFAULT] dhcp_lease_duration = -2: expected an integer of at least -1 (seconds, -1 for infinite)"
        ),
        (
            "[DEFAULT]\ndhcp_lease_duration =", "2",
            "[DEFAULT] dhcp_lease_duration = : expected an integer of at least -1 (seconds, -1 for infinite)"
        ),
        (
            "[DEFAULT]\nbind_port = 65536", "2",
            "[DEFAULT] bind_port = 65536: expected an integer from 1 to 65535"
        ),
        ("[DEFAULT]\ndebug = maybe", "2", "[DEFAULT] debug = maybe: expected true or false"),
        ("[DEFAULT]\nstate_path = var", "2", "[DEFAULT] state_path = var: expected an absolute path"),
        (
            "[DEFAULT]\nbase_mac = 01:00:5e:00:00:00", "2",
            "[DEFAULT] base_mac = 01:00:5e:00:00:00: expected the MAC address of one device, such as fa:16:3e:00:00:00"
        ),
        (
            "[leasehold]\ndhcp_source_mismatch = drop", "2",
            "[leasehold] dhcp_source_mismatch = drop: expected count or refuse"
        ),
        (
            "[DEFAULT]\ndhcp_driver = kea", "2",
            "[DEFAULT] dhcp_driver = kea: expected neutron.agent.linux.dhcp.Dnsmasq, or dnsmasq for short, or native"
        ),
        (
            "[DEFAULT]\ninterface_driver = openvswitch", "2",
            "[DEFAULT] interface_driver = openvswitch: the openvswitch driver is not available in this version; expected linuxbridge, or neutron.agent.linux.interface.BridgeInterfaceDriver"
        ),
        (
            "[DEFAULT]\ndnsmasq_dns_servers = 1.1.1.1,\n  dns.example", "2",
            "[DEFAULT] dnsmasq_dns_servers = 1.1.1.1, dns.example: 'dns.example' is not a DNS server such as 192.0.2.53, 192.0.2.53#5353 or /example.org/192.0.2.53; expected a list of DNS servers separated by commas"
        ),
        (
            "[ml2]\nphysical_network_mtus = p", "2",
            "[ml2] physical_network_mtus = p: 'p' has no ':'; expected a list of 'physical network:MTU' pairs separated by commas"
        ),
        (
            "[ml2]\nphysical_network_mtus = p:x", "2",
            "[ml2] physical_network_mtus = p:x: 'x' of 'p:x' is not an integer of at least 68 (bytes); expected a list of 'physical network:MTU' pairs separated by commas"
        ),
        (
            "[ml2]\nphysical_network_mtus = p:100,p:200", "2",
            "[ml2] physical_network_mtus = p:100,p:200: 'p' comes twice; expected a list of 'physical network:MTU' pairs separated by commas"
        ),
        (
            "[ml2]\ntenant_network_types = vxlan,wifi", "2",
            "[ml2] tenant_network_types = vxlan,wifi: 'wifi' is not a network type; expected a list of local, vlan or vxlan separated by commas"
        ),
        ("[ml2]\noverlay_ip_version = 5", "2", "[ml2] overlay_ip_version = 5: expected 4 or 6"),
        (
            "[ml2_type_vxlan]\nvni_ranges = 10:1", "2",
            "[ml2_type_vxlan] vni_ranges = 10:1: '10:1' is no such range; expected a list of 'first:last' ranges of numbers from 1 to 16777215"
        ),
        (
            "[ml2_type_vlan]\nnetwork_vlan_ranges = p:1:5000", "2",
            "[ml2_type_vlan] network_vlan_ranges = p:1:5000: 'p:1:5000' is no such range; expected a list of 'physical network:first:last' with VLAN ids from 1 to 4094, or bare names"
        ),
        (
            "[linux_bridge]\nphysical_interface_mappings = p:a-name-that-is-too-long", "2",
            "[linux_bridge] physical_interface_mappings = p:a-name-that-is-too-long: 'a-name-that-is-too-long' of 'p:a-name-that-is-too-long' is not an interface name of at most 15 characters; expected a list of 'physical network:interface' pairs separated by commas"
        ),
        (
            "[vxlan]\nlocal_ip = 10.0.0.256", "2",
            "[vxlan] local_ip = 10.0.0.256: expected the IP address of a host, or nothing"
        ),
        (
            "[vxlan]\nvxlan_group = 10.0.0.1", "2",
            "[vxlan] vxlan_group = 10.0.0.1: expected a multicast address, or a block of them such as 239.0.0.0/8, or nothing"
        ),
        (
            "[leasehold]\nbind_host = 10.0.0.999", "2",
            "[leasehold] bind_host = 10.0.0.999: expected an IP address or a host name"
        ),
        (
            "[AGENT]\nreport_interval = 0", "2",
            "[AGENT] report_interval = 0: expected a number greater than 0 (seconds)"
        ),
        ("dns_domain = x", "1", "dns_domain is set before any section; put it below [DEFAULT]"),
    ])
    func `a wrong value is an error with its file, line, option and form`(
        text: String, line: String, message: String
    ) {
        #expect(problems(text).first == "c.conf:\(line): error: \(message)")
        #expect(throws: ConfigurationError.self) { try read(text) }
    }

    @Test func `the text of a secret is not shown`() {
        let said = problems("[leasehold]\napi_token = $hidden").joined()
        #expect(said.contains("api_token = …"))
        #expect(!said.contains("api_token = $hidden"))
    }

    @Test func `all problems of all files are reported together`() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(texts: [
                ("a", "[DEFAULT]\nbind_port = x\nnot_there = 1"), ("b", "[DEFAULT]\n\ndebug = x\nnonsense"),
            ])
        }
        #expect(
            error?.problems.map { "\($0.file ?? ""):\($0.line ?? 0) \($0.severity)" }
                == ["a:2 error", "a:3 warning", "b:3 error", "b:4 error"])
    }

    // MARK: warnings and notes

    @Test(arguments: [
        (
            "[DEFAULT]\ndhcp_lease_durations = 1",
            "[DEFAULT] dhcp_lease_durations is not an option; did you mean dhcp_lease_duration?"
        ),
        ("[DEFAULT]\ndhcp_drvier = x", "[DEFAULT] dhcp_drvier is not an option; did you mean dhcp_driver?"),
        ("[DEFAULT]\nlocal_ip = 10.0.0.1", "[DEFAULT] local_ip is not an option; it belongs in [vxlan]"),
        ("[DEFAULT]\nzzzzzzzz = 1", "[DEFAULT] zzzzzzzz is not an option"),
        ("[vxlan]\nlocal_pi = 10.0.0.1", "[vxlan] local_pi is not an option; did you mean local_ip?"),
        ("[vxlna]\n", "there is no section [vxlna]; did you mean [vxlan]?"),
        ("[ vxlan ]\n", "there is no section [ vxlan ]; did you mean [vxlan]?"),
        ("[something]\n", "there is no section [something]"),
        (
            "[DEFAULT]\nenable_isolated_metadata = True",
            "[DEFAULT] enable_isolated_metadata has no effect: metadata for instances is not part of this service"
        ),
        (
            "[DEFAULT]\ndhcp_agents_per_network = 2",
            "[DEFAULT] dhcp_agents_per_network has no effect: the one agent of this process serves every network"
        ),
        (
            "[ml2]\ntenant_network_types = geneve,local",
            "[ml2] tenant_network_types: 'geneve' is skipped: not available in this version"
        ),
    ])
    func `what is probably not meant is a warning`(text: String, message: String) {
        let line = text.hasSuffix("]\n") ? 1 : 2
        #expect(problems(text).first == "c.conf:\(line): warning: \(message)")
    }

    @Test func `options of an unknown section are named too`() {
        #expect(
            problems("[bogus]\ndns_domain = x") == [
                "c.conf:1: warning: there is no section [bogus]",
                "c.conf:2: warning: [bogus] dns_domain is ignored with its section; it belongs in [DEFAULT]",
            ])
    }

    @Test(arguments: [
        (
            "[DEFAULT]\nenable_isolated_metadata = False",
            "[DEFAULT] enable_isolated_metadata has no effect: metadata for instances is not part of this service"
        ),
        (
            "[DEFAULT]\ntransport_url = rabbit://x",
            "[DEFAULT] transport_url has no effect: the API and the agent are one process, without a message queue"
        ),
        (
            "[keystone_authtoken]\nmemcached_servers = controller:11211",
            "[keystone_authtoken] memcached_servers has no effect: Keystone's word about tokens is kept in this process; see token_cache_time"
        ),
        ("[ovs]\nbridge_mappings = p:b", "[ovs] has no effect: linuxbridge is the only interface driver"),
    ])
    func `an option of Neutron's without effect is a note`(text: String, message: String) {
        #expect(problems(text) == ["c.conf:2: note: \(message)"])
    }

    // MARK: checks of several values

    @Test(arguments: [
        (
            "[DEFAULT]\nresync_throttle = 6", 2, "error",
            "resync_throttle (6) must not be above resync_interval (5)"
        ),
        (
            "[DEFAULT]\n[AGENT]\nreport_interval = 60", 3, "warning",
            "agent_down_time (75) should be at least twice report_interval (60), or a living agent may look dead"
        ),
        (
            "[DEFAULT]\nbind_host = 0.0.0.0", 2, "error",
            "bind_host 0.0.0.0 lets other hosts in, and auth_strategy is noauth: set auth_strategy in [DEFAULT] to token (tokens are made by `leasehold token create`) or to keystone, or bind_host to 127.0.0.1"
        ),
        (
            "[DEFAULT]\nauth_strategy = keystone\n[keystone_authtoken]\nauth_url = http://k\nusername = n", 2,
            "error",
            "auth_strategy is keystone, and [keystone_authtoken] lacks password, project_name: set it to what neutron.conf has for the service's user, or set auth_strategy to token"
        ),
        (
            "[DEFAULT]\nauth_strategy = keystone\n[keystone_authtoken]\nauth_type = v3applicationcredential",
            2, "error",
            "auth_strategy is keystone, and [keystone_authtoken] lacks auth_url, application_credential_id, application_credential_secret: set it to what neutron.conf has for the service's user, or set auth_strategy to token"
        ),
        (
            "[DEFAULT]\nuse_ssl = true\n[ssl]\ncert_file = /c.pem", 2, "error",
            "use_ssl is true, and [ssl] lacks key_file: set it to the certificate's files, or use_ssl to false"
        ),
        (
            "[DEFAULT]\nauth_strategy = token\nbind_host = 0.0.0.0", 3, "warning",
            "tokens travel to bind_host 0.0.0.0 where anybody on the way can read them: set use_ssl, or put a TLS proxy in front and bind_host to 127.0.0.1"
        ),
        (
            "[keystone_authtoken]\nauth_type = v3kerberos", 2, "error",
            "[keystone_authtoken] auth_type = v3kerberos: the auth_type v3kerberos is not available in this version; expected password, v3password or v3applicationcredential"
        ),
        (
            "[DEFAULT]\ndhcp_lease_duration = 0", 2, "error",
            "dhcp_lease_duration must not be 0; -1 is infinite"
        ),
        (
            "[DEFAULT]\ndhcp_renewal_time = 20\ndhcp_rebinding_time = 10", 2, "warning",
            "dhcp_renewal_time (20) should be below dhcp_rebinding_time (10) (RFC 2131 section 4.4.5)"
        ),
        (
            "[DEFAULT]\ndhcp_rebinding_time = 86400", 2, "warning",
            "dhcp_rebinding_time (86400) should be below dhcp_lease_duration (86400) (RFC 2131 section 4.4.5)"
        ),
        (
            "[vxlan]\nvxlan_group =\nlocal_ip = 2001:db8::1", 3, "error",
            "local_ip 2001:db8::1 is not of the version that [ml2] overlay_ip_version says (4)"
        ),
        (
            "[vxlan]\nvxlan_peers = 2001:db8::2\nlocal_ip = 10.0.0.1", 2, "error",
            "the peer 2001:db8::2 is not of the same IP version as local_ip 10.0.0.1"
        ),
        (
            "[ml2]\ntenant_network_types = vxlan", 2, "warning",
            "vxlan networks can be made but not attached: local_ip is not set in [vxlan]"
        ),
        (
            "[ml2_type_flat]\nflat_networks = p", 2, "warning",
            "physical network p has no interface: name one in [linux_bridge] physical_interface_mappings"
        ),
        (
            "[ml2]\ntenant_network_types = vlan", 2, "warning",
            "no vlan network can be allocated: [ml2_type_vlan] network_vlan_ranges is empty"
        ),
    ])
    func `values that do not go together are named`(
        text: String, line: Int, severity: String, message: String
    ) {
        #expect(problems(text) == ["c.conf:\(line): \(severity): \(message)"])
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
    func `the loopback needs no token`(host: String) {
        #expect(problems("[leasehold]\nbind_host = \(host)").isEmpty)
    }

    @Test(arguments: [
        "api_token = x", "[DEFAULT]\nauth_strategy = token",
        """
        [DEFAULT]
        auth_strategy = keystone
        [keystone_authtoken]
        auth_url = http://controller:5000
        username = neutron
        password = hush
        project_name = service
        """,
    ])
    func `any address will do where callers are known and the connection is TLS`(lines: String) {
        let tls = "[DEFAULT]\nuse_ssl = true\n[ssl]\ncert_file = /c.pem\nkey_file = /k.pem\n"
        #expect(problems("\(tls)[leasehold]\nbind_host = 0.0.0.0\n\(lines)").isEmpty)
    }

    @Test func `a token in the configuration means that it must be sent`() throws {
        #expect(try read("[leasehold]\napi_token = x").settings.effectiveAuthStrategy == .token)
        #expect(Settings.defaults.effectiveAuthStrategy == .noauth)
    }

    @Test(arguments: [
        "[leasehold]\napi_token = hush-hush", "[keystone_authtoken]\npassword = hush-hush",
        "[keystone_authtoken]\napplication_credential_secret = hush-hush",
    ])
    func `secrets are not shown, and a file that everybody can read is a warning`(text: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("c.conf").path
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        for (mode, isWarned) in [(0o644, true), (0o640, false), (0o600, false)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            let read = try Configuration(files: [file])
            #expect(!read.effectiveText.contains("hush"))
            #expect(!read.problems.map(\.description).joined().contains("hush"))
            #expect(
                read.problems.contains { $0.message.contains("run chmod o-rwx \(file)") } == isWarned)
        }
    }

    // MARK: files

    @Test(arguments: [
        ("/nonexistent/a.conf", "there is no such file"), ("/", "it is a directory"),
        ("/proc/self/mem", "Input/output error"),
    ])
    func `a file that cannot be read is an error`(path: String, cause: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(files: [path]) }
        #expect(error?.description == "error: the configuration file \(path) cannot be read: \(cause)")
    }

    @Test func `a directory's files are read by name after the others`() throws {
        var template = Array("/tmp/leasehold-configuration-XXXXXX".utf8CString)
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        let files = [
            "b.conf": "[DEFAULT]\ndns_domain = b",
            "a.conf": "[DEFAULT]\ndns_domain = a\nmax_dns_nameservers = 2",
            "c.ini": "[DEFAULT]\ndns_domain = c", "bad.conf~": "nonsense",
        ]
        defer {
            for name in files.keys { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
        for (name, text) in files {
            let file = try #require(fopen("\(directory)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
        }
        let configuration = try Configuration(files: ["\(directory)/c.ini"], directories: [directory])
        #expect(configuration.settings.dnsDomain == "b")
        #expect(configuration.settings.maxDNSNameservers == 2)
        #expect(configuration.files.map { $0.split(separator: "/").last } == ["c.ini", "a.conf", "b.conf"])
        let missing = #expect(throws: ConfigurationError.self) {
            try Configuration(files: [], directories: ["\(directory)/nowhere"])
        }
        #expect(missing?.problems.count == 1)
    }

    @Test func `the shown values read back as the same settings`() throws {
        let configuration = try read(
            "[DEFAULT]\ndhcp_confs = /a$$b\ndnsmasq_dns_servers = 1.1.1.1,2.2.2.2\n[vxlan]\nvxlan_group =\n[ml2]\nphysical_network_mtus = b:1400,a:1500"
        )
        let again = try Configuration(texts: [("shown", configuration.effectiveText)])
        #expect(again.settings == configuration.settings)
        #expect(again.problems.isEmpty)
        #expect(again.given.count == 4)
    }
}
