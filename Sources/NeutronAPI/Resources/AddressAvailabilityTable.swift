import Addressing
import NetworkModel

/// How many addresses a network has left, known by the network's id.
struct AddressAvailability: Identifiable, Sendable {
    let network: Network
    /// The subnets that were asked for.
    let subnets: [SubnetAvailability]

    var id: ResourceID { network.id }
}

/// `network_ip_availabilities` as the API shows them.
let addressAvailabilityTable = ResourceTable<AddressAvailability, Void>(
    "network_ip_availability", "network_ip_availabilities"
) {
    Attribute(readOnly: "network_id", filter: .id { $0.network.id }, shows: .uuid) { $2.id($0.network.id) }
    Attribute(
        readOnly: "network_name", filter: .text { $0.network.standard.name }.withoutSorting, shows: .string
    ) {
        $2.string($0.network.standard.name)
    }
    Attribute(
        readOnly: "project_id", filter: .text { $0.network.standard.projectID }.withoutSorting, shows: .string
    ) {
        $2.string($0.network.standard.projectID)
    }
    Attribute(
        readOnly: "tenant_id", filter: .text { $0.network.standard.projectID }.withoutSorting, shows: .string
    ) {
        $2.string($0.network.standard.projectID)
    }
    // Only a filter: it also limits the subnets that are counted.
    Attribute(queryOnly: "ip_version", filter: .ipVersion)
    // A subnet of IPv6 has more addresses than 64 bits can count.
    Attribute(readOnly: "total_ips", shows: .integer) { availability, _, writer in
        writer.raw(NetworkAvailability(availability).total.description.utf8)
    }
    Attribute(readOnly: "used_ips", shows: .integer) { availability, _, writer in
        writer.integer(NetworkAvailability(availability).used)
    }
    Attribute(readOnly: "subnet_ip_availability", shows: .array(of: .subnetAvailability)) {
        availability, _, writer in
        writer.array(availability.subnets) { $0.write(to: &$1) }
    }
}

extension Schema {
    fileprivate static let subnetAvailability = named(
        "SubnetIPAvailability",
        object([
            "subnet_id": .uuid, "subnet_name": .string, "cidr": .cidr, "ip_version": .ipVersion,
            "total_ips": .integer, "used_ips": .integer,
        ]))
}

extension NetworkAvailability {
    fileprivate init(_ availability: AddressAvailability) {
        self.init(network: availability.network, subnets: availability.subnets)
    }
}

extension SubnetAvailability {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("subnet_id")
            writer.id(subnet.id)
            writer.key("subnet_name")
            writer.string(subnet.standard.name)
            writer.key("cidr")
            writer.text(subnet.cidr)
            writer.key("ip_version")
            writer.integer(subnet.ipVersion.rawValue)
            writer.key("total_ips")
            writer.raw(total.description.utf8)
            writer.key("used_ips")
            writer.integer(used)
        }
    }
}

extension FilterRule where Resource == AddressAvailability {
    /// The network has a subnet of the version; the others were taken out before.
    fileprivate static let ipVersion = FilterRule(accepts: .string) { _ in
        { availability, _ in !availability.subnets.isEmpty }
    }
}
