import Addressing
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import Glibc
import LinuxKernel
import Locks
import NetworkModel
import Testing

@testable import NativeDriver

@Suite(
    "The native server serves DHCPv4 in a namespace", .enabled(if: mayUseNamespaces, "needs root"),
    .serialized)
struct LiveV4Tests {
    @Test func aClientWithoutAddressIsAnsweredByUnicast() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            #expect(
                try await driver.apply(network.service([network.port(50)]), change: .anything) == .started)
            let mac = NativeNetwork.mac(50)
            let lease = try await network.client { client in
                defer { client.close() }
                return try client.lease(mac)
            }
            let (offer, ack) = try #require(lease)
            for frame in [offer, ack] {
                #expect(frame.destinationMAC == mac)
                #expect(frame.destination == NativeNetwork.address("10.7.0.50"))
                #expect(frame.source == NativeNetwork.address("10.7.0.2"))
                #expect(frame.sourcePort == 67)
                #expect(frame.hasRightChecksum)
                #expect(frame.v4?.yiaddr == IPv4Address(10, 7, 0, 50))
            }
            #expect(try ack.v4?.messageType() == .ack)
            try await driver.remove(network.id)
        }
    }

    @Test func aClientThatAsksForBroadcastGetsIt() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            let lease = try await network.client { client in
                defer { client.close() }
                return try client.lease(NativeNetwork.mac(50), broadcast: true)
            }
            let (offer, ack) = try #require(lease)
            for frame in [offer, ack] {
                #expect(frame.destinationMAC == MACAddress(rawValue: .max))
                #expect(frame.destination == .v4(.broadcast))
                #expect(frame.hasRightChecksum)
            }
            try await driver.remove(network.id)
        }
    }

    @Test func aCountThatCannotBeAttachedKeepsNobodyFromBeingAnswered() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            // Labs lack it.
            guard let counting = try driver.machinery.get().surroundings.foreignSources else { return }
            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            #expect(dup2(nothing, counting.program.number) >= 0)
            #expect(fcntl(counting.program.number, F_SETFD, FD_CLOEXEC) == 0)
            close(nothing)
            #expect(
                try await driver.apply(network.service([network.port(50)]), change: .anything) == .started)
            #expect(await driver.status(of: network.id) == .running(pid: nil))
            let lease = try await network.client { client in
                defer { client.close() }
                return try client.lease(NativeNetwork.mac(50))
            }
            #expect(lease != nil)
        }
    }

    @Test func socketsStayWhereTheNamespaceCannotBeLookedAt() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let service = network.service([network.port(50)])
            _ = try await driver.apply(service, change: .anything)
            let path = "\(NamespaceThread.directory)/\(network.namespace)"
            let namespace = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(namespace) }
            // A link to itself: stat(2) fails with ELOOP.
            #expect(umount2(path, Int32(MNT_DETACH)) == 0)
            unlink(path)
            #expect(symlink(path, path) == 0)
            let outcome = try? await driver.apply(service, change: .anything)
            unlink(path)
            close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o444))
            #expect(mount("/proc/self/fd/\(namespace)", path, "none", UInt(MS_BIND), nil) == 0)
            #expect(outcome == .unchanged)
            #expect(await driver.status(of: network.id) == .running(pid: nil))
            let lease = try await network.client { client in
                defer { client.close() }
                return try client.lease(NativeNetwork.mac(50))
            }
            #expect(lease != nil)
        }
    }

    @Test func aPortIsServedWhenApplyReturns() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let (one, two) = (network.port(50), network.port(51))
            _ = try await driver.apply(network.service([one]), change: .anything)
            #expect(try await network.answers([50, 51], from: 1) == [50: 50])

            var change = DHCPServiceChange.ports([two.id])
            #expect(try await driver.apply(network.service([one, two]), change: change) == .reloaded)
            #expect(try await network.answers([50, 51], from: 2) == [50: 50, 51: 51])
            #expect(try await driver.apply(network.service([one, two]), change: change) == .unchanged)

            // Another address, then another MAC, then gone.
            let moved = network.port(51, v4: 60)
            #expect(try await driver.apply(network.service([one, moved]), change: change) == .reloaded)
            #expect(try await network.answers([51], from: 1) == [51: 60])
            let swapped = network.port(51, mac: NativeNetwork.mac(70), v4: 60)
            _ = try await driver.apply(network.service([one, swapped]), change: change)
            #expect(try await network.answers([51, 70], from: 1) == [70: 60])
            change = .ports([one.id])
            #expect(try await driver.apply(network.service([swapped]), change: change) == .reloaded)
            #expect(try await network.answers([50, 70], from: 1) == [70: 60])
            #expect(try await driver.apply(network.service([swapped]), change: .anything) == .unchanged)
            #expect(
                try await network.neighbours() == [NativeNetwork.address("10.7.0.60"): NativeNetwork.mac(70)])
        }
    }

    @Test func portsInAnyOrderAreServed() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            var service = network.service([network.port(50), network.port(51), network.port(52)])
            service.ports.reverse()
            _ = try await driver.apply(service, change: .anything)
            service.ports[1].macAddress = NativeNetwork.mac(70)
            let changed = service.ports[1].id
            #expect(try await driver.apply(service, change: .ports([changed])) == .reloaded)
            #expect(try await network.answers([50, 51, 52, 70], from: 3) == [50: 50, 52: 52, 70: 51])
        }
    }

    @Test func anAddressThatChangesHandsKeepsItsNeighbourEntry() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let (one, two) = (network.port(50), network.port(51))
            _ = try await driver.apply(network.service([one, two]), change: .anything)
            // 51 gets the address of 50 before it is heard that 50 has lost it.
            let taker = network.port(51, v4: 50)
            _ = try await driver.apply(network.service([one, taker]), change: .ports([two.id]))
            let loser = network.port(50, v4: 52)
            _ = try await driver.apply(network.service([loser, taker]), change: .ports([one.id]))
            #expect(
                try await network.neighbours() == [
                    NativeNetwork.address("10.7.0.50"): NativeNetwork.mac(51),
                    NativeNetwork.address("10.7.0.52"): NativeNetwork.mac(50),
                ])
            #expect(try await network.answers([50, 51], from: 2) == [50: 52, 51: 50])
        }
    }

    @Test func threeThousandClientsWithoutAddressHaveTheirNeighbourEntries() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let numbers = Array(256..<3256)
            _ = try await driver.apply(network.service(numbers.map { network.port($0) }), change: .anything)
            #expect(try await network.neighbours().count == numbers.count)
            #expect(
                try await network.answers([256, 1500, 3255], from: 3) == [256: 256, 1500: 1500, 3255: 3255])
            #expect(driver.counters(of: network.id)?.fallbackBroadcasts == 0)
        }
    }

    @Test func aStormOfAThousandClientsLosesNobody() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let numbers = Array(256..<1256)
            _ = try await driver.apply(network.service(numbers.map { network.port($0) }), change: .anything)
            let leases = try await network.client { client in
                defer { client.close() }
                for number in numbers { try client.send(RawClient.discover(NativeNetwork.mac(number))) }
                var offers: [[UInt8]: DHCPv4Message] = [:]
                while offers.count < numbers.count, let frame = client.receive() {
                    if let message = frame.v4, try message.messageType() == .offer {
                        offers[message.chaddr] = message
                    }
                }
                for number in numbers {
                    let mac = NativeNetwork.mac(number)
                    if let offer = offers[mac.octets] { try client.send(RawClient.request(mac, for: offer)) }
                }
                var leases: [[UInt8]: IPv4Address] = [:]
                while leases.count < numbers.count, let frame = client.receive() {
                    if let message = frame.v4, try message.messageType() == .ack {
                        leases[message.chaddr] = message.yiaddr
                    }
                }
                return leases
            }
            for number in numbers {
                #expect(leases[NativeNetwork.mac(number).octets]?.rawValue == 0x0A07_0000 + UInt32(number))
            }
            let counters = try #require(driver.counters(of: network.id))
            #expect(counters.repliesV4 == [.offer: 1000, .ack: 1000])
            #expect(counters.drops.isEmpty)
            #expect(await driver.leases(of: network.id).count == 1000)
        }
    }

    @Test func aDeviceOrNamespaceMadeAnewIsServedAgain() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let service = network.service([network.port(50)])
            _ = try await driver.apply(service, change: .anything)
            try await network.ip("-n", network.namespace, "link", "del", network.interface)
            try await network.connect()
            #expect(try await driver.apply(service, change: .anything) == .restarted)
            #expect(try await network.answers([50], from: 1) == [50: 50])
            // The DNS is a new one; the port is as it was.
            let names = try await network.run(
                "dig", "+short", "+time=30", "@10.7.0.2", "host-10-7-0-50.openstacklocal")
            #expect(names == ["10.7.0.50"])
            #expect(try await driver.apply(service, change: .anything) == .unchanged)

            for name in [network.namespace, network.clients] { try await network.ip("netns", "del", name) }
            try await network.wire()
            #expect(try await driver.apply(service, change: .anything) == .restarted)
            #expect(try await network.answers([50], from: 1) == [50: 50])
            #expect(try await network.neighbours().count == 1)
        }
    }

    @Test func neighbourEntriesThatSomebodyRemovedOrChangedAreRepaired() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let service = network.service([network.port(50), network.port(51)])
            _ = try await driver.apply(service, change: .anything)
            let device = network.interface
            try await network.ip("-n", network.namespace, "neigh", "del", "10.7.0.50", "dev", device)
            try await network.ip(
                "-n", network.namespace, "neigh", "replace", "10.7.0.51", "lladdr", "02:00:00:00:00:01",
                "dev",
                device, "nud", "permanent")
            #expect(try await driver.apply(service, change: .anything) == .reloaded)
            #expect(
                try await network.neighbours() == [
                    NativeNetwork.address("10.7.0.50"): NativeNetwork.mac(50),
                    NativeNetwork.address("10.7.0.51"): NativeNetwork.mac(51),
                ])
            #expect(try await driver.apply(service, change: .anything) == .unchanged)
        }
    }

    @Test func neighbourEntriesThatADeviceLosesComeBackByThemselves() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver(care: .init(interval: .milliseconds(20), turns: 1))
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            for state in ["down", "up"] {
                try await network.ip("-n", network.namespace, "link", "set", network.interface, state)
            }
            try await network.untilFramesPass()
            var neighbours = try await network.neighbours()
            for _ in 0..<6000 where neighbours.isEmpty {
                try await Task.sleep(for: .milliseconds(20))
                neighbours = try await network.neighbours()
            }
            #expect(neighbours == [NativeNetwork.address("10.7.0.50"): NativeNetwork.mac(50)])
            #expect(try await network.answers([50], from: 1) == [50: 50])
        }
    }

    @Test func aServerAddressThatAppearsLaterIsAnsweredFromWithoutBeingTold() async throws {
        try await NativeNetwork.with { network in
            try await network.ip("-n", network.namespace, "address", "flush", "dev", network.interface)
            let driver = network.driver()
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            // A broadcast comes from the server's address, which there is not: nobody is answered from another.
            // It is counted when the answer could not be sent.
            #expect(try await network.answers([50], from: 0, broadcast: true) == [:])
            #expect(try await soon { driver.counters(of: network.id)?.drops == [.sendFailed: 1] })
            #expect(driver.outcomes(of: network.id).last?.drop == .sendFailed)
            try await network.ip(
                "-n", network.namespace, "address", "add", "10.7.0.2/16", "dev", network.interface)
            #expect(try await network.answers([50], from: 1, broadcast: true) == [50: 50])
            #expect(try await network.answers([50], from: 1) == [50: 50])
        }
    }

    @Test func aRenewingClientIsAnsweredAtItsAddress() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            let frame = try await network.client { client in
                defer { client.close() }
                var renew = RawClient.discover(NativeNetwork.mac(50))
                renew[option: 53] = [3]
                renew.ciaddr = IPv4Address(10, 7, 0, 50)
                try client.send(
                    renew, from: renew.ciaddr, to: IPv4Address(10, 7, 0, 2),
                    destinationMAC: NativeNetwork.mac(2))
                return client.reply(to: NativeNetwork.mac(50), .ack)
            }
            #expect(frame?.destination == NativeNetwork.address("10.7.0.50"))
            #expect(frame?.destinationMAC == NativeNetwork.mac(50))
            let lease = try #require(await driver.leases(of: network.id).first)
            #expect(lease.address == NativeNetwork.address("10.7.0.50"))
            #expect(lease.portID == NativeNetwork.identity(50))
        }
    }

    @Test func aRelayIsAnsweredAtItsOwnAddressAndPort() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let relay = network.port(80)
            _ = try await driver.apply(network.service([network.port(50), relay]), change: .anything)
            let frame = try await network.client { client in
                defer { client.close() }
                var message = RawClient.discover(NativeNetwork.mac(50))
                message.giaddr = IPv4Address(10, 7, 0, 80)
                message.hops = 1
                try client.send(
                    message, sourceMAC: NativeNetwork.mac(80), from: message.giaddr,
                    to: IPv4Address(10, 7, 0, 2),
                    destinationMAC: NativeNetwork.mac(2), sourcePort: 67)
                return client.receive(port: 67)
            }
            #expect(frame?.destination == NativeNetwork.address("10.7.0.80"))
            #expect(frame?.destinationMAC == NativeNetwork.mac(80))
            #expect(frame?.v4?.yiaddr == IPv4Address(10, 7, 0, 50))
        }
    }

    @Test func strangersAndRubbishAreCountedAndNotAnswered() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            let answer = try await network.client { client in
                defer { client.close() }
                try client.send(RawClient.discover(NativeNetwork.mac(99)))
                client.send(
                    [1, 2, 3], sourceMAC: NativeNetwork.mac(98), source: .v4(.any),
                    destination: .v4(.broadcast),
                    destinationMAC: MACAddress(rawValue: .max), ports: (68, 67))
                try client.send(RawClient.discover(NativeNetwork.mac(50)))
                return client.receive()?.v4
            }
            #expect(answer?.chaddr == NativeNetwork.mac(50).octets)
            let counters = try #require(driver.counters(of: network.id))
            #expect(counters.drops == [.unknownClient: 1, .truncated: 1])
            #expect(counters.requestsV4 == [.discover: 2])
            #expect(counters.packets == 3)
            let outcomes = driver.outcomes(of: network.id)
            #expect(outcomes.map(\.drop) == [.unknownClient, .truncated, nil])
            #expect(outcomes.map(\.mac) == [NativeNetwork.mac(99), nil, NativeNetwork.mac(50)])
            #expect(outcomes.last?.port?.rawValue == NativeNetwork.identity(50).rawValue)
            #expect(outcomes.last?.exchange == .v4(request: .discover, reply: .offer))
        }
    }

    @Test func aRequestUnderAnothersNameIsCountedAndWhereThatIsAskedForRefused() async throws {
        try await NativeNetwork.with { network in
            let (mine, others) = (NativeNetwork.mac(50), NativeNetwork.mac(51))
            for policy in SourceMismatch.allCases {
                let driver = network.driver { $0.sourceMismatch = policy }
                _ = try await driver.apply(
                    network.service([network.port(50), network.port(51)]), change: .anything)
                let answered = try await network.client { client in
                    defer { client.close() }
                    // In the first four octets, in the last two, not at all: told apart by their numbers.
                    let sources = [MACAddress(rawValue: mine.rawValue ^ 1 << 40), others, mine]
                    for (number, source) in sources.enumerated() {
                        var message = RawClient.discover(mine)
                        message.transactionID = UInt32(number)
                        try client.send(message, sourceMAC: source)
                    }
                    // The last one is answered in any case, and behind the others.
                    var answered = [false, false, false]
                    while !answered[2], let message = client.receive()?.v4 {
                        if message.chaddr == mine.octets { answered[Int(message.transactionID)] = true }
                    }
                    // A relay speaks for others.
                    var relayed = RawClient.discover(mine)
                    relayed.giaddr = IPv4Address(10, 7, 0, 51)
                    try client.send(relayed, sourceMAC: others, from: relayed.giaddr, sourcePort: 67)
                    answered.append(client.receive(port: 67) != nil)
                    // Datagrams about as long as one that is cut off.
                    for length in 33...35 {
                        client.send(
                            Array(try RawClient.discover(mine).serialized().prefix(length)), sourceMAC: mine,
                            source: .v4(.any), destination: .v4(.broadcast),
                            destinationMAC: MACAddress(rawValue: .max), ports: (68, 67))
                    }
                    try client.send(RawClient.discover(mine))
                    answered.append(client.reply(to: mine, .offer) != nil)
                    return answered
                }
                #expect(
                    answered
                        == (policy == .refuse
                            ? [false, false, true, true, true] : [true, true, true, true, true]))
                var counters = try #require(driver.counters(of: network.id))
                // Where they are answered, another socket counts them.
                for _ in 0..<6000 where counters.foreignSources < 2 {
                    try await Task.sleep(for: .milliseconds(20))
                    counters = try #require(driver.counters(of: network.id))
                }
                #expect(counters.drops[.sourceMismatch] ?? 0 == (policy == .refuse ? 2 : 0))
                #expect(counters.foreignSources == 2)
                #expect(counters.drops[.truncated] == 3)
                try await driver.remove(network.id)
            }
        }
    }

    @Test func removingLeavesNothingBehind() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver { $0.owner = "me" }
            let service = network.service([network.port(50)])
            _ = try await driver.apply(service, change: .anything)
            #expect(try await driver.existingNetworks() == [network.id])
            #expect(await driver.status(of: network.id) == .running(pid: nil))
            let other = network.driver { $0.owner = "you" }
            #expect(try await other.existingNetworks() == [])
            try await driver.remove(network.id)
            #expect(try await driver.existingNetworks() == [])
            #expect(await driver.status(of: network.id) == .stopped)
            #expect(try await network.neighbours() == [:])
            #expect(try await network.answers([50], from: 0) == [:])
            #expect(!isDirectory(path: "\(network.confs)/\(network.id)"))
            #expect(try await driver.apply(service, change: .anything) == .started)
            #expect(try await network.answers([50], from: 1) == [50: 50])
        }
    }

    @Test func aNewDriverTakesOverWhatAnOldOneLeft() async throws {
        try await NativeNetwork.with { network in
            var driver: NativeDriver? = network.driver()
            _ = try await driver?.apply(
                network.service([network.port(50), network.port(51)]), change: .anything)
            driver = nil
            #expect(try await network.neighbours().count == 2)
            driver = network.driver(care: .init(interval: .milliseconds(5), turns: 1))
            #expect(try await driver?.existingNetworks() == [network.id])
            #expect(
                try await driver?.apply(network.service([network.port(51)]), change: .anything) == .started)
            #expect(try await network.answers([50, 51], from: 1) == [51: 51])
            var neighbours = try await network.neighbours()
            for _ in 0..<6000 where neighbours.count > 1 {
                try await Task.sleep(for: .milliseconds(20))
                neighbours = try await network.neighbours()
            }
            #expect(neighbours.count == 1)
            driver = nil

            // One that never served the network removes what another one left.
            let last = network.driver()
            try await last.remove(network.id)
            #expect(try await network.neighbours() == [:])
            #expect(try await last.existingNetworks() == [])
        }
    }

    @Test func aDirectoryThatAnotherDriverUsesStays() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(network.service([]), change: .anything)
            let file = "\(network.confs)/\(network.id)/leases"
            try atomicReplace(path: file, contents: "dnsmasq's")
            try await driver.remove(network.id)
            #expect(fileExists(path: file))
            #expect(try await driver.existingNetworks() == [])
        }
    }

    @Test func answersAndDropsAreLinesInTheNetworksLog() async throws {
        try await NativeNetwork.with { network in
            let logs = "\(network.confs)/log"
            let driver = network.driver { $0.baseLogDirectory = logs }
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            #expect(try await network.answers([50, 99], from: 1) == [50: 50])
            let path = try #require(driver.logFile(of: network.id))
            var text = ""
            for _ in 0..<12_000 where text.split(separator: "\n").count < 2 {
                try await Task.sleep(for: .milliseconds(10))
                text = String(decoding: try contents(of: path) ?? [], as: UTF8.self)
            }
            #expect(text.contains("DHCPDISCOVER fa:16:3e:00:00:32: DHCPOFFER 10.7.0.50"))
            #expect(text.contains("DHCPDISCOVER fa:16:3e:00:00:63: dropped, unknown-client"))
        }
    }

    @Test func theEndOfASocketIsNewsAndTheNextApplyServesAgain() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let service = network.service([network.port(50)])
            _ = try await driver.apply(service, change: .anything)
            let server = try driver.server(of: network.id)
            let socket = try #require(server.control.withLock { $0.v4 })
            server.loop.events.schedule(after: .zero) { server.failed(socket, EIO) }
            var deaths = driver.deaths.makeAsyncIterator()
            #expect(await deaths.next() == network.id)
            #expect(await driver.status(of: network.id) == .stopped)
            #expect(try await network.answers([50], from: 0) == [:])
            // Even where the caller knows of one port only.
            #expect(try await driver.apply(service, change: .ports([NativeNetwork.identity(50)])) == .started)
            #expect(try await network.answers([50], from: 1) == [50: 50])
        }
    }

    @Test func aNamespaceThatIsNotThereIsAnErrorAndNoEnd() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            var service = network.service([network.port(50)])
            service.namespace = "qdhcp-\(NativeNetwork.identity(7))"
            await #expect(throws: DHCPDriverError(.wiring, operation: "", detail: "")) {
                _ = try await driver.apply(service, change: .anything)
            }
            #expect(await driver.status(of: network.id) == .stopped)
            _ = try await driver.apply(network.service([network.port(50)]), change: .anything)
            #expect(try await network.answers([50], from: 1) == [50: 50])
        }
    }
}

extension NativeNetwork {
    /// What clients with these MACs are offered, by number: the last octets of the addresses.
    ///
    /// So many must be answered, which may take its time; the others hear nothing in the moment after that.
    func answers(_ numbers: [Int], from count: Int, broadcast: Bool = false) async throws -> [Int: Int] {
        try await client { client in
            defer { client.close() }
            for number in numbers {
                try client.send(RawClient.discover(Self.mac(number), broadcast: broadcast))
            }
            var answers: [Int: Int] = [:]
            while answers.count < numbers.count,
                let frame = client.receive(
                    within: answers.count < count ? Self.patience : .milliseconds(150))
            {
                guard let message = frame.v4, let mac = MACAddress(octets: message.chaddr) else { continue }
                answers[Int(mac.rawValue & 0xFFFF)] = Int(message.yiaddr.rawValue & 0xFFFF)
            }
            return answers
        }
    }

    /// The permanent IPv4 neighbours in the server's namespace.
    func neighbours() async throws -> [IPAddress: MACAddress] {
        var neighbours: [IPAddress: MACAddress] = [:]
        for line in try await inspect("-4", "neigh", "show", "nud", "permanent") {
            let words = line.split(separator: " ")
            guard let address = IPAddress(words[0]), let at = words.firstIndex(of: "lladdr"),
                let mac = MACAddress(words[at + 1])
            else { continue }
            neighbours[address] = mac
        }
        return neighbours
    }
}
