/// An API extension as clients see it.
struct APIExtension: Sendable {
    let alias: String
    let name: String
    let description: String
    let updated: String

    init(_ alias: String, _ name: String, _ description: String, updated: String) {
        self.alias = alias
        self.name = name
        self.description = description
        self.updated = updated + "-00:00"
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("alias")
            writer.string(alias)
            writer.key("name")
            writer.string(name)
            writer.key("description")
            writer.string(description)
            writer.key("updated")
            writer.string(updated)
            writer.key("links")
            writer.array { _ in }
        }
    }
}

/// Only what is done whole is listed: clients decide by this list what they may ask for.
///
/// Names and dates are Neutron's. What is left out on purpose is in `docs/decisions/0012-extensions-that-are-true.md`.
let supportedExtensions: [APIExtension] = [
    .init(
        "agent", "agent",
        "Shows agents and takes them in and out of service.", updated: "2013-02-03T10:00:00"),
    .init(
        "agent_sort_key", "Agents Sort Key",
        "Orders lists of agents.", updated: "2013-02-03T10:00:00"),
    .init(
        "agent-resources-synced", "Agent's Resource View Synced to Placement",
        "Whether Placement knows an agent's resources; agents here have none.", updated: "2018-12-19T00:00:00"
    ),
    .init(
        "allowed-address-pairs", "Allowed Address Pairs",
        "Further addresses that may be used on a port.", updated: "2013-07-23T10:00:00"),
    .init(
        "aap-reject-multicast", "Allowed address pairs reject multicast extension",
        "Multicast addresses are refused as address pairs.", updated: "2026-04-01T00:00:00"),
    .init(
        "availability_zone", "Availability Zone",
        "Groups agents into zones.", updated: "2015-01-01T10:00:00"),
    .init(
        "availability_zone_filter", "Availability Zone Filter Extension",
        "Filters lists of zones.", updated: "2018-06-22T10:00:00"),
    .init(
        "binding", "Port Binding",
        "Binds ports to hosts.", updated: "2014-02-03T10:00:00"),
    .init(
        "default-subnetpools", "Default Subnetpools",
        "Cuts subnets from the default pool.", updated: "2016-02-18T18:00:00"),
    .init(
        "dhcp_agent_scheduler", "DHCP Agent Scheduler",
        "Chooses which agents serve a network.", updated: "2013-02-07T10:00:00"),
    .init(
        "dns-domain-ports", "dns_domain for ports",
        "DNS domains of ports.", updated: "2017-04-24T10:00:00"),
    .init(
        "dns-integration", "DNS Integration",
        "DNS names of ports, DNS domains of networks.", updated: "2015-08-15T18:00:00"),
    .init(
        "empty-string-filtering", "Empty String Filtering Extension",
        "Filters by attributes that are empty.", updated: "2018-05-01T10:00:00"),
    .init(
        "external-net", "Neutron external network",
        "Marks networks as external.", updated: "2013-01-14T10:00:00"),
    .init(
        "extra_dhcp_opt", "Neutron Extra DHCP options",
        "DHCP options of a single port.", updated: "2013-03-17T12:00:00"),
    .init(
        "filter-validation", "Filter parameters validation",
        "Refuses unknown filters.", updated: "2018-07-04T10:00:00"),
    .init(
        "ip_allocation", "IP Allocation",
        "How a port came by its addresses.", updated: "2016-06-10T23:00:00"),
    .init(
        "ip-substring-filtering", "IP address substring filtering",
        "Filters ports by a part of their address.", updated: "2017-11-28T09:00:00"),
    .init(
        "port-mac-address-regenerate", "Port MAC address regenerate",
        "Gives a port another MAC of the server's choice.", updated: "2018-05-03T10:00:00"),
    .init(
        "net-mtu", "Network MTU",
        "Shows the MTU of a network.", updated: "2015-03-25T10:00:00"),
    .init(
        "net-mtu-writable", "Network MTU (writable)",
        "Sets the MTU of a network.", updated: "2017-07-12T00:00:00"),
    .init(
        "network_availability_zone", "Network Availability Zone",
        "The zones that a network is served in.", updated: "2015-01-01T10:00:00"),
    .init(
        "network-ip-availability", "Network IP Availability",
        "How many addresses networks have left.", updated: "2015-09-24T00:00:00"),
    .init(
        "pagination", "Pagination support",
        "Gives lists in pages.", updated: "2016-06-12T00:00:00"),
    .init(
        "port-security", "Port Security",
        "Marks ports as secured.", updated: "2012-07-23T10:00:00"),
    .init(
        "project-id", "project_id field enabled",
        "Names projects project_id.", updated: "2016-09-09T09:09:09"),
    .init(
        "provider", "Provider Network",
        "Maps networks to physical networks.", updated: "2012-09-07T10:00:00"),
    .init(
        "quota-check-limit", "Quota engine limit check",
        "Refuses limits below what is in use.", updated: "2021-09-08T16:00:00"),
    .init(
        "quota-check-limit-default", "Quota engine limit check by default",
        "Refuses them without being asked to.", updated: "2024-08-21T16:00:00"),
    .init(
        "quota_details", "Quota details management support",
        "Shows limits with what is in use.", updated: "2017-02-10T10:00:00"),
    .init(
        "quotas", "Quota management support",
        "Limits what projects may have.", updated: "2012-07-29T10:00:00"),
    .init(
        "revision-if-match", "If-Match constraints based on revision_number",
        "Changes a resource only at a known revision.", updated: "2016-12-11T00:00:00"),
    .init(
        "sort-key-validation", "Sort keys validation",
        "Refuses unknown sort keys.", updated: "2018-07-04T10:00:00"),
    .init(
        "sorting", "Sorting support",
        "Orders lists.", updated: "2016-06-12T00:00:00"),
    .init(
        "standard-attr-description", "standard-attr-description",
        "Descriptions of resources.", updated: "2016-02-10T10:00:00"),
    .init(
        "standard-attr-revisions", "Resource revision numbers",
        "Counts the changes of a resource.", updated: "2016-04-11T10:00:00"),
    .init(
        "standard-attr-tag",
        "Tag support for resources with standard attribute: network, subnet, port, subnetpool",
        "Tags of resources.", updated: "2017-01-01T00:00:00"),
    .init(
        "standard-attr-timestamp", "Resource timestamps",
        "When resources were created and changed.", updated: "2016-09-12T10:00:00"),
    .init(
        "subnet_allocation", "Subnet Allocation",
        "Cuts subnets from pools.", updated: "2015-03-30T10:00:00"),
    .init(
        "subnet-dns-publish-fixed-ip", "Subnet DNS publish fixed IP",
        "Whether an external DNS service shall know a subnet's addresses.", updated: "2019-05-24T10:00:00"),
    .init(
        "subnet-service-types", "Subnet service types",
        "Reserves subnets for device owners.", updated: "2016-03-15T18:00:00"),
    .init(
        "tag-creation", "Tag creation extension",
        "Adds several tags to a resource at once.", updated: "2024-07-23T10:00:00"),
    .init(
        "tag-ports-during-bulk-creation", "Tag Ports During Bulk Creation",
        "Tags in requests that create ports.", updated: "2019-12-29T19:00:00"),
]
