public import NetworkModel
import NetworkStore

/// Who knows what clients of DHCP were told: a record for people.
public protocol LeaseSource: Sendable {
    /// The leases of a network, in any order; those of all networks for nil.
    func leases(of network: ResourceID?) async -> [Lease]

    /// The leases of a port on a network; those of which the record names no port may be among them.
    func leases(of port: ResourceID, on network: ResourceID) async -> [Lease]
}

/// `/v2.0/leasehold/leases`, and the leases of ports.
extension APIService {
    /// The leases that the request selects, as a list with Neutron's filters, order and pages.
    func listLeases(_ call: APICall) async throws -> APIResponse {
        let request = call.request
        func notFound(_ id: String) -> APIError {
            APIError(status: 404, type: "LeaseNotFound", message: "Lease \(id) could not be found.")
        }
        let query = try ListQuery(
            request, table: leaseTable, defaultOrder: ["network_id", "ip_address"], notFound: notFound)
        let rendering = call.rendering
        let found = await leases(ofNetworks: call.networks(ofLeases: call.networksOfLeases))
        let page = try query.select(
            from: ListSource(found), rendering, isVisible: leaseAccess.visibility(rendering),
            find: { id in found.first { $0.id == id } },
            notFound: notFound)
        let rows = leaseTable.visible(fields: request.fields)
        return leaseTable.answer(page, rendering, as: rows) {
            query.writeLinks(to: page, request, leaseTable, &$0)
        }
    }

    fileprivate func leases(ofNetworks networks: Set<ResourceID>?) async -> [Lease] {
        guard let leases else { return [] }
        var found: [Lease] = []
        if let networks {
            for network in networks { found += await leases.leases(of: network) }
        } else {
            found = await leases.leases(of: nil)
        }
        return withPorts(found)
    }

    /// The same with the ports that have their addresses now, where no port is named.
    fileprivate func withPorts(_ leases: [Lease]) -> [Lease] {
        var found = leases
        let state = index.present
        for at in found.indices where found[at].portID == nil {
            // dnsmasq's record knows addresses only.
            let lease = found[at]
            found[at].portID =
                state.subnets(ofNetwork: lease.networkID).lazy.compactMap { subnet in
                    state.port(holding: lease.address, onSubnet: subnet.id)?.id
                }.first
        }
        return found
    }
}

extension APICall {
    /// The networks to which filters limit a list of leases; nil for all.
    fileprivate var networksOfLeases: Set<ResourceID>? {
        if let networks = identifiers(request, "network_id") { return Set(networks) }
        let state = rendering.state
        return identifiers(request, "port_id").map { Set($0.compactMap { state.port($0)?.networkID }) }
    }

    /// Of the networks, or of all for nil, those that exist and of which the caller may see leases; nil for
    /// all. Drivers are asked for no others: whatever they would look for, it would be for nothing.
    fileprivate func networks(ofLeases asked: Set<ResourceID>?) -> Set<ResourceID>? {
        let state = rendering.state
        if caller.actsForAllProjects { return asked?.filter { state.network($0) != nil } }
        let own = PolicyTarget(projectID: caller.projectID, networkProjectID: caller.projectID)
        guard leaseAccess.isVisible(caller, own) else { return [] }
        let key = ListKey.project(caller.projectID)
        var visible = Set(
            state.networkIDs(with: key).filter {
                state.network($0)?.standard.projectID == caller.projectID
            })
        for port in state.portIDs(with: key).lazy.compactMap({ state.port($0) })
        where port.standard.projectID == caller.projectID {
            visible.insert(port.networkID)
        }
        return asked?.intersection(visible) ?? visible
    }

    /// The state with the leases of the ports that a GET is about, where the answer has them: that of one
    /// port does unless it is limited to other fields, lists do where they ask for it.
    func withLeases() async -> Rendering {
        var rendering = rendering
        let fields = request.fields
        let isWanted = fields.contains(leasesAttribute) || (!parameters.isEmpty && fields.isEmpty)
        guard isWanted, let leases = service.leases else { return rendering }
        let found: [Lease]
        if let id = parameters.first {
            guard let port = parseUUID(id).flatMap({ rendering.state.port($0) }) else { return rendering }
            found = service.withPorts(await leases.leases(of: port.id, on: port.networkID))
                .filter { $0.portID == port.id }
        } else {
            found = await service.leases(
                ofNetworks: networks(ofLeases: identifiers(request, "network_id").map { Set($0) }))
        }
        for lease in found.sorted(by: { $0.address < $1.address }) {
            if let port = lease.portID { rendering.leases[port, default: []].append(lease) }
        }
        return rendering
    }
}
