import Addressing
import NetworkModel

/// `/v2.0/ports`
let portHandler = ResourceHandler<Port, PortRequest>(
    table: portTable, notFoundType: "PortNotFound", noun: "Port", access: portAccess,
    newRequest: { PortRequest() },
    find: { $0.port($1) },
    all: { ListSource($0.ports) },
    narrowing: Narrowing(
        find: { $0.port($1) },
        rules: [
            Narrowing<Port>.byID,
            Narrowing<Port>.byText(["device_id"]) { $0.portIDs(ofDevice: $1) },
            portsByAddress, portsByMAC,
            Narrowing<Port>.byText(["name"]) { $0.portIDs(named: $1) },
            portsBySubnet,
            Narrowing<Port>.byID("network_id") { $0.portIDs(ofNetwork: $1) }, portsByNetworkOwner,
            Narrowing<Port>.byText(projectParameters) { $0.portIDs(ofProject: $1) },
        ],
        visible: { state, project in
            OrderedIDs(
                union: [state.portIDs(ofProject: project)]
                    + state.networkIDs(ofProject: project).map { state.portIDs(ofNetwork: $0) })
        }),
    readRendering: { await $0.withLeases() },
    create: { requests, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            var decision = try state.createPorts(requests, in: context, using: &generator)
            decision.value = decision.value.map(withOwnPairMACs)
            decision.commit = withOwnPairMACs(decision.commit)
            return decision
        }
    },
    update: { id, request, revision, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            var decision = try state.updatePort(
                id, request, ifMatch: revision, in: context, using: &generator)
            decision.value = withOwnPairMACs(decision.value)
            decision.commit = withOwnPairMACs(decision.commit)
            return decision
        }
    },
    delete: { id, revision, context in
        { (state) throws(ModelError) in try state.deletePort(id, ifMatch: revision, in: context) }
    })

/// An address pair without a MAC means the port's own, which may only be known once it was chosen: the
/// request carries zeros, which no port can have, and they are filled in here.
private func withOwnPairMACs(_ port: Port) -> Port {
    guard port.allowedAddressPairs.contains(where: { $0.macAddress.rawValue == 0 }) else { return port }
    var port = port
    for index in port.allowedAddressPairs.indices
    where port.allowedAddressPairs[index].macAddress.rawValue == 0 {
        port.allowedAddressPairs[index].macAddress = port.macAddress
    }
    return port
}

private func withOwnPairMACs(_ commit: Commit) -> Commit {
    var commit = commit
    for index in commit.puts.indices {
        if case .port(let port) = commit.puts[index] { commit.puts[index] = .port(withOwnPairMACs(port)) }
    }
    return commit
}

/// By `fixed_ips=ip_address=…`.
@Sendable private func portsByAddress(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
    guard let query = try? FixedIPQuery(request.values(of: "fixed_ips")), let addresses = query.addresses
    else { return nil }
    let subnets: [ResourceID] =
        if let subnets = query.subnets {
            Array(subnets)
        } else if let networks = identifiers(request, "network_id") {
            networks.flatMap { state.subnetIDs(ofNetwork: $0) }
        } else {
            state.subnets.map(\.value.id)
        }
    return OrderedIDs(
        subnets.flatMap { subnet in
            addresses.compactMap { state.port(holding: $0, onSubnet: subnet)?.id }
        })
}

/// By `fixed_ips=subnet_id=…`.
@Sendable private func portsBySubnet(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
    guard let query = try? FixedIPQuery(request.values(of: "fixed_ips")), let subnets = query.subnets else {
        return nil
    }
    return OrderedIDs(
        union: subnets.compactMap { state.subnet($0) }.map { subnet in
            // The addresses of a subnet are not in the order of the ports' ids. Where most of the network's
            // ports are on the subnet, the network's are as good and need no sorting.
            state.addressCount(ofSubnet: subnet.id) * 4 > state.portCount(ofNetwork: subnet.networkID)
                ? state.portIDs(ofNetwork: subnet.networkID)
                : OrderedIDs(state.ports(ofSubnet: subnet.id).map(\.id))
        })
}

/// By `device_owner`, where it is one of Neutron's own.
@Sendable private func portsByNetworkOwner(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
    let owners = Set(request.values(of: "device_owner"))
    guard !owners.isEmpty, owners.allSatisfy({ $0.hasPrefix(DeviceOwner.networkPrefix) }) else { return nil }
    return OrderedIDs(union: owners.map { state.portIDs(ofNetworkOwner: $0) })
}

/// By `mac_address`.
@Sendable private func portsByMAC(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
    let values = request.values(of: "mac_address")
    if values.isEmpty { return nil }
    let macs = values.compactMap(parseMAC)
    let networks = identifiers(request, "network_id") ?? state.networks.map(\.value.id)
    return OrderedIDs(
        networks.flatMap { network in macs.compactMap { state.port(holding: $0, onNetwork: network)?.id } })
}
