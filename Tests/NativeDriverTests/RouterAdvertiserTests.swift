import Addressing
import DHCPDrivers
import DHCPEngine
import LinuxKernel
import NetworkModel
import Testing

@testable import NativeDriver

@Suite("Router advertisements come from the device's link-local address, and in whole packets")
struct RouterAdvertiserTests {
    @Test func theLinkLocalAddressIsTheDevicesOwnAndUsable() {
        let text = """
            00000000000000000000000000000001 01 80 10 80       lo
            20010db8000700000000000000000002 02 40 00 80  ns-test
            fe800000000000000000000000000001 03 40 20 80    other
            fe800000000000000000000000000002 02 40 20 c0  ns-test
            fe800000000000000000000000000003 02 40 20 88  ns-test
            fe800000000000000000000000000004 02 40 20 80  ns-test

            """
        let found = RouterAdvertiser.linkLocal(text, device: 2)
        #expect(found == IPv6Address("fe80::4"))
        #expect(RouterAdvertiser.linkLocal(text, device: 1) == nil)
        #expect(RouterAdvertiser.linkLocal("", device: 2) == nil)
        #expect(RouterAdvertiser.linkLocal("fe80 2\nx y z a b c\n", device: 2) == nil)
    }

    @Test func aReplyNeverGoesPastItsPlace() {
        let batch = DatagramBatch()
        let limit = DatagramBatch.datagramLimit
        for index in 0..<DatagramBatch.capacity { batch.reply(index).copyBytes(from: [UInt8(index)]) }
        #expect(batch.write(3, [UInt8](repeating: 0xEE, count: limit)))
        #expect(!batch.write(5, [UInt8](repeating: 0xEE, count: limit + 1)))
        #expect(batch.reply(3).allSatisfy { $0 == 0xEE })
        for index in [2, 4, 5, 6] { #expect(batch.reply(index)[0] == UInt8(index)) }
    }

    @Test(.enabled(if: mayUseNamespaces, "needs root"))
    func nothingIsAdvertisedFromAnotherThanALinkLocalAddress() async throws {
        try await NativeNetwork.with { network in
            try await network.ip(
                "-n", network.namespace, "address", "flush", "dev", network.interface, "scope", "link")
            let driver = network.driver()
            let listener = try await network.client { $0 }
            defer { listener.close() }
            _ = try await driver.apply(network.service([network.port(9, withV6: true)]), change: .anything)
            let allNodes = RouterAdvertisementSchedule.allNodes
            #expect(await network.advertisement(listener, to: allNodes, within: .seconds(1)) == nil)
            #expect(driver.counters(of: network.id)?.advertisements == 0)
            try await network.ip(
                "-n", network.namespace, "address", "add", "fe80::77/64", "dev", network.interface, "nodad")
            let heard = try #require(await network.advertisement(listener, to: allNodes))
            #expect(heard.source == IPv6Address("fe80::77"))
            // Another address later: the old one is not used any more.
            try await network.ip(
                "-n", network.namespace, "address", "flush", "dev", network.interface, "scope", "link")
            try await network.ip(
                "-n", network.namespace, "address", "add", "fe80::88/64", "dev", network.interface, "nodad")
            // Asked for, for by itself it may come minutes later.
            listener.sendFrame(LiveV6Tests.solicitation(from: NativeNetwork.mac(9), hopLimit: 255))
            let next = try #require(
                await network.advertisement(listener, to: NativeNetwork.mac(9).linkLocal))
            #expect(next.source == IPv6Address("fe80::88"))
        }
    }

    @Test(.enabled(if: mayUseNamespaces, "needs root"))
    func manySubnetsTakeSeveralPacketsThatTheLinkTakesWhole() async throws {
        try await NativeNetwork.with { network in
            let driver = network.driver()
            let listener = try await network.client { $0 }
            defer { listener.close() }
            var subnets = NativeNetwork.subnets(network.id)
            let template = subnets[1]
            for number in 100..<180 {
                subnets.append(
                    Subnet(
                        id: NativeNetwork.identity(number), networkID: network.id,
                        standard: template.standard,
                        cidr: try #require(IPPrefix("2001:db8:\(number)::/64")), gatewayIP: nil,
                        allocationPools: [], ipv6RAMode: .dhcpv6Stateful, ipv6AddressMode: .dhcpv6Stateful))
            }
            let service = network.service([network.port(9, withV6: true)], subnets: subnets)
            _ = try await driver.apply(service, change: .anything)
            var found: Set<IPPrefix> = []
            for _ in 0..<8 where found.count < 81 {
                let heard = try #require(
                    await network.advertisement(listener, to: RouterAdvertisementSchedule.allNodes))
                #expect(heard.message.count <= 1460)
                let advertisement = try #require(RouterAdvertisement(parsing: Array(heard.message)))
                #expect(advertisement.isManaged)
                found.formUnion(advertisement.prefixes.map(\.prefix))
            }
            #expect(found == Set(subnets.filter { $0.ipVersion == .v6 }.map(\.cidr)))
        }
    }
}
