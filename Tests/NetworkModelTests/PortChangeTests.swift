import Addressing
import NetworkModel
import Testing

@Suite struct PortChangeTests {
    @Test func onlyAChangeCountsAsARevision() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let port = try model.port(network) { $0.name = "a" }
        model.context.now = Timestamp(secondsSinceEpoch: 2000)
        #expect(try model.updatePort(port.id) { $0.name = "a" } == port)
        let same = port.fixedIPs.map { FixedIPRequest(subnetID: $0.subnetID, address: $0.address) }
        #expect(try model.updatePort(port.id) { $0.fixedIPs = same } == port)
        let renamed = try model.updatePort(port.id, ifMatch: 1) { $0.name = "b" }
        #expect(renamed.standard.revisionNumber == 2 && renamed.standard.updatedAt == model.context.now)
        expectRefusal("RevisionNumberConstraintFailed", kind: .preconditionFailed) {
            _ = try model.updatePort(port.id, ifMatch: 1) { $0.name = "c" }
        }
        expectRefusal("RevisionNumberConstraintFailed") {
            _ = try model.state.deletePort(port.id, ifMatch: 1, in: model.context)
        }
        try model.commit(model.state.deletePort(port.id, ifMatch: 2, in: model.context))
        expectRefusal("PortNotFound", "Port \(port.id) could not be found.", kind: .notFound) {
            _ = try model.updatePort(port.id) { $0.name = "d" }
        }
        expectRefusal("PortNotFound") { _ = try model.state.deletePort(port.id, in: model.context) }
    }

    // MARK: Addresses (2.2 rule 7)

    @Test func anEntryWithoutAnAddressKeepsTheOneOfItsSubnet() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let port = try model.port(network)
        let entry = FixedIPRequest(subnetID: subnet.id)
        #expect(try model.updatePort(port.id) { $0.fixedIPs = [entry] } == port)
        let two = try model.updatePort(port.id) { $0.fixedIPs = [entry, entry] }
        #expect(two.fixedIPs.count == 2 && two.fixedIPs[0] == port.fixedIPs[0])
    }

    @Test func addressesThatAreNotAskedForGo() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let (a, b, c) = (try ip("10.0.0.5"), try ip("10.0.0.6"), try ip("10.0.0.7"))
        let port = try model.port(network) {
            $0.fixedIPs = [FixedIPRequest(address: a), FixedIPRequest(address: b)]
        }
        let changed = try model.updatePort(port.id) {
            $0.fixedIPs = [FixedIPRequest(address: c), FixedIPRequest(subnetID: subnet.id, address: b)]
        }
        #expect(changed.addresses == ["10.0.0.6", "10.0.0.7"])
        #expect(model.state.port(holding: a, onSubnet: subnet.id) == nil)
        #expect(
            try model.port(network) { $0.fixedIPs = [FixedIPRequest(address: a)] }.addresses == ["10.0.0.5"])
        let none = try model.updatePort(port.id) { $0.fixedIPs = [] }
        #expect(none.fixedIPs.isEmpty && none.ipAllocation == .none)
        let again = try model.updatePort(port.id) { $0.fixedIPs = [FixedIPRequest(address: b)] }
        #expect(again.ipAllocation == .immediate)
    }

    @Test func anAddressOfAnotherPortIsRefused() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let (one, two) = (try model.port(network), try model.port(network))
        let taken = one.fixedIPs[0].address
        expectRefusal("IpAddressAlreadyAllocated", kind: .conflict) {
            _ = try model.updatePort(two.id) { $0.fixedIPs = [FixedIPRequest(address: taken)] }
        }
        expectRefusal("InvalidIpForNetwork") {
            let outside = try ip("10.9.9.9")
            _ = try model.updatePort(two.id) { $0.fixedIPs = [FixedIPRequest(address: outside)] }
        }
    }

    @Test func anAddressThatThePortGivesUpIsFreeForItsOwnChoice() throws {
        var model = Model()
        let network = try model.network()
        let pool = try range("10.0.0.10", "10.0.0.10")
        let subnet = try model.subnet(network, "10.0.0.0/24") { $0.allocationPools = [pool] }
        let other = try model.subnet(network, "10.0.1.0/24")
        let port = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id)] }
        let moved = try model.updatePort(port.id) { $0.fixedIPs = [FixedIPRequest(subnetID: other.id)] }
        #expect(moved.fixedIPs.map(\.subnetID) == [other.id])
        let back = try model.updatePort(port.id) {
            $0.fixedIPs = [FixedIPRequest(subnetID: other.id), FixedIPRequest(subnetID: subnet.id)]
        }
        #expect(back.fixedIPs.count == 2)
    }

    @Test func automaticAddressesStayUnlessTheirSubnetIsDeleted() throws {
        var model = Model()
        let network = try model.network()
        let v4 = try model.subnet(network, "10.0.0.0/24")
        let slaac = try model.subnet(network, "2003::/64") { $0.ipv6AddressMode = .slaac }
        let port = try model.port(network)
        let automatic = try #require(port.fixedIPs.last)
        let none = try model.updatePort(port.id) { $0.fixedIPs = [] }
        #expect(none.fixedIPs == [automatic])
        let both = try model.updatePort(port.id) { $0.fixedIPs = [FixedIPRequest(subnetID: v4.id)] }
        #expect(both.fixedIPs.contains(automatic) && both.fixedIPs.count == 2)
        let without = try model.updatePort(port.id) {
            $0.fixedIPs = [
                FixedIPRequest(subnetID: v4.id), FixedIPRequest(subnetID: slaac.id, deleteSubnet: true),
            ]
        }
        #expect(without.fixedIPs.map(\.subnetID) == [v4.id])
    }

    // MARK: MAC

    @Test func aNewMACBringsNewAutomaticAddresses() throws {
        var model = Model()
        let network = try model.network()
        let v4 = try model.subnet(network, "10.0.0.0/24")
        let slaac = try model.subnet(network, "2003::/64") { $0.ipv6AddressMode = .slaac }
        let port = try model.port(network)
        let mac = try #require(MACAddress("00:16:3e:33:44:55"))
        let changed = try model.updatePort(port.id) { $0.macAddress = mac }
        #expect(changed.macAddress == mac)
        #expect(changed.fixedIPs[0] == port.fixedIPs[0])
        #expect(changed.addresses[1] == "2003::216:3eff:fe33:4455")
        #expect(changed.fixedIPs.count == 2)
        // A client that repeats what it read means the same.
        let entries = changed.fixedIPs.map { FixedIPRequest(subnetID: $0.subnetID, address: $0.address) }
        let back = try model.updatePort(port.id) {
            $0.macAddress = port.macAddress
            $0.fixedIPs = entries
        }
        #expect(Set(back.fixedIPs) == Set(port.fixedIPs))
        // A port that gave its automatic address up stays without.
        _ = try model.updatePort(port.id) {
            $0.fixedIPs = [
                FixedIPRequest(subnetID: v4.id), FixedIPRequest(subnetID: slaac.id, deleteSubnet: true),
            ]
        }
        #expect(try model.updatePort(port.id) { $0.macAddress = mac }.fixedIPs.map(\.subnetID) == [v4.id])
        #expect(try model.updatePort(port.id) { $0.regeneratesMAC = true }.macAddress != mac)
    }

    @Test func aMACIsFixedForNeutronsOwnAndBoundPorts() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let mac = try #require(MACAddress("00:16:3e:33:44:55"))
        let dhcp = try model.dhcpPort(network)
        expectRefusal(
            "UnsupportedPortDeviceOwner",
            "Operation mac address update is not supported for device_owner network:dhcp on port \(dhcp.id).",
            kind: .conflict
        ) {
            _ = try model.updatePort(dhcp.id) { $0.macAddress = mac }
        }
        let bound = try model.port(network) { $0.bindingHostID = "h" }
        expectRefusal("PortBound", "new_mac 00:16:3e:33:44:55", kind: .conflict) {
            _ = try model.updatePort(bound.id) { $0.macAddress = mac }
        }
        #expect(try model.updatePort(bound.id) { $0.macAddress = bound.macAddress } == bound)
        let port = try model.port(network)
        expectRefusal("MacAddressInUse") {
            _ = try model.updatePort(port.id) { $0.macAddress = bound.macAddress }
        }
    }

    @Test func aPortStaysOnItsNetwork() throws {
        var model = Model()
        let (network, other) = (try model.network(), try model.network())
        let port = try model.port(network)
        expectRefusal("HTTPBadRequest", "Cannot update read-only attribute network_id") {
            _ = try model.updatePort(port.id) { $0.networkID = other.id }
        }
    }

    // MARK: Status

    @Test func aStatusIsRecordedOnceAndCounts() throws {
        var model = Model()
        let network = try model.network()
        let port = try model.port(network)
        let active = try model.commit(
            model.state.setPortStatus(port.id, .active, ifRevision: 1, in: model.context))
        #expect(active.status == .active && active.standard.revisionNumber == 2)
        let again = try model.state.setPortStatus(port.id, .active, ifRevision: 2, in: model.context)
        #expect(again.isNoChange && again.value == active)
        let stale = try model.state.setPortStatus(
            port.id, .error, detail: "x", ifRevision: 1, in: model.context)
        #expect(stale.isNoChange && stale.value == active)
        let off = try model.updatePort(port.id) { $0.adminStateUp = false }
        #expect(off.status == .down && off.standard.revisionNumber == 3)
        #expect(try model.updatePort(port.id) { $0.adminStateUp = true }.status == .down)
        let failed = try model.commit(
            model.state.setPortStatus(port.id, .error, detail: "bad dhcp-option", in: model.context))
        #expect(failed.statusDetail == "bad dhcp-option" && failed.standard.revisionNumber == 5)
        expectRefusal("PortNotFound") {
            _ = try model.state.setPortStatus(network.id, .active, in: model.context)
        }
    }
}
