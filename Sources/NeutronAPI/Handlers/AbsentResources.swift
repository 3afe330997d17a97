/// A resource of which there is none here.
private struct AbsentResource: Hashable {}

/// `GET /v2.0/{routers,floatingips,security-groups,security-group-rules}`: none of any.
///
/// Every cloud that clients know has these plugins, so whoever cleans up a project (`openstack project cleanup`,
/// tempest) asks for what there is without looking at the extensions first, and gives up at a 404. The
/// extensions are not listed, and nothing can be created.
let absentResourceRoutes = [
    absent("router", "routers", by: ["status", "admin_state_up", "ha", "distributed", "enable_snat"]),
    absent(
        "floatingip", "floatingips",
        by: [
            "status", "floating_network_id", "floating_ip_address", "fixed_ip_address", "port_id",
            "router_id",
        ]),
    absent("security_group", "security_groups", by: ["shared", "stateful"]),
    absent(
        "security_group_rule", "security_group_rules",
        by: [
            "security_group_id", "direction", "ethertype", "protocol", "port_range_min", "port_range_max",
            "remote_group_id", "remote_ip_prefix",
        ]),
]

/// Attributes by which clients look for resources of every kind.
private let commonFilters = [
    "id", "name", "project_id", "tenant_id", "description", "tags", "tags-any", "not-tags", "not-tags-any",
]

private func absent(_ name: String, _ collection: String, by filters: [String]) -> Route {
    let table = ResourceTable<AbsentResource, Void>(name, collection) {
        (commonFilters + filters).map { attribute in
            Attribute(readOnly: attribute, filter: .text { _ in "" }, shows: .string) { $2.string("") }
        }
    }
    return Route(
        "GET", collection.replacing("_", with: "-"),
        Operation(
            "list_\(collection)", "Lists \(collection): there are none.", parameters: table.listParameters,
            answer: .ok(table.listAnswer), refusals: [404])
    ) { call in
        // What cannot be a query is refused all the same.
        _ = try ListQuery(call.request, table: table) { _ in .unknownPath }
        return table.answer([], call.rendering, as: table.visible(fields: call.request.fields))
    }
}
