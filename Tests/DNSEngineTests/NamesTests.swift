import Addressing
import Testing

@testable import DNSEngine

@Suite struct NamesTests {
    @Test(
        arguments: [("a", [1, 0x61, 0]), ("a.b.", [1, 0x61, 1, 0x62, 0]), ("", [0]), (".", [0])]
            as [(String, [UInt8])])
    func `text becomes labels`(_ text: String, _ wire: [UInt8]) {
        #expect(DNSName(text)?.wire == wire)
    }

    @Test(arguments: ["..", "a..b", ".a", "a..", String(repeating: "x", count: 64)])
    func `empty and long labels are none`(_ text: String) {
        #expect(DNSName(text) == nil)
    }

    @Test func `a name has at most 255 bytes`() {
        let label = String(repeating: "x", count: 63)
        #expect(DNSName("\(label).\(label).\(label).\(label.dropLast(2))") != nil)
        #expect(DNSName("\(label).\(label).\(label).\(label.dropLast(1))") == nil)
    }

    @Test func `a name below another is told from one that just ends alike`() throws {
        let domain = try #require(DNSName("b.c"))
        #expect(try #require(DNSName("a.b.c")).isWithin(domain))
        #expect(domain.isWithin(domain))
        #expect(try !#require(DNSName("ab.c")).isWithin(domain))
        #expect(try !#require(DNSName("c")).isWithin(domain))
        // The bytes of the domain inside a label.
        #expect(try !#require(DNSName("x\u{1}b\u{1}c")).isWithin(domain))
        #expect(domain.isWithin(.root))
    }

    @Test func `odd bytes are written so that they can be told`() {
        #expect(DNSName(unchecked: [3, 0x2E, 0x5C, 9, 1, 0x61, 0]).description == #"\.\\\009.a."#)
        #expect(DNSName.root.description == ".")
    }

    @Test(arguments: [
        "0.0.0.0", "10.0.0.5", "255.255.255.255", "1.20.100.9", "::", "fdca:3ba5:a17a:4ba3::2", "fd00::",
        "2001:db8:1:2:3:4:5:6", "::ffff:10.0.0.1", "::1:0:0:0:1",
    ])
    func `default names are found back`(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let label = DefaultNames.label(of: address)
        let expected = "host-" + String(address.description.map { $0 == "." || $0 == ":" ? "-" : $0 })
        #expect(String(decoding: label, as: UTF8.self) == expected)
        #expect(DefaultNames.addresses(of: label[...]).contains(address))
    }

    @Test func `random addresses are found back`() {
        var random = SplitMix(state: 4)
        for _ in 0..<2000 {
            // Runs of zeros, as addresses have them.
            let number = UInt128(random.next() & random.next()) << 64 | UInt128(random.next() & 0xFFFF)
            for address in [IPAddress(number: number, version: .v6), IPAddress(number: number, version: .v4)]
            {
                #expect(DefaultNames.addresses(of: DefaultNames.label(of: address)[...]) == [address])
            }
        }
    }

    @Test(arguments: [
        "host-", "host-10-0-0", "host-10-0-0-05", "host-10-0-0-256", "host-10-0-0-5-", "hosts-10-0-0-5",
        "host-2001-0db8--5", "host-2001-db8-0-0-0-0-0-5", "host-1--2--3", "host-10.0.0.5", "host-::1",
        "host--ffff-10-0-0-1", "host-1-2-3-4-5-6-7-8-9",
    ])
    func `only the canonical text is a default name`(_ label: String) {
        #expect(DefaultNames.addresses(of: Array(label.utf8)[...]).isEmpty)
    }

    @Test func `two addresses may have one default name`() {
        let label = Array("host---ffff-10-0-0-1".utf8)[...]
        #expect(
            Set(DefaultNames.addresses(of: label).map(\.description)) == [
                "::ffff:10:0:0:1", "::ffff:10.0.0.1",
            ])
    }

    @Test func `tables agree with a plain list after many changes`() {
        var engine = makeEngine()
        for port in UInt128(1)...4 { engine.remove(port: port) }
        var random = SplitMix(state: 9)
        var ports: [UInt128: [DNSHost]] = [:]
        for _ in 0..<4000 {
            let port = UInt128(random.next() % 40)
            if random.next() % 3 == 0 {
                engine.remove(port: port)
                ports[port] = nil
            } else {
                let hosts = (0..<random.next() % 4).map { _ -> DNSHost in
                    let number = random.next() % 50
                    let name = random.next() % 2 == 0 ? nil : "vm\(random.next() % 10)"
                    return DNSHost(
                        port, random.next() % 2 == 0 ? "10.0.0.\(number)" : "2001:db8::\(number)", name)
                }
                engine.insert(hosts, of: port)
                ports[port] = hosts
            }
        }
        let all = ports.values.joined()
        #expect(engine.count == all.count)
        for number in 0..<50 {
            for address in ["10.0.0.\(number)", "2001:db8::\(number)"].compactMap({ IPAddress($0) }) {
                let label = String(decoding: DefaultNames.label(of: address), as: UTF8.self)
                let expected = all.contains {
                    $0.address == address && ($0.names?.hostname ?? label) == label
                }
                let found = engine.ask(label, address.version == .v4 ? .a : .aaaa).data
                #expect(found == (expected ? [address.description] : []))
            }
        }
        for number in 0..<10 {
            let expected = all.filter { $0.names?.hostname == "vm\(number)" }.map(\.address.description)
            #expect(engine.ask("vm\(number).openstacklocal", .any).data.sorted() == expected.sorted())
        }
        for port in ports.keys { engine.remove(port: port) }
        #expect(engine.count == 0)
        #expect(engine.ask("vm1.openstacklocal").code == .nameError)
    }
}
