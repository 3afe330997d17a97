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
            portsByAddress, portsBySubnet,
            Narrowing<Port>.byID("network_id") { $0.portIDs(ofNetwork: $1) },
            Narrowing<Port>.byText(["device_id"], portIDs) { .device($0) },
            Narrowing<Port>.byText(["device_owner"], portIDs) { .deviceOwner($0) },
            Narrowing<Port>.byText(["binding:host_id"], portIDs) { .host($0) },
            Narrowing<Port>.byText(["dns_name"], portIDs) { .dnsName($0) },
            // What is no status, or no MAC address, no port has.
            Narrowing<Port>.byValue(["status"], portIDs) {
                PortStatus(rawValue: $0.uppercased()).map { [.status($0)] } ?? []
            },
            Narrowing<Port>.byValue(["mac_address"], portIDs) { parseMAC($0).map { [.mac($0)] } ?? [] },
        ] + Narrowing<Port>.byStandardAttributes(portIDs),
        visible: { state, project in
            let own = state.portIDs(with: .project(project))
            let networks = state.networkIDs(with: .project(project))
            let count = networks.reduce(own.count) { $0 + state.portCount(ofNetwork: $1) }
            return OrderedIDs(count: count) {
                OrderedIDs(union: [own] + networks.map { state.portIDs(ofNetwork: $0) })
            }
        }),
    completing: { await $2.withLeases($0, $1) },
    create: { requests, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.createPorts(requests, in: context, using: &generator)
        }
    },
    update: { id, request, revision, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.updatePort(id, request, ifMatch: revision, in: context, using: &generator)
        }
    },
    delete: { id, revision, context in
        { (state) throws(ModelError) in try state.deletePort(id, ifMatch: revision, in: context) }
    })

private let portIDs: @Sendable (NetworkState, ListKey) -> OrderedIDs = { $0.portIDs(with: $1) }

/// By `fixed_ips=ip_address=…`; a subnet that is asked for as well may be that of another of the port's addresses.
@Sendable private func portsByAddress(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
    let query = try? FixedIPQuery(request.values(of: "fixed_ips"))
    return query?.addresses.map { OrderedIDs(union: $0.map { state.portIDs(with: .address($0)) }) }
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
            let count = state.addressCount(ofSubnet: subnet.id)
            return count * 4 > state.portCount(ofNetwork: subnet.networkID)
                ? state.portIDs(ofNetwork: subnet.networkID)
                : OrderedIDs(count: count) { OrderedIDs(state.ports(ofSubnet: subnet.id).map(\.id)) }
        })
}
