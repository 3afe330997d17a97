import Addressing
import Testing

@testable import NetworkModel

@Suite struct AddressBlocksTests {
    @Test(
        arguments: [
            (["10.0.0.0/25", "10.0.0.128/25"], ["10.0.0.0/24"]),
            (["10.0.1.0/24", "10.0.0.0/24", "10.0.0.0/28"], ["10.0.0.0/23"]),
            (["10.0.1.0/24", "10.0.2.0/24"], ["10.0.1.0/24", "10.0.2.0/24"]),
            (["10.0.0.77/24"], ["10.0.0.0/24"]),
            (["0.0.0.0/1", "128.0.0.0/1"], ["0.0.0.0/0"]),
            (["::/1", "8000::/1"], ["::/0"]),
            (["::/0"], ["::/0"]),
            (["ffff::/16", "fffe::/16", "fffc::/15"], ["fffc::/14"]),
            (["255.255.255.255/32", "255.255.255.254/32"], ["255.255.255.254/31"]),
            ([], []),
        ] as [([String], [String])])
    func aSetIsTheFewestPrefixes(_ given: [String], _ expected: [String]) throws {
        let prefixes = try given.map { try prefix($0) }
        let blocks = AddressBlocks(prefixes, version: prefixes.first?.version ?? .v4)
        #expect(blocks.prefixes.map(\.description) == expected)
    }

    /// Within a /24 every address can be asked for by itself.
    @Test(arguments: 1...20)
    func anySequenceOfCutsGivesWhatALookAtEveryAddressGives(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func block() -> IPPrefix {
            let length = Int.random(in: 25...32, using: &random)
            let number = UInt128(0x0A00_0000 + UInt32.random(in: 0..<256, using: &random))
            let host = IPAddress(number: number, version: .v4)
            return (IPPrefix(host, length: length) ?? IPPrefix(host: host)).network
        }
        for _ in 0..<60 {
            let space = (0..<Int.random(in: 1...4, using: &random)).map { _ in block() }
            var taken: [IPPrefix] = []
            for candidate in (0..<6).map({ _ in block() })
            where !taken.contains(where: { $0.overlaps(candidate) }) {
                taken.append(candidate)
            }
            taken.sort { $0.first < $1.first }
            var blocks = AddressBlocks(space, version: .v4)
            blocks.subtract(taken)
            let addresses = (0..<256).map { IPAddress(number: 0x0A00_0000 + $0, version: .v4) }
            let free = Set(
                addresses.filter { address in
                    space.contains { $0.contains(address) } && !taken.contains { $0.contains(address) }
                })
            #expect(Set(blocks.prefixes.flatMap { $0.addresses }) == free)
            #expect(blocks.prefixes.reduce(0) { $0 + $1.range.count } == UInt128(free.count), "no overlap")
            // The fewest: no two neighbours make up one prefix.
            for (a, b) in zip(blocks.prefixes, blocks.prefixes.dropFirst()) where a.length == b.length {
                #expect(
                    IPPrefix(a.first, length: a.length - 1)?.network
                        != IPPrefix(b.first, length: b.length - 1)?.network)
            }
            for length in 24...32 {
                let naive = addresses.compactMap { IPPrefix($0, length: length) }.filter { candidate in
                    candidate.first == candidate.address && candidate.addresses.allSatisfy(free.contains)
                }
                let chosen = blocks.block(length: length)
                #expect((chosen == nil) == naive.isEmpty)
                guard let chosen else { continue }
                #expect(naive.contains(chosen) && blocks.contains(chosen))
                // The smallest free prefix that fits: no candidate lies in a smaller one.
                let smallest = blocks.prefixes.filter { $0.length <= length }.map(\.length).max()
                let home = blocks.prefixes.first { $0.contains(chosen.first) }
                #expect(home?.length == smallest)
                #expect(home?.first == chosen.first)
                #expect(blocks.prefixes.first { $0.length == smallest } == home, "the lowest of equals")
            }
        }
    }

    @Test func allOfIPv6CanBeCut() throws {
        var blocks = AddressBlocks([try prefix("::/0")], version: .v6)
        blocks.subtract([try prefix("8000::/1")])
        #expect(blocks.prefixes.map(\.description) == ["::/1"])
        blocks = AddressBlocks([try prefix("::/0")], version: .v6)
        blocks.subtract([try prefix("::/128"), try prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")])
        #expect(blocks.prefixes.count == 254)
        #expect(blocks.block(length: 2)?.description == "4000::/2")
        #expect(blocks.block(length: 128)?.description == "::1/128")
        #expect(blocks.block(length: 1) == nil)
        blocks.subtract([try prefix("::/0")])
        #expect(blocks.prefixes.isEmpty && blocks.block(length: 128) == nil)
    }
}

extension IPPrefix {
    /// Every address of a small block.
    fileprivate var addresses: [IPAddress] {
        (first.number...last.number).map { IPAddress(number: $0, version: version) }
    }
}
