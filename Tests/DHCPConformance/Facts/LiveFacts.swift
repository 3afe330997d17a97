import Addressing
import DHCPDrivers
import DHCPMessages
import NetworkModel

/// What changes while the network is served is so as soon as the driver says that it is.
enum LiveFacts {
    static let scenes = [ports, subnets, tenants]

    private static let ports = Scene(
        "changes of ports take effect at once", [.a, .d],
        [
            Fact("a new port is served as soon as apply returns", [GuestPlan("ad", comesLater: true)]) {
                site, guests in
                try await site.expectSilence(guests[0].discover())
                try await site.apply(
                    site.service { $0.ports.append(guests[0].port) }, .ports([guests[0].port.id]))
                try await site.ask(guests[0].discover()).expect(.offer)
                try require("the addresses", try await site.lease6(guests[0]).given(), is: guests[0].v6)
                try await site.apply(site.service(), .ports([guests[0].port.id]))
            },
            Fact("a deleted port is served no more", [GuestPlan("a")]) { site, guests in
                try await site.lease(guests[0])
                let id = guests[0].port.id
                try await site.apply(site.service { $0.ports.removeAll { $0.id == id } }, .ports([id]))
                try await site.expectSilence(guests[0].discover())
                try await site.apply(site.service(), .ports([id]))
                try await site.ask(guests[0].discover()).expect(.offer)
            },
            Fact(
                "a deleted port's address serves another port at once",
                [
                    GuestPlan("a"), GuestPlan("a", comesLater: true),
                ]
            ) { site, guests in
                try await site.lease(guests[0], with: [61: [1] + guests[0].mac.octets])
                var heir = guests[1].port
                heir.fixedIPs = guests[0].port.fixedIPs
                let port = heir
                try await site.apply(
                    site.service {
                        $0.ports.removeAll { $0.id == guests[0].port.id }
                        $0.ports.append(port)
                    }, .ports([guests[0].port.id, port.id]))
                let ack = try await site.lease(guests[1])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try await site.expectSilence(guests[0].discover())
                try await site.apply(site.service(), .ports([guests[0].port.id, port.id]))
            },
            Fact("a port with another address is offered it at once", [GuestPlan("a")]) { site, guests in
                try await move(site, guests[0])
                let ack = try await site.lease(guests[0])
                try require("yiaddr", ack.message.yiaddr, is: elsewhere)
                try await site.ask(guests[0].reboot(guests[0].address)).expect(.nak)
                try await replace(site, guests[0].port)
            },
            Fact(
                "a port with another address: who asks for the old one is told so", [GuestPlan("a")],
                differs: .movedAddress,
                dnsmasq: { site, guests in
                    try await move(site, guests[0])
                    try await site.expectSilence(guests[0].reboot(guests[0].address))
                    try await replace(site, guests[0].port)
                },
                native: { site, guests in
                    try await move(site, guests[0])
                    try await site.ask(guests[0].reboot(guests[0].address)).expect(.nak)
                    try await replace(site, guests[0].port)
                }),
            Fact("a port with another MAC: the old one gets silence", [GuestPlan("a"), .stranger]) {
                site, guests in
                var changed = guests[0].port
                changed.macAddress = guests[1].mac
                try await replace(site, changed)
                let ack = try await site.lease(guests[1])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try await site.expectSilence(guests[0].discover())
                try await replace(site, guests[0].port)
            },
            Fact("a port's new options are told at once, and its old ones no more", [GuestPlan("a")]) {
                site, guests in
                try await site.ask(guests[0].discover()).expect(42, nil)
                var changed = guests[0].port
                changed.extraDHCPOptions = [.v4("ntp-server", "192.0.2.9")]
                try await replace(site, changed)
                try await site.ask(guests[0].discover()).expect(42, [192, 0, 2, 9])
                try await replace(site, guests[0].port)
                try await site.ask(guests[0].discover()).expect(42, nil)
            },
            Fact(
                "a change of one port does not disturb another's renewal",
                [
                    GuestPlan("a"), GuestPlan("a", comesLater: true),
                ]
            ) { site, guests in
                site.wire.own(.v4(guests[0].address), guests[0].mac)
                try await site.lease(guests[0])
                for round in 0..<6 {
                    try await site.apply(
                        site.service { if round % 2 == 0 { $0.ports.append(guests[1].port) } },
                        .ports([guests[1].port.id]))
                    try await site.ask(
                        guests[0].renew(guests[0].address, at: try site.serverV4())
                    ).expect(.ack)
                }
            },
            Fact("where all was forgotten, a client that renews is not NAKed", [GuestPlan("a")]) {
                site, guests in
                site.wire.own(.v4(guests[0].address), guests[0].mac)
                try await site.lease(guests[0], with: [61: [1] + guests[0].mac.octets])
                try await site.driver.remove(site.segment.id)
                try await site.apply(site.service())
                let ack = try await site.ask(
                    guests[0].renew(
                        guests[0].address, at: try site.serverV4(), with: [61: [1] + guests[0].mac.octets]))
                try ack.expect(.ack)
            },
            Fact("after remove nobody answers", [GuestPlan("a")]) { site, guests in
                try await site.driver.remove(site.segment.id)
                let mark = site.wire.mark()
                let request = guests[0].discover()
                try site.wire.send(request.datagram(try request.message.serialized()).frame())
                try await Task.sleep(for: .milliseconds(200))
                for case .datagram(let answer) in site.wire.heard(since: mark) {
                    try require(answer.sourcePort != 67, "answered")
                }
                try await site.apply(site.service())
                try await site.ask(guests[0].discover()).expect(.offer)
            },
            Fact("what is applied again is unchanged") { site, _ in
                let outcome = try await site.driver.apply(site.service(), change: .anything)
                try require("the outcome", outcome, is: .unchanged)
            },
        ])

    private static let subnets = Scene(
        "changes of subnets take effect at once", [.a],
        [
            Fact("a subnet that is added is served", [GuestPlan("a")]) { site, guests in
                try await site.segment.ip("address add 172.30.0.2/24 dev \(Segment.interface)")
                let address = IPAddress.v4(IPv4Address(172, 30, 0, 77))
                var port = guests[0].port
                port.fixedIPs = [FixedIP(subnetID: SubnetPlan.c.id, address: address)]
                let moved = port
                try await site.apply(
                    site.service {
                        $0.subnets.append(SubnetPlan.c.subnet(of: site.segment.id))
                        $0.dhcpPort.fixedIPs.append(
                            FixedIP(subnetID: SubnetPlan.c.id, address: .v4(IPv4Address(172, 30, 0, 2))))
                        $0.ports.removeAll { $0.id == moved.id }
                        $0.ports.append(moved)
                    })
                let ack = try await site.lease(guests[0])
                try require("yiaddr", ack.message.yiaddr, is: address.v4)
                try ack.expect(3, [172, 30, 0, 1])
                // Ports of the first subnet are told of the second.
                let other = try await site.ask(site.fence.discover())
                try require(
                    other[option: 121]?.starts(with: [24, 172, 30, 0, 0, 0, 0, 0]) == true,
                    "no neighbour route")
            },
            Fact("a subnet that is removed is served no more", [GuestPlan("a")]) { site, guests in
                try await site.apply(site.service())
                try await site.segment.ip("address del 172.30.0.2/24 dev \(Segment.interface)")
                let ack = try await site.lease(guests[0])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try require(ack[option: 121]?.starts(with: [24, 172]) == false, "a neighbour route is left")
            },
            Fact("new DNS servers and another gateway of a subnet are told at once", [GuestPlan("a")]) {
                site, guests in
                try await site.apply(
                    site.service {
                        $0.subnets[0].dnsNameservers = [.v4(IPv4Address(192, 0, 2, 53))]
                        $0.subnets[0].gatewayIP = .v4(IPv4Address(10, 7, 0, 99))
                    })
                let offer = try await site.ask(guests[0].discover())
                try offer.expect(6, [192, 0, 2, 53])
                try offer.expect(3, [10, 7, 0, 99])
                try await site.apply(site.service())
            },
            Fact("another MTU of the network is told at once", [GuestPlan("a")]) { site, guests in
                try await site.apply(site.service { $0.network.mtu = 9000 })
                try await site.ask(guests[0].discover()).expect(26, [35, 40])
                try await site.apply(site.service())
            },
            Fact("a subnet whose DHCP is switched off gets silence", [GuestPlan("a")]) { site, guests in
                let extra = SubnetPlan("b", "10.99.0.0/24")
                try await site.apply(
                    site.service {
                        $0.subnets[0].enableDHCP = false
                        $0.subnets.append(extra.subnet(of: site.segment.id))
                    })
                let mark = site.wire.mark()
                let request = guests[0].discover()
                try site.wire.send(request.datagram(try request.message.serialized()).frame())
                try await Task.sleep(for: .milliseconds(200))
                for case .datagram(let answer) in site.wire.heard(since: mark) {
                    try require(answer.sourcePort != 67, "answered")
                }
                try await site.apply(site.service())
                try await site.ask(guests[0].discover()).expect(.offer)
            },
        ])

    private static let tenants = Scene(
        "two networks with the same addresses", [.a, .d],
        [
            Fact("each serves its own ports, and not the other's", [GuestPlan("ad"), .stranger]) {
                site, guests in
                let other = try await Segment.open(site.subnets, using: site.segment.namespaces)
                do {
                    try await serveBoth(site, other, guests)
                } catch {
                    try? await site.driver.remove(other.id)
                    await other.close()
                    throw error
                }
                try await site.driver.remove(other.id)
                // The first is still served.
                try await site.lease(guests[0])
                await other.close()
                try require(
                    try await site.driver.existingNetworks().contains(other.id) == false, "it is still listed"
                )
            }
        ])

    private static func serveBoth(_ site: Site, _ other: Segment, _ guests: [Guest]) async throws {
        // The stranger of the first network has the guest's address in the second.
        var service = site.service { service in
            service.namespace = other.namespace
            service.ports = service.ports.filter { $0.id == guests[0].port.id }.map { port in
                Port(
                    id: ResourceID(rawValue: port.id.rawValue + 1), networkID: other.id,
                    standard: port.standard, macAddress: guests[1].mac, fixedIPs: port.fixedIPs)
            }
        }
        service = DHCPService(
            network: Network(id: other.id, standard: Segment.attributes, mtu: 1400),
            subnets: site.subnets.map { $0.subnet(of: other.id) }.sorted { $0.id < $1.id },
            ports: service.ports, dhcpPort: service.dhcpPort, namespace: other.namespace,
            interface: Segment.interface, revision: Revision(1))
        try await site.apply(service)
        let first = try await site.lease(guests[0])
        try require("yiaddr", first.message.yiaddr, is: guests[0].address)
        try first.expect(26, [5, 220])
        try await site.expectSilence(guests[1].discover())
        let mark = other.wire.mark()
        let request = guests[1].discover()
        try other.wire.send(request.datagram(try request.message.serialized()).frame())
        let heard = await other.wire.first(since: mark, within: site.patience) { heard in
            if case .datagram(let answer) = heard { answer.sourcePort == 67 } else { false }
        }
        guard case .datagram(let answer) = heard else { throw FactFailure("the second network is silent") }
        let offer = try DHCPv4Message(parsing: answer.payload)
        try require("yiaddr in the second network", offer.yiaddr, is: guests[0].address)
        try require("the MTU in the second network", offer[option: 26], is: [5, 120])
    }

    private static let elsewhere = IPv4Address(10, 7, 77, 7)

    /// Gives the guest's port another address after it had a lease of the first.
    private static func move(_ site: Site, _ guest: Guest) async throws {
        try await site.lease(guest)
        var moved = guest.port
        moved.fixedIPs[0].address = .v4(elsewhere)
        try await replace(site, moved)
    }

    private static func replace(_ site: Site, _ port: Port) async throws {
        try await site.apply(
            site.service { service in
                service.ports.removeAll { $0.id == port.id }
                service.ports.append(port)
            }, .ports([port.id]))
    }
}
