import Addressing
import Glibc
import LinuxKernel
import Testing

@testable import DNSEngine
@testable import NativeDriver

/// The server's sockets in a namespace, asked by dig(1) and by hand.
@Suite(.enabled(if: mayWireForDNS), .serialized) struct DNSServiceTests {
    @Test func `dig gets addresses by UDP and TCP, over IPv4 and IPv6`() async throws {
        try await DNSNetwork.with { network in
            _ = try network.service()
            for server in ["10.8.0.2", "2001:db8:8::2"] {
                for transport in ["+notcp", "+tcp"] {
                    let answer = try await network.dig(transport, "vm", "A", server: server)
                    #expect(answer.status == "NOERROR", "\(answer.text)")
                    #expect(answer.answers == ["vm. 0 IN A 10.8.0.21", "vm. 0 IN A 10.8.0.22"])
                    #expect(answer.flags.contains("aa"))
                }
            }
            let reverse = try await network.dig("-x", "10.8.0.20")
            #expect(reverse.answers == ["20.0.8.10.in-addr.arpa. 0 IN PTR host-10-8-0-20.openstacklocal."])
            #expect(try await network.dig("none.openstacklocal").status == "NXDOMAIN")
            #expect(try await network.dig("example.com").status == "REFUSED")
        }
    }

    @Test func `names follow the ports at once`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            service.insert(
                [
                    DNSHost(
                        port: 9, address: .v4(IPv4Address(10, 8, 0, 90)), hostname: "new",
                        fqdn: "new.openstacklocal")
                ],
                of: 9)
            #expect(try await network.dig("new").answers == ["new. 0 IN A 10.8.0.90"])
            service.remove(port: 9)
            #expect(try await network.dig("new.openstacklocal").status == "NXDOMAIN")
        }
    }

    @Test func `strangers get no answer, by UDP or TCP`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service(upstream: .servers([try DNSServerAddress("10.8.0.53")]))
            let socket = try network.socket(SOCK_DGRAM, from: "10.9.0.1")
            #expect(socket.connect("10.8.0.2"))
            #expect(socket.send(.dnsQuery("vm")))
            #expect(socket.send(.dnsQuery("example.com")))
            #expect(try await soon { service.counters.dropped[.foreignSource] == 2 })
            #expect(socket.receive(within: .seconds(1)) == nil)
            let stream = try network.socket(SOCK_STREAM, from: "10.9.0.1")
            if stream.connect("10.8.0.2") {
                _ = stream.send([UInt8].dnsQuery("vm").framed)
                #expect(stream.receive()?.isEmpty != false)
            }
            #expect(try await soon { service.counters.dropped[.foreignSource] == 3 })
            #expect(service.counters.forwarded == 0)
        }
    }

    @Test func `an answer comes from the address that was asked`() async throws {
        try await DNSNetwork.with { network in
            _ = try network.service()
            let socket = try network.socket(SOCK_DGRAM, from: "10.8.0.10")
            // Connected: answers from elsewhere are not received.
            #expect(socket.connect("10.8.0.2"))
            #expect(socket.send(.dnsQuery("vm")))
            #expect(socket.receive()?.count == 12 + 8 + 32)
        }
    }

    @Test func `a connection carries many queries, in pieces and all at once`() async throws {
        try await DNSNetwork.with { network in
            _ = try network.service()
            let stream = try network.socket(SOCK_STREAM)
            #expect(stream.connect("10.8.0.2"))
            for byte in [UInt8].dnsQuery("vm", id: 1).framed { #expect(stream.send([byte])) }
            #expect(stream.receiveMessage()?.prefix(2) == [0, 1])
            var queries: [UInt8] = []
            for id in UInt16(0)..<500 { queries += [UInt8].dnsQuery("vm", id: id).framed }
            #expect(stream.send(queries))
            for id in UInt16(0)..<500 {
                let message = stream.receiveMessage()
                #expect(message?.count == 52 && message?.prefix(2) == [UInt8(id >> 8), UInt8(id & 0xFF)])
            }
        }
    }

    @Test func `a client that has sent all it wants still gets its answer, and then the end`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            let stream = try network.socket(SOCK_STREAM)
            #expect(stream.connect("10.8.0.2"))
            #expect(stream.send([UInt8].dnsQuery("vm").framed))
            shutdown(stream.number, Int32(SHUT_WR))
            #expect(stream.receiveMessage()?.count == 52)
            #expect(stream.receive() == [])
            #expect(try await soon { service.connections()?.0.count == 0 })
        }
    }

    @Test func `a message that is no query, or too long, ends a connection`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            for bytes: [UInt8] in [[0, 3, 1, 2, 3], [0x10, 0x01, 0], [0, 0]] {
                let stream = try network.socket(SOCK_STREAM)
                #expect(stream.connect("10.8.0.2"))
                #expect(stream.send(bytes))
                #expect(stream.receive() == [])
            }
            #expect(service.counters.dropped == [.truncated: 2, .tooLong: 1])
        }
    }

    @Test func `a client that sends byte by byte is cut off`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service { $0.limits.idleTimeout = .milliseconds(600) }
            let stream = try network.socket(SOCK_STREAM)
            #expect(stream.connect("10.8.0.2"))
            let query = [UInt8].dnsQuery("vm").framed
            var sent = 0
            while sent < query.count, stream.send([query[sent]]) {
                sent += 1
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(sent < query.count)
            #expect(service.counters.closedConnections == 1)
        }
    }

    @Test func `a client that does not read is cut off, and others are answered meanwhile`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service { $0.limits.idleTimeout = .milliseconds(600) }
            for number in UInt128(100)..<160 {
                let address = IPAddress.v4(IPv4Address(rawValue: 0x0A08_0000 + UInt32(number)))
                service.insert(
                    [DNSHost(port: number, address: address, hostname: "many", fqdn: "many.openstacklocal")],
                    of: number)
            }
            let stream = try network.socket(SOCK_STREAM)
            #expect(stream.connect("10.8.0.2"))
            _ = fcntl(stream.number, F_SETFL, O_NONBLOCK)
            var queries: [UInt8] = []
            for _ in 0..<20_000 { queries += [UInt8].dnsQuery("many").framed }
            let start = ContinuousClock.now
            while ContinuousClock.now - start < NativeNetwork.patience {
                let count = queries.withUnsafeBytes {
                    send(stream.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0 && errno != EAGAIN { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(service.counters.closedConnections == 1)
            #expect(try await network.dig("vm").status == "NOERROR")
        }
    }

    @Test func `connections are few per client and per network`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service {
                $0.limits.connections = 5
                $0.limits.connectionsPerClient = 3
            }
            func connected(_ address: String) throws -> TestSocket {
                let stream = try network.socket(SOCK_STREAM, from: address)
                #expect(stream.connect("10.8.0.2"))
                return stream
            }
            let first = (try connected("10.8.0.9"), try connected("10.8.0.9"), try connected("10.8.0.9"))
            #expect(try await soon { service.connections()?.0.count == 3 })
            let fourth = try connected("10.8.0.9")
            #expect(fourth.receive()?.isEmpty != false)
            // The one that was silent longest makes room.
            #expect(first.0.send([UInt8].dnsQuery("vm").framed))
            #expect(first.0.receiveMessage() != nil)
            let others = (try connected("10.8.0.10"), try connected("10.8.0.10"))
            #expect(try await soon { service.connections()?.0.count == 5 })
            let last = try connected("10.8.0.10")
            #expect(last.send([UInt8].dnsQuery("vm").framed))
            #expect(last.receiveMessage() != nil)
            #expect(first.1.receive()?.isEmpty != false)
            #expect(first.0.send([UInt8].dnsQuery("vm").framed))
            #expect(first.0.receiveMessage() != nil)
            #expect(service.counters.closedConnections == 2)
            _ = (others, first.2.number)
        }
    }

    @Test func `an address need not be there yet`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            let address = try #require(IPAddress("10.8.0.99"))
            try service.serve(
                try network.namespaces.runBlocking(in: network.server) { try DNSSockets.open([address]) })
            try await network.ip("-n", network.server, "address", "add", "10.8.0.99/24", "dev", "ns-test")
            #expect(try await network.dig("vm", server: "10.8.0.99").status == "NOERROR")
            service.stopServing([address])
            #expect(service.addresses == DNSNetwork.addresses)
            #expect(try await network.dig("+time=1", "vm", server: "10.8.0.99").status == "")
        }
    }

    @Test func `where another server is, opening fails and leaves nothing open`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            #expect(try await network.hasSockets(4))
            #expect(throws: (any Error).self) {
                try network.namespaces.runBlocking(in: network.server) {
                    try DNSSockets.open([try #require(IPAddress("10.8.0.3"))] + DNSNetwork.addresses)
                }
            }
            #expect(try await network.hasSockets(4))
            service.close()
            #expect(try await network.hasSockets(0))
            _ = try network.service()
            #expect(try await network.dig("vm").status == "NOERROR")
        }
    }

    @Test func `random datagrams do no harm`() async throws {
        try await DNSNetwork.with { network in
            let service = try network.service()
            let socket = try network.socket(SOCK_DGRAM)
            #expect(socket.connect("10.8.0.2"))
            var random = SystemRandomNumberGenerator()
            for _ in 0..<2000 {
                var bytes =
                    [UInt8].dnsQuery("vm")
                    + (0..<Int.random(in: 0..<30)).map { _ in UInt8.random(in: 0...255) }
                for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = random.next() }
                _ = socket.send(Array(bytes.prefix(Int.random(in: 0...bytes.count))))
            }
            // Behind so many a datagram may be one too many for the server's socket: this one comes when it is empty.
            #expect(try await network.dig("+tries=50", "+time=5", "vm").status == "NOERROR")
            _ = socket.send([UInt8](repeating: 0, count: 5000))
            #expect(try await soon { service.counters.dropped[.tooLong] == 1 })
            #expect(try await network.dig("vm").status == "NOERROR")
        }
    }
}
