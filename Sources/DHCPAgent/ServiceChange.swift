import DHCPDrivers
import NetworkModel

// What of a record reaches a client by DHCP or DNS, and what of it is only looked at. A field that is
// not named here counts as served: a wrong guess then costs a reload, not a client its address.

extension ServedNetwork {
    /// Whether a server that serves the other value serves this one as well.
    func servesSame(as other: ServedNetwork) -> Bool {
        network.servesSame(as: other.network) && sameSubnets(as: other)
            && ports.count == other.ports.count && dhcpPort?.id == other.dhcpPort?.id
            && zip(ports, other.ports).allSatisfy { $0.servesSame(as: $1) }
    }

    /// What a server that serves the other value has to take in to serve this one.
    func change(since other: ServedNetwork) -> DHCPServiceChange {
        guard network.servesSame(as: other.network), sameSubnets(as: other), let dhcpPort,
            let otherPort = other.dhcpPort, dhcpPort.id == otherPort.id, dhcpPort.servesSame(as: otherPort)
        else { return .anything }
        var changed: Set<ResourceID> = []
        // Both lists are sorted by id: one walk finds what is new, gone or different.
        var mine = ports[...]
        var theirs = other.ports[...]
        while let new = mine.first, let old = theirs.first {
            if new.id == old.id {
                if !new.servesSame(as: old) { changed.insert(new.id) }
                mine.removeFirst()
                theirs.removeFirst()
            } else if new.id < old.id {
                changed.insert(new.id)
                mine.removeFirst()
            } else {
                changed.insert(old.id)
                theirs.removeFirst()
            }
        }
        changed.formUnion(mine.lazy.map(\.id))
        changed.formUnion(theirs.lazy.map(\.id))
        return .ports(changed)
    }

    private func sameSubnets(as other: ServedNetwork) -> Bool {
        subnets.count == other.subnets.count
            && zip(subnets, other.subnets).allSatisfy { $0.servesSame(as: $1) }
    }
}

/// Whether the records are the same but for what the body takes over from the other one.
private func isSame<Record: Equatable>(
    _ record: Record, _ other: Record, but take: (inout Record, Record) -> Void
) -> Bool {
    if record == other { return true }
    var same = record
    take(&same, other)
    return same == other
}

extension Network {
    fileprivate func servesSame(as other: Network) -> Bool {
        isSame(self, other) { same, other in
            same.standard = other.standard
            same.shared = other.shared
            same.portSecurityEnabled = other.portSecurityEnabled
            same.isExternal = other.isExternal
            same.isDefault = other.isDefault
            same.availabilityZoneHints = other.availabilityZoneHints
        }
    }
}

extension Subnet {
    fileprivate func servesSame(as other: Subnet) -> Bool {
        isSame(self, other) { same, other in
            same.standard = other.standard
            same.allocationPools = other.allocationPools
            same.serviceTypes = other.serviceTypes
        }
    }
}

extension Port {
    fileprivate func servesSame(as other: Port) -> Bool {
        isSame(self, other) { same, other in
            same.standard = other.standard
            same.adminStateUp = other.adminStateUp
            same.status = other.status
            same.statusDetail = other.statusDetail
            same.allowedAddressPairs = other.allowedAddressPairs
            same.portSecurityEnabled = other.portSecurityEnabled
            same.securityGroups = other.securityGroups
            same.ipAllocation = other.ipAllocation
            same.bindingHostID = other.bindingHostID
            same.bindingVNICType = other.bindingVNICType
            same.bindingProfile = other.bindingProfile
        }
    }
}
