import Addressing
import DHCPEngine
import Testing

/// Router Advertisements: their bytes (RFC 4861, RFC 8106) and when they are sent.
@Suite struct V6RouterAdvertisementTests {
    func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
    func v6(_ text: String) throws -> IPv6Address { try #require(IPv6Address(text)) }

    // MARK: Bytes

    @Test func theBytesAreThoseOfTheRFCs() throws {
        var advertisement = RouterAdvertisement()
        advertisement.sourceLinkLayer = MACAddress(rawValue: 0xFA16_3E01_0203)
        advertisement.mtu = 1450
        advertisement.add(
            try prefix("2001:db8:1::5/64"), .stateless, validLifetime: 86_400, preferredLifetime: 14_400)
        advertisement.dnsServers = [try v6("2001:db8:1::2")]
        advertisement.searchDomains = ["openstacklocal"]
        let expected: [[UInt8]] = [
            // Type, code, checksum, hop limit, O, lifetime 0, reachable, retransmission.
            [134, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 1, 0xFA, 0x16, 0x3E, 1, 2, 3],
            [5, 1, 0, 0, 0, 0, 0x05, 0xAA],
            [3, 4, 64, 0xC0, 0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40, 0, 0, 0, 0],
            [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [25, 3, 0, 0, 0, 0, 7, 8, 0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
            [31, 3, 0, 0, 0, 0, 7, 8, 14] + Array("openstacklocal".utf8) + [0],
        ]
        #expect(advertisement.serialized() == expected.flatMap { $0 })
        #expect(advertisement.serialized().count % 8 == 0)
    }

    @Test(arguments: [
        (RouterAdvertisement.Mode.slaac, false, false, true), (.stateless, false, true, true),
        (.stateful, true, false, false),
    ])
    func theModeOfASubnetSetsTheFlags(
        _ mode: RouterAdvertisement.Mode, _ managed: Bool, _ other: Bool, _ autonomous: Bool
    ) throws {
        var advertisement = RouterAdvertisement()
        advertisement.add(try prefix("2001:db8:1::/64"), mode)
        #expect(advertisement.isManaged == managed)
        #expect(advertisement.hasOtherConfiguration == other)
        #expect(advertisement.prefixes.map(\.isAutonomous) == [autonomous])
        #expect(advertisement.prefixes.map(\.isOnLink) == [true])
        #expect(advertisement.routerLifetime == 0)
        #expect(advertisement.serialized()[5] == (managed ? 0x80 : 0) | (other ? 0x40 : 0))
    }

    @Test func subnetsOfDifferentModesShareAnAdvertisement() throws {
        var advertisement = RouterAdvertisement()
        advertisement.add(try prefix("2001:db8:1::/64"), .slaac)
        advertisement.add(try prefix("2001:db8:2::/64"), .stateful, validLifetime: 60)
        #expect(advertisement.isManaged)
        #expect(!advertisement.hasOtherConfiguration)
        #expect(advertisement.prefixes.map(\.isAutonomous) == [true, false])
        #expect(advertisement.prefixes.map(\.preferredLifetime) == [604_800, 60])
    }

    @Test func whatIsSerialisedIsParsedAgain() throws {
        var advertisement = RouterAdvertisement()
        advertisement.hopLimit = 64
        advertisement.isManaged = true
        advertisement.routerLifetime = 1800
        advertisement.reachableTime = 30_000
        advertisement.retransmissionTimer = 1000
        advertisement.sourceLinkLayer = MACAddress(rawValue: 0xFA16_3E00_0001)
        advertisement.mtu = 9000
        for index in 0..<5 {
            advertisement.prefixes.append(
                .init(
                    prefix: try prefix("2001:db8:\(index)::/\(48 + 16 * (index % 2))"), isOnLink: index != 2,
                    isAutonomous: index != 3, validLifetime: .max, preferredLifetime: UInt32(index)))
        }
        // More than one option's worth of both lists.
        advertisement.dnsServers = (0..<200).map { IPv6Address(rawValue: 0x2001 << 112 | UInt128($0)) }
        advertisement.searchDomains = (0..<200).map { "domain-number-\($0).example.org" }
        advertisement.dnsLifetime = 77
        let bytes = advertisement.serialized()
        #expect(bytes.count % 8 == 0)
        #expect(RouterAdvertisement(parsing: bytes) == advertisement)
        for count in 0..<bytes.count where count % 8 != 0 || count < 16 {
            #expect(RouterAdvertisement(parsing: Array(bytes.prefix(count))) == nil)
        }
    }

    @Test(arguments: [1240, 1410, 4096, 0]) func noMessageIsLongerThanTheLimitAndTogetherTheySayAll(
        _ limit: Int
    ) throws {
        var advertisement = RouterAdvertisement()
        advertisement.isManaged = true
        advertisement.sourceLinkLayer = MACAddress(rawValue: 0xFA16_3E00_0001)
        advertisement.mtu = 1450
        for index in 0..<300 {
            advertisement.add(try prefix("2001:db8:\(index)::/64"), .slaac)
        }
        advertisement.dnsServers = (0..<500).map { IPv6Address(rawValue: 0x2001 << 112 | UInt128($0)) }
        // The longest name, and many.
        let label = String(repeating: "x", count: 63)
        advertisement.searchDomains =
            [[label, label, label, String(repeating: "y", count: 60)].joined(separator: ".")]
            + (0..<100).map { "domain-number-\($0).example.org" }
        let messages = advertisement.serialized(limit: limit)
        var sum = RouterAdvertisement()
        sum.isManaged = true
        sum.sourceLinkLayer = advertisement.sourceLinkLayer
        sum.mtu = 1450
        for message in messages {
            #expect(message.count <= max(limit, RouterAdvertisement.smallestLimit))
            #expect(message.count % 8 == 0)
            let part = try #require(RouterAdvertisement(parsing: message))
            #expect(part.isManaged && part.mtu == 1450 && part.sourceLinkLayer == sum.sourceLinkLayer)
            sum.prefixes += part.prefixes
            sum.dnsServers += part.dnsServers
            sum.searchDomains += part.searchDomains
        }
        #expect(sum == advertisement)
        // None is sent half empty: all but the last two are as full as options are large.
        let bytes = messages.reduce(0) { $0 + $1.count }
        #expect(messages.count <= bytes / (max(limit, 1240) - 300) + 1)
    }

    @Test func whatFitsIsOneMessage() throws {
        var advertisement = RouterAdvertisement()
        advertisement.add(try prefix("2001:db8:1::/64"), .slaac)
        advertisement.dnsServers = [try v6("2001:db8:1::2")]
        #expect(advertisement.serialized(limit: 1460) == [advertisement.serialized()])
        #expect(RouterAdvertisement().serialized(limit: 1460).map(\.count) == [16])
    }

    @Test func anIPv4BlockIsLeftOut() throws {
        var advertisement = RouterAdvertisement()
        advertisement.add(try prefix("10.0.0.0/24"), .stateful)
        #expect(advertisement == RouterAdvertisement())
        advertisement.prefixes = [.init(prefix: try prefix("10.0.0.0/24"), isAutonomous: true)]
        #expect(advertisement.serialized().count == 16)
    }

    @Test func aDomainThatIsNoneIsLeftOut() {
        var advertisement = RouterAdvertisement()
        advertisement.searchDomains = ["", "a..b", String(repeating: "x", count: 64), "fine.example."]
        let parsed = RouterAdvertisement(parsing: advertisement.serialized())
        #expect(parsed?.searchDomains == ["fine.example"])
    }

    @Test func randomBytesNeverTrap() {
        var random = V6Random(state: 5)
        for _ in 0..<6_000 {
            var bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count > 17, Bool.random(using: &random) {
                bytes[0] = 134
                bytes[1] = 0
                bytes[16] = [1, 3, 5, 25, 31].randomElement(using: &random) ?? 1
                bytes[17] = UInt8.random(in: 0...6, using: &random)
            }
            if let parsed = RouterAdvertisement(parsing: bytes) {
                #expect(parsed.serialized().count >= 16)
            }
            _ = RouterSolicitation(parsing: bytes, source: .any, hopLimit: 255)
        }
    }

    // MARK: Solicitations

    @Test func aSolicitationIsTakenAsTheRFCLetsItPass() throws {
        let host = try v6("fe80::1")
        let bare: [UInt8] = [133, 0, 0, 0, 0, 0, 0, 0]
        let told = bare + [1, 1, 0xFA, 0x16, 0x3E, 1, 2, 3]
        #expect(RouterSolicitation(parsing: bare, source: .any, hopLimit: 255) != nil)
        #expect(
            RouterSolicitation(parsing: told, source: host, hopLimit: 255)?.sourceLinkLayer
                == MACAddress(rawValue: 0xFA16_3E01_0203))
        #expect(RouterSolicitation(parsing: told, source: .any, hopLimit: 255) == nil)
        #expect(RouterSolicitation(parsing: bare, source: host, hopLimit: 64) == nil)
        #expect(RouterSolicitation(parsing: Array(bare.dropLast()), source: host, hopLimit: 255) == nil)
        #expect(RouterSolicitation(parsing: [134] + bare.dropFirst(), source: host, hopLimit: 255) == nil)
        #expect(
            RouterSolicitation(parsing: [133, 1] + bare.dropFirst(2), source: host, hopLimit: 255) == nil)
        #expect(
            RouterSolicitation(parsing: bare + [9, 0, 0, 0, 0, 0, 0, 0], source: host, hopLimit: 255) == nil)
        #expect(RouterSolicitation(parsing: told.dropLast(), source: host, hopLimit: 255) == nil)
        #expect(
            RouterSolicitation(parsing: bare + [14, 1, 1, 2, 3, 4, 5, 6], source: host, hopLimit: 255)
                == RouterSolicitation(parsing: bare, source: host, hopLimit: 255))
    }

    // MARK: Times

    func time(_ seconds: Double) -> EngineTime { EngineTime(rawValue: UInt64(seconds * 1_000_000)) }
    func seconds(_ time: EngineTime) -> Double { Double(time.rawValue) / 1_000_000 }

    @Test func threeAdvertisementsComeSoonThenAtTheInterval() {
        for seed in UInt64(0)..<50 {
            var schedule = RouterAdvertisementSchedule(seed: seed, now: time(100))
            var last = time(100).rawValue
            for index in 0..<10 {
                let next = schedule.next.rawValue
                switch index {
                case 0: #expect(next - last <= 500_000)
                case 1, 2: #expect((3_000_000...16_000_000).contains(next - last))
                default: #expect((198_000_000...600_000_000).contains(next - last))
                }
                #expect(schedule.due(now: EngineTime(rawValue: schedule.next.rawValue - 1)) == [])
                #expect(schedule.due(now: schedule.next) == [RouterAdvertisementSchedule.allNodes])
                last = next
            }
        }
    }

    @Test func theIntervalIsWithinTheRFCsBounds() {
        for (asked, bounds) in [(UInt32(1), 3.0...4.0), (4, 3...4), (30, 9.9...30), (9999, 594...1800)] {
            var schedule = RouterAdvertisementSchedule(maximumInterval: asked, seed: 3, now: time(0))
            for _ in 0..<3 { _ = schedule.due(now: schedule.next) }
            for _ in 0..<100 {
                let sent = seconds(schedule.next)
                _ = schedule.due(now: schedule.next)
                #expect(bounds.contains(seconds(schedule.next) - sent))
            }
        }
    }

    /// A schedule whose initial advertisements are over, and when that was.
    func settled() -> (RouterAdvertisementSchedule, Double) {
        var schedule = RouterAdvertisementSchedule(seed: 9, now: time(0))
        for _ in 0..<2 { _ = schedule.due(now: schedule.next) }
        let last = schedule.next
        _ = schedule.due(now: last)
        return (schedule, seconds(last))
    }

    @Test func aHostIsAnsweredAloneWithinHalfASecond() throws {
        var (schedule, last) = settled()
        let host = try v6("fe80::5")
        schedule.solicited(by: host, now: time(last + 10))
        schedule.solicited(by: host, now: time(last + 10.1))
        #expect((last + 10...last + 10.5).contains(seconds(schedule.next)))
        #expect(schedule.due(now: schedule.next) == [host])
        #expect(seconds(schedule.next) > last + 100)
    }

    @Test func aHostWithoutAddressIsAnsweredByMulticastAtMostEveryThreeSeconds() throws {
        var (schedule, last) = settled()
        schedule.solicited(by: .any, now: time(last + 0.1))
        #expect((last + 3...last + 3.5).contains(seconds(schedule.next)))
        let sent = schedule.next
        #expect(schedule.due(now: sent) == [RouterAdvertisementSchedule.allNodes])
        for step in 1...20 {
            schedule.solicited(by: .any, now: time(seconds(sent) + Double(step) * 0.1))
        }
        #expect(seconds(schedule.next) >= seconds(sent) + 3)
        #expect(seconds(schedule.next) <= seconds(sent) + 3.5)
    }

    @Test func manyHostsAtOnceAreAnsweredTogether() {
        var (schedule, last) = settled()
        for index in 0..<1000 {
            schedule.solicited(
                by: IPv6Address(rawValue: 0xFE80 << 112 | UInt128(index + 1)), now: time(last + 60))
        }
        var sent: [IPv6Address] = []
        while seconds(schedule.next) <= last + 61 { sent += schedule.due(now: schedule.next) }
        #expect(sent.filter { $0 == RouterAdvertisementSchedule.allNodes }.count == 1)
        #expect(sent.count <= 17)
    }

    @Test func aMulticastSparesTheAnswersThatWait() throws {
        var schedule = RouterAdvertisementSchedule(seed: 1, now: time(0))
        schedule.solicited(by: try v6("fe80::5"), now: time(0))
        #expect(schedule.due(now: time(1)) == [RouterAdvertisementSchedule.allNodes])
        #expect(seconds(schedule.next) >= 3)
    }

    @Test func aChangeIsToldThreeTimesSoon() {
        var (schedule, last) = settled()
        schedule.changed(now: time(last + 50))
        #expect((last + 50...last + 50.5).contains(seconds(schedule.next)))
        for _ in 0..<3 {
            let at = seconds(schedule.next)
            #expect(at < last + 90)
            #expect(schedule.due(now: schedule.next) == [RouterAdvertisementSchedule.allNodes])
        }
        #expect(seconds(schedule.next) > last + 190)
    }
}
