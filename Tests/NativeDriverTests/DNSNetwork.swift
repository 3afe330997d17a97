import Addressing
import DHCPConformance
import Dispatch
import Glibc
import KernelPlan
import LinuxKernel
import Locks
import Testing

@testable import DNSEngine
@testable import NativeDriver

/// Whether namespaces can be made here; a suite that needs them is skipped visibly without, and fails
/// where LEASEHOLD_REQUIRE_PRIVILEGED=1 forbids to skip.
let mayWireForDNS =
    PrivilegeCheck.current().canWire
    || getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) } == "1"

/// Whether a program is there for comparison.
func isInstalled(_ program: String) -> Bool {
    ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].contains { access($0 + program, X_OK) == 0 }
}

/// A network of its own for one test: a namespace for the server, one for clients, a veth between them.
final class DNSNetwork: Sendable {
    let server: String
    let clients: String
    let namespaces: NamespaceThread
    let loop: EventLoop
    private let services = Mutex<[DNSService]>([])
    /// Whether the network is gone, and with it the need for the test's own servers.
    private let isOver = Shared(Mutex(false))

    /// The server's own addresses.
    static let addresses = [
        IPAddress.v4(IPv4Address(10, 8, 0, 2)), .v6(IPv6Address(rawValue: (0x2001_0db8_0008 << 80) + 2)),
    ]
    static let subnets = ["10.8.0.0/24", "2001:db8:8::/64"].compactMap { IPPrefix($0) }

    /// Runs the body with a network that is gone afterwards, whatever happens.
    static func with(_ body: (DNSNetwork) async throws -> Void) async throws {
        let mark = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let network = DNSNetwork(
            server: "lhdns-s-\(mark)", clients: "lhdns-c-\(mark)", namespaces: try NamespaceThread(),
            loop: try EventLoop(name: "dns test"))
        do {
            try await network.build()
            try await body(network)
        } catch {
            await network.demolish()
            throw error
        }
        await network.demolish()
    }

    private init(server: String, clients: String, namespaces: NamespaceThread, loop: EventLoop) {
        self.server = server
        self.clients = clients
        self.namespaces = namespaces
        self.loop = loop
    }

    private func build() async throws {
        for name in [server, clients] {
            try await ip("netns", "add", name)
            try await ip("-n", name, "link", "set", "lo", "up")
        }
        try await ip(
            "-n", server, "link", "add", "ns-test", "type", "veth", "peer", "name", "cl-test", "netns",
            clients)
        try await ip("-n", server, "link", "set", "ns-test", "up")
        try await ip("-n", clients, "link", "set", "cl-test", "up")
        for address in ["10.8.0.2/24", "10.8.0.3/24", "2001:db8:8::2/64"] {
            try await ip("-n", server, "address", "add", address, "dev", "ns-test", "nodad")
        }
        // 10.9.0.1 is a stranger's; .53 and .54 are other servers'.
        for address in [
            "10.8.0.9/24", "10.8.0.10/24", "10.8.0.53/24", "10.8.0.54/24", "10.9.0.1/24", "2001:db8:8::9/64",
        ] {
            try await ip("-n", clients, "address", "add", address, "dev", "cl-test", "nodad")
        }
        try await ip("-n", server, "route", "add", "10.9.0.0/24", "dev", "ns-test")
        try await ip("-n", clients, "route", "add", "10.8.0.0/16", "dev", "cl-test")
        try await waitForCarrier([(server, "ns-test"), (clients, "cl-test")], using: namespaces)
    }

    private func demolish() async {
        isOver.value.withLock { $0 = true }
        for service in services.withLock({ $0 }) { service.close() }
        for name in [server, clients] { try? await ip("netns", "del", name) }
    }

    func ip(_ arguments: String...) async throws {
        let result = try await spawnAndWait(
            Command("ip", arguments), in: nil, using: namespaces, timeout: NativeNetwork.patience)
        try #require(result.isSuccess, "ip \(arguments.joined(separator: " ")): \(result.errorText)")
    }

    /// A service with some ports on all of the server's addresses.
    func service(
        upstream: DNSServiceConfiguration.Upstream = .none,
        _ change: (inout DNSServiceConfiguration) -> Void = { _ in }
    ) throws -> DNSService {
        var configuration = DNSServiceConfiguration(
            engine: DNSConfiguration(
                domain: "openstacklocal", subnets: Self.subnets,
                textRecord: DNSTextRecord("live.test,hello,world")), upstream: upstream)
        // However long the test's own servers take: the machine may stand still for a while.
        configuration.limits.serverTimeout = NativeNetwork.patience
        configuration.limits.socketTimeout = NativeNetwork.patience
        configuration.limits.idleTimeout = NativeNetwork.patience
        change(&configuration)
        let service = DNSService(
            loop: loop, namespaces: namespaces, namespace: server, configuration: configuration)
        services.withLock { $0.append(service) }
        for (port, hosts) in Self.ports { service.insert(hosts, of: port) }
        try service.serve(try namespaces.runBlocking(in: server) { try DNSSockets.open(Self.addresses) })
        return service
    }

    /// Names as Neutron gives them: default ones, given ones, one that two ports have.
    static var ports: [UInt128: [DNSHost]] {
        var ports: [UInt128: [DNSHost]] = [:]
        func add(_ port: UInt128, _ address: String, _ name: String? = nil) {
            guard let address = IPAddress(address) else { return }
            let hostname =
                name ?? "host-" + String(address.description.map { $0 == "." || $0 == ":" ? "-" : $0 })
            ports[port, default: []].append(
                DNSHost(port: port, address: address, hostname: hostname, fqdn: "\(hostname).openstacklocal.")
            )
        }
        add(1, "10.8.0.20")
        add(1, "2001:db8:8::20")
        add(2, "10.8.0.21", "vm")
        add(2, "2001:db8:8::21", "vm")
        add(3, "10.8.0.22", "vm")
        add(4, "10.8.0.23", "Web")
        return ports
    }

    /// What dig(1) prints for a question to our server, asked from among the clients.
    func dig(_ arguments: String..., server: String = "10.8.0.2") async throws -> DigAnswer {
        try await dig(arguments, server: server)
    }

    func dig(_ arguments: [String], server: String) async throws -> DigAnswer {
        let all = ["@\(server)", "+tries=1", "+time=120"] + arguments
        return DigAnswer(
            try await spawnAndWait(
                Command("dig", all), in: clients, using: namespaces, timeout: NativeNetwork.patience * 2))
    }

    /// Whether the server's namespace comes to have so many sockets; the kernel lets go of some late.
    func hasSockets(_ count: Int) async throws -> Bool {
        try await soon {
            let text = try namespaces.runBlocking(in: server) {
                try readFile(path: "/proc/thread-self/net/sockstat")
            }
            // `sockets: used N`
            let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            return words.count > 2 && Int(words[2]) == count
        }
    }

    /// A socket among the clients, or the servers.
    func socket(
        _ type: __socket_type, from address: String = "10.8.0.9", port: UInt16 = 0, listening: Bool = false
    ) throws -> TestSocket {
        let address = try #require(IPAddress(address))
        let number = try namespaces.runBlocking(in: clients) { () throws -> Int32 in
            let family = address.version == .v4 ? AF_INET : AF_INET6
            let number = Glibc.socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
            if number < 0 { throw KernelError("open", "socket", errno) }
            var on: Int32 = 1
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, 4)
            var time = timeval(tv_sec: TestSocket.pause, tv_usec: 0)
            setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
            let result = SocketAddress(address, port: port).withPointer { bind(number, $0, $1) }
            if result != 0 || listening && listen(number, 16) != 0 {
                defer { close(number) }
                throw KernelError("bind", "\(address)", errno)
            }
            return number
        }
        return TestSocket(number, isOver)
    }
}

/// What dig(1) found out.
struct DigAnswer {
    let text: String
    /// NOERROR and the like; empty without an answer.
    let status: String
    let flags: [String]
    /// The records of the answer section, sorted: name, type, data.
    let answers: [String]

    init(_ result: ProcessResult) {
        text = result.outputText
        let lines = text.split(separator: "\n").map(String.init)
        func after(_ mark: String, until end: Character) -> String {
            guard let line = lines.first(where: { $0.contains(mark) }) else { return "" }
            let parts = line.split(separator: mark, maxSplits: 1)
            return String((parts.last ?? "").prefix { $0 != end })
        }
        status = after("status: ", until: ",")
        flags = after(";; flags: ", until: ";").split(separator: " ").map(String.init)
        answers = lines.filter { !$0.hasPrefix(";") }.map { line in
            line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }.sorted()
    }
}

/// A blocking socket of a test, which waits for as long as anything may take, or for a little while.
final class TestSocket: Sendable {
    /// Seconds that a system call waits.
    static let pause = 1

    let number: Int32
    private let isNetworkGone: Shared<Mutex<Bool>>

    init(_ number: Int32, _ isNetworkGone: Shared<Mutex<Bool>>) {
        self.number = number
        self.isNetworkGone = isNetworkGone
    }

    /// Whether the network is gone.
    var isOver: Bool { isNetworkGone.value.withLock { $0 } }

    deinit { close(number) }

    func connect(_ address: String, port: UInt16 = 53) -> Bool {
        guard let address = IPAddress(address) else { return false }
        return SocketAddress(address, port: port).withPointer { Glibc.connect(number, $0, $1) } == 0
    }

    func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }

    func send(_ bytes: [UInt8], to peer: SocketAddress) {
        _ = bytes.withUnsafeBytes { buffer in
            peer.withPointer { sendto(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL), $0, $1) }
        }
    }

    /// Does what waits for a second, again and again while nothing comes and the network is there, for as long as
    /// is said.
    private func patiently(_ within: Duration, _ call: () -> Int) -> Int {
        let deadline = ContinuousClock.now + within
        while true {
            let result = call()
            let isInVain = result < 0 && (errno == EAGAIN || errno == EINTR)
            if !isInVain || isOver || ContinuousClock.now >= deadline { return result }
        }
    }

    /// What comes next; empty at the end, nil where nothing comes.
    func receive(_ limit: Int = 65_536, within: Duration = NativeNetwork.patience) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = patiently(within) { recv(number, &buffer, limit, 0) }
        return count < 0 ? nil : Array(buffer[..<count])
    }

    func receiveFrom() -> (bytes: [UInt8], peer: SocketAddress)? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = patiently(NativeNetwork.patience) {
            withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(number, &buffer, 4096, 0, $0, &size)
                }
            }
        }
        guard count >= 0, let peer = SocketAddress(storage) else { return nil }
        return (Array(buffer[..<count]), peer)
    }

    /// The next message of a TCP stream; nil where it ends or nothing comes.
    func receiveMessage() -> [UInt8]? {
        var bytes: [UInt8] = []
        func fill(_ count: Int) -> Bool {
            while bytes.count < count {
                guard let more = receive(count - bytes.count), !more.isEmpty else { return false }
                bytes += more
            }
            return true
        }
        guard fill(2) else { return nil }
        let length = Int(bytes[0]) << 8 | Int(bytes[1])
        return fill(2 + length) ? Array(bytes.dropFirst(2)) : nil
    }

    func accept() -> TestSocket? {
        let accepted = patiently(NativeNetwork.patience) { Int(Glibc.accept(number, nil, nil)) }
        return accepted < 0 ? nil : TestSocket(Int32(accepted), isNetworkGone)
    }
}

extension [UInt8] {
    /// A query of class IN.
    static func dnsQuery(_ name: String, type: UInt16 = 1, id: UInt16 = 0x1234) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        bytes += DNSName(name)?.wire ?? []
        return bytes + [UInt8(type >> 8), UInt8(type & 0xFF), 0, 1]
    }

    /// With two bytes of length before it.
    var framed: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }

    /// An answer to this query without OPT: one address.
    func dnsAnswer(_ address: IPv4Address = IPv4Address(192, 0, 2, 1), code: UInt8 = 0) -> [UInt8] {
        var bytes = self
        bytes[2] = 0x81
        bytes[3] = 0x80 | code
        bytes[7] = 1
        return bytes + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + address.octets
    }
}

/// A server of a test, scripted; answers on a thread of its own until the network is gone.
func serveDatagrams(
    _ socket: TestSocket, _ reply: @escaping @Sendable ([UInt8], SocketAddress) -> [[UInt8]]
) {
    // A queue of its own has a thread at once, also where other tests hold those that all share.
    DispatchQueue(label: "scripted server").async {
        while !socket.isOver {
            guard let (query, peer) = socket.receiveFrom() else { continue }
            for answer in reply(query, peer) { socket.send(answer, to: peer) }
        }
    }
}

/// Whether a condition comes to hold, however busy the machine is.
func soon(_ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + NativeNetwork.patience
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return try condition()
}
