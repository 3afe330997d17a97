import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// What real clients sent, as it was captured, and what they are answered.
@Suite struct V6VectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var client: String
        var bytes: String
        var request: DHCPv6MessageType
        var reply: DHCPv6MessageType
        var addresses: [String]
        var iaid: UInt32
        /// The reply's options, in order.
        var codes: [UInt16]

        var testDescription: String { client }
    }

    static let vectors = [
        Vector(
            client: "dhclient 4.4.3: SOLICIT",
            bytes: "012531090001000e0001000132961826fa163e00000a00060008001700180027001f0008000200000003000c"
                + "3e00000a00000e1000001518",
            request: .solicit, reply: .advertise, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3: REQUEST",
            bytes: "036cd2ee0001000e0001000132961826fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "00060008001700180027001f000800020000000300283e00000a00000e10000015180005001820010db80001"
                + "0000000000000000000a00001c2000001d4c",
            request: .request, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3: RENEW",
            bytes: "05d76fb80001000e0001000132961826fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "00060008001700180027001f000800020000000300283e00000a00000e10000015180005001820010db80001"
                + "0000000000000000000a00001c2000001d4c",
            request: .renew, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3 -r: RELEASE",
            bytes: "0868f8530001000e00010001329618b2fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "00060008001700180027001f000800020000000300283e00000a00000000000000000005001820010db80001"
                + "0000000000000000000a0000000000000000",
            request: .release, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 13]),
        Vector(
            client: "dhclient 4.4.3 after a release: SOLICIT with a hint",
            bytes: "01d208590001000e00010001329618b2fa163e00000a00060008001700180027001f00080002000000030028"
                + "3e00000a00000e10000015180005001820010db800010000000000000000000a00001c2000002a30",
            request: .solicit, reply: .advertise, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3: DECLINE",
            bytes: "094f2bd10001000e00010001329618a3fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "00060008001700180027001f000800020000000300283e00000a00000000000000000005001820010db80001"
                + "0000000000000000000a0000000000000000",
            request: .decline, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 13]),
        Vector(
            client: "dhclient 4.4.3 -S: INFORMATION-REQUEST",
            bytes: "0b7b23c60001000a00030001fa163e00000a00060008001700180027001f000800020000",
            request: .informationRequest, reply: .reply, addresses: [], iaid: 0x0, codes: [1, 2, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3 -N -N -T -P: SOLICIT",
            bytes: "01100b4c0001000e000100013296189bfa163e00000a00060008001700180027001f0008000200000003000c"
                + "3e00000a00000e10000015180003000c3e00000b00000e1000001518000400043e00000a0019000c3e00000a"
                + "00000e1000001518",
            request: .solicit, reply: .advertise, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 3, 4, 25, 23, 24, 39]),
        Vector(
            client: "dhclient 4.4.3 -N -N -T -P: REQUEST with one IAID twice",
            bytes: "03aa63ea0001000e000100013296189bfa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "00060008001700180027001f000800020000000300283e00000a00000e10000015180005001820010db80001"
                + "0000000000000000000a00001c2000001d4c0003000c3e00000a00000e1000001518000400043e00000a0019"
                + "000c3e00000a00000e1000001518",
            request: .request, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3, 3, 4, 25, 23, 24, 39]),
        Vector(
            client: "dhcpcd 9.4.1: SOLICIT",
            bytes: "012d4c850001000e0001000132961866fa163e00000a0003000c3e00000a0000000000000000000600040052"
                + "00530008000200000010003c00009f0800366468637063642d392e342e313a4c696e75782d362e31382e3434"
                + "2d66632d763635373a7838365f36343a41757468656e746963414d44",
            request: .solicit, reply: .advertise, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3]),
        Vector(
            client: "dhcpcd 9.4.1: REQUEST",
            bytes: "034d66030001000e0001000132961866fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "000300283e00000a00000000000000000005001820010db800010000000000000000000a0001518000015180"
                + "00060004005200530008000200000010003c00009f0800366468637063642d392e342e313a4c696e75782d36"
                + "2e31382e34342d66632d763635373a7838365f36343a41757468656e746963414d44",
            request: .request, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 3]),
        Vector(
            client: "dhcpcd 9.4.1: RENEW",
            bytes: "0538bd8f0001000e0001000132961866fa163e00000a0002001200040102030405060708090a0b0c0d0e0f10"
                + "000300283e00000a00000000000000000005001820010db800010000000000000000000a0001518000015180"
                + "00060004005200530008000200000010003c00009f0800366468637063642d392e342e313a4c696e75782d36"
                + "2e31382e34342d66632d763635373a7838365f36343a41757468656e746963414d44",
            request: .renew, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A, codes: [1, 2, 3]),
        Vector(
            client: "dhcpcd 9.4.1: SOLICIT with rapid commit and FQDN",
            bytes: "01aca7de0001000e00010001329618aafa163e00000a0003000c3e00000a00000000000000000006000c0017"
                + "0018001f002700520053000800020000000e00000010003c00009f0800366468637063642d392e342e313a4c"
                + "696e75782d362e31382e34342d66632d763635373a7838365f36343a41757468656e746963414d4400270004"
                + "0102766d",
            request: .solicit, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x3E00000A,
            codes: [1, 2, 14, 3, 23, 24, 39]),
        Vector(
            client: "systemd-networkd 252: SOLICIT with rapid commit and IA_PD",
            bytes: "01460eef000e00000003000c184a5a7a00000000000000000019000c184a5a7a000000000000000000270004"
                + "0102766d000600080017001f003800520001000e00020000ab110033bdebf95e192c000800020000",
            request: .solicit, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x184A5A7A,
            codes: [1, 2, 14, 3, 25, 23, 39]),
        Vector(
            client: "systemd-networkd 252: RENEW",
            bytes: "0548c8bc0002001200040102030405060708090a0b0c0d0e0f1000030028184a5a7a00000000000000000005"
                + "001820010db800010000000000000000000a0000000000000000002700040102766d000600060017001f0038"
                + "0001000e00020000ab110033bdebf95e192c000800020000",
            request: .renew, reply: .reply, addresses: ["2001:db8:1::a"], iaid: 0x184A5A7A,
            codes: [1, 2, 3, 23, 39]),
    ]

    @Test(arguments: vectors) func realClientsAreAnswered(_ vector: Vector) throws {
        let subnet = try V6Network.subnet(options: [
            DHCPv6Option(23, try V6Network.v6("2001:db8:1::2").octets),
            DHCPv6Option(24, [14] + Array("openstacklocal".utf8) + [0]),
        ])
        var network = try V6Network([subnet])
        let digits = Array(vector.bytes)
        let bytes = try stride(from: 0, to: digits.count, by: 2)
            .map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
        let exchange = try network.send(bytes)
        let answer = try #require(exchange.answer, "\(exchange.outcome)")
        #expect(answer.request == vector.request)
        #expect(answer.reply == vector.reply)
        #expect(answer.port == V6Network.portA)
        #expect(answer.addresses.map(\.description) == vector.addresses)
        #expect(answer.iaid == vector.iaid)
        #expect(try exchange.reply().options.map(\.code) == vector.codes)
        #expect(try exchange.reply()[option: 1] == DHCPv6Message(parsing: bytes)[option: 1])
        // Another agent of the network, asked with the same packet, says the same.
        var other = try V6Network([subnet])
        #expect(try other.send(bytes).bytes == exchange.bytes)
    }
}
