import Addressing
import NetworkModel

/// A machine that a fact needs: on which subnets its port is, and with which options.
struct GuestPlan: Sendable {
    /// Letters of subnets, in the order of the port's addresses.
    var subnets: String
    var options: [ExtraDHCPOption] = []
    /// Whether there is no port for it in the database.
    var isStranger = false
    /// Whether its port is put into the database by the fact itself.
    var comesLater = false
    var name = ""

    init(
        _ subnets: String, options: [ExtraDHCPOption] = [], isStranger: Bool = false,
        comesLater: Bool = false, name: String = ""
    ) {
        self.subnets = subnets
        self.options = options
        self.isStranger = isStranger
        self.comesLater = comesLater
        self.name = name
    }

    /// A machine without a port.
    static let stranger = GuestPlan("", isStranger: true)
}

/// A machine with its MAC, and its port where it has one.
struct Guest: Sendable {
    let number: Int
    let mac: MACAddress
    let plan: GuestPlan
    let port: Port

    init(_ plan: GuestPlan, number: Int, on subnets: [SubnetPlan], of network: ResourceID) {
        self.number = number
        self.plan = plan
        mac = MACAddress(rawValue: 0xFA16_3E10_0000 + UInt64(number))
        let mac = mac
        let fixedIPs = plan.subnets.enumerated().compactMap { position, letter -> FixedIP? in
            guard let subnet = subnets.first(where: { $0.letter == letter }) else { return nil }
            let before = plan.subnets.prefix(position).count { $0 == letter }
            return FixedIP(subnetID: subnet.id, address: subnet.address(number, mac, occurrence: before))
        }
        port = Port(
            id: ResourceID(rawValue: 0x0000_0000_0000_4000_8000_0000_0000_0000 + UInt128(number + 1) << 96),
            networkID: network, standard: Segment.attributes, macAddress: mac, fixedIPs: fixedIPs,
            extraDHCPOptions: plan.options, dnsName: plan.name)
    }

    /// The port's IPv4 addresses, in its order.
    var v4: [IPv4Address] { port.fixedIPs.compactMap(\.address.v4) }
    /// The port's IPv6 addresses, in its order.
    var v6: [IPv6Address] { port.fixedIPs.compactMap(\.address.v6) }
    /// The first IPv4 address, or `0.0.0.0`.
    var address: IPv4Address { v4.first ?? .any }
    /// The first IPv6 address, or `::`.
    var address6: IPv6Address { v6.first ?? IPv6Address(rawValue: 0) }
    var linkLocal: IPv6Address { mac.linkLocal }
    /// DUID-LL of the MAC (RFC 8415 section 11.4).
    var duid: [UInt8] { [0, 3, 0, 1] + mac.octets }
}

extension ExtraDHCPOption {
    /// An option of a version 4 client.
    static func v4(_ name: String, _ value: String) -> ExtraDHCPOption { .init(name: name, value: value) }
    /// An option of a version 6 client.
    static func v6(_ name: String, _ value: String) -> ExtraDHCPOption {
        .init(name: name, value: value, ipVersion: .v6)
    }
}
