import Addressing
import KernelPlan
import NetworkModel

extension LinuxBridge {
    /// The bridge that carries the network, and its way off this host.
    func attachment(of network: Network) throws(InterfaceDriverError) -> (bridge: String, uplink: Uplink?) {
        let own = bridge(of: network.id)
        switch network.segment.type {
        case .local: return (own, nil)
        case .flat: return try flat(network)
        case .vxlan: return (own, .vxlan(try vxlan(network)))
        case .vlan:
            throw InterfaceDriverError(
                .unsupportedType(.vlan), network: network.id,
                detail: """
                    network type vlan is not supported by linuxbridge here (no 802.1Q devices); \
                    use local, flat or vxlan
                    """)
        }
    }

    private func flat(_ network: Network) throws(InterfaceDriverError) -> (bridge: String, uplink: Uplink?) {
        guard let physicalNetwork = network.segment.physicalNetwork else {
            throw InterfaceDriverError(
                .incompleteSegment, network: network.id,
                detail: "a flat network needs provider:physical_network")
        }
        if let existing = configuration.bridgeMappings[physicalNetwork] { return (existing, nil) }
        if let interface = configuration.physicalInterfaceMappings[physicalNetwork] {
            return (bridge(of: network.id), .interface(interface))
        }
        throw InterfaceDriverError(
            .unmappedPhysicalNetwork(physicalNetwork), network: network.id,
            detail: """
                no interface for physical network \(physicalNetwork): name one in \
                physical_interface_mappings or bridge_mappings
                """)
    }

    private func vxlan(_ network: Network) throws(InterfaceDriverError) -> VXLAN {
        guard let id = network.segment.segmentationID, (1...16_777_215).contains(id) else {
            throw InterfaceDriverError(
                .incompleteSegment, network: network.id,
                detail: "a vxlan network needs provider:segmentation_id from 1 to 16777215")
        }
        guard configuration.enableVXLAN else {
            throw InterfaceDriverError(
                .missingOption("enable_vxlan"), network: network.id,
                detail: "enable_vxlan is off on this host")
        }
        guard let localIP = configuration.localIP else {
            throw InterfaceDriverError(
                .missingOption("local_ip"), network: network.id, detail: "a vxlan network needs local_ip")
        }
        let vni = UInt32(id)
        return VXLAN(
            name: "vxlan-\(vni)", vni: vni, localAddress: localIP, port: configuration.udpDestinationPort,
            flood: try flood(vni, network: network.id, localIP: localIP), mtu: network.mtu)
    }

    private func flood(
        _ vni: UInt32, network: ResourceID, localIP: IPAddress
    ) throws(InterfaceDriverError) -> VXLAN.Flood {
        let peers = configuration.vxlanPeers.filter { $0 != localIP }
        // A list that names only this host is a list of peers too: there are none yet.
        if !configuration.vxlanPeers.isEmpty { return .peers(peers) }
        guard let block = configuration.vxlanGroup else { return .peers([]) }
        let hostBits = block.version.bitWidth - block.length
        let mask: UInt128 = hostBits >= 24 ? 0xFF_FFFF : (1 << UInt128(hostBits)) - 1
        let group = IPAddress(number: block.first.number | UInt128(vni) & mask, version: block.version)
        guard let device = configuration.vxlanDevice else {
            throw InterfaceDriverError(
                .missingOption("local_ip"), network: network,
                detail: "no interface of this host has local_ip \(localIP), so group \(group) can't be joined"
            )
        }
        return .group(group, device: device)
    }
}
