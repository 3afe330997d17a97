/// Everything that stands under `/v2.0`: a resource more is a line more.
let apiRoutes = RouteTable(
    Discovery.routes
        + networkHandler.routes + networkTagHandler.routes
        + subnetHandler.routes + subnetTagHandler.routes
        + portHandler.routes + portTagHandler.routes
        + agentHandler.routes
        + [Route("GET", "leasehold/leases") { try await $0.service.listLeases($0) }])
