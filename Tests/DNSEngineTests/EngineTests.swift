import Addressing
import Testing

@testable import DNSEngine

@Suite struct EngineTests {
    let engine = makeEngine()

    @Test(arguments: ["host-10-0-0-5", "host-10-0-0-5.openstacklocal", "HOST-10-0-0-5.OpenStackLocal"])
    func `a default name answers with its address, bare and full, in any case`(_ name: String) {
        let exchange = engine.ask(name)
        #expect(exchange.code == .noError)
        #expect(exchange.data == ["10.0.0.5"])
        #expect(exchange.message?.isAuthoritative == true)
    }

    @Test func `the case of the question comes back in question and answer`() {
        let exchange = engine.ask("HoSt-10-0-0-5.OpenstackLocal")
        #expect(exchange.message?.questions == ["HoSt-10-0-0-5.OpenstackLocal. 1 1"])
        #expect(exchange.message?.answers.map(\.name) == ["HoSt-10-0-0-5.OpenstackLocal."])
    }

    @Test func `a record lives for no time`() {
        #expect(engine.ask("vm").message?.answers.map(\.ttl) == [0, 0])
    }

    @Test func `an IPv6 default name answers AAAA`() {
        #expect(engine.ask("host-2001-db8--5", .aaaa).data == ["2001:db8::5"])
        #expect(engine.ask("host-2001-db8--5.openstacklocal", .aaaa).data == ["2001:db8::5"])
    }

    @Test func `a name of several ports has all their addresses`() {
        #expect(engine.ask("vm").data == ["10.0.0.6", "10.0.0.9"])
        #expect(engine.ask("vm.openstacklocal", .aaaa).data == ["2001:db8::6"])
    }

    @Test func `ANY gives all addresses`() {
        #expect(Set(engine.ask("vm", .any).data) == ["10.0.0.6", "10.0.0.9", "2001:db8::6"])
    }

    @Test(arguments: [
        ("host-10-0-0-5", DNSRecordType.aaaa), ("vm", .txt), ("web.front", .aaaa), ("vm", .ptr),
    ])
    func `another type of a known name is no data, never refused`(_ name: String, _ type: DNSRecordType) {
        let exchange = engine.ask(name, type)
        #expect(exchange.code == .noError)
        #expect(exchange.data.isEmpty)
        #expect(exchange.message?.isAuthoritative == true)
    }

    @Test func `PTR gives the full name in small letters`() {
        #expect(engine.ask("5.0.0.10.in-addr.arpa", .ptr).data == ["host-10-0-0-5.openstacklocal."])
        #expect(engine.ask("9.0.0.10.IN-ADDR.arpa", .ptr).data == ["vm.openstacklocal."])
        #expect(engine.ask("8.0.0.10.in-addr.arpa", .any).data == ["web.front.openstacklocal."])
        let reverse = "5." + String(repeating: "0.", count: 23) + "8.B.d.0.1.0.0.2.ip6.arpa"
        #expect(engine.ask(reverse, .ptr).data == ["host-2001-db8--5.openstacklocal."])
    }

    @Test(arguments: [
        "77.0.0.10.in-addr.arpa", "256.0.0.10.in-addr.arpa", "05.0.0.10.in-addr.arpa",
        "x.5.0.0.10.in-addr.arpa", "none.openstacklocal", "a.b.openstacklocal",
        "host-10-0-0-77.openstacklocal",
    ])
    func `what is ours and is not there is NXDOMAIN`(_ name: String) {
        for type in [DNSRecordType.a, .ptr, .any] {
            let exchange = engine.ask(name, type)
            #expect(exchange.code == .nameError)
            #expect(exchange.message?.isAuthoritative == true)
            #expect(exchange.message?.questions.count == 1)
        }
    }

    @Test(arguments: [
        "openstacklocal", "front.openstacklocal", "0.0.10.in-addr.arpa", "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    ])
    func `a name with names below it exists`(_ name: String) {
        // The last one has fewer digits than the subnet: it is not ours.
        let expected: DNSResponseCode = name.hasSuffix("ip6.arpa") ? .refused : .noError
        #expect(engine.ask(name).code == expected)
        #expect(engine.ask(name).data.isEmpty)
    }

    @Test(arguments: [
        "example.com", "none", "vm.example.com", "sub.vm", "1.1.168.192.in-addr.arpa", "10.in-addr.arpa", ".",
        "xopenstacklocal",
    ])
    func `a foreign name is refused without servers to ask and forwarded with them`(_ name: String) {
        #expect(engine.ask(name).code == .refused)
        #expect(engine.ask(name).message?.isAuthoritative == false)
        let forwarding = makeEngine { $0.forwards = true }
        #expect(forwarding.ask(name).isForwarded)
        #expect(forwarding.ask(name).bytes.isEmpty)
    }

    @Test func `names of ours are not forwarded unless that was asked for`() {
        let forwarding = makeEngine { $0.forwards = true }
        #expect(forwarding.ask("none.openstacklocal").code == .nameError)
        #expect(forwarding.ask("vm", .txt).code == .noError)
        let generous = makeEngine {
            $0.forwards = true
            $0.forwardsOwnNames = true
        }
        #expect(generous.ask("none.openstacklocal").isForwarded)
        #expect(generous.ask("77.0.0.10.in-addr.arpa", .ptr).isForwarded)
        #expect(generous.ask("vm.openstacklocal", .txt).code == .noError)
    }

    @Test func `the liveness record answers`() {
        let exchange = engine.ask("LIVE.test", .txt)
        #expect(
            exchange.message?.answers.map(\.data) == [[5] + Array("hello".utf8) + [5] + Array("world".utf8)])
        #expect(engine.ask("live.test", .any).message?.answers.count == 1)
        #expect(engine.ask("live.test", .a).code == .noError)
        #expect(makeEngine { $0.textRecord = nil }.ask("live.test", .txt).code == .refused)
    }

    @Test func `strings of a liveness record are split as dnsmasq does it`() throws {
        #expect(try #require(DNSTextRecord("a.b")).data == [0])
        #expect(try #require(DNSTextRecord("a.b,")).data == [0])
        #expect(try #require(DNSTextRecord("a.b , x,,y")).data == [1, 0x78, 0, 1, 0x79])
        let long = try #require(DNSTextRecord("a.b," + String(repeating: "z", count: 256)))
        #expect(long.data.count == 258 && long.data[0] == 255 && long.data[256] == 1)
        #expect(DNSTextRecord("a..b,x") == nil)
        #expect(DNSTextRecord(",x") == nil)
        #expect(DNSTextRecord("a," + String(repeating: "z", count: 70_000)) == nil)
    }

    @Test func `only the network's own addresses are answered`() {
        for source in ["10.0.1.5", "192.0.2.1", "2001:db8:0:1::5", "127.0.0.1", "fe80::1"] {
            let exchange = engine.exchange(.query("vm", .a), from: source)
            #expect(exchange.drop == .foreignSource)
            #expect(exchange.bytes.isEmpty)
        }
        #expect(engine.exchange(.query("vm", .a), from: "2001:db8::99").code == .noError)
        #expect(DNSEngine().exchange(.query("vm", .a)).drop == .foreignSource)
    }

    @Test(arguments: [DNSClass.chaos, DNSClass(rawValue: 4), DNSClass(rawValue: 255), DNSClass(rawValue: 0)])
    func `other classes are refused, with servers to ask too`(_ recordClass: DNSClass) {
        for engine in [engine, makeEngine { $0.forwards = true }] {
            #expect(engine.exchange(.query("version.bind", .txt, recordClass: recordClass)).code == .refused)
            #expect(engine.exchange(.query("vm", .a, recordClass: recordClass)).code == .refused)
        }
    }

    @Test(arguments: [UInt16(0), 41, 249, 250, 251, 252, 253, 254])
    func `zone transfers and types that are no records' are refused, never forwarded`(_ type: UInt16) {
        let query = [UInt8].query("example.com", DNSRecordType(rawValue: type))
        #expect(makeEngine { $0.forwards = true }.exchange(query, .tcp).code == .refused)
    }

    @Test func `recursion desired and checking disabled come back, authentic data does not`() {
        let flags = engine.exchange(.query("vm", .a, flags: 0x0130)).message?.flags
        #expect(flags == 0x8590)
        #expect(engine.exchange(.query("vm", .a, flags: 0)).message?.flags == 0x8480)
    }

    @Test func `names follow the ports`() {
        var engine = engine
        engine.insert([DNSHost(2, "10.0.0.6", "db")], of: 2)
        #expect(engine.ask("vm").data == ["10.0.0.9"])
        #expect(engine.ask("vm", .aaaa).data.isEmpty)
        #expect(engine.ask("db").data == ["10.0.0.6"])
        #expect(engine.ask("6.0.0.10.in-addr.arpa", .ptr).data == ["db.openstacklocal."])
        engine.remove(port: 4)
        #expect(engine.ask("web.front.openstacklocal").code == .nameError)
        #expect(engine.ask("front.openstacklocal").code == .nameError)
        // The address went to another port before its old one was forgotten.
        engine.insert([DNSHost(9, "10.0.0.5")], of: 9)
        engine.remove(port: 1)
        #expect(engine.ask("host-10-0-0-5").data == ["10.0.0.5"])
        engine.remove(port: 9)
        #expect(engine.ask("host-10-0-0-5.openstacklocal").code == .nameError)
        engine.remove(port: 9)
        engine.insert([], of: 3)
        engine.remove(port: 2)
        #expect(engine.count == 0)
    }

    @Test func `a given name that looks like a default one answers beside it`() {
        var engine = engine
        engine.insert([DNSHost(7, "10.0.0.70", "host-10-0-0-5")], of: 7)
        #expect(engine.ask("host-10-0-0-5").data == ["10.0.0.70", "10.0.0.5"])
        #expect(engine.ask("70.0.0.10.in-addr.arpa", .ptr).data == ["host-10-0-0-5.openstacklocal."])
        // Its own address's default name is not its.
        #expect(engine.ask("host-10-0-0-70.openstacklocal").code == .nameError)
    }

    @Test func `without a domain bare names answer and nothing else is ours`() {
        var engine = DNSEngine(DNSConfiguration(subnets: [IPPrefix("10.0.0.0/24")].compactMap { $0 }))
        engine.insert([DNSHost(1, "10.0.0.5", domain: "")], of: 1)
        #expect(engine.ask("host-10-0-0-5").data == ["10.0.0.5"])
        #expect(engine.ask("5.0.0.10.in-addr.arpa", .ptr).data == ["host-10-0-0-5."])
        #expect(engine.ask("host-10-0-0-5.openstacklocal").code == .refused)
        #expect(engine.ask("none").code == .refused)
    }

    @Test func `a name that is none is left out and does no harm`() {
        var engine = engine
        let long = String(repeating: "x", count: 64)
        engine.insert(
            [DNSHost(8, "10.0.0.80", long), DNSHost(8, "10.0.0.81", "a..b"), DNSHost(8, "10.0.0.82")], of: 8)
        #expect(engine.ask("80.0.0.10.in-addr.arpa", .ptr).code == .nameError)
        #expect(engine.ask("82.0.0.10.in-addr.arpa", .ptr).data == ["host-10-0-0-82.openstacklocal."])
    }
}
