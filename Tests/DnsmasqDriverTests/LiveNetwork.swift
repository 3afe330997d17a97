import Addressing
import DHCPConformance
import DHCPDrivers
import DHCPMessages
import Dispatch
import Glibc
import LinuxKernel
import Logging
import NetworkModel
import Testing

@testable import DnsmasqDriver

/// Whether namespaces can be made here; a suite that needs them is skipped visibly without, and fails
/// where LEASEHOLD_REQUIRE_PRIVILEGED=1 forbids to skip.
let mayUseNamespaces =
    PrivilegeCheck.current().canWire
    || getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) } == "1"

/// Whether dnsmasq changes to a user of its own, which it does for root of the host.
let dnsmasqChangesUser =
    getuid() == 0
    && (try? readFile(path: "/proc/self/setgroups")).map { $0.starts(with: Array("allow".utf8)) } == true

/// A network of its own for one test: a namespace for the server, one for clients, a veth between them.
struct LiveNetwork: Sendable {
    let id: ResourceID
    let namespace: String
    let clients: String
    let interface = "ns-test"
    let confs: String
    let namespaces: NamespaceThread
    static let queue = DispatchQueue(label: "live tests", attributes: .concurrent)
    /// What nothing takes, however busy the machine is.
    static let patience = Duration.seconds(120)

    /// Runs the body with a network that is gone afterwards, whatever happens.
    static func with(_ body: (LiveNetwork) async throws -> Void) async throws {
        var random = SystemRandomNumberGenerator()
        let id = ResourceID.random(using: &random)
        let network = LiveNetwork(
            id: id, namespace: "qdhcp-\(id)", clients: "lhc-\(id)", confs: "/tmp/leasehold-dnsmasq-\(id)",
            namespaces: try NamespaceThread())
        do {
            try await network.build()
            try await body(network)
        } catch {
            await network.demolish()
            throw error
        }
        await network.demolish()
    }

    private func build() async throws {
        try createDirectory(path: confs)
        try await wire([namespace, clients])
    }

    /// Makes these namespaces and what connects both.
    func wire(_ missing: [String]) async throws {
        for name in missing {
            try await ip("netns", "add", name)
            try await ip("-n", name, "link", "set", "lo", "up")
        }
        try await ip(
            "-n", namespace, "link", "add", interface, "type", "veth", "peer", "name", "cl-test", "netns",
            clients)
        try await ip("-n", namespace, "link", "set", interface, "address", "fa:16:3e:00:00:02")
        try await ip("-n", clients, "link", "set", "cl-test", "address", "fa:16:3e:00:00:09")
        // No duplicate address detection: IPv6 addresses work at once.
        for (name, device) in [(namespace, interface), (clients, "cl-test")] {
            _ = try namespaces.runBlocking(in: name) {
                try? atomicWrite("/proc/sys/net/ipv6/conf/\(device)/accept_dad", "0")
            }
            try await ip("-n", name, "link", "set", device, "up")
        }
        try await ip("-n", namespace, "address", "add", "10.7.0.2/16", "dev", interface)
        try await ip("-n", namespace, "address", "add", "2001:db8:7::2/64", "dev", interface, "nodad")
        try await waitForCarrier([(namespace, interface), (clients, "cl-test")], using: namespaces)
    }

    private func demolish() async {
        let driver = DnsmasqDriver(
            configuration: configuration(), namespaces: namespaces, log: Logger(label: "t"))
        for network in (try? await driver.existingNetworks()) ?? [] { try? await driver.remove(network) }
        for name in [namespace, clients] { try? await ip("netns", "del", name) }
        try? removeTree(path: confs)
    }

    func ip(_ arguments: String...) async throws {
        let result = try await spawnAndWait(
            Command("ip", arguments), in: nil, using: namespaces, timeout: Self.patience)
        try #require(result.isSuccess, "ip \(arguments.joined(separator: " ")): \(result.errorText)")
    }

    /// Runs nft(8) in the server's namespace.
    func nft(_ command: String) async throws {
        let result = try await spawnAndWait(
            Command("nft", [command]), in: namespace, using: namespaces, timeout: Self.patience)
        try #require(result.isSuccess, "nft \(command): \(result.errorText)")
    }

    func configuration(_ change: (inout DnsmasqConfiguration) -> Void = { _ in }) -> DnsmasqConfiguration {
        var configuration = DnsmasqConfiguration()
        configuration.dhcpConfs = confs
        configuration.confirmTimeout = Self.patience
        change(&configuration)
        return configuration
    }

    func driver(_ change: (inout DnsmasqConfiguration) -> Void = { _ in }) -> DnsmasqDriver {
        DnsmasqDriver(
            configuration: configuration(change), namespaces: namespaces, log: Logger(label: "test"))
    }

    var directory: String { "\(confs)/\(id)" }

    var subnets: [Subnet] {
        [
            Subnet(
                id: Fixture.id(digit: "1"), networkID: id, standard: Fixture.attributes,
                cidr: IPPrefix(host: Fixture.address("10.7.0.0")).widened(16),
                gatewayIP: Fixture.address("10.7.0.1"),
                allocationPools: []),
            Subnet(
                id: Fixture.id(digit: "2"), networkID: id, standard: Fixture.attributes,
                cidr: IPPrefix(host: Fixture.address("2001:db8:7::")).widened(64), gatewayIP: nil,
                allocationPools: [],
                ipv6RAMode: .dhcpv6Stateful, ipv6AddressMode: .dhcpv6Stateful),
        ]
    }

    func service(_ ports: [Port], subnets: [Subnet]? = nil, mtu: Int = 1500) -> DHCPService {
        let own = Fixture.port(
            "d", "fa:16:3e:00:00:02", [("1", "10.7.0.2"), ("2", "2001:db8:7::2")], owner: DeviceOwner.dhcp)
        return DHCPService(
            network: Network(id: id, standard: Fixture.attributes, mtu: mtu),
            subnets: subnets ?? self.subnets,
            ports: ports, dhcpPort: own, namespace: namespace, interface: interface, revision: Revision(1))
    }

    /// The lease file as it is: without all or some of its lines while dnsmasq writes it anew.
    func leases() throws -> LeasesFile {
        LeasesFile(String(decoding: try readFile(path: "\(directory)/leases"), as: UTF8.self))
    }

    /// Whether the lease file comes to be so: dnsmasq answers first and writes then.
    func leases(_ wanted: (LeasesFile) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if wanted(try leases()) { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// What a client with this MAC is told: the OFFER, then the ACK; nil where nobody answers in time.
    func lease(_ mac: String, clientID: [UInt8]? = nil, within: Duration = patience) async throws
        -> DHCPv4Message?
    {
        let (clients, namespaces) = (clients, namespaces)
        let chaddr = Fixture.mac(mac).octets
        return await withCheckedContinuation { continuation in
            Self.queue.async {
                let client = try? namespaces.runBlocking(in: clients) { TestClient.openV4(device: "cl-test") }
                guard let client, client >= 0 else { return continuation.resume(returning: nil) }
                let answer = TestClient.lease(client, chaddr, clientID, .now + within)
                close(client)
                continuation.resume(returning: answer)
            }
        }
    }

    /// The addresses that a SOLICIT and a REQUEST bring, or nil.
    func leaseV6(iaid: UInt32, within: Duration = patience) async -> [IPv6Address]? {
        let (clients, namespaces) = (clients, namespaces)
        return await withCheckedContinuation { continuation in
            Self.queue.async {
                let client = try? namespaces.runBlocking(in: clients) { TestClient.openV6(device: "cl-test") }
                guard let client, client.socket >= 0 else { return continuation.resume(returning: nil) }
                let answer = TestClient.leaseV6(client.socket, scope: client.scope, iaid, .now + within)
                close(client.socket)
                continuation.resume(returning: answer)
            }
        }
    }
}

/// Writes a file in place, as /proc/sys wants it.
func atomicWrite(_ path: String, _ text: String) throws {
    let number = open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw FileError(operation: "open", path: path, errno: errno) }
    defer { close(number) }
    _ = text.withCString { write(number, $0, strlen($0)) }
}

extension IPPrefix {
    /// The same address with another length.
    func widened(_ length: Int) -> IPPrefix { IPPrefix(address, length: length) ?? self }
}

/// As much of a DHCP client as tests need.
enum TestClient {
    static func openV4(device: String) -> Int32 {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_BROADCAST, &one, 4)
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        _ = device.withCString { setsockopt(number, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(strlen($0))) }
        _ = SocketAddress(.any(.v4), port: 68).withPointer { bind(number, $0, $1) }
        return number
    }

    static func lease(
        _ number: Int32, _ chaddr: [UInt8], _ clientID: [UInt8]?, _ deadline: ContinuousClock.Instant
    ) -> DHCPv4Message? {
        var request = DHCPv4Message(
            operation: .request, transactionID: .random(in: .min ... .max),
            flags: DHCPv4Message.broadcastFlag,
            chaddr: chaddr)
        request[option: 53] = [1]
        request[option: 55] = [1, 3, 6, 15, 26, 51, 54, 66, 67, 121]
        if let clientID { request[option: 61] = clientID }
        guard let offer = exchange(number, request, expecting: .offer, deadline),
            let server = try? offer.serverIdentifier()
        else { return nil }
        request[option: 53] = [3]
        request[option: 50] = offer.yiaddr.octets
        request[option: 54] = server.octets
        return exchange(number, request, expecting: .ack, deadline)
    }

    private static func exchange(
        _ number: Int32, _ request: DHCPv4Message, expecting: DHCPv4MessageType,
        _ deadline: ContinuousClock.Instant
    ) -> DHCPv4Message? {
        guard let bytes = try? request.serialized() else { return nil }
        _ = SocketAddress(.v4(.broadcast), port: 67).withPointer { address, length in
            bytes.withUnsafeBytes { sendto(number, $0.baseAddress, $0.count, 0, address, length) }
        }
        while let answer = receive(number, deadline) {
            guard let message = try? DHCPv4Message(parsing: answer),
                message.transactionID == request.transactionID,
                (try? message.messageType()) == expecting
            else { continue }
            return message
        }
        return nil
    }

    static func openV6(device: String) -> (socket: Int32, scope: UInt32) {
        let number = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        _ = device.withCString { setsockopt(number, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(strlen($0))) }
        _ = SocketAddress(.any(.v6), port: 546).withPointer { bind(number, $0, $1) }
        return (number, if_nametoindex(device))
    }

    static func leaseV6(
        _ number: Int32, scope: UInt32, _ iaid: UInt32, _ deadline: ContinuousClock.Instant
    ) -> [IPv6Address]? {
        let duid: [UInt8] = [0, 3, 0, 1, 0xFA, 0x16, 0x3E, 0, 0, 9]
        guard let association = try? DHCPv6IdentityAssociation(iaid: iaid).option() else { return nil }
        let solicit = DHCPv6Message.plain(
            type: .solicit, transactionID: 7, options: [.init(1, duid), association, .init(8, [0, 0])])
        guard let advertise = exchangeV6(number, scope, solicit, .advertise, deadline),
            let server = advertise[option: 2], let offered = advertise[option: 3]
        else { return nil }
        let request = DHCPv6Message.plain(
            type: .request, transactionID: 8,
            options: [.init(1, duid), .init(2, server), .init(3, offered), .init(8, [0, 0])])
        guard let reply = exchangeV6(number, scope, request, .reply, deadline), let granted = reply[option: 3]
        else {
            return nil
        }
        return try? DHCPv6IdentityAssociation(parsing: granted).addresses().map(\.address)
    }

    private static func exchangeV6(
        _ number: Int32, _ scope: UInt32, _ message: DHCPv6Message, _ expected: DHCPv6MessageType,
        _ deadline: ContinuousClock.Instant
    ) -> DHCPv6Message? {
        guard let bytes = try? message.serialized(),
            let servers = IPv6Address("ff02::1:2")
        else { return nil }
        // The first may be lost while the link-local addresses settle.
        while ContinuousClock.now < deadline {
            _ = SocketAddress(.v6(servers), port: 547, scope: scope).withPointer { address, length in
                bytes.withUnsafeBytes { sendto(number, $0.baseAddress, $0.count, 0, address, length) }
            }
            while let answer = receive(number, min(deadline, .now + .milliseconds(500))) {
                if let message = try? DHCPv6Message(parsing: answer), message.type == expected {
                    return message
                }
            }
        }
        return nil
    }

    private static func receive(_ number: Int32, _ deadline: ContinuousClock.Instant) -> [UInt8]? {
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return nil }
        var item = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, Int32(clamping: milliseconds)) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = buffer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }
}
