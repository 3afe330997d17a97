import Addressing
import DHCPDrivers
import NetworkModel

/// DNS in a network's namespace: the names of its ports, and nothing for others.
enum DNSFacts {
    static let scenes = [names, text, forwarding]

    private static let both = [GuestPlan("ad")]
    private static let domain = "openstacklocal"

    private static func host(_ guest: Guest, _ version: IPVersion = .v4) -> String {
        Port.defaultHostname(version == .v4 ? .v4(guest.address) : .v6(guest.address6))
    }

    /// Asks as somebody on the Internet; the router would carry the answer.
    private static func askFromAfar(
        _ site: Site, _ guest: Guest, _ name: String, within limit: Duration? = .milliseconds(300)
    ) async throws -> DNSAnswer? {
        try await site.resolve(
            DNSQuestion(name, DNSQuestion.a), from: guest, source: .v4(IPv4Address(203, 0, 113, 5)),
            within: limit)
    }

    private static let names = Scene(
        "DNS names", [.a, .d, SubnetPlan("e", "172.31.0.0/24", hasDHCP: false)],
        [
            Fact("A: the full name of a port has its address") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a), from: guests[0])
                try require("the code", answer.code, is: DNSAnswer.success)
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
            },
            Fact("A: the short name as well") { site, guests in
                let answer = try await site.ask(DNSQuestion(host(guests[0]), DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
            },
            Fact("A: capitals do not matter, and come back as they were asked") { site, guests in
                let name = "\(host(guests[0])).\(domain)".uppercased()
                let answer = try await site.ask(DNSQuestion(name, DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
                try require("the name", answer.answers.map(\.name), is: [name])
            },
            Fact("AAAA: the full name of a port has its address", both) { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0], .v6)).\(domain)", DNSQuestion.aaaa), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address6.octets])
            },
            Fact("PTR: an IPv4 address has the full name") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion(backwards: .v4(guests[0].address)), from: guests[0])
                try require("the answers", answer.answers.map(\.target), is: ["\(host(guests[0])).\(domain)"])
            },
            Fact("PTR: an IPv6 address has the full name", both) { site, guests in
                let answer = try await site.ask(
                    DNSQuestion(backwards: .v6(guests[0].address6)), from: guests[0])
                try require(
                    "the answers", answer.answers.map(\.target), is: ["\(host(guests[0], .v6)).\(domain)"])
            },
            Fact("a port on a subnet without DHCP has its name too", [GuestPlan("a"), GuestPlan("e")]) {
                site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[1])).\(domain)", DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[1].address.octets])
            },
            Fact(
                "AAAA of a name with an IPv4 address alone has no data", differs: .noData,
                dnsmasq: { site, guests in
                    let answer = try await site.ask(
                        DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.aaaa), from: guests[0])
                    try require("the code", answer.code, is: DNSAnswer.refused)
                },
                native: { site, guests in
                    let answer = try await site.ask(
                        DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.aaaa), from: guests[0])
                    try require("the code", answer.code, is: DNSAnswer.success)
                    try require("the answers", answer.answers.count, is: 0)
                }),
            Fact(
                "a name of our domain that nobody has does not exist", differs: .unknownName,
                dnsmasq: { site, guests in
                    let answer = try await site.ask(
                        DNSQuestion("nobody.\(domain)", DNSQuestion.a), from: guests[0])
                    try require("the code", answer.code, is: DNSAnswer.refused)
                },
                native: { site, guests in
                    let answer = try await site.ask(
                        DNSQuestion("nobody.\(domain)", DNSQuestion.a), from: guests[0])
                    try require("the code", answer.code, is: DNSAnswer.nameError)
                }),
            Fact("names of other domains are refused where nothing is forwarded") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("www.example.org", DNSQuestion.a), from: guests[0])
                try require("the code", answer.code, is: DNSAnswer.refused)
            },
            Fact("a question with EDNS gets an answer with EDNS (RFC 6891)") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a, size: 4096), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
                try require("OPT records", answer.additional.count { $0.type == 41 }, is: 1)
            },
            Fact("a question without EDNS gets an answer without") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a), from: guests[0])
                try require("OPT records", answer.additional.count { $0.type == 41 }, is: 0)
            },
            Fact("TCP: two questions on one connection get two answers (RFC 7766)") { site, guests in
                let questions = [
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a),
                    DNSQuestion(backwards: .v4(guests[0].address)),
                ]
                let answers = try await site.askTCP(questions)
                try require("the ids", Set(answers.map(\.id)), is: Set(questions.map(\.id)))
                try require(
                    "the address", answers.first { $0.id == questions[0].id }?.answers.map(\.data),
                    is: [guests[0].address.octets])
            },
            Fact("IPv6: a port is answered at our IPv6 address", both) { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a), from: guests[0],
                    source: .v6(guests[0].address6))
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
            },
            Fact(
                "a source outside our subnets is not told our names", differs: .foreignSource,
                dnsmasq: { site, guests in
                    let answer = try await askFromAfar(
                        site, guests[0], "\(host(guests[0])).\(domain)", within: nil)
                    try require("the answers", answer?.answers.map(\.data), is: [guests[0].address.octets])
                },
                native: { site, guests in
                    let answer = try await askFromAfar(site, guests[0], "\(host(guests[0])).\(domain)")
                    try require(answer?.answers.isEmpty != false, "answered")
                }),
            Fact("a source outside our subnets is told nothing of other domains") { site, guests in
                let answer = try await askFromAfar(site, guests[0], "www.example.org")
                try require(
                    answer == nil || answer?.code == DNSAnswer.refused, "code \(answer?.code ?? 0)")
            },
            Fact("garbage disturbs nobody") { site, guests in
                var random = SplitMix64(seed: 53)
                for _ in 0..<100 {
                    let bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    let datagram = Datagram(
                        from: guests[0].mac, .v4(guests[0].address), port: 9999, to: Segment.serverMAC,
                        try site.server(.v4), port: 53, payload: bytes)
                    try site.wire.send(datagram.frame())
                }
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
            },
            Fact(
                "a new port has its name at once, a deleted one none",
                [
                    GuestPlan("a"), GuestPlan("a", comesLater: true),
                ]
            ) { site, guests in
                let question = DNSQuestion("\(host(guests[1])).\(domain)", DNSQuestion.a)
                try require("at first", try await site.ask(question, from: guests[0]).answers.count, is: 0)
                try await site.apply(
                    site.service { $0.ports.append(guests[1].port) }, .ports([guests[1].port.id]))
                let there = try await site.ask(question, from: guests[0])
                try require("the answers", there.answers.map(\.data), is: [guests[1].address.octets])
                try await site.apply(site.service(), .ports([guests[1].port.id]))
                try require("at last", try await site.ask(question, from: guests[0]).answers.count, is: 0)
            },
        ])

    private static let text = Scene(
        "DNS with a domain and a TXT record", [.a],
        settings: {
            $0.dnsDomain = "example.org"
            $0.txtRecord = "alive.example.org,yes"
        },
        [
            Fact("TXT: the liveness record is there") { site, guests in
                let answer = try await site.ask(
                    DNSQuestion("alive.example.org", DNSQuestion.txt), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [[3] + Array("yes".utf8)])
            },
            Fact("A: the port's dns_name in the configured domain", [GuestPlan("a", name: "web")]) {
                site, guests in
                let answer = try await site.ask(
                    DNSQuestion("web.example.org", DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
            },
        ])

    private static let forwarding = Scene(
        "DNS with a forwarder", [.a], settings: { $0.dnsServers = ["10.7.0.99"] },
        [
            Fact("what is not ours is asked of the forwarder, and its answer told") { site, guests in
                let question = DNSQuestion("www.example.org", DNSQuestion.a)
                let mark = site.wire.mark()
                site.wire.own(.v4(IPv4Address(10, 7, 0, 99)), Segment.routerMAC)
                site.wire.reply { asked in
                    guard asked.destinationPort == 53 else { return nil }
                    var payload = asked.payload
                    payload.replaceSubrange(2..<4, with: [0x81, 0x80])
                    // One answer, in front of an OPT record that may follow the question.
                    let end = 12 + 17 + 4
                    payload.replaceSubrange(6..<8, with: [0, 1])
                    payload.insert(
                        contentsOf: [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7], at: end)
                    return Datagram(
                        from: Segment.routerMAC, asked.destination, port: 53, to: Segment.serverMAC,
                        asked.source, port: asked.sourcePort, payload: payload)
                }
                var answer = try await site.ask(question, from: guests[0])
                // Where the machine stood still for longer than a driver waits for a forwarder, a client hears of
                // that, and asks again.
                for _ in 0..<10 where answer.code == DNSAnswer.serverFailure {
                    answer = try await site.ask(question, from: guests[0])
                }
                site.wire.reply { _ in nil }
                try require("the answers", answer.answers.map(\.data), is: [[198, 51, 100, 7]])
                let wasAsked = site.wire.heard(since: mark).contains { heard in
                    if case .datagram(let asked) = heard { asked.destinationPort == 53 } else { false }
                }
                try require(wasAsked, "the forwarder was not asked")
            },
            Fact("names of our own ports are not asked of the forwarder") { site, guests in
                let mark = site.wire.mark()
                let answer = try await site.ask(
                    DNSQuestion("\(host(guests[0])).\(domain)", DNSQuestion.a), from: guests[0])
                try require("the answers", answer.answers.map(\.data), is: [guests[0].address.octets])
                for case .datagram(let asked) in site.wire.heard(since: mark) {
                    try require(asked.destinationPort != 53, "the forwarder was asked")
                }
            },
            Fact("a source outside our subnets is not forwarded for") { site, guests in
                let mark = site.wire.mark()
                _ = try await site.resolve(
                    DNSQuestion("www.example.net", DNSQuestion.a), from: guests[0],
                    source: .v4(IPv4Address(203, 0, 113, 5)), within: .milliseconds(300))
                for case .datagram(let asked) in site.wire.heard(since: mark) {
                    try require(asked.destinationPort != 53, "the forwarder was asked")
                }
            },
        ])
}
