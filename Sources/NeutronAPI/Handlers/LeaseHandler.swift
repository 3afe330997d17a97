public import NetworkModel
import NetworkStore

/// Who knows what clients of DHCP were told: a record for people.
public protocol LeaseSource: Sendable {
    /// The leases of the networks, in any order; those of all networks for nil.
    func leases(of networks: Set<ResourceID>?) async -> [Lease]

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
        let rendering = call.rendering
        let query = try ListQuery(
            request, table: leaseTable, defaultOrder: ["network_id", "ip_address"],
            longestPage: rendering.longestPage, notFound: notFound)
        let networks = call.networks(ofLeases: call.networksOfLeases)
        var told: [Lease] = []
        if let leases, networks?.isEmpty != true { told = await leases.leases(of: networks) }
        let found = SortedResources(rendering.state.withPorts(told))
        let page = try query.select(
            from: found.source, rendering, isVisible: leaseAccess.visibility(rendering), find: found.find,
            notFound: notFound)
        let rows = leaseTable.visible(fields: request.fields)
        return leaseTable.answer(page, rendering, as: rows) {
            query.writeLinks(to: page, request, leaseTable, &$0)
        }
    }
}

extension NetworkState {
    /// The same with the ports that have their addresses now, where no port is named: dnsmasq's record knows
    /// addresses only. A lease of another MAC address is that of who had the address before, and nobody's now.
    fileprivate func withPorts(_ leases: [Lease]) -> [Lease] {
        var found = leases
        var subnets: [ResourceID: [Subnet]] = [:]
        for (at, lease) in leases.enumerated() where lease.portID == nil {
            if subnets[lease.networkID] == nil {
                subnets[lease.networkID] = self.subnets(ofNetwork: lease.networkID)
            }
            let holder = subnets[lease.networkID]?.lazy.compactMap { subnet in
                port(holding: lease.address, onSubnet: subnet.id)
            }.first
            if let holder, lease.macAddress == nil || lease.macAddress == holder.macAddress {
                found[at].portID = holder.id
            }
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

    /// The rendering with the leases of the ports that a GET answers with, where the answer has them: that of one
    /// port does unless it is limited to other fields, lists do where they ask for it.
    func withLeases(_ rendering: Rendering, _ ports: [Port]) async -> Rendering {
        let fields = request.fields
        let isWanted = fields.contains(leasesAttribute) || (!parameters.isEmpty && fields.isEmpty)
        guard isWanted, let first = ports.first, let leases = service.leases else { return rendering }
        let told =
            ports.count == 1
            ? await leases.leases(of: first.id, on: first.networkID)
            : await leases.leases(of: Set(ports.map(\.networkID)))
        let ids = Set(ports.map(\.id))
        var rendering = rendering
        for lease in rendering.state.withPorts(told).sorted(by: { $0.address < $1.address }) {
            if let port = lease.portID, ids.contains(port) {
                rendering.leases[port, default: []].append(lease)
            }
        }
        return rendering
    }
}
