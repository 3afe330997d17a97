import Addressing

extension Planner {
    // MARK: The veth pair

    /// Removes devices of earlier DHCP ports, makes the pair whole, and sets both of its ends right.
    mutating func alignPair() {
        removeStaleDevices()
        if seen.isPaired, seen.outer != nil, seen.contents?.link(desired.innerDevice) != nil {
            alignOuter()
            alignInner()
        } else {
            replacePair()
        }
        if seen.contents?.checksumOffload == true {
            add(
                .disableChecksumOffload(inner),
                because:
                    "\(desired.innerDevice) leaves checksums to hardware that virtual machines do not have")
        }
    }

    /// Devices in the namespace with a name of our making that are not this DHCP port's.
    private mutating func removeStaleDevices() {
        let prefixes = [desired.innerDevice.prefix(3), desired.outerDevice.prefix(3)]
        for link in seen.contents?.links ?? [] {
            guard link.kind == "veth", link.name != desired.innerDevice,
                prefixes.contains(where: { link.name.hasPrefix($0) })
            else { continue }
            add(
                .deleteLink(LinkPlace(link.name, in: desired.namespace)),
                because: "\(link.name) belongs to a DHCP port that is gone")
            withContents { $0.forget(link) }
        }
    }

    private mutating func replacePair() {
        var why = "\(desired.innerDevice) does not exist"
        if let link = seen.contents?.link(desired.innerDevice) {
            why = "\(link.name) is not the other end of \(desired.outerDevice)"
            add(.deleteLink(inner), because: why)
            withContents { $0.forget(link) }
        }
        if let link = seen.outer {
            why = "the other end of \(link.name) is not in namespace \(desired.namespace)"
            add(.deleteLink(outer), because: why)
        }
        add(
            .createVeth(
                outer: VethEnd(outer, bridge: desired.bridge, isUp: true),
                inner: VethEnd(inner, macAddress: desired.macAddress), mtu: desired.mtu),
            because: why)
        let ipv6 = speaksIPv6 ? false : nil
        let newOuter = Link(
            index: Unborn.outer, name: desired.outerDevice, kind: "veth", mtu: desired.mtu, isUp: true,
            master: seen.bridge?.index, peer: Unborn.inner, isIPv6Disabled: ipv6)
        let newInner = Link(
            index: Unborn.inner, name: desired.innerDevice, kind: "veth", macAddress: desired.macAddress,
            mtu: desired.mtu, peer: Unborn.outer, isIPv6Disabled: ipv6)
        seen.outer = newOuter
        seen.isPaired = true
        withContents { contents in
            contents.links.append(newInner)
            contents.checksumOffload = true
        }
        alignOuter()
        alignInner()
    }

    private mutating func alignOuter() {
        guard var link = seen.outer else { return }
        alignMTU(of: &link, outer, to: desired.mtu)
        // Before anything comes up: the host must not take part in a tenant's IPv6.
        if link.isIPv6Disabled == false {
            add(.setIPv6(outer, enabled: false), because: "IPv6 is enabled on \(link.name)")
            link.isIPv6Disabled = true
        }
        if link.master != seen.bridge?.index {
            add(
                .setBridgePort(link.name, bridge: desired.bridge),
                because: "\(link.name) is not a port of bridge \(desired.bridge)")
            link.master = seen.bridge?.index
        }
        if !link.isUp { add(.setUp(outer), because: "\(link.name) is down") }
        link.isUp = true
        seen.outer = link
    }

    private mutating func alignInner() {
        guard var link = seen.contents?.link(desired.innerDevice) else { return }
        if link.macAddress != desired.macAddress {
            let found = link.macAddress?.description ?? "missing"
            add(
                .setMAC(inner, desired.macAddress),
                because: "MAC address of \(link.name) is \(found), should be \(desired.macAddress)")
            link.macAddress = desired.macAddress
        }
        let spokeIPv6 = link.isIPv6Disabled != nil
        alignMTU(of: &link, inner, to: desired.mtu)
        if link.isIPv6Disabled == true {
            add(.setIPv6(inner, enabled: true), because: "IPv6 is disabled on \(link.name)")
            link.isIPv6Disabled = false
        }
        if !link.isUp { add(.setUp(inner), because: "\(link.name) is down") }
        link.isUp = true
        let lostIPv6 = spokeIPv6 && link.isIPv6Disabled == nil
        withContents { contents in
            contents.links.removeAll { $0.name == link.name }
            contents.links.append(link)
            if lostIPv6 { contents.forgetIPv6(of: link) }
        }
    }

    /// Sets the MTU, with what crossing IPv6's minimum does to a device.
    mutating func alignMTU(of link: inout Link, _ place: LinkPlace, to mtu: Int) {
        if link.mtu == mtu { return }
        add(.setMTU(place, mtu), because: "MTU of \(link.name) is \(link.mtu), should be \(mtu)")
        link.mtu = mtu
        if mtu < minimumIPv6MTU {
            link.isIPv6Disabled = nil
        } else if link.isIPv6Disabled == nil && seen.hasIPv6 {
            link.isIPv6Disabled = false
        }
    }
}

extension NamespaceContents {
    /// Takes a device out with all that hangs on it.
    mutating func forget(_ link: Link) {
        links.removeAll { $0.index == link.index }
        addresses.removeAll { $0.link == link.index }
        routes.removeAll { $0.link == link.index }
    }

    /// Takes a device's IPv6 addresses and routes out.
    fileprivate mutating func forgetIPv6(of link: Link) {
        addresses.removeAll { $0.link == link.index && $0.address.version == .v6 }
        routes.removeAll { $0.link == link.index && $0.route.destination.version == .v6 }
    }
}
