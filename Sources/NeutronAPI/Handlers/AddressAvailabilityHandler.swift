import Addressing
import NetworkModel

/// `/v2.0/network-ip-availabilities[/{network_id}]`
let addressAvailabilityRoutes = [
    Route(
        "GET", "network-ip-availabilities",
        Operation(
            "list_network_ip_availabilities", "Lists how many addresses networks have left.",
            parameters: addressAvailabilityTable.listParameters,
            answer: .ok(addressAvailabilityTable.listAnswer), refusals: [403, 404])
    ) { call in try listAddressAvailabilities(call) },
    Route(
        "GET", "network-ip-availabilities/{network_id}",
        Operation(
            "show_network_ip_availability", "Shows how many addresses a network has left.",
            path: [.uuidInAnyForm], parameters: [.fields],
            answer: .ok(
                .object(
                    required: [(addressAvailabilityTable.name, addressAvailabilityTable.shownFields)],
                    optional: [])), refusals: [403, 404])
    ) { call in
        let rendering = call.rendering
        // Neutron has no such things for others than administrators, rather than to refuse them.
        guard rendering.showsAddressAvailability else { throw APIError.unknownPath }
        guard let network = parseUUID(call.parameters[0]).flatMap({ rendering.state.network($0) }) else {
            throw networkHandler.notFound(call.parameters[0])
        }
        let rows = addressAvailabilityTable.visible(fields: call.request.fields, inDetail: true)
        return .json(200) { writer in
            writer.object { writer in
                writer.key(addressAvailabilityTable.name)
                ResourceTable.write(
                    rendering.state.addressAvailability(of: network), rendering, as: rows, to: &writer)
            }
        }
    },
]

/// The indexes that tell which networks are asked for.
private let narrowing = Narrowing<Network>(
    find: { $0.network($1) },
    rules: [
        Narrowing<Network>.byID("network_id") { _, id in OrderedIDs([id]) },
        Narrowing<Network>.byText(["network_name"], { $0.networkIDs(with: $1) }) { .name($0) },
        Narrowing<Network>.byText(projectParameters, { $0.networkIDs(with: $1) }) { .project($0) },
    ])

private func listAddressAvailabilities(_ call: APICall) throws(APIError) -> APIResponse {
    let rendering = call.rendering
    let state = rendering.state
    let query = try ListQuery(
        call.request, table: addressAvailabilityTable, longestPage: rendering.longestPage,
        notFound: networkHandler.notFound)
    let asked = call.request.values(of: "ip_version")
    let versions = asked.isEmpty ? nil : Set(asked.compactMap(parseInteger))
    let networks =
        rendering.showsAddressAvailability
        ? narrowing.source(state, call.request) ?? ListSource(state.networks) : SortedResources([]).source
    let page = try query.select(
        from: networks.map { state.addressAvailability(of: $0, versions: versions) }, rendering,
        // A marker must not tell whether there is a network that the caller does not see.
        find: {
            (rendering.showsAddressAvailability ? state.network($0) : nil).map {
                state.addressAvailability(of: $0, versions: versions)
            }
        },
        notFound: networkHandler.notFound)
    let rows = addressAvailabilityTable.visible(fields: call.request.fields)
    return addressAvailabilityTable.answer(page, rendering, as: rows) {
        query.writeLinks(to: page, call.request, addressAvailabilityTable, &$0)
    }
}

extension Rendering {
    fileprivate var showsAddressAvailability: Bool {
        Policy.allows("get_network_ip_availability", caller)
    }
}

extension NetworkState {
    /// What the network has left, on its subnets of these IP versions; nil for all.
    fileprivate func addressAvailability(
        of network: Network, versions: Set<Int>? = nil
    ) -> AddressAvailability {
        let subnets = availability(ofNetwork: network.id)?.subnets ?? []
        return AddressAvailability(
            network: network,
            subnets: versions.map { versions in
                subnets.filter { versions.contains($0.subnet.ipVersion.rawValue) }
            } ?? subnets)
    }
}
