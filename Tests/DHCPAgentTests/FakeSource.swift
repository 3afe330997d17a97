import Addressing
import DHCPAgent
import Locks
import NetworkModel

/// A small cloud in memory, and what the agent said to it.
final class FakeSource: NetworkSource {
    fileprivate struct State {
        var revision = Revision(0)
        var nextID: UInt128 = 1
        var networks: [ResourceID: Network] = [:]
        var subnets: [ResourceID: Subnet] = [:]
        var ports: [ResourceID: Port] = [:]
        var agentUp = true
        var reports: [AgentConfigurations] = []
        var writes = 0
        var marked: [ResourceID] = []
        var listeners: [AsyncStream<SourceChange>.Continuation] = []
        var failReservations = false
        var failMarks = 0
    }

    struct Unavailable: Error, CustomStringConvertible { var description: String { "the source is away" } }

    private let state = Mutex(State())
    static let dhcpOwner = DeviceOwner.dhcp

    // MARK: What a user does

    /// - Parameter prepare: is done before anybody can see the network.
    func addNetwork(
        dhcp: Bool = true, ports: Int = 0, prepare: (ResourceID) -> Void = { _ in }
    ) -> ResourceID {
        let id = state.withLock { state in
            let id = state.newID()
            prepare(id)
            state.networks[id] = Network(id: id, standard: state.standard)
            let subnet = state.newID()
            state.subnets[subnet] = Subnet(
                id: subnet, networkID: id, standard: state.standard,
                cidr: IPPrefix(.v4(IPv4Address(10, 0, 0, 0)), length: 16) ?? IPPrefix(host: .any(.v4)),
                gatewayIP: .v4(IPv4Address(10, 0, 0, 1)), allocationPools: [], enableDHCP: dhcp)
            for _ in 0..<ports { state.addPort(to: id, owner: "compute:x") }
            return id
        }
        announce([id])
        return id
    }

    func addPort(to network: ResourceID) -> ResourceID {
        let id = state.withLock { $0.addPort(to: network, owner: "compute:x") }
        announce([network])
        return id
    }

    /// Changes a port as a user would: a new revision.
    func change(_ port: ResourceID, _ body: (inout Port) -> Void) {
        let network = state.withLock { state -> ResourceID? in
            guard var changed = state.ports[port] else { return nil }
            body(&changed)
            changed.standard.revisionNumber += 1
            changed.status = .down
            state.revision.rawValue += 1
            state.ports[port] = changed
            return changed.networkID
        }
        if let network { announce([network]) }
    }

    func deletePort(_ port: ResourceID) {
        let network = state.withLock { state in
            state.revision.rawValue += 1
            return state.ports.removeValue(forKey: port)?.networkID
        }
        if let network { announce([network]) }
    }

    func changeNetwork(_ id: ResourceID, _ body: (inout Network) -> Void) {
        state.withLock { state in
            state.revision.rawValue += 1
            if var network = state.networks[id] {
                body(&network)
                state.networks[id] = network
            }
        }
        announce([id])
    }

    func setDHCP(_ enabled: Bool, on network: ResourceID) {
        state.withLock { state in
            state.revision.rawValue += 1
            for id in state.subnets.keys where state.subnets[id]?.networkID == network {
                state.subnets[id]?.enableDHCP = enabled
            }
        }
        announce([network])
    }

    func deleteNetwork(_ id: ResourceID, quietly: Bool = false) {
        state.withLock { state in
            state.revision.rawValue += 1
            state.networks[id] = nil
            state.subnets = state.subnets.filter { $0.value.networkID != id }
            state.ports = state.ports.filter { $0.value.networkID != id }
        }
        if !quietly { announce([id]) }
    }

    func setAgentUp(_ up: Bool) {
        state.withLock { $0.agentUp = up }
        announceEverything()
    }

    func announceEverything() {
        for listener in state.withLock(\.listeners) { listener.yield(.everything) }
    }

    func failReservations(_ fail: Bool) { state.withLock { $0.failReservations = fail } }
    func failMarks(_ count: Int) { state.withLock { $0.failMarks = count } }

    // MARK: What a user sees

    func port(_ id: ResourceID) -> Port? { state.withLock { $0.ports[id] } }
    func ports(of network: ResourceID) -> [Port] { state.withLock { $0.ports(of: network) } }
    var allPorts: [Port] { state.withLock { Array($0.ports.values) } }
    func dhcpPort(of network: ResourceID) -> Port? { state.withLock { $0.dhcpPort(of: network) } }
    var reports: [AgentConfigurations] { state.withLock(\.reports) }
    /// Commits that the agent made, heartbeats aside.
    var writes: Int { state.withLock(\.writes) }
    var marked: [ResourceID] { state.withLock(\.marked) }

    // MARK: NetworkSource

    func overview() async throws -> SourceOverview {
        state.withLock { state in
            var overview = SourceOverview(known: Set(state.networks.keys))
            for id in state.networks.keys {
                if state.isServed(id) {
                    overview.served.insert(id)
                } else {
                    if state.dhcpPort(of: id) != nil { overview.reserved.insert(id) }
                    if !state.free(id).isEmpty { overview.waiting.insert(id) }
                }
            }
            return overview
        }
    }

    func assignment(of id: ResourceID) async throws -> Assignment {
        state.withLock { state in
            guard let network = state.networks[id], state.isServed(id) else {
                return .leave(ready: state.networks[id] == nil ? [] : state.free(id))
            }
            return .serve(
                ServedNetwork(
                    network: network, subnets: state.subnets(of: id), ports: state.ports(of: id),
                    dhcpPort: state.dhcpPort(of: id), revision: state.revision))
        }
    }

    func changes() async -> any AsyncSequence<SourceChange, Never> & Sendable {
        let (stream, listener) = AsyncStream<SourceChange>.makeStream()
        state.withLock { $0.listeners.append(listener) }
        return stream
    }

    func reserveDHCPPort(on network: ResourceID) async throws -> Port {
        let port = try state.withLock { state in
            if state.failReservations { throw Unavailable() }
            state.writes += 1
            if let port = state.dhcpPort(of: network) { state.ports[port.id] = nil }
            let id = state.addPort(to: network, owner: Self.dhcpOwner)
            guard let port = state.ports[id] else { throw Unavailable() }
            return port
        }
        announce([network])
        return port
    }

    func releaseDHCPPort(on network: ResourceID) async throws {
        let gone = state.withLock { state in
            guard let port = state.dhcpPort(of: network) else { return false }
            state.writes += 1
            state.revision.rawValue += 1
            state.ports[port.id] = nil
            return true
        }
        if gone { announce([network]) }
    }

    func portsReady(_ ports: [PortMark]) async throws { try mark(ports, .active, "") }

    func portTrouble(_ ports: [PortMark], detail: String) async throws { try mark(ports, .error, detail) }

    func report(_ configurations: AgentConfigurations) async throws {
        state.withLock { $0.reports.append(configurations) }
    }

    private func mark(_ marks: [PortMark], _ status: PortStatus, _ detail: String) throws {
        let networks: Set<ResourceID> = try state.withLock { state in
            if state.failMarks > 0 {
                state.failMarks -= 1
                throw Unavailable()
            }
            var networks: Set<ResourceID> = []
            for mark in marks {
                guard var port = state.ports[mark.port],
                    port.standard.revisionNumber == mark.revisionNumber,
                    port.status != status || port.statusDetail != detail
                else { continue }
                state.writes += 1
                state.marked.append(port.id)
                port.status = status
                port.statusDetail = detail
                port.standard.revisionNumber += 1
                state.revision.rawValue += 1
                state.ports[port.id] = port
                networks.insert(port.networkID)
            }
            return networks
        }
        if !networks.isEmpty { announce(networks) }
    }

    private func announce(_ networks: Set<ResourceID>) {
        for listener in state.withLock(\.listeners) { listener.yield(.networks(networks)) }
    }
}

extension FakeSource.State {
    var standard: StandardAttributes {
        StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))
    }

    mutating func newID() -> ResourceID {
        nextID += 1
        // The names of devices are made of the first characters: let those differ.
        return ResourceID(rawValue: nextID << 96 | nextID)
    }

    @discardableResult
    mutating func addPort(to network: ResourceID, owner: String) -> ResourceID {
        let id = newID()
        revision.rawValue += 1
        let number = UInt32(truncatingIfNeeded: nextID)
        let fixedIPs = subnets(of: network).filter { owner != DeviceOwner.dhcp || $0.enableDHCP }.map {
            FixedIP(subnetID: $0.id, address: .v4(IPv4Address(rawValue: 0x0A00_0100 + number)))
        }
        ports[id] = Port(
            id: id, networkID: network, standard: standard,
            macAddress: MACAddress(rawValue: 0xFA16_3E00_0000 + UInt64(number)), fixedIPs: fixedIPs,
            deviceOwner: owner)
        return id
    }

    func ports(of network: ResourceID) -> [Port] {
        ports.values.filter { $0.networkID == network }.sorted { $0.id < $1.id }
    }

    func subnets(of network: ResourceID) -> [Subnet] {
        subnets.values.filter { $0.networkID == network }.sorted { $0.id < $1.id }
    }

    func dhcpPort(of network: ResourceID) -> Port? {
        ports.values.first { $0.networkID == network && $0.deviceOwner == DeviceOwner.dhcp }
    }

    func isServed(_ id: ResourceID) -> Bool {
        agentUp && networks[id]?.adminStateUp == true && subnets(of: id).contains(where: \.enableDHCP)
    }

    func free(_ id: ResourceID) -> [PortMark] {
        guard networks[id]?.adminStateUp == true, !subnets(of: id).contains(where: \.enableDHCP) else {
            return []
        }
        return ports(of: id).filter { $0.status != .active }.map(PortMark.init)
    }
}
