import Addressing
import NetworkModel

/// `/v2.0/ports`
let portHandler = ResourceHandler<Port, PortRequest>(
    table: portTable, notFoundType: "PortNotFound", noun: "Port",
    newRequest: { PortRequest() },
    find: { $0.port($1) },
    all: { $0.ports.map(\.value) },
    narrow: narrowPorts,
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

/// The ports that the first of the hot filters selects: by id, device, address, subnet, MAC or network.
@Sendable private func narrowPorts(_ state: NetworkState, _ request: APIRequest) -> [Port]? {
    if let found = byID(request, { state.port($0) }) { return found }
    let devices = request.values(of: "device_id")
    if !devices.isEmpty && !devices.contains("") {
        return inOrder(devices.flatMap { state.ports(ofDevice: $0) })
    }
    if let query = try? FixedIPQuery(request.values(of: "fixed_ips")) {
        if let addresses = query.addresses {
            let subnets =
                query.subnets.map { $0.compactMap { state.subnet($0) } } ?? state.subnets.map(\.value)
            return inOrder(
                subnets.flatMap { subnet in
                    addresses.compactMap { state.port(holding: $0, onSubnet: subnet.id) }
                })
        }
        if let subnets = query.subnets { return inOrder(subnets.flatMap { state.ports(ofSubnet: $0) }) }
    }
    let networks = identifiers(request, "network_id")
    let macs = request.values(of: "mac_address").compactMap(parseMAC)
    if !macs.isEmpty {
        let searched = networks ?? state.networks.map(\.value.id)
        return inOrder(
            searched.flatMap { network in macs.compactMap { state.port(holding: $0, onNetwork: network) } })
    }
    return networks.map { inOrder($0.flatMap { state.ports(ofNetwork: $0) }) }
}
