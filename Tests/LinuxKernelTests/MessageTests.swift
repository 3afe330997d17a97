import Addressing
import CLinux
import KernelPlan
import KernelScenarios
import LinuxKernel
import Testing

/// Requests, byte by byte, for a little-endian host.
@Suite struct MessageGoldenBytes {
    @Test func bridgeIsCreatedWithoutDelayAndSpanningTree() {
        let expected: [UInt8] =
            [0, 0, 0, 0]  // length, see below
            + [16, 0]  // RTM_NEWLINK
            + [0x05, 0x06]  // REQUEST | ACK | EXCL | CREATE
            + [0, 0, 0, 0]  // sequence, filled in by the socket
            + [0, 0, 0, 0]  // port
            + [0, 0, 0, 0, 0, 0, 0, 0]  // family, type, index
            + [0, 0, 0, 0, 0, 0, 0, 0]  // flags, change
            + [9, 0, 3, 0] + Array("brq0".utf8) + [0, 0, 0, 0]  // IFLA_IFNAME, padded
            + [36, 0, 0x12, 0x80]  // IFLA_LINKINFO, nested
            + [11, 0, 1, 0] + Array("bridge".utf8) + [0, 0]  // IFLA_INFO_KIND, padded
            + [20, 0, 2, 0x80]  // IFLA_INFO_DATA, nested
            + [8, 0, 1, 0, 0, 0, 0, 0]  // IFLA_BR_FORWARD_DELAY 0
            + [8, 0, 5, 0, 0, 0, 0, 0]  // IFLA_BR_STP_STATE 0
        #expect(createBridgeMessage(name: "brq0").bytes == patchingLength(expected))
    }

    @Test func vethPeerIsCreatedInItsNamespaceAndTheOuterEndUpAsAPort() throws {
        let message = createVethMessage(
            VethEndRequest(name: "tap0", macAddress: nil, namespace: nil),
            peer: VethEndRequest(name: "ns-0", macAddress: try mac("fa:16:3e:00:00:01"), namespace: 7),
            mtu: 1450,
            master: 3, isUp: true)
        let expected: [UInt8] =
            [0, 0, 0, 0] + [16, 0] + [0x05, 0x06] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0, 0, 0]  // family, type, index
            + [1, 0, 0, 0, 1, 0, 0, 0]  // IFF_UP, changed
            + [9, 0, 3, 0] + Array("tap0".utf8) + [0, 0, 0, 0]  // IFLA_IFNAME
            + [8, 0, 4, 0, 0xAA, 0x05, 0, 0]  // IFLA_MTU 1450
            + [8, 0, 10, 0, 3, 0, 0, 0]  // IFLA_MASTER
            + [80, 0, 0x12, 0x80]  // IFLA_LINKINFO
            + [9, 0, 1, 0] + Array("veth".utf8) + [0, 0, 0, 0]  // IFLA_INFO_KIND
            + [64, 0, 2, 0x80]  // IFLA_INFO_DATA
            + [60, 0, 1, 0x80]  // VETH_INFO_PEER: an ifinfomsg and attributes
            + [0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0]
            + [9, 0, 3, 0] + Array("ns-0".utf8) + [0, 0, 0, 0]  // IFLA_IFNAME
            + [8, 0, 4, 0, 0xAA, 0x05, 0, 0]  // IFLA_MTU
            + [10, 0, 1, 0, 0xFA, 0x16, 0x3E, 0, 0, 1, 0, 0]  // IFLA_ADDRESS, padded
            + [8, 0, 28, 0, 7, 0, 0, 0]  // IFLA_NET_NS_FD
        #expect(message.bytes == patchingLength(expected))
    }

    @Test func ipv6AddressSkipsDuplicateAddressDetection() throws {
        let octets: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]
        let expected: [UInt8] =
            [0, 0, 0, 0] + [20, 0] + [0x05, 0x06] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [10, 64, 0x02, 0, 9, 0, 0, 0]  // AF_INET6, /64, IFA_F_NODAD, universe, index
            + [20, 0, 2, 0] + octets  // IFA_LOCAL
            + [20, 0, 1, 0] + octets  // IFA_ADDRESS
        #expect(
            addressMessage(try prefix("2001:db8::2/64"), link: 9, adds: true).bytes
                == patchingLength(expected))
    }

    @Test func ipv4AddressHasItsBroadcastAddress() throws {
        let expected: [UInt8] =
            [0, 0, 0, 0] + [20, 0] + [0x05, 0x06] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [2, 24, 0, 0, 9, 0, 0, 0]
            + [8, 0, 2, 0, 10, 20, 0, 2] + [8, 0, 1, 0, 10, 20, 0, 2] + [8, 0, 4, 0, 10, 20, 0, 255]
        #expect(
            addressMessage(try prefix("10.20.0.2/24"), link: 9, adds: true).bytes == patchingLength(expected))
    }

    @Test func routeToAHostOnTheLinkHasLinkScope() throws {
        let expected: [UInt8] =
            [0, 0, 0, 0] + [24, 0] + [0x05, 0x06] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [2, 32, 0, 0]  // AF_INET, destination and source length, TOS
            + [254, 4, 253, 1]  // main table, RTPROT_STATIC, RT_SCOPE_LINK, RTN_UNICAST
            + [0, 0, 0, 0]
            + [8, 0, 1, 0, 192, 0, 2, 1]  // RTA_DST
            + [8, 0, 4, 0, 9, 0, 0, 0]  // RTA_OIF
        #expect(addRouteMessage(try route("192.0.2.1/32"), link: 9).bytes == patchingLength(expected))
    }

    @Test func floodPeerIsAnAllZerosEntryOfTheDeviceItself() throws {
        let expected: [UInt8] =
            [0, 0, 0, 0] + [28, 0] + [0x05, 0x0C] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [7, 0, 0, 0] + [9, 0, 0, 0]  // AF_BRIDGE, index
            + [0xC0, 0, 0x02, 0]  // NUD_NOARP | NUD_PERMANENT, NTF_SELF
            + [10, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]  // NDA_LLADDR, padded
            + [8, 0, 1, 0, 198, 51, 100, 1]  // NDA_DST
        #expect(
            floodPeerMessage(try address("198.51.100.1"), link: 9, adds: true).bytes
                == patchingLength(expected))
    }

    /// The length is the one number that is not worth counting by hand.
    private func patchingLength(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes.dropFirst(4)
    }
}

@Suite struct MessageReading {
    @Test func whatWasWrittenIsRead() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let values = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                (
                    type: Int.random(in: 0..<0x3FFF, using: &generator),
                    bytes: (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                )
            }
            var message = MessageWriter(type: 16, flags: 0)
            message.nested(5) { inner in for value in values { inner.attribute(value.type, value.bytes) } }
            message.attribute(6, UInt32(42))
            let parsed = try #require(try Message.all(in: message.bytes).first)
            var outer = try parsed.attributes(after: 0)
            let nest = try #require(try outer.next())
            #expect(nest.type == 5)
            var inner = nest.nested()
            for value in values {
                let attribute = try #require(try inner.next())
                #expect(attribute.type == value.type && Array(attribute.value) == value.bytes)
            }
            #expect(try inner.next() == nil)
            #expect(try outer.next()?.integer(UInt32.self) == 42)
            #expect(try outer.next() == nil)
        }
    }

    @Test func anyBytesAreReadOrRefused() {
        var refused = 0
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<80)).map { _ in UInt8.random(in: 0...9) }
            do throws(MalformedMessage) {
                for message in try Message.all(in: bytes) {
                    var attributes = try message.attributes(after: 4)
                    while let attribute = try attributes.next() { _ = try attribute.integer(UInt16.self) }
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }

    @Test(arguments: [
        ([15, 0, 0, 0] + [UInt8](repeating: 0, count: 12), "shorter than its header"),
        ([17, 0, 0, 0] + [UInt8](repeating: 0, count: 12), "longer than what came"),
        ([16, 0, 0], "cut in its length"),
    ])
    func messageWithAWrongLengthIsRefused(_ bytes: [UInt8], _ why: String) {
        #expect(throws: MalformedMessage.self) { try Message.all(in: bytes) }
    }

    @Test(arguments: [[3, 0, 1, 0], [9, 0, 1, 0, 1, 2, 3, 4], [8, 0, 1]] as [[UInt8]])
    func attributeWithAWrongLengthIsRefused(_ bytes: [UInt8]) {
        var reader = AttributeReader(bytes[...])
        #expect(throws: MalformedMessage.self) { try reader.next() }
    }

    @Test func integerOfAnotherLengthIsRefused() throws {
        var reader = AttributeReader([6, 0, 1, 0, 1, 2, 0, 0])
        let attribute = try #require(try reader.next())
        #expect(throws: MalformedMessage.self) { try attribute.integer(UInt32.self) }
        #expect(try attribute.integer(UInt16.self) == 0x0201)
    }
}
