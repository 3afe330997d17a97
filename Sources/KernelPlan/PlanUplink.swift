import Addressing

extension Planner {
    // MARK: The way off this host

    /// Makes the uplink a port of the bridge. Obstacles were found by ``checkUplink(_:_:)`` before.
    mutating func alignUplink() {
        switch desired.uplink {
        case nil: break
        case .interface(let name):
            guard var link = seen.uplink?.link else { return }
            attach(&link)
            if !link.isUp { add(.setUp(LinkPlace(name)), because: "\(name) is down") }
        case .vxlan(let vxlan): align(vxlan)
        }
    }

    private mutating func attach(_ link: inout Link) {
        if link.master == seen.bridge?.index { return }
        add(
            .setBridgePort(link.name, bridge: desired.bridge),
            because: "\(link.name) is not a port of bridge \(desired.bridge)")
        link.master = seen.bridge?.index
    }

    private mutating func align(_ vxlan: VXLAN) {
        let place = LinkPlace(vxlan.name)
        if let link = seen.uplink?.link, link.vxlan != vxlan.parameters {
            let why = "VNI, address, port or group of \(vxlan.name) is not what it should be"
            add(.deleteLink(place), because: why)
            seen.uplink = nil
            create(vxlan, because: why)
        } else if seen.uplink == nil {
            create(vxlan, because: "\(vxlan.name) does not exist")
        }
        guard var link = seen.uplink?.link else { return }
        alignMTU(of: &link, place, to: vxlan.mtu)
        if link.isIPv6Disabled == false {
            add(.setIPv6(place, enabled: false), because: "IPv6 is enabled on \(vxlan.name)")
        }
        attach(&link)
        alignPeers(of: vxlan)
        if !link.isUp { add(.setUp(place), because: "\(vxlan.name) is down") }
    }

    private mutating func create(_ vxlan: VXLAN, because why: String) {
        add(.createVXLAN(vxlan, bridge: desired.bridge), because: why)
        seen.uplink = ObservedUplink(
            link: Link(
                index: Unborn.uplink, name: vxlan.name, kind: "vxlan", mtu: vxlan.mtu,
                master: seen.bridge?.index,
                isIPv6Disabled: seen.hasIPv6 && vxlan.mtu >= minimumIPv6MTU ? false : nil,
                vxlan: vxlan.parameters))
    }

    private mutating func alignPeers(of vxlan: VXLAN) {
        var wanted: Set<IPAddress> = []
        if case .peers(let peers) = vxlan.flood { wanted = Set(peers) }
        let found = seen.uplink?.floodPeers ?? []
        for peer in wanted.subtracting(found).sorted() {
            add(.addFloodPeer(peer, device: vxlan.name), because: "\(vxlan.name) does not flood to \(peer)")
        }
        for peer in found.subtracting(wanted).sorted() {
            add(
                .removeFloodPeer(peer, device: vxlan.name),
                because: "\(vxlan.name) floods to \(peer), which is no peer")
        }
    }
}

extension VXLAN {
    /// The part that cannot change once the device stands.
    public var parameters: VXLANParameters {
        switch flood {
        case .peers: VXLANParameters(vni: vni, localAddress: localAddress, port: port, group: nil)
        case .group(let group, let device):
            VXLANParameters(
                vni: vni, localAddress: localAddress, port: port, group: group, groupDevice: device)
        }
    }
}
