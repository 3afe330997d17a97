import Addressing

extension Planner {
    // MARK: Addresses and routes of the inner device

    /// Takes away first: a removed address takes others and routes with it, so what was lost is seen
    /// when the wanted ones are added.
    mutating func alignAddressesAndRoutes() {
        removeRoutes()
        removeAddresses()
        addAddresses()
        addRoutes()
    }

    /// The wanted addresses, the link-local one that DHCPv6 needs among them.
    private var wantedAddresses: [IPPrefix] {
        guard speaksIPv6 else { return desired.addresses.filter { $0.version == .v4 } }
        let linkLocal = IPPrefix(.v6(desired.macAddress.linkLocal), length: 64)
        var wanted: [IPPrefix] = []
        for address in [linkLocal].compactMap(\.self) + desired.addresses where !wanted.contains(address) {
            wanted.append(address)
        }
        return wanted
    }

    private var wantedRoutes: [Route] {
        desired.routes.filter { $0.destination.version == .v4 || speaksIPv6 }
    }

    private var index: Int32? { seen.contents?.link(desired.innerDevice)?.index }

    private mutating func removeAddresses() {
        guard let index else { return }
        let name = desired.innerDevice
        let wanted = wantedAddresses
        for found in seen.contents?.addresses ?? [] where found.link == index {
            // Taken along by the removal of its primary address.
            guard seen.contents?.addresses.contains(found) == true else { continue }
            let why: String
            if !wanted.contains(found.address) {
                why = "\(found.address) does not belong on \(name)"
            } else if !found.isPermanent {
                why = "\(found.address) on \(name) is dynamic, should be static"
            } else if found.isDuplicate {
                why = "\(found.address) on \(name) was given up as a duplicate"
            } else {
                continue
            }
            add(.removeAddress(found.address, inner), because: why)
            withContents { $0.remove(found) }
        }
    }

    private mutating func addAddresses() {
        guard let index else { return }
        for address in wantedAddresses {
            if seen.contents?.addresses.contains(where: { $0.link == index && $0.address == address }) == true
            {
                continue
            }
            add(.addAddress(address, inner), because: "\(address) is missing on \(desired.innerDevice)")
        }
    }

    private mutating func removeRoutes() {
        guard let index else { return }
        let wanted = wantedRoutes
        for found in seen.contents?.routes ?? [] where found.link == index && found.isLookedAfter {
            if found.nextHopCount == 1 && wanted.contains(found.route) { continue }
            add(
                .removeRoute(found.route, metric: found.metric, inner),
                because: "route \(found.route) on \(desired.innerDevice) is not wanted")
            withContents { contents in contents.routes.removeAll { $0 == found } }
        }
    }

    private mutating func addRoutes() {
        guard let index else { return }
        for route in wantedRoutes {
            if seen.contents?.routes.contains(where: { $0.link == index && $0.route == route }) == true {
                continue
            }
            add(.addRoute(route, inner), because: "route \(route) is missing on \(desired.innerDevice)")
        }
    }
}

extension LinkRoute {
    /// Whether the route has one of the shapes that we look after: a default route, or a route to one
    /// host on the link that somebody made.
    var isLookedAfter: Bool {
        let destination = route.destination
        if destination.length == 0 { return true }
        return destination.length == destination.version.bitWidth && route.gateway == nil && !isKernelMade
    }
}

extension NamespaceContents {
    /// Takes an address out with what the kernel takes along: the IPv4 addresses that are secondary to
    /// it, and all IPv4 routes of a device that has no IPv4 address left.
    fileprivate mutating func remove(_ gone: LinkAddress) {
        addresses.removeAll { $0 == gone }
        guard gone.address.version == .v4 else { return }
        if !gone.isSecondary {
            addresses.removeAll {
                $0.link == gone.link && $0.isSecondary && $0.address.length == gone.address.length
                    && $0.address.network == gone.address.network
            }
        }
        if !addresses.contains(where: { $0.link == gone.link && $0.address.version == .v4 }) {
            routes.removeAll { $0.link == gone.link && $0.route.destination.version == .v4 }
        }
    }
}
