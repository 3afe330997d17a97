import Addressing
import CLinux
import Glibc
public import LinuxKernel
import NetworkModel

/// A live network: a namespace for the server, one for its clients, a cable between them.
///
/// The server's end is wired as the agent does it: addresses, default routes, no checksum offload.
struct Segment: Sendable {
    let id: ResourceID
    let namespace: String
    /// The namespace in which the other end of the cable is.
    let clients: String
    let confs: String
    let namespaces: NamespaceThread
    let wire: Wire

    static let interface = "ns-test"
    static let clientDevice = "cl-test"
    static let serverMAC = MACAddress(rawValue: 0xFA16_3E00_0002)
    /// The router's, on every subnet that has a gateway.
    static let routerMAC = MACAddress(rawValue: 0xFA16_3EAA_0001)
    static let attributes = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))
    /// Where the kernel of the clients' namespace itself is, for TCP.
    static let kernelAddress = "10.7.0.250/16"

    /// Makes a network with these subnets; what could be made is gone again when it throws.
    static func open(_ subnets: [SubnetPlan], using namespaces: NamespaceThread) async throws -> Segment {
        var random = SystemRandomNumberGenerator()
        let id = ResourceID.random(using: &random)
        let (namespace, clients, confs) = ("qdhcp-\(id)", "lhc-\(id)", "/tmp/leasehold-conformance-\(id)")
        do {
            try createDirectory(path: confs)
            try await wireUp(namespace, clients, subnets, namespaces)
            let wire = try Wire(device: clientDevice, in: clients, using: namespaces)
            for gateway in subnets.compactMap(\.gateway) { wire.own(gateway, routerMAC) }
            return Segment(
                id: id, namespace: namespace, clients: clients, confs: confs, namespaces: namespaces,
                wire: wire)
        } catch {
            await demolish(namespace, clients, confs, namespaces)
            throw error
        }
    }

    func close() async {
        wire.unplug()
        await Self.demolish(namespace, clients, confs, namespaces)
    }

    private static func demolish(
        _ namespace: String, _ clients: String, _ confs: String, _ namespaces: NamespaceThread
    ) async {
        _ = try? await shell("ip netns del \(namespace); ip netns del \(clients)", namespaces)
        try? removeTree(path: confs)
    }

    private static func wireUp(
        _ namespace: String, _ clients: String, _ subnets: [SubnetPlan], _ namespaces: NamespaceThread
    ) async throws {
        try await shell(
            """
            ip netns add \(namespace) && ip netns add \(clients) &&
            ip -n \(namespace) link add \(interface) address \(serverMAC) type veth \
                peer name \(clientDevice) netns \(clients)
            """, namespaces)
        try await namespaces.run(in: clients) {
            try write("/proc/sys/net/ipv6/conf/\(clientDevice)/disable_ipv6", "1")
        }
        try await namespaces.run(in: namespace) {
            // Who answers for the clients is a thread of the test, which may be held up for longer than the three
            // seconds that the kernel looks for a neighbour: it drops what waits for that then.
            for version in ["ipv4", "ipv6"] {
                try write("/proc/sys/net/\(version)/neigh/\(interface)/mcast_solicit", "60")
            }
            // IPv6 addresses work at once, and the router's announcements are not ours to follow.
            try write("/proc/sys/net/ipv6/conf/\(interface)/accept_dad", "0")
            try write("/proc/sys/net/ipv6/conf/\(interface)/accept_ra", "0")
            let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { Glibc.close(number) }
            guard cl_set_transmit_checksum(number, interface, 0) == 0 else {
                throw FactFailure("checksums of \(interface) stay to the device: errno \(errno)")
            }
        }
        var lines = ["link set lo up", "link set \(interface) up"]
        lines += subnets.compactMap { subnet in
            subnet.server.map { "address add \($0)/\(subnet.cidr.length) dev \(interface)" }
        }
        for version in [IPVersion.v4, .v6] {
            let first = subnets.first { $0.cidr.version == version && $0.server != nil && $0.gateway != nil }
            if let gateway = first?.gateway { lines.append("route add default via \(gateway)") }
        }
        try await shell(
            """
            ip -n \(clients) link set \(clientDevice) up && ip -n \(namespace) -batch - <<'END'
            \(lines.joined(separator: "\n"))
            END
            \(carrier([(namespace, interface), (clients, clientDevice)]))
            # And so is what would come from addresses that are not yet ready.
            until ip -n \(namespace) -6 -o address show dev \(interface) scope link | grep -q fe80 &&
                ! ip -n \(namespace) -6 -o address show tentative | grep -q inet6; do sleep 0.02; done
            """, namespaces)
    }

    /// A script that waits until frames pass between the devices.
    static func carrier(_ ends: [(namespace: String, device: String)]) -> String {
        """
        for end in \(ends.map { "\"\($0.namespace) \($0.device)\"" }.joined(separator: " ")); do
            # Until the kernel has seen the carrier, up to a second later, what is sent is lost.
            until ip -n ${end% *} link show dev ${end#* } | grep -q 'state UP'; do sleep 0.02; done
        done
        """
    }

    /// Runs a script in the root namespace.
    @discardableResult
    static func shell(_ script: String, _ namespaces: NamespaceThread) async throws -> String {
        let result = try await spawnAndWait(
            Command("sh", ["-c", script]), in: nil, using: namespaces, timeout: .seconds(300))
        guard result.isSuccess else { throw FactFailure("\(script): \(result.errorText)") }
        return result.outputText
    }

    /// Runs ip(8) in the server's namespace.
    func ip(_ arguments: String) async throws {
        try await Self.shell("ip -n \(namespace) \(arguments)", namespaces)
    }
}

/// Waits until frames pass between the devices, which the kernel lets them up to a second after both are up.
public func waitForCarrier(
    _ ends: [(namespace: String, device: String)], using namespaces: NamespaceThread
) async throws {
    try await Segment.shell(Segment.carrier(ends), namespaces)
}

/// Writes into a file of /proc/sys.
private func write(_ path: String, _ text: String) throws {
    let number = open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw FactFailure("open \(path): errno \(errno)") }
    defer { close(number) }
    let count = text.withCString { Glibc.write(number, $0, strlen($0)) }
    guard count > 0 else { throw FactFailure("write \(path): errno \(errno)") }
}
