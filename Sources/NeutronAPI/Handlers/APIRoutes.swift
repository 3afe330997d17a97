/// Everything that is served: a resource more is a line more.
///
/// - Parameter extra: further routes; where they have a path of these, they serve it.
func apiRoutes(withLeases: Bool, extra: [ExtraRoute]) -> RouteTable {
    RouteTable(
        extra.map(\.route)
            + Discovery.routes
            + networkHandler.routes + networkTagHandler.routes
            + subnetHandler.routes + subnetTagHandler.routes
            + portHandler.routes + portTagHandler.routes
            + subnetPoolHandler.routes + subnetPoolTagHandler.routes
            + agentHandler.routes + schedulingRoutes
            + quotaRoutes + addressAvailabilityRoutes + availabilityZoneRoutes + absentResourceRoutes
            + (withLeases ? [leasesRoute] : []))
}

/// `GET /v2.0/leasehold/leases`
private let leasesRoute = Route(
    "GET", "leasehold/leases",
    Operation(
        "list_leases", "Lists what clients of DHCP were told.", parameters: leaseTable.listParameters,
        answer: .ok(leaseTable.listAnswer), refusals: [404])
) { try await $0.service.listLeases($0) }
