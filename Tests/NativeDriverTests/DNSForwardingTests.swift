import Addressing
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Testing

@testable import DNSEngine
@testable import NativeDriver

/// Queries to other servers, which a test plays among the clients.
@Suite(.enabled(if: mayWireForDNS), .serialized) struct DNSForwardingTests {
    static func servers(_ texts: String...) throws -> DNSServiceConfiguration.Upstream {
        .servers(try texts.map { try DNSServerAddress($0) })
    }

    @Test func `a foreign name is asked from the namespace and its answer passed back`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.53"))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, peer in
                #expect(peer.address == .v4(IPv4Address(10, 8, 0, 2)))
                return [query.dnsAnswer()]
            }
            let answer = try await network.dig("+noedns", "Example.com")
            #expect(answer.answers == ["Example.com. 60 IN A 192.0.2.1"])
            #expect(answer.flags.contains("ra") && !answer.flags.contains("aa"))
            let stream = try await network.dig("+noedns", "+tcp", "example.org")
            #expect(stream.answers == ["example.org. 60 IN A 192.0.2.1"])
            #expect(service.counters.forwarded == 2 && service.counters.relayed == 2)
            // Ours stay here.
            #expect(try await network.dig("none.openstacklocal").status == "NXDOMAIN")
            #expect(service.counters.forwarded == 2)
        }
    }

    @Test func `every query has a random id and a random port`() async throws {
        try await DNSNetwork.with { network in
            _ = try network.service(upstream: Self.servers("10.8.0.53"))
            let shared = Shared(Mutex<[(id: UInt16, port: UInt16)]>([]))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, peer in
                shared.value.withLock { $0.append((UInt16(query[0]) << 8 | UInt16(query[1]), peer.port)) }
                return [query.dnsAnswer()]
            }
            let socket = try network.socket(SOCK_DGRAM)
            #expect(socket.connect("10.8.0.2"))
            for number in UInt16(0)..<60 {
                #expect(socket.send(.dnsQuery("n\(number).example", id: number)))
                #expect(socket.receive()?.prefix(2) == [0, UInt8(number)])
            }
            let numbers = shared.value.withLock { $0 }
            #expect(Set(numbers.map(\.id)).count > 55)
            #expect(Set(numbers.map(\.port)).count > 50)
            let ports = numbers.map(\.port)
            #expect(zip(ports, ports.dropFirst()).count { $1 &- $0 < 3 } < 10)
        }
    }

    @Test func `answers with another id, question or sender are not believed`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.53"))
            let spoofer = try network.socket(SOCK_DGRAM, from: "10.8.0.54", port: 53)
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, peer in
                let lie = query.dnsAnswer(IPv4Address(6, 6, 6, 6))
                spoofer.send(lie, to: peer)
                var otherID = lie
                otherID[1] &+= 1
                var otherCase = lie
                otherCase[13] ^= 0x20
                return [otherID, otherCase, query, [], query.dnsAnswer()]
            }
            let answer = try await network.dig("+noedns", "example.com")
            #expect(answer.answers == ["example.com. 60 IN A 192.0.2.1"])
            #expect(service.counters.foreignAnswers == 4)
        }
    }

    @Test func `a storm of guesses makes the query go out anew`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.53"))
            let queries = Shared(Mutex<Set<[UInt8]>>([]))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, _ in
                let count = queries.value.withLock { seen in
                    seen.insert(Array(query.prefix(2)))
                    return seen.count
                }
                if count == 2 { return [query.dnsAnswer()] }
                return (1...40).map { guess in
                    var lie = query.dnsAnswer(IPv4Address(6, 6, 6, 6))
                    lie[1] &+= UInt8(guess)
                    return lie
                }
            }
            let answer = try await network.dig("+noedns", "example.com")
            #expect(answer.answers == ["example.com. 60 IN A 192.0.2.1"])
            #expect(service.counters.foreignAnswers == 17)
        }
    }

    @Test func `the next server is asked where one is silent, refuses or is not there`() async throws {
        try await DNSNetwork.with { network in
            // 10.8.0.10 has no server; 10.8.0.54 is silent.
            let service = try network.service(
                upstream: Self.servers("10.8.0.10", "10.8.0.54", "10.8.0.9#5300", "10.8.0.53")
            ) { $0.limits.serverTimeout = .seconds(2) }
            let unanswered = Shared(Mutex(0))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.54", port: 53)) { _, _ in
                unanswered.value.withLock { $0 += 1 }
                return []
            }
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.9", port: 5300)) { query, _ in
                [query.dnsAnswer(code: 5)]
            }
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, _ in
                [query.dnsAnswer()]
            }
            // A machine that stands still makes all of them silent for a while: as often as that, once more.
            var failed: UInt64 = 0
            func answered() async throws -> Bool {
                for _ in 0..<10 {
                    let status = try await network.dig("+noedns", "example.com").status
                    if status != "SERVFAIL" { return status == "NOERROR" }
                    failed += 1
                }
                return false
            }
            #expect(try await answered())
            #expect(unanswered.value.withLock { $0 } > 0)
            // Who answered is asked first from then on.
            var wasFirst = 0
            for _ in 0..<5 {
                let before = unanswered.value.withLock { $0 }
                #expect(try await answered())
                if unanswered.value.withLock({ $0 }) == before { wasFirst += 1 }
            }
            #expect(wasFirst >= 3)
            #expect(service.counters.failed == failed)
        }
    }

    @Test func `what all servers say is passed back, and their silence is a failure`() async throws {
        try await DNSNetwork.with { network in
            let upstream = try Self.servers("10.8.0.53", "10.8.0.54")
            let patient = try network.service(upstream: upstream)
            for address in ["10.8.0.53", "10.8.0.54"] {
                serveDatagrams(try network.socket(SOCK_DGRAM, from: address, port: 53)) { query, _ in
                    query.contains(0x71) ? [query.dnsAnswer(code: 5)] : []
                }
            }
            #expect(try await network.dig("+noedns", "q.example").status == "REFUSED")
            #expect(patient.counters.failed == 0)
            patient.close()
            let service = try network.service(upstream: upstream) {
                $0.limits.serverTimeout = .milliseconds(300)
            }
            let failure = try await network.dig("+noedns", "silent.example")
            #expect(failure.status == "SERVFAIL", "\(failure.text)")
            #expect(service.counters.failed == 1)
        }
    }

    @Test func `nobody to ask is a failure at once, and we are not asked by ourselves`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.2"))
            #expect(try await network.dig("example.com").status == "SERVFAIL")
            #expect(try await network.dig("+tcp", "example.com").status == "SERVFAIL")
            #expect(service.counters.forwarded == 2 && service.counters.failed == 2)
        }
    }

    @Test func `a TCP client gets a long answer by TCP`() async throws {
        try await DNSNetwork.with { network in
            _ = try network.service(upstream: Self.servers("10.8.0.53"))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, _ in
                var bytes = query
                bytes[2] = 0x83
                bytes[3] = 0x80
                return [bytes]
            }
            let listener = try network.socket(SOCK_STREAM, from: "10.8.0.53", port: 53, listening: true)
            // A test's server, on a thread of its own, for it waits; it ends with the connection.
            DispatchQueue(label: "scripted server").async {
                guard let stream = listener.accept(), var answer = stream.receiveMessage() else {
                    return
                }
                answer[2] = 0x81
                answer[3] = 0x80
                answer[6] = 0x10
                for number in UInt32(0)..<4096 {
                    answer += [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4] + IPv4Address(rawValue: number).octets
                }
                // More than the length can say: cut to what it can.
                answer[6] = 0x0F
                answer[7] = 0xA0
                answer = Array(answer.prefix(answer.count - 96 * 16))
                for start in stride(from: 0, to: answer.count + 2, by: 9000) {
                    _ = stream.send(Array(answer.framed[start..<min(start + 9000, answer.count + 2)]))
                }
            }
            let answer = try await network.dig("+noedns", "+tcp", "long.example")
            #expect(answer.answers.count == 4000)
            let short = try await network.dig("+noedns", "+ignore", "long.example")
            #expect(short.flags.contains("tc") && short.answers.isEmpty)
        }
    }

    @Test func `queries of one client push out its own, not those of others`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.53")) {
                $0.limits.forwards = 12
                $0.limits.forwardsPerClient = 4
            }
            let silent = try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)
            let modest = try network.socket(SOCK_DGRAM, from: "10.8.0.10")
            #expect(modest.connect("10.8.0.2"))
            #expect(modest.send(.dnsQuery("modest.example", id: 7)))
            #expect(try await soon { service.counters.forwarded == 1 })
            let greedy = try network.socket(SOCK_DGRAM, from: "10.8.0.9")
            #expect(greedy.connect("10.8.0.2"))
            for id in UInt16(0)..<200 { #expect(greedy.send(.dnsQuery("g\(id).example", id: id))) }
            #expect(try await soon { service.counters.failed == 196 })
            for _ in 0..<196 { #expect(greedy.receive().map { $0[3] & 15 } == 2) }
            // The modest one's is still under way.
            var found: (bytes: [UInt8], peer: SocketAddress)?
            while let next = silent.receiveFrom() {
                if next.bytes.contains(0x6D) && next.bytes[12] == 6 {
                    found = next
                    break
                }
            }
            let (query, peer) = try #require(found)
            silent.send(query.dnsAnswer(), to: peer)
            #expect(modest.receive()?.suffix(4) == [192, 0, 2, 1])
            service.close()
        }
    }

    @Test func `sockets are closed with the service`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: Self.servers("10.8.0.53"))
            let socket = try network.socket(SOCK_DGRAM)
            #expect(socket.connect("10.8.0.2"))
            for id in UInt16(0)..<10 { #expect(socket.send(.dnsQuery("n\(id).example", id: id))) }
            // Two of each address, and two batches of those for other servers.
            #expect(try await network.hasSockets(4 + 16))
            service.close()
            #expect(try await network.hasSockets(0))
        }
    }
}

/// Something for several threads to hold.
final class Shared<Value: ~Copyable & Sendable>: Sendable {
    let value: Value

    init(_ value: consuming Value) { self.value = value }
}
