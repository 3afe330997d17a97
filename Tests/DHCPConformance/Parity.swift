import Addressing
import DHCPMessages
import NetworkModel

/// What a driver tells the same machines on the same network, for comparing drivers with each other.
public enum Parity {
    /// What is not compared in DHCPv4: where the drivers are unlike each other (client identifier), and
    /// what is the network's own in each run.
    private static let different4: Set<UInt8> = [61]

    private static let ports: [GuestPlan] = [
        GuestPlan("ad"),
        GuestPlan("ac"),
        GuestPlan("ca"),
        GuestPlan("aa"),
        GuestPlan("aca"),
        GuestPlan("c"),
        GuestPlan("a", name: "web"),
        GuestPlan(
            "ad",
            options: [
                .v4("ntp-server", "192.0.2.1"), .v4("bootfile-name", "shim.efi"), .v4("67", "other.efi"),
                .v4("domain-search", "a.example,b.example"), .v4("43", "01:02:03"),
                .v4("time-offset", "3600"),
                .v4("tftp-server", "boot.example"), .v4("server-ip-address", "192.0.2.66"),
                .v6("ntp-server", "[2001:db8::7]"), .v6("dns-server", "[2001:db8::53]"),
            ]),
        GuestPlan(
            "a",
            options: [
                .v4("router", ""), .v4("dns-server", "192.0.2.53,192.0.2.54"),
                .v4("tag:ipxe,67", "menu.ipxe"), .v4("tag:!ipxe,67", "undionly.kpxe"),
                .v4("lpr-server", "192.0.2.8"), .v4("netbios-nodetype", "8"), .v4("ip-forward-enable", "1"),
                .v4("static-route", "192.0.2.0,10.7.0.9"), .v4("sip-server", "192.0.2.1"),
                .v4("234", "0x0102"),
                .v4("235", "17"), .v4("236", "70000"), .v4("237", "1.2.3.4"), .v4("238", "a,b"),
            ]),
    ]

    private static let scene = Scene(
        "what is told",
        [
            SubnetPlan(
                "a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1",
                dns: ["10.7.0.53", "192.0.2.53"],
                routes: [("10.20.0.0/15", "10.7.0.9"), ("0.0.0.0/0", "10.7.0.7")]),
            .c, .d,
        ], mtu: 1450, settings: { $0.dnsDomain = "example.org" },
        ports.enumerated().map { number, plan in Fact("port \(number)", [plan]) { _, _ in } })

    /// What each machine is told: the address, siaddr, file and every option that there is, in words.
    public static func told(by subject: Subject) async throws -> [String] {
        let site = try await Site.open(scene, subject)
        do {
            var lines: [String] = []
            for guests in site.casts { lines += try await told(guests[0], at: site) }
            await site.close()
            return lines
        } catch {
            await site.close()
            throw error
        }
    }

    private static func told(_ guest: Guest, at site: Site) async throws -> [String] {
        var lines: [String] = []
        if guest.address != .any {
            let everything = (1...254).map { UInt8($0) }.filter { $0 != 81 && $0 != 82 }
            for (word, asking, options) in [
                ("asking for all", everything, [57: [5, 200]]), ("asking little", [1, 3, 6], [:]),
                ("as iPXE", everything, [57: [5, 200], 175: [0xB1, 1, 1]]), ("asking nothing", nil, [:]),
            ] as [(String, [UInt8]?, [UInt8: [UInt8]])] {
                let offer = try await site.ask(guest.discover(asking: asking, with: options))
                let message = offer.message
                let start = "port \(guest.number) \(word)"
                lines.append("\(start): \(message.yiaddr), \(message.siaddr), file \(message.bootFile)")
                for option in message.options.sorted(by: { $0.code < $1.code })
                where !different4.contains(option.code) {
                    lines.append("\(start): option \(option.code) = \(option.data)")
                }
            }
        }
        if !guest.v6.isEmpty {
            let asking: [UInt16] = (20...70).filter { ![25, 26].contains($0) }
            let advertise = try await site.ask(try guest.message6(.solicit, asking: asking))
            for option in advertise.message.options.sorted(by: { $0.code < $1.code })
            where ![1, 2, 7, 13, 39].contains(option.code) {
                lines.append("port \(guest.number) in IPv6: option \(option.code) = \(option.data)")
            }
        }
        return lines
    }
}
