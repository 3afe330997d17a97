import Addressing
import CLinux
import DHCPConformance
import DHCPDrivers
import DHCPEngine
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel
import Testing

@testable import NativeDriver

/// Whether namespaces can be made here; a suite that needs them is skipped visibly without, and fails
/// where LEASEHOLD_REQUIRE_PRIVILEGED=1 forbids to skip.
let mayUseNamespaces =
    PrivilegeCheck.current().canWire
    || getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) } == "1"

/// A network of its own for one test: a namespace for the server, one for clients, a veth between them.
struct NativeNetwork: Sendable {
    let id: ResourceID
    let confs: String
    let namespaces: NamespaceThread
    let interface = "ns-test"
    private let journals = Shared(Mutex<[WeakJournal]>([]))
    static let queue = DispatchQueue(label: "native tests", attributes: .concurrent)
    /// What nothing takes, however busy the machine is.
    static let patience = Duration.seconds(120)

    var namespace: String { "qdhcp-\(id)" }
    var clients: String { "lhn-\(id)" }

    /// Runs the body with a network that is gone afterwards, whatever happens.
    static func with(_ body: (NativeNetwork) async throws -> Void) async throws {
        var random = SystemRandomNumberGenerator()
        let id = ResourceID.random(using: &random)
        let network = NativeNetwork(
            id: id, confs: "/tmp/leasehold-native-\(id)", namespaces: try NamespaceThread())
        do {
            try createDirectory(path: network.confs)
            try await network.wire()
            try await body(network)
        } catch {
            await network.demolish()
            throw error
        }
        await network.demolish()
    }

    /// Makes the namespaces and what connects them.
    func wire() async throws {
        for name in [namespace, clients] {
            try await ip("netns", "add", name)
            try await ip("-n", name, "link", "set", "lo", "up")
        }
        try await connect()
    }

    /// Makes the pair of devices between the namespaces.
    func connect() async throws {
        try await ip(
            "-n", namespace, "link", "add", interface, "type", "veth", "peer", "name", "cl-test", "netns",
            clients)
        try await ip("-n", namespace, "link", "set", interface, "address", "fa:16:3e:00:00:02")
        try await ip("-n", clients, "link", "set", "cl-test", "address", "fa:16:3e:00:00:09")
        // No duplicate address detection: IPv6 addresses work at once.
        for (name, device) in [(namespace, interface), (clients, "cl-test")] {
            try namespaces.runBlocking(in: name) {
                try write("/proc/sys/net/ipv6/conf/\(device)/accept_dad", "0")
                // No solicitations but those of the test.
                try write("/proc/sys/net/ipv6/conf/\(device)/accept_ra", "0")
            }
            try await ip("-n", name, "link", "set", device, "up")
        }
        try namespaces.runBlocking(in: namespace) { [interface] in
            let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(number) }
            // As the agent's wiring has it (docs/decisions/0001-checksums-by-ethtool.md).
            if cl_set_transmit_checksum(number, interface, 0) != 0 {
                throw FileError(operation: "set checksums of", path: interface, errno: errno)
            }
        }
        try await ip("-n", namespace, "address", "add", "10.7.0.2/16", "dev", interface)
        try await ip("-n", namespace, "address", "add", "2001:db8:7::2/64", "dev", interface, "nodad")
        try await untilFramesPass()
    }

    /// Waits until frames pass both ways, after the devices were set up.
    func untilFramesPass() async throws {
        try await waitForCarrier([(namespace, interface), (clients, "cl-test")], using: namespaces)
    }

    func demolish() async {
        // What is still to be written would make the directory anew.
        for journal in journals.value.withLock({ $0 }) { journal.value?.flush() }
        for name in [namespace, clients] { try? await ip("netns", "del", name) }
        try? removeTree(path: confs)
    }

    func ip(_ arguments: String...) async throws { try await ip(arguments) }

    func ip(_ arguments: [String]) async throws {
        let result = try await spawnAndWait(
            Command("ip", arguments), in: nil, using: namespaces, timeout: Self.patience)
        try #require(result.isSuccess, "ip \(arguments.joined(separator: " ")): \(result.errorText)")
    }

    /// What a program prints that runs inside the server's namespace, line by line.
    func run(_ program: String, _ arguments: String...) async throws -> [String] {
        let result = try await spawnAndWait(
            Command("ip", ["netns", "exec", namespace, program] + arguments), in: nil, using: namespaces,
            timeout: Self.patience)
        try #require(result.isSuccess, "\(program): \(result.errorText)")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What `ip -n <namespace> <arguments>` prints, line by line.
    func inspect(_ arguments: String...) async throws -> [String] {
        let result = try await spawnAndWait(
            Command("ip", ["-n", namespace] + arguments), in: nil, using: namespaces, timeout: Self.patience)
        try #require(result.isSuccess, "ip \(arguments.joined(separator: " ")): \(result.errorText)")
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func driver(
        loops: Int = 1, environment: [String: String] = [:], firstDescriptor: Int32 = 3,
        care: NativeDriver.Care = .init(), _ change: (inout NativeDriverConfiguration) -> Void = { _ in }
    ) -> NativeDriver {
        var configuration = NativeDriverConfiguration()
        configuration.dhcpConfs = confs
        configuration.limits = .unlimited
        change(&configuration)
        let driver = NativeDriver(
            configuration: configuration, log: Logger(label: "test"), loops: loops,
            environment: environment, firstDescriptor: firstDescriptor, care: care)
        if let journal = (try? driver.machinery.get())?.surroundings.journal {
            journals.value.withLock { $0.append(WeakJournal(value: journal)) }
        }
        return driver
    }

    /// Runs a body that waits, off the cooperative pool, with a client of the network.
    func client<T: Sendable>(_ body: @escaping @Sendable (RawClient) throws -> T) async throws -> T {
        let (clients, namespaces) = (clients, namespaces)
        let result: Result<T, any Error> = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(
                    returning: Result {
                        try body(
                            RawClient(
                                try namespaces.runBlocking(in: clients) { try RawClient.open("cl-test") }))
                    })
            }
        }
        return try result.get()
    }

    // MARK: What is served

    static let v4Subnet = identity(1)
    static let v6Subnet = identity(2)

    static func identity(_ number: Int) -> ResourceID {
        ResourceID(rawValue: 0x1111_1111_2222_3333_4444_0000_0000_0000 + UInt128(number))
    }

    static func mac(_ number: Int) -> MACAddress {
        MACAddress(rawValue: 0xFA16_3E00_0000 + UInt64(number))
    }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .any(.v4) }

    static func subnets(_ network: ResourceID, ra: IPv6Mode? = .dhcpv6Stateful) -> [Subnet] {
        let attributes = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))
        func prefix(_ text: String) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: .any(.v4)) }
        return [
            Subnet(
                id: v4Subnet, networkID: network, standard: attributes, cidr: prefix("10.7.0.0/16"),
                gatewayIP: address("10.7.0.1"), allocationPools: []),
            Subnet(
                id: v6Subnet, networkID: network, standard: attributes, cidr: prefix("2001:db8:7::/64"),
                gatewayIP: nil, allocationPools: [], ipv6RAMode: ra, ipv6AddressMode: ra),
        ]
    }

    /// A port whose MAC ends in the number and whose addresses do, too: `10.7.<number / 256>.<number % 256>`.
    func port(_ number: Int, mac: MACAddress? = nil, v4: Int? = nil, withV6: Bool = false) -> Port {
        let last = v4 ?? number
        var fixedIPs = [
            FixedIP(
                subnetID: Self.v4Subnet, address: .v4(IPv4Address(rawValue: 0x0A07_0000 + UInt32(last))))
        ]
        if withV6 {
            fixedIPs.append(
                FixedIP(
                    subnetID: Self.v6Subnet,
                    address: .v6(IPv6Address(rawValue: 0x2001_0DB8_0007 << 80 + UInt128(number)))))
        }
        return Port(
            id: Self.identity(number), networkID: id,
            standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)),
            macAddress: mac ?? Self.mac(number), fixedIPs: fixedIPs, deviceOwner: "compute:nova")
    }

    func service(_ ports: [Port], subnets: [Subnet]? = nil) -> DHCPService {
        let own = Port(
            id: Self.identity(0xD), networkID: id,
            standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)),
            macAddress: Self.mac(2),
            fixedIPs: [
                FixedIP(subnetID: Self.v4Subnet, address: Self.address("10.7.0.2")),
                FixedIP(subnetID: Self.v6Subnet, address: Self.address("2001:db8:7::2")),
            ], deviceOwner: DeviceOwner.dhcp, status: .active)
        let network = Network(
            id: id, standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)))
        return DHCPService(
            network: network, subnets: subnets ?? Self.subnets(id),
            ports: (ports + [own]).sorted { $0.id < $1.id }, dhcpPort: own, namespace: namespace,
            interface: interface, revision: Revision(1))
    }
}

/// The record of leases of a driver, which lives no longer than it and what it has to write.
private struct WeakJournal: Sendable {
    weak let value: LeaseJournal?
}

/// Writes a file in place, as /proc/sys wants it.
private func write(_ path: String, _ text: String) throws {
    let number = open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw FileError(operation: "open", path: path, errno: errno) }
    defer { close(number) }
    _ = text.withCString { Glibc.write(number, $0, strlen($0)) }
}
