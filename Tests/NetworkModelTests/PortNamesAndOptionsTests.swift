import Addressing
import NetworkModel
import Testing

@Suite struct PortNamesAndOptionsTests {
    // MARK: extra_dhcp_opts (1.6)

    @Test func optionsAreMergedByNameAndVersion() throws {
        var model = Model()
        let network = try model.network()
        let port = try model.port(network) {
            $0.extraDHCPOptions = [
                ExtraDHCPOptionRequest(name: "mtu", value: "1400"),
                ExtraDHCPOptionRequest(name: "66", value: nil),
                ExtraDHCPOptionRequest(name: "dns-server", value: "10.0.0.9"),
                ExtraDHCPOptionRequest(name: "dns-server", value: "2001:db8::9", ipVersion: .v6),
            ]
        }
        #expect(port.extraDHCPOptions.map(\.name) == ["mtu", "dns-server", "dns-server"])
        let changed = try model.updatePort(port.id) {
            $0.extraDHCPOptions = [
                ExtraDHCPOptionRequest(name: "mtu", value: "1300"),
                ExtraDHCPOptionRequest(name: "dns-server", value: nil),
                ExtraDHCPOptionRequest(name: "bootfile-name", value: "x"),
                ExtraDHCPOptionRequest(name: "absent", value: nil),
            ]
        }
        #expect(
            changed.extraDHCPOptions == [
                ExtraDHCPOption(name: "mtu", value: "1300"),
                ExtraDHCPOption(name: "dns-server", value: "2001:db8::9", ipVersion: .v6),
                ExtraDHCPOption(name: "bootfile-name", value: "x"),
            ])
        #expect(try model.updatePort(port.id) { $0.extraDHCPOptions = [] } == changed)
    }

    @Test(
        arguments: [
            ("", "x"), (" ", "x"), ("a\nb", "x"), ("mtu", ""), ("mtu", "  "), ("mtu", "1\n2"),
            ("mtu", "1\r2"),
            (String(repeating: "n", count: 65), "x"), ("mtu", String(repeating: "v", count: 256)),
            ("router", "a\nb"),
            ("a\nb", nil),
        ] as [(String, String?)])
    func anOptionThatCannotBeWrittenIsRefused(_ name: String, _ value: String?) throws {
        var model = Model()
        let network = try model.network()
        expectRefusal("HTTPBadRequest", "Invalid input for extra_dhcp_opts. Reason", kind: .badRequest) {
            _ = try model.port(network) {
                $0.extraDHCPOptions = [ExtraDHCPOptionRequest(name: name, value: value)]
            }
        }
    }

    @Test(arguments: [
        ("router", ""), ("classless-static-route", ""), (String(repeating: "n", count: 64), "x"),
        ("mtu", String(repeating: "v", count: 255)),
    ])
    func anOptionWithinTheLimitsIsKept(_ name: String, _ value: String) throws {
        var model = Model()
        let network = try model.network()
        let port = try model.port(network) {
            $0.extraDHCPOptions = [ExtraDHCPOptionRequest(name: name, value: value)]
        }
        #expect(port.extraDHCPOptions == [ExtraDHCPOption(name: name, value: value)])
    }

    // MARK: dns_name and dns_assignment (2.3)

    @Test(arguments: ["openstacklocal", "openstacklocal.", ""])
    func aNameIsIgnoredWhileNoDomainIsConfigured(_ domain: String) throws {
        var model = Model()
        model.context.policy.dnsDomain = domain
        let network = try model.network()
        let port = try model.port(network) {
            $0.dnsName = "web"
            $0.dnsDomain = "example.org."
        }
        #expect(port.dnsName.isEmpty && port.dnsDomain.isEmpty)
        expectRefusal("HTTPBadRequest", "dns_name") { _ = try model.port(network) { $0.dnsName = "-web" } }
    }

    @Test(arguments: [
        ("Web", "web"), ("a.b", "a.b"), ("web.example.org.", "web.example.org."), ("", ""), ("1", "1"),
        (String(repeating: "a", count: 63), String(repeating: "a", count: 63)),
    ])
    func aNameIsStoredInLowerCase(_ given: String, _ stored: String) throws {
        var model = Model()
        model.context.policy.dnsDomain = "example.org"
        let network = try model.network()
        #expect(try model.port(network) { $0.dnsName = given }.dnsName == stored)
    }

    @Test(arguments: [
        "-a", "a-", "a..b", ".a", "a_b", "a b", "ä", "a.1", String(repeating: "a", count: 64),
        "web.other.org.",
        "example.org.", ".example.org.", (0..<100).map { _ in "ab" }.joined(separator: "."),
    ])
    func aNameThatCannotBeIsRefused(_ name: String) throws {
        var model = Model()
        model.context.policy.dnsDomain = "example.org"
        let network = try model.network()
        expectRefusal("HTTPBadRequest", "Invalid input for dns_name. Reason", kind: .badRequest) {
            _ = try model.port(network) { $0.dnsName = name }
        }
    }

    @Test(arguments: [
        ("openstacklocal", "", "host-10-0-0-5", "host-10-0-0-5.openstacklocal."),
        ("example.org.", "", "host-10-0-0-5", "host-10-0-0-5.example.org."),
        ("example.org", "web", "web", "web.example.org."),
        ("example.org", "web.example.org.", "web.example.org.", "web.example.org."),
        ("openstacklocal", "web", "host-10-0-0-5", "host-10-0-0-5.openstacklocal."),
        ("", "", "host-10-0-0-5", "host-10-0-0-5"),
    ])
    func everyAddressHasAName(_ domain: String, _ name: String, _ hostname: String, _ fqdn: String) throws {
        let id = ResourceID(rawValue: 1)
        let port = Port(
            id: id, networkID: id,
            standard: StandardAttributes(projectID: "", createdAt: Timestamp(secondsSinceEpoch: 0)),
            macAddress: MACAddress(rawValue: 1),
            fixedIPs: [
                FixedIP(subnetID: id, address: try ip("10.0.0.5")),
                FixedIP(subnetID: id, address: try ip("2001:db8::5")),
            ], dnsName: name)
        let names = port.dnsAssignment(dnsDomain: domain)
        #expect(names.count == 2)
        #expect(names[0] == DNSAssignment(address: try ip("10.0.0.5"), hostname: hostname, fqdn: fqdn))
        #expect(names[1].hostname == (hostname.hasPrefix("host-") ? "host-2001-db8--5" : hostname))
    }
}
