import Addressing
import ProcessorTime
import Testing

@testable import NetworkModel

/// Requests and resources that hold very many values.
@Suite struct ManyValues {
    /// What deciding costs for few values and for sixteen times as many.
    ///
    /// Sixteen times as much where each value is looked up, 256 times where all are compared with all.
    private func expectProportional(_ few: Int, _ cost: (Int) throws -> UInt64) rethrows {
        let ratio = try costRatio(of: { try cost(few * 16) }, to: { try cost(few) }, below: 64)
        #expect(ratio < 64)
    }

    private func address(_ number: Int) -> IPAddress {
        .v4(IPv4Address(rawValue: 0x0A00_0001 + UInt32(number)))
    }

    /// A port of a router, whose addresses nobody limits.
    private func port(_ model: inout Model, addresses: Int) throws -> Port {
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/8")
        return try model.port(network) {
            $0.deviceOwner = "network:other"
            $0.fixedIPs = (0..<addresses).map { FixedIPRequest(address: address($0)) }
        }
    }

    @Test func `changing the addresses of a port takes as long as there are many`() throws {
        try expectProportional(250) { count in
            var model = Model()
            let port = try port(&model, addresses: count)
            // The first half stays, named in the opposite order; the others are new.
            let wanted = (0..<count).map {
                FixedIPRequest(address: address($0 < count / 2 ? count / 2 - 1 - $0 : count + $0))
            }
            var changed: [FixedIP] = []
            let time = try processorTime {
                changed = try model.updatePort(port.id) { $0.fixedIPs = wanted }.fixedIPs
            }
            #expect(changed.count == count)
            #expect(changed.prefix(count / 2) == port.fixedIPs.prefix(count / 2))
            return time
        }
    }

    /// Something with so many tags.
    private struct Tagged: Listed {
        let id = ResourceID(rawValue: 1)
        let tags: [String]

        func listKeys(_ give: (ListKey) -> Void) { for tag in tags { give(.tag(tag)) } }
    }

    @Test func `a value index compares long lists of values by looking them up`() {
        let tags = (0..<16_000).map { "\($0)" }
        expectProportional(1000) { count in
            var index = ValueIndex()
            let old = Tagged(tags: Array(tags[..<count]))
            let new = Tagged(tags: Array(tags[..<count].reversed().dropLast()))
            index.add(old)
            let time = processorTime { index.change(old, to: new) }
            #expect(index.ids(.tag(tags[0])).count == 0)
            #expect(index.ids(.tag(tags[1])).count == 1)
            return time
        }
    }

    @Test func `a request names at most 256 addresses, what a port has already is no matter`() throws {
        var model = Model()
        let wide = try port(&model, addresses: 257)
        #expect(wide.fixedIPs.count == 257)
        let network = try #require(model.state.network(wide.networkID))
        func entries(_ count: Int) -> [FixedIPRequest] {
            (0..<count).map { FixedIPRequest(address: address(1000 + $0)) }
        }
        expectRefusal(
            "InvalidInput", "Exceeded maximum amount of fixed ips per port: 256", kind: .badRequest
        ) { _ = try model.port(network) { $0.fixedIPs = entries(257) } }
        let most = try model.port(network) { $0.fixedIPs = entries(256) }
        expectRefusal("InvalidInput", "per port: 256") {
            _ = try model.updatePort(most.id) { $0.fixedIPs = entries(257) }
        }
        // It becomes an ordinary port, and keeps what it has.
        let plain = try model.updatePort(wide.id) { $0.deviceOwner = "" }
        #expect(plain.fixedIPs.count == 257)
        #expect(try model.updatePort(wide.id) { $0.name = "wide" }.fixedIPs.count == 257)
        expectRefusal("InvalidInput", "per port: 256") {
            _ = try model.updatePort(wide.id) { request in
                request.fixedIPs = plain.fixedIPs.map { FixedIPRequest(address: $0.address) }
            }
        }
    }

    @Test func `new prefixes of a subnet pool are compared with the old ones by looking them up`() throws {
        let prefixes = (0..<8000).compactMap { number in
            IPPrefix(.v4(IPv4Address(rawValue: 0x0A00_0000 + UInt32(number) * 512)), length: 24)
        }
        try expectProportional(500) { count in
            var model = Model()
            let pool = try model.subnetPool([]) { $0.prefixes = Array(prefixes[..<count]) }
            return try processorTime {
                _ = try model.updateSubnetPool(pool.id) {
                    $0.prefixes = prefixes[..<count].reversed()
                    $0.name = "new"
                }
            }
        }
    }

    @Test func `DHCP options of a port are merged by looking them up`() throws {
        try expectProportional(500) { count in
            let options = (0..<count).map { ExtraDHCPOption(name: "tag:\($0),3", value: "1.2.3.4") }
            let requests = (0..<count).map {
                ExtraDHCPOptionRequest(name: "tag:\($0),3", value: $0 % 2 == 0 ? nil : "5.6.7.8")
            }
            var merged: [ExtraDHCPOption] = []
            let time = try processorTime { merged = try ExtraDHCPOptions.merge(requests, into: options) }
            #expect(merged.map(\.name) == options.enumerated().filter { $0.0 % 2 == 1 }.map(\.1.name))
            return time
        }
    }

    @Test func `an option that is deleted and named again comes last`() throws {
        let options = ["3", "6"].map { ExtraDHCPOption(name: $0, value: "1.2.3.4") }
        let merged = try ExtraDHCPOptions.merge(
            [
                ExtraDHCPOptionRequest(name: "3", value: nil),
                ExtraDHCPOptionRequest(name: "3", value: "1.1.1.1"),
                ExtraDHCPOptionRequest(name: "3", value: "2.2.2.2"),
            ], into: options)
        #expect(merged.map { "\($0.name)=\($0.value)" } == ["6=1.2.3.4", "3=2.2.2.2"])
    }

    @Test func `the error about a network in use lists at most fifty of its ports`() throws {
        var model = Model()
        let network = try model.network()
        for (ports, ending) in [(50, "."), (1, " and more."), (10, " and more.")] {
            for _ in 0..<ports { _ = try model.port(network) }
            let ids = model.state.ports(ofNetwork: network.id).prefix(50).map(\.id.description)
            expectRefusal("NetworkInUse", "is: \(ids.joined(separator: ","))\(ending)") {
                _ = try model.state.deleteNetwork(network.id, in: model.context)
            }
        }
    }
}

@Suite struct MergedIDs {
    @Test func `a union gives each id once, in order and from any place on, in both directions`() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<200 {
            let sets = (0..<(round % 9)).map { _ in
                Set(
                    (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                        ResourceID(rawValue: UInt128.random(in: 1...30, using: &generator))
                    })
            }
            let union = OrderedIDs(union: sets.map { OrderedIDs($0) })
            let all = sets.reduce(Set()) { $0.union($1) }.sorted()
            #expect(Array(union) == all)
            for place in (1...30).map({ ResourceID(rawValue: $0) }) {
                #expect(Array(union.after(place)) == all.filter { $0 > place })
                #expect(Array(union.before(place)) == all.filter { $0 < place }.reversed())
            }
        }
    }
}
