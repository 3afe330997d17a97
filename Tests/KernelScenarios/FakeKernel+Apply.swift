import Addressing
import KernelPlan

// errno values, as the real kernel answers.
private let noSuchEntry: Int32 = 2
private let noSuchAddressOrDevice: Int32 = 6
private let noSuchDevice: Int32 = 19
private let invalid: Int32 = 22
private let notSupported: Int32 = 95
private let accessDenied: Int32 = 13
private let loop: Int32 = 40
private let networkDown: Int32 = 100
private let networkUnreachable: Int32 = 101
private let noRouteToHost: Int32 = 113

extension FakeState {
    mutating func apply(_ action: WiringAction) throws(KernelError) {
        switch action {
        case .createNamespace(let name): try createNamespace(name)
        case .deleteNamespace(let name), .removeDeadNamespace(let name): dropNamespace(name)
        case .set(let setting, let value, let namespace):
            guard case .alive(var settings) = namespaces[namespace] else {
                throw fail(noSuchEntry, namespace)
            }
            // A setting that this kernel lacks is none that could be wrong.
            if settings[setting] != nil { settings[setting] = value }
            namespaces[namespace] = .alive(settings)
        case .createBridge(let name): devices[try add(name, kind: "bridge")].bridge = .ours
        case .setBridge(let name, let parameters):
            let index = try find(LinkPlace(name))
            guard devices[index].kind == "bridge" else { throw fail(notSupported, name) }
            devices[index].bridge = parameters
        case .createVeth(let outer, let inner, let mtu): try createVeth(outer, inner, mtu)
        case .createVXLAN(let vxlan, let bridge): try createVXLAN(vxlan, bridge)
        case .deleteBridge(let name): drop { $0.name == name && $0.namespace == nil && $0.kind == "bridge" }
        case .deleteLink(let place): try delete(place)
        case .setUp(let place): try setUp(place)
        case .setMTU(let place, let mtu): try setMTU(place, mtu)
        case .setMAC(let place, let mac): devices[try find(place)].macAddress = mac
        case .setBridgePort(let name, let bridge): try setMaster(try find(LinkPlace(name)), bridge)
        case .setIPv6(let place, let enabled): try setIPv6(place, enabled)
        case .addAddress(let address, let place): try addAddress(address, try find(place))
        case .removeAddress(let address, let place): try removeAddress(address, try find(place))
        case .addRoute(let route, let place): try addRoute(route, try find(place))
        case .removeRoute(let route, _, let place):
            devices[try find(place)].routes.removeAll { $0.route == route }
        case .disableChecksumOffload(let place): devices[try find(place)].checksumOffload = false
        case .addFloodPeer(let peer, let device): devices[try findVXLAN(device)].floodPeers.insert(peer)
        case .removeFloodPeer(let peer, let device): devices[try findVXLAN(device)].floodPeers.remove(peer)
        }
    }

    private mutating func createVeth(_ first: VethEnd, _ second: VethEnd, _ mtu: Int) throws(KernelError) {
        for name in [first.place.namespace, second.place.namespace].compactMap(\.self) {
            guard case .alive = namespaces[name] else { throw fail(noSuchEntry, name) }
        }
        // All or nothing: try on a copy.
        var copy = self
        let a = try copy.add(first.place.name, in: first.place.namespace, kind: "veth", mtu: mtu)
        let b = try copy.add(second.place.name, in: second.place.namespace, kind: "veth", mtu: mtu)
        copy.devices[a].peer = copy.devices[b].id
        copy.devices[b].peer = copy.devices[a].id
        for (index, end) in [(a, first), (b, second)] {
            if let mac = end.macAddress { copy.devices[index].macAddress = mac }
            if let bridge = end.bridge { try copy.setMaster(index, bridge) }
            if end.isUp { try copy.setUp(end.place) }
        }
        self = copy
    }

    private mutating func createVXLAN(_ vxlan: VXLAN, _ bridge: String) throws(KernelError) {
        if devices.contains(where: { $0.vxlan?.vni == vxlan.vni && $0.vxlan?.port == vxlan.port }) {
            throw fail(17, vxlan.name)
        }
        var copy = self
        let index = try copy.add(vxlan.name, kind: "vxlan", mtu: vxlan.mtu)
        if case .group(_, let device?) = vxlan.flood { _ = try copy.find(LinkPlace(device)) }
        copy.devices[index].vxlan = vxlan.parameters
        try copy.setMaster(index, bridge)
        self = copy
    }

    private mutating func delete(_ place: LinkPlace) throws(KernelError) {
        if let namespace = place.namespace {
            guard case .alive = namespaces[namespace] else { throw fail(noSuchEntry, namespace) }
        }
        if place.name == "lo" { throw fail(notSupported, place.name) }
        drop { $0.name == place.name && $0.namespace == place.namespace }
    }

    private mutating func setMaster(_ index: Int, _ bridge: String) throws(KernelError) {
        let master = devices[try find(LinkPlace(bridge))]
        guard master.kind == "bridge", devices[index].namespace == nil else {
            throw fail(notSupported, bridge)
        }
        guard devices[index].kind != "bridge" else { throw fail(loop, bridge) }
        devices[index].master = master.id
    }

    private func findVXLAN(_ name: String) throws(KernelError) -> Int {
        let index = try find(LinkPlace(name))
        guard devices[index].kind == "vxlan" else { throw fail(notSupported, name) }
        return index
    }

    // MARK: What happens of itself

    private mutating func setUp(_ place: LinkPlace) throws(KernelError) {
        let index = try find(place)
        if devices[index].isUp { return }
        devices[index].isUp = true
        startIPv6(index)
        for entry in devices[index].addresses { addConnectedRoute(entry.address, index) }
    }

    private mutating func setMTU(_ place: LinkPlace, _ mtu: Int) throws(KernelError) {
        let index = try find(place)
        guard mtu >= 68 else { throw fail(invalid, place.name) }
        devices[index].mtu = mtu
        if mtu < 1280 {
            devices[index].isIPv6Disabled = nil
            dropIPv6(index)
        } else if devices[index].isIPv6Disabled == nil && hasIPv6 {
            devices[index].isIPv6Disabled = false
            startIPv6(index)
        }
    }

    /// Makes every bridge as wide as its narrowest port.
    mutating func fitBridges() {
        for bridge in devices where bridge.kind == "bridge" {
            let ports = devices.filter { $0.master == bridge.id }
            let width = ports.map(\.mtu).min() ?? 1500
            if width != bridge.mtu { try? setMTU(LinkPlace(bridge.name), width) }
        }
    }

    private mutating func setIPv6(_ place: LinkPlace, _ enabled: Bool) throws(KernelError) {
        let index = try find(place)
        if devices[index].isIPv6Disabled == nil {
            if enabled { throw fail(noSuchEntry, place.name) }
            return
        }
        devices[index].isIPv6Disabled = !enabled
        if enabled { startIPv6(index) } else { dropIPv6(index) }
    }

    /// Gives a device that is up its link-local address.
    private mutating func startIPv6(_ index: Int) {
        let device = devices[index]
        guard device.isUp, device.isIPv6Disabled == false, device.name != "lo",
            let address = IPPrefix(.v6(device.macAddress.linkLocal), length: 64)
        else { return }
        if !device.addresses.contains(where: { $0.address == address }) {
            devices[index].addresses.append(.init(address: address))
        }
        addConnectedRoute(address, index)
    }

    private mutating func dropIPv6(_ index: Int) {
        devices[index].addresses.removeAll { $0.address.version == .v6 }
        devices[index].routes.removeAll { $0.route.destination.version == .v6 }
    }

    private mutating func addConnectedRoute(_ address: IPPrefix, _ index: Int) {
        // The whole-length route of an IPv4 address lives in the local table.
        guard devices[index].isUp, address.version == .v6 || address.length < 32 else { return }
        let route = Route(destination: address.network, gateway: nil)
        if !devices[index].routes.contains(where: { $0.route == route }) {
            devices[index].routes.append(.init(route: route, isKernelMade: true))
        }
    }

    // MARK: Addresses and routes

    private mutating func addAddress(_ address: IPPrefix, _ index: Int) throws(KernelError) {
        let device = devices[index]
        if address.version == .v6 {
            guard let isDisabled = device.isIPv6Disabled else { throw fail(noSuchDevice, device.name) }
            if isDisabled { throw fail(accessDenied, device.name) }
        }
        if device.addresses.contains(where: { $0.address == address }) { return }
        let isSecondary =
            address.version == .v4
            && device.addresses.contains {
                $0.address.network == address.network && !$0.isSecondary
            }
        devices[index].addresses.append(.init(address: address, isSecondary: isSecondary))
        addConnectedRoute(address, index)
    }

    private mutating func removeAddress(_ address: IPPrefix, _ index: Int) throws(KernelError) {
        if address.version == .v6 && devices[index].isIPv6Disabled == nil {
            throw fail(noSuchAddressOrDevice, devices[index].name)
        }
        guard let gone = devices[index].addresses.first(where: { $0.address == address }) else { return }
        devices[index].addresses.removeAll {
            $0 == gone
                || (address.version == .v4 && !gone.isSecondary && $0.isSecondary
                    && $0.address.network == address.network)
        }
        let left = devices[index].addresses.map(\.address)
        if !left.contains(where: { $0.network == address.network }) {
            devices[index].routes.removeAll { $0.isKernelMade && $0.route.destination == address.network }
        }
        if address.version == .v4 && !left.contains(where: { $0.version == .v4 }) {
            devices[index].routes.removeAll { $0.route.destination.version == .v4 }
        }
    }

    private mutating func addRoute(_ route: Route, _ index: Int) throws(KernelError) {
        let device = devices[index]
        if !device.isUp { throw fail(networkDown, device.name) }
        if route.destination.version == .v6 && device.isIPv6Disabled != false {
            throw fail(accessDenied, device.name)
        }
        if let gateway = route.gateway, gateway.v6?.isLinkLocal != true {
            let isReachable = device.routes.contains {
                $0.route.gateway == nil && $0.route.destination.contains(gateway)
            }
            if !isReachable {
                throw fail(gateway.version == .v4 ? networkUnreachable : noRouteToHost, device.name)
            }
        }
        // Another route to the same place with the same metric is in the way, and is no failure.
        if device.routes.contains(where: { $0.route.destination == route.destination }) { return }
        devices[index].routes.append(.init(route: route))
    }
}
