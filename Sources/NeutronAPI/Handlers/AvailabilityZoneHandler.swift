import NetworkModel

/// A zone of one kind of resource (`availability_zone`).
struct AvailabilityZone: Hashable, Sendable {
    let name: String
    /// `available` while one of its agents is in service.
    let state: String
}

/// Zones as the API shows them; only networks have some here, for there are no routers.
private let availabilityZoneTable = ResourceTable<AvailabilityZone, Void>(
    "availability_zone", "availability_zones"
) {
    Attribute(readOnly: "name", filter: .text { $0.name }.withoutSorting, shows: .string) {
        $2.string($0.name)
    }
    Attribute(
        readOnly: "resource", filter: .text { _ in "network" }.withoutSorting, shows: .oneOf(["network"])
    ) {
        $2.string("network")
    }
    Attribute(
        readOnly: "state", filter: .text { $0.state }.withoutSorting,
        shows: .oneOf(["available", "unavailable"])
    ) { $2.string($0.state) }
}

/// `/v2.0/availability_zones`: the zones that DHCP agents say they are in.
let availabilityZoneRoutes = [
    Route(
        "GET", availabilityZoneTable.collection,
        Operation(
            "list_availability_zones", "Lists the zones of agents.",
            parameters: availabilityZoneTable.listParameters, answer: .ok(availabilityZoneTable.listAnswer),
            refusals: [404])
    ) { call in
        let query = try ListQuery(call.request, table: availabilityZoneTable) { _ in .unknownPath }
        let rendering = call.rendering
        let zones =
            Policy.allows("get_availability_zone", call.caller)
            ? rendering.availabilityZones.filter { query.selects($0, rendering) } : []
        let rows = availabilityZoneTable.visible(fields: call.request.fields)
        return availabilityZoneTable.answer(zones, rendering, as: rows)
    }
]

extension Rendering {
    /// All zones by name.
    fileprivate var availabilityZones: [AvailabilityZone] {
        var inService: [String: Bool] = [:]
        for agent in state.agents.lazy.map(\.value) where agent.agentType == Agent.dhcpType {
            if agent.availabilityZone.isEmpty { continue }
            inService[agent.availabilityZone, default: false] =
                agent.adminStateUp || inService[agent.availabilityZone] == true
        }
        return inService.sorted { $0.key < $1.key }.map { name, isInService in
            AvailabilityZone(name: name, state: isInService ? "available" : "unavailable")
        }
    }
}
