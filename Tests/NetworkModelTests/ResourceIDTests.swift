import Testing

@testable import NetworkModel

@Suite struct ResourceIDTests {
    /// FIPS 180-4's examples and the lengths around a block's end.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (String(repeating: "a", count: 63), "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
        (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func sha1GivesTheDigestsOfTheStandard(_ message: String, _ digest: String) {
        let hex = sha1(message.utf8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        #expect(hex.joined() == digest)
    }

    @Test(arguments: [
        ("www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
        ("python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d"),
        ("controller-0", "aebe17f8-776d-5ab6-9a5f-e9bdeeaca66f"),
        ("", "4ebd0208-8328-5d69-8c44-ec50939c0967"),
    ])
    func aNameBasedIdentifierIsOfVersion5(_ name: String, _ id: String) {
        #expect(ResourceID.nameBased(name, in: .dnsNamespace).description == id)
    }

    @Test(arguments: ["controller-0.example.com", "controller-0", "controller-0.other"])
    func theDeviceIDOfADHCPPortIsTheSameForEveryNameOfTheHost(_ host: String) throws {
        let network = try #require(ResourceID("bf2802a0-99a0-4e8c-91e4-107d03f158ea"))
        #expect(
            dhcpDeviceID(host: host, network: network)
                == "dhcpaebe17f8-776d-5ab6-9a5f-e9bdeeaca66f-bf2802a0-99a0-4e8c-91e4-107d03f158ea")
    }

    @Test func aRandomIdentifierIsOfVersion4AndSurvivesItsText() {
        var generator = SeededGenerator(seed: 3)
        var seen: Set<ResourceID> = []
        for _ in 0..<1000 {
            let id = ResourceID.random(using: &generator)
            let text = Array(id.description)
            #expect(text.count == 36 && text[14] == "4" && "89ab".contains(text[19]))
            #expect(ResourceID(id.description) == id)
            #expect(ResourceID(id.description.uppercased()) == id)
            #expect(seen.insert(id).inserted)
        }
    }

    @Test(arguments: [
        "", "bf2802a0-99a0-4e8c-91e4-107d03f158e", "bf2802a099a0-4e8c-91e4-107d03f158ea0",
        "bf2802a0-99a0-4e8c-91e4-107d03f158eg", "bf2802a099a04e8c91e4107d03f158ea",
    ])
    func whatIsNoUUIDIsRefused(_ text: String) {
        #expect(ResourceID(text) == nil)
    }
}
