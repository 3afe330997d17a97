import Addressing
import CLinux
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import Dispatch
import Glibc
import KernelPlan
import LinuxKernel
import NetworkModel
import Testing

@testable import NativeDriver

@Suite(
    "The native server serves DHCPv6 and advertises", .enabled(if: mayUseNamespaces, "needs root"),
    .serialized)
struct LiveV6Tests {
    /// A DUID that names no MAC (RFC 6355), as an image that is booted often has it.
    private static let foreignDUID: [UInt8] = [0, 4] + (1...16)

    @Test func aClientIsToldByItsLinkLayerAddressWhateverItsDUID() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            // The port of the client device itself, whose link-local address says nothing of its MAC.
            for command in [
                ["set", "cl-test", "addrgenmode", "none"], ["set", "cl-test", "down"],
                ["set", "cl-test", "up"],
            ] {
                try await network.ip(["-n", network.clients, "link"] + command)
            }
            try await network.ip(
                "-n", network.clients, "address", "add", "fe80::1234/64", "dev", "cl-test", "nodad")
            try await network.untilFramesPass()
            let port = network.port(9, withV6: true)
            _ = try await driver.apply(
                network.service([port, network.port(10, withV6: true)]), change: .anything)
            let addresses = try await network.clientV6 { client in
                try client.lease(duid: Self.foreignDUID, iaid: 7)
            }
            #expect(addresses == [IPv6Address(rawValue: 0x2001_0DB8_0007 << 80 + 9)])
            let counters = try #require(driver.counters(of: network.id))
            #expect(counters.repliesV6 == [.advertise: 1, .reply: 1])
            #expect(counters.drops == [:])
            #expect(
                driver.outcomes(of: network.id).map(\.mac) == [NativeNetwork.mac(9), NativeNetwork.mac(9)])
            let lease = try #require(await driver.leases(of: network.id).first)
            #expect(lease.clientIdentifier == Self.foreignDUID)
            #expect(lease.iaid == 7)
            #expect(lease.macAddress == NativeNetwork.mac(9))
            #expect(lease.hostname == "guest")
        }
    }

    @Test func aStrangerIsFoundOutAndNotAnswered() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(
                network.service([network.port(10, withV6: true)]), change: .anything)
            let answer = try await network.clientV6 { client in
                try client.exchange(
                    client.solicit(duid: Self.foreignDUID, iaid: 7), .advertise, within: .seconds(2))
            }
            #expect(answer == nil)
            #expect(try await soon { driver.counters(of: network.id)?.drops == [.unknownClient: 1] })
            #expect(driver.outcomes(of: network.id).last?.mac == NativeNetwork.mac(9))
        }
    }

    @Test func aSenderThatDoesNotAnswerNeighbourDiscoveryIsGivenUp() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            _ = try await driver.apply(network.service([network.port(9, withV6: true)]), change: .anything)
            let start = ContinuousClock.now
            // Many senders that nobody else has ever seen.
            try await network.client { client in
                defer { client.close() }
                for number in 0..<400 {
                    let source = NativeNetwork.mac(0x9000 + number).linkLocal
                    let message = DHCPv6Message.plain(
                        type: .solicit, transactionID: UInt32(number),
                        options: [.init(1, Self.foreignDUID), .init(8, [0, 0])])
                    client.send(
                        try message.serialized(), sourceMAC: NativeNetwork.mac(0x9000 + number),
                        source: .v6(source),
                        destination: .v6(OpenedSockets.groups[0]),
                        destinationMAC: MACAddress(rawValue: 0x3333_0001_0002), ports: (546, 547))
                }
            }
            // A client that its address tells waits for none of them.
            let addresses = try await network.clientV6 { try $0.lease(duid: Self.foreignDUID, iaid: 7) }
            #expect(addresses?.count == 1)
            // By now all of them have begun to wait or been dropped.
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            var drops: [DropReason: UInt64] = [:]
            for _ in 0..<1200 where drops.values.reduce(0, +) < 400 {
                try await Task.sleep(for: .milliseconds(100))
                drops = driver.counters(of: network.id)?.drops ?? [:]
            }
            #expect(drops.values.reduce(0, +) == 400)
            // Only so many begin to wait in a second: 128 at once, and 200 a second after that.
            #expect(Double(drops[.tooManyUnresolved] ?? 0) >= 400 - 128 - 200 * seconds - 1, "\(seconds) s")
            #expect(driver.counters(of: network.id)?.repliesV6 == [.advertise: 1, .reply: 1])
        }
    }

    @Test func guestsOfAllNetworksTogetherHaveSoManyLookups() async throws {
        try await NativeNetwork.with { network in
            let start = ContinuousClock.now
            let driver = network.driver { $0.lookups = TokenBucket.Limit(rate: 1, burst: 10) }
            _ = try await driver.apply(network.service([network.port(9, withV6: true)]), change: .anything)
            // Fewer than one network may have.
            try await network.client { client in
                defer { client.close() }
                for number in 0..<100 {
                    let message = DHCPv6Message.plain(
                        type: .solicit, transactionID: UInt32(number),
                        options: [.init(1, Self.foreignDUID), .init(8, [0, 0])])
                    client.send(
                        try message.serialized(), sourceMAC: NativeNetwork.mac(0x9000 + number),
                        source: .v6(NativeNetwork.mac(0x9000 + number).linkLocal),
                        destination: .v6(OpenedSockets.groups[0]),
                        destinationMAC: MACAddress(rawValue: 0x3333_0001_0002), ports: (546, 547))
                }
            }
            var drops: [DropReason: UInt64] = [:]
            for _ in 0..<1200 where drops.values.reduce(0, +) < 100 {
                try await Task.sleep(for: .milliseconds(100))
                drops = driver.counters(of: network.id)?.drops ?? [:]
            }
            #expect(drops.values.reduce(0, +) == 100)
            // Ten at once, and one a second after that.
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let dropped = Double(drops[.tooManyLookups] ?? 0)
            #expect(dropped <= 90 && dropped >= 90 - seconds - 1, "\(drops) in \(seconds) s")
        }
    }

    @Test func advertisementsComeByThemselvesAndToThoseWhoAsk() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let listener = try await network.client { $0 }
            defer { listener.close() }
            _ = try await driver.apply(network.service([network.port(9, withV6: true)]), change: .anything)
            let first = try #require(
                await network.advertisement(listener, to: RouterAdvertisementSchedule.allNodes))
            let advertisement = try #require(RouterAdvertisement(parsing: Array(first.message)))
            #expect(first.hopLimit == 255)
            #expect(first.source == NativeNetwork.mac(2).linkLocal)
            #expect(advertisement.isManaged)
            #expect(advertisement.routerLifetime == 0)
            #expect(advertisement.sourceLinkLayer == NativeNetwork.mac(2))
            #expect(advertisement.prefixes.map(\.prefix) == [IPPrefix("2001:db8:7::/64")])

            let host = NativeNetwork.mac(9).linkLocal
            listener.sendFrame(Self.solicitation(from: NativeNetwork.mac(9), hopLimit: 255))
            let answer = try #require(await network.advertisement(listener, to: host))
            #expect(answer.message == first.message)
            // Counted when it is sent, which may be a moment after it is heard.
            #expect(try await soon { driver.counters(of: network.id)?.advertisements ?? 0 >= 2 })

            // What came through a router is no neighbour's.
            listener.sendFrame(Self.solicitation(from: NativeNetwork.mac(9), hopLimit: 64))
            #expect(await network.advertisement(listener, to: host, within: .milliseconds(700)) == nil)

            // A subnet whose router advertises itself is none of our business.
            let plain = NativeNetwork.subnets(network.id, ra: nil)
            let service = network.service([network.port(9, withV6: true)], subnets: plain)
            _ = try await driver.apply(service, change: .anything)
            listener.sendFrame(Self.solicitation(from: NativeNetwork.mac(9), hopLimit: 255))
            #expect(await network.advertisement(listener, to: host, within: .milliseconds(700)) == nil)
        }
    }

    /// A Router Solicitation to all routers (RFC 4861 section 4.1).
    static func solicitation(from mac: MACAddress, hopLimit: UInt8) -> [UInt8] {
        let routers = IPv6Address(rawValue: 0xFF02 << 112 | 2)
        var message: [UInt8] = [133, 0, 0, 0, 0, 0, 0, 0, 1, 1] + mac.octets
        let pseudo = mac.linkLocal.octets + routers.octets + [0, 0, 0, UInt8(message.count), 0, 0, 0, 58]
        let sum = RawClient.checksum(pseudo + message)
        message[2] = UInt8(sum >> 8)
        message[3] = UInt8(sum & 0xFF)
        return [0x33, 0x33, 0, 0, 0, 2] + mac.octets + [
            0x86, 0xDD, 0x60, 0, 0, 0, 0, UInt8(message.count), 58,
        ]
            + [hopLimit] + mac.linkLocal.octets + routers.octets + message
    }
}

/// A client with the kernel's own stack behind it, which answers neighbour discovery.
struct V6Client: Sendable {
    let descriptor: Int32
    let device: UInt32

    /// Opens it on a device of the calling thread's namespace.
    static func open(_ device: String) throws -> V6Client {
        var stage: UnsafePointer<CChar>?
        let number = cl_dhcp_socket(AF_INET6, device, 546, 1 << 20, &stage)
        if number < 0 { throw KernelError("open", "client socket", errno) }
        return V6Client(descriptor: number, device: if_nametoindex(device))
    }

    func solicit(duid: [UInt8], iaid: UInt32) throws -> DHCPv6Message {
        .plain(
            type: .solicit, transactionID: 7,
            options: [
                .init(1, duid), try DHCPv6IdentityAssociation(iaid: iaid).option(), .init(8, [0, 0]),
                .init(39, [1, 5] + Array("guest".utf8)),
            ])
    }

    /// What SOLICIT and REQUEST bring; nil where nobody answers.
    func lease(duid: [UInt8], iaid: UInt32) throws -> [IPv6Address]? {
        guard let advertise = try exchange(solicit(duid: duid, iaid: iaid), .advertise),
            let server = advertise[option: 2], let offered = advertise[option: 3]
        else { return nil }
        let request = DHCPv6Message.plain(
            type: .request, transactionID: 8,
            options: [
                .init(1, duid), .init(2, server), .init(3, offered), .init(8, [0, 0]),
                .init(39, [1, 5] + Array("guest".utf8)),
            ])
        guard let reply = try exchange(request, .reply), let granted = reply[option: 3] else { return nil }
        return try DHCPv6IdentityAssociation(parsing: granted).addresses().map(\.address)
    }

    /// Sends a message once and waits for an answer of that type.
    func exchange(
        _ message: DHCPv6Message, _ expected: DHCPv6MessageType, within: Duration = NativeNetwork.patience
    ) throws -> DHCPv6Message? {
        let bytes = try message.serialized()
        let batch = DatagramBatch()
        batch.reply(0).copyBytes(from: bytes)
        batch.address(0, length: bytes.count, to: OpenedSockets.groups[0], port: 547, device: device)
        // A device that was just made gets its link-local address a little later.
        var attempts = 0
        while !batch.sendOne(descriptor, 0) {
            attempts += 1
            guard errno == ENETUNREACH || errno == EADDRNOTAVAIL, attempts < 3000 else {
                throw KernelError("send", "DHCPv6 message", errno)
            }
            usleep(20_000)
        }
        let deadline = ContinuousClock.now + within
        while ContinuousClock.now < deadline {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&item, 1, 500) > 0 else { continue }
            for index in 0..<batch.receive(descriptor).count {
                let answer = try DHCPv6Message(parsing: Array(batch.arrival(index).contents))
                if answer.type == expected { return answer }
            }
        }
        return nil
    }
}

extension NativeNetwork {
    /// Runs a body that waits, off the cooperative pool, with a DHCPv6 client on the client's device.
    func clientV6<T: Sendable>(_ body: @escaping @Sendable (V6Client) throws -> T) async throws -> T {
        // The client's own address settles at once without duplicate address detection.
        try await client { raw in
            raw.close()
            let client = try namespaces.runBlocking(in: clients) { try V6Client.open("cl-test") }
            defer { close(client.descriptor) }
            return try body(client)
        }
    }

    /// An ICMPv6 message of type 134 with what its IPv6 header says.
    struct HeardAdvertisement: Sendable {
        var source: IPv6Address
        var hopLimit: UInt8
        var message: ArraySlice<UInt8>
    }

    /// The next Router Advertisement to an address.
    func advertisement(
        _ client: RawClient, to destination: IPv6Address, within: Duration = patience
    ) async -> HeardAdvertisement? {
        await withCheckedContinuation { continuation in
            Self.queue.async {
                let deadline = ContinuousClock.now + within
                while let frame = client.receiveFrame(deadline) {
                    guard frame.count > 54, frame[12] == 0x86, frame[13] == 0xDD, frame[20] == 58,
                        frame[54] == 134,
                        IPv6Address(octets: frame[38..<54]) == destination,
                        let source = IPv6Address(octets: frame[22..<38])
                    else { continue }
                    // The checksum is the kernel's own work.
                    let message = frame[54..<58].prefix(2) + [0, 0] + frame[58...]
                    return continuation.resume(
                        returning: HeardAdvertisement(source: source, hopLimit: frame[21], message: message))
                }
                continuation.resume(returning: nil)
            }
        }
    }
}
