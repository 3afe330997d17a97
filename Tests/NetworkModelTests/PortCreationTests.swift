import Addressing
import NetworkModel
import Testing

@Suite struct PortCreationTests {
    @Test func aNewPortHasNeutronsDefaults() throws {
        var model = Model()
        let network = try model.network()
        let port = try model.port(network) { $0.name = "n" }
        #expect(port.adminStateUp && port.status == .down && port.fixedIPs.isEmpty)
        #expect(port.ipAllocation == .immediate && port.portSecurityEnabled)
        #expect(port.bindingVNICType == "normal" && port.bindingProfile == "{}")
        #expect(port.standard.projectID == "p" && port.standard.revisionNumber == 1)
    }

    @Test func aPortNeedsANetwork() throws {
        var model = Model()
        expectRefusal("HTTPBadRequest", "Required attribute 'network_id'") {
            _ = try model.state.createPorts([PortRequest()], in: model.context, using: &model.generator)
        }
        var request = PortRequest()
        request.networkID = ResourceID(rawValue: 9)
        expectRefusal("NetworkNotFound", kind: .notFound) {
            _ = try model.state.createPorts([request], in: model.context, using: &model.generator)
        }
    }

    // MARK: MAC (2.2 rule 1)

    @Test(arguments: [
        ("fa:16:3e:00:00:00", "fa:16:3e:"), ("fa:16:3e:4f:00:00", "fa:16:3e:4f:"),
        ("02:00:00:00:12:34", "02:00:00:"),
    ])
    func aMACIsMadeUnderTheBase(_ base: String, _ prefix: String) throws {
        var model = Model()
        model.context.policy.baseMAC = try #require(MACAddress(base))
        let network = try model.network()
        let macs = try (0..<50).map { _ in try model.port(network).macAddress.description }
        #expect(macs.allSatisfy { $0.hasPrefix(prefix) })
        #expect(Set(macs).count == 50)
    }

    @Test func theLastFreeMACIsFoundAndThenNoneIsLeft() throws {
        var model = Model()
        model.context.policy.baseMAC = try #require(MACAddress("fa:16:3e:4f:00:00"))
        let network = try model.network()
        let missing: UInt64 = 0xFA16_3E4F_1234
        // All but one of the 65536 are taken.
        let records = (0..<65_536).map { 0xFA16_3E4F_0000 + UInt64($0) }.filter { $0 != missing }.map {
            number in
            let port = Port(
                id: ResourceID(rawValue: UInt128(number)), networkID: network.id,
                standard: network.standard, macAddress: MACAddress(rawValue: number), fixedIPs: [])
            return (record: Record.port(port), revision: Revision(1))
        }
        let full = NetworkState(
            records: records + [(.network(network), Revision(1))], at: Revision(2))
        let request = model.portRequest(network)
        let decision = try full.createPorts([request], in: model.context, using: &model.generator)
        #expect(decision.value[0].macAddress.rawValue == missing)
        expectRefusal("MacAddressGenerationFailure", kind: .serviceUnavailable) {
            _ = try full.createPorts([request, request], in: model.context, using: &model.generator)
        }
    }

    @Test func aMACIsUniqueOnItsNetworkOnly() throws {
        var model = Model()
        let (a, b) = (try model.network(), try model.network())
        let mac = try #require(MACAddress("00:16:3e:00:00:01"))
        _ = try model.port(a) { $0.macAddress = mac }
        #expect(try model.port(b) { $0.macAddress = mac }.macAddress == mac)
        expectRefusal("MacAddressInUse", "The mac address 00:16:3e:00:00:01 is in use.", kind: .conflict) {
            _ = try model.port(a) { $0.macAddress = mac }
        }
        for text in ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"] {
            expectRefusal("HTTPBadRequest", "mac_address") {
                _ = try model.port(a) { $0.macAddress = MACAddress(text) }
            }
        }
    }

    // MARK: Addresses without a wish (2.2 rules 2, 4 and 6)

    @Test func aPortGetsOneAddressOfEachKind() throws {
        var model = Model()
        let network = try model.network()
        let v4 = try model.subnet(network, "10.0.0.0/24")
        model.context.now = Timestamp(secondsSinceEpoch: 2000)
        _ = try model.subnet(network, "10.0.1.0/24")
        let stateful = try model.subnet(network, "2001:db8:1::/64") { $0.ipv6AddressMode = .dhcpv6Stateful }
        let unmanaged = try model.subnet(network, "2001:db8:2::/64")
        let slaac = try model.subnet(network, "2001:db8:3::/64") { $0.ipv6AddressMode = .slaac }
        let stateless = try model.subnet(network, "2001:db8:4::/64") { $0.ipv6RAMode = .dhcpv6Stateless }
        let port = try model.port(network)
        let subnets = port.fixedIPs.map(\.subnetID)
        #expect(port.fixedIPs.count == 4)
        #expect(subnets[0] == v4.id)
        let chosen = subnets[1] == stateful.id ? stateful : unmanaged
        #expect(subnets[1] == chosen.id && chosen.allocationPools[0].contains(port.fixedIPs[1].address))
        #expect(Set(subnets.suffix(2)) == [slaac.id, stateless.id])
        for fixedIP in port.fixedIPs.suffix(2) {
            #expect(fixedIP.address.number & 0xFFFF_FFFF_FFFF_FFFF == UInt128(port.macAddress.eui64))
        }
    }

    @Test func routersGetNoAutomaticAddress() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let slaac = try model.subnet(network, "2001:db8::/64") { $0.ipv6AddressMode = .slaac }
        let router = try model.port(network) { $0.deviceOwner = DeviceOwner.routerInterface }
        #expect(router.fixedIPs.count == 1)
        let explicit = try model.port(network) {
            $0.deviceOwner = DeviceOwner.routerInterface
            $0.fixedIPs = [FixedIPRequest(subnetID: slaac.id)]
        }
        #expect(explicit.fixedIPs.map(\.subnetID) == [slaac.id])
        #expect(slaac.allocationPools[0].contains(explicit.fixedIPs[0].address))
    }

    @Test func theNextSubnetServesWhenTheFirstIsFullAndThenNone() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/30")
        model.context.now = Timestamp(secondsSinceEpoch: 2000)
        _ = try model.subnet(network, "10.0.1.0/30")
        #expect(try model.port(network).addresses == ["10.0.0.2"])
        #expect(try model.port(network).addresses == ["10.0.1.2"])
        expectRefusal(
            "IpAddressGenerationFailure", "No more IP addresses available on network \(network.id).",
            kind: .conflict
        ) {
            _ = try model.port(network)
        }
    }

    @Test func subnetsReservedForTheOwnerComeFirstAndOthersAreNotUsed() throws {
        var model = Model()
        let network = try model.network()
        let open = try model.subnet(network, "10.0.0.0/24")
        let compute = try model.subnet(network, "10.0.1.0/24") { $0.serviceTypes = ["compute:nova"] }
        #expect(
            try model.port(network) { $0.deviceOwner = "compute:nova" }.fixedIPs[0].subnetID == compute.id)
        #expect(try model.port(network).fixedIPs[0].subnetID == open.id)
        expectRefusal("InvalidInput", "fixed_ips included invalid subnet \(compute.id)") {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: compute.id)] }
        }
        let reserved = try model.network()
        _ = try model.subnet(reserved, "10.0.1.0/24") { $0.serviceTypes = ["compute:nova"] }
        expectRefusal("IpAddressGenerationFailureNoMatchingSubnet", "service type x", kind: .conflict) {
            _ = try model.port(reserved) { $0.deviceOwner = "x" }
        }
        expectRefusal("IpAddressGenerationFailureNoMatchingSubnet") {
            _ = try model.port(reserved) { $0.fixedIPs = [FixedIPRequest(subnetID: compute.id)] }
        }
        #expect(try model.dhcpPort(reserved).fixedIPs.count == 1)
    }

    @Test func randomAddressesComeFromTheWindowAndPreferredOnesAreTheLowest() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/16")
        let window = try range("10.0.0.2", "10.0.5.0")
        var seen: Set<IPAddress> = []
        for _ in 0..<200 {
            let address = try model.port(network).fixedIPs[0].address
            #expect(window.contains(address))
            #expect(seen.insert(address).inserted)
        }
        #expect(seen != Set((0..<200).map { IPAddress(number: window.first.number + $0, version: .v4) }))
        let lowest = (0...).lazy.map { IPAddress(number: window.first.number + $0, version: .v4) }
            .first { !seen.contains($0) }
        #expect(
            try model.port(network) { $0.deviceOwner = DeviceOwner.distributed }.fixedIPs[0].address == lowest
        )
    }

    @Test func noneIsNone() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        _ = try model.subnet(network, "2001:db8::/64") { $0.ipv6AddressMode = .slaac }
        let port = try model.port(network) { $0.fixedIPs = [] }
        #expect(port.fixedIPs.isEmpty && port.ipAllocation == .none)
    }

    // MARK: Given addresses (2.2 rules 3 and 5)

    @Test func anAddressMayLieOutsideOfThePools() throws {
        var model = Model()
        let network = try model.network()
        let pool = try range("10.0.0.10", "10.0.0.11")
        let subnet = try model.subnet(network, "10.0.0.0/24") { $0.allocationPools = [pool] }
        let outside = try ip("10.0.0.200")
        #expect(
            try model.port(network) { $0.fixedIPs = [FixedIPRequest(address: outside)] }.addresses == [
                "10.0.0.200"
            ])
        let gateway = try ip("10.0.0.1")
        #expect(
            try model.port(network) { $0.fixedIPs = [FixedIPRequest(address: gateway)] }.addresses == [
                "10.0.0.1"
            ])
        #expect(model.state.freeAddresses(ofSubnet: subnet).count == 2)
        #expect(
            Set(try (0..<2).map { _ in try model.port(network).addresses[0] }) == ["10.0.0.10", "10.0.0.11"])
    }

    @Test func givenAddressesComeBeforeChosenOnes() throws {
        var model = Model()
        let network = try model.network()
        let pool = try range("10.0.0.10", "10.0.0.11")
        let subnet = try model.subnet(network, "10.0.0.0/24") { $0.allocationPools = [pool] }
        let address = try ip("10.0.0.10")
        let port = try model.port(network) {
            $0.fixedIPs = [
                FixedIPRequest(subnetID: subnet.id), FixedIPRequest(subnetID: subnet.id, address: address),
            ]
        }
        #expect(port.addresses == ["10.0.0.10", "10.0.0.11"])
        expectRefusal("IpAddressGenerationFailure", "available on network \(network.id)", kind: .conflict) {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id)] }
        }
    }

    @Test(arguments: [
        ("10.0.0.0", "InvalidIpForSubnet"), ("10.0.0.255", "InvalidIpForSubnet"),
        ("10.0.1.5", "InvalidIpForSubnet"),
        ("2001:db8::5", "InvalidIpForSubnet"),
    ])
    func anAddressMustBeAHostOfTheSubnet(_ text: String, _ error: String) throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let address = try ip(text)
        expectRefusal(
            error, "IP address \(text) is not a valid IP for the specified subnet.", kind: .badRequest
        ) {
            _ = try model.port(network) {
                $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id, address: address)]
            }
        }
        expectRefusal("InvalidIpForNetwork", "for any of the subnets", kind: .badRequest) {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(address: address)] }
        }
    }

    @Test func theAllZeroHostIsForRoutersAndUnknownOwners() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "2001:db8::/64")
        let zero = FixedIPRequest(subnetID: subnet.id, address: try ip("2001:db8::"))
        expectRefusal("InvalidIpForSubnet") {
            _ = try model.port(network) {
                $0.deviceOwner = "compute:nova"
                $0.fixedIPs = [zero]
            }
        }
        let router = try model.port(network) {
            $0.deviceOwner = DeviceOwner.routerInterface
            $0.fixedIPs = [zero]
        }
        #expect(router.addresses == ["2001:db8::"])
        try model.commit(model.state.deletePort(router.id, in: model.context))
        #expect(try model.port(network) { $0.fixedIPs = [zero] }.addresses == ["2001:db8::"])
    }

    @Test func anAddressIsGivenOnce() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let entry = FixedIPRequest(address: try ip("10.0.0.5"))
        _ = try model.port(network) { $0.fixedIPs = [entry] }
        expectRefusal(
            "IpAddressAlreadyAllocated", "IP address 10.0.0.5 already allocated in subnet \(subnet.id)",
            kind: .conflict
        ) {
            _ = try model.port(network) { $0.fixedIPs = [entry] }
        }
        expectRefusal("HTTPBadRequest", "Duplicate IP address '10.0.0.6'") {
            let twice = FixedIPRequest(address: try ip("10.0.0.6"))
            _ = try model.port(network) { $0.fixedIPs = [twice, twice] }
        }
    }

    @Test func entriesThatMeanNothingAreRefused() throws {
        var model = Model()
        let (network, bare) = (try model.network(), try model.network())
        let subnet = try model.subnet(network, "10.0.0.0/24")
        expectRefusal("InvalidInput", "IP allocation requires subnet_id or ip_address") {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest()] }
        }
        expectRefusal("InvalidInput", "IP allocation requires subnets for network") {
            _ = try model.port(bare) { $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id)] }
        }
        expectRefusal("SubnetNotFound", kind: .notFound) {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: network.id)] }
        }
        let other = try model.network()
        let foreign = try model.subnet(other, "10.0.0.0/24")
        expectRefusal("InvalidInput", "Failed to create port on network \(network.id)") {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: foreign.id)] }
        }
        let hidden = try model.subnet(
            try model.network { $0.projectID = "q" }, "10.0.0.0/24"
        ) { $0.projectID = "q" }
        let open = try model.subnet(
            try model.network {
                $0.projectID = "q"
                $0.shared = true
            }, "10.0.0.0/24"
        ) { $0.projectID = "q" }
        let port = try model.port(network)
        expectRefusal("InvalidInput") {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: hidden.id)] }
        }
        (model.context.isAdmin, model.context.actsForAllProjects) = (false, false)
        for subnet in [foreign, open] {
            expectRefusal("InvalidInput", "fixed_ips included invalid subnet \(subnet.id)") {
                _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id)] }
            }
        }
        let expected = "Subnet \(hidden.id) could not be found."
        expectRefusal("SubnetNotFound", expected, kind: .notFound) {
            _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: hidden.id)] }
        }
        expectRefusal("SubnetNotFound", expected, kind: .notFound) {
            _ = try model.updatePort(port.id) { $0.fixedIPs = [FixedIPRequest(subnetID: hidden.id)] }
        }
    }

    @Test func anAutomaticSubnetTakesNoOtherAddressThanTheMACs() throws {
        var model = Model()
        let network = try model.network()
        let v4 = try model.subnet(network, "10.0.0.0/24")
        let slaac = try model.subnet(network, "2003::/64") { $0.ipv6AddressMode = .slaac }
        let mac = try #require(MACAddress("00:16:3e:33:44:55"))
        expectRefusal(
            "AllocationOnAutoAddressSubnet", "2003::5 cannot be directly assigned", kind: .badRequest
        ) {
            let address = try ip("2003::5")
            _ = try model.port(network) {
                $0.fixedIPs = [FixedIPRequest(subnetID: slaac.id, address: address)]
            }
        }
        let own = FixedIPRequest(subnetID: slaac.id, address: try ip("2003::216:3eff:fe33:4455"))
        let port = try model.port(network) {
            $0.macAddress = mac
            $0.fixedIPs = [own]
        }
        #expect(port.addresses == ["2003::216:3eff:fe33:4455"])
        let other = try model.port(network) { $0.fixedIPs = [FixedIPRequest(subnetID: v4.id)] }
        #expect(other.fixedIPs.map(\.subnetID) == [v4.id, slaac.id])
    }

    // MARK: Bulk

    @Test func portsOfOneBulkSeeEachOther() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let requests = Array(repeating: model.portRequest(network), count: 253)
        let decision = try model.state.createPorts(requests, in: model.context, using: &model.generator)
        #expect(Set(decision.value.flatMap(\.addresses)).count == 253)
        #expect(Set(decision.value.map(\.macAddress)).count == 253)
        expectRefusal("IpAddressGenerationFailure") {
            _ = try model.state.createPorts(
                requests + [model.portRequest(network)], in: model.context, using: &model.generator)
        }
        try model.commit(decision)
        #expect(model.state.portCount(ofNetwork: network.id) == 253)
    }

    @Test func twoEqualAddressesOfOneBulkClash() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let address = try ip("10.0.0.5")
        let request = model.portRequest(network) { $0.fixedIPs = [FixedIPRequest(address: address)] }
        expectRefusal("IpAddressAlreadyAllocated") {
            _ = try model.state.createPorts([request, request], in: model.context, using: &model.generator)
        }
        let mac = try #require(MACAddress("00:16:3e:00:00:01"))
        let sameMAC = model.portRequest(network) { $0.macAddress = mac }
        expectRefusal("MacAddressInUse") {
            _ = try model.state.createPorts([sameMAC, sameMAC], in: model.context, using: &model.generator)
        }
    }

    // MARK: Other fields

    @Test func textsHaveLimits() throws {
        var model = Model()
        let network = try model.network()
        let long = String(repeating: "é", count: 256)
        for (name, change) in [
            ("name", { $0.name = long }), ("description", { $0.description = long }),
            ("device_id", { $0.deviceID = long }), ("device_owner", { $0.deviceOwner = long }),
            ("binding:host_id", { $0.bindingHostID = long }), ("tags", { $0.tags = [long] }),
            ("project_id", { $0.projectID = long }),
        ] as [(String, (inout PortRequest) -> Void)] {
            expectRefusal("HTTPBadRequest", "Invalid input for \(name). Reason") {
                _ = try model.port(network, change)
            }
        }
        let fits = String(repeating: "é", count: 255)
        #expect(try model.port(network) { $0.name = fits }.standard.name == fits)
    }

    @Test func portSecurityFollowsTheNetworkAndNeutronsOwnPortsHaveNone() throws {
        var model = Model()
        let secured = try model.network()
        let open = try model.network { $0.portSecurityEnabled = false }
        #expect(try model.port(secured).portSecurityEnabled)
        #expect(try !model.port(open).portSecurityEnabled)
        #expect(try !model.port(secured) { $0.deviceOwner = DeviceOwner.dhcp }.portSecurityEnabled)
    }

    @Test func addressPairsAreChecked() throws {
        var model = Model()
        let network = try model.network()
        let mac = MACAddress(rawValue: 5)
        let pair = AllowedAddressPair(ipAddress: "10.0.0.0/24", macAddress: mac)
        #expect(try model.port(network) { $0.allowedAddressPairs = [pair] }.allowedAddressPairs == [pair])
        let own = AllowedAddressPair(ipAddress: pair.ipAddress, macAddress: MACAddress(rawValue: 0))
        let port = try model.port(network) { $0.allowedAddressPairs = [own, pair] }
        let filled = AllowedAddressPair(ipAddress: pair.ipAddress, macAddress: port.macAddress)
        #expect(port.allowedAddressPairs == [filled, pair])
        #expect(
            try model.updatePort(port.id) { $0.allowedAddressPairs = [own] }.allowedAddressPairs == [filled])
        expectRefusal(
            "DuplicateAddressPairInRequest", "mac_address \(port.macAddress) ip_address 10.0.0.0/24."
        ) {
            _ = try model.updatePort(port.id) { $0.allowedAddressPairs = [own, filled] }
        }
        expectRefusal("DuplicateAddressPairInRequest", "mac_address \(mac) ip_address") {
            _ = try model.port(network) {
                $0.macAddress = mac
                $0.allowedAddressPairs = [pair, own]
            }
        }
        expectRefusal("DuplicateAddressPairInRequest", "mac_address None ip_address 10.0.0.0/24.") {
            _ = try model.port(network) { $0.allowedAddressPairs = [own, own] }
        }
        expectRefusal("DuplicateAddressPairInRequest") {
            _ = try model.port(network) { $0.allowedAddressPairs = [pair, pair] }
        }
        expectRefusal("HTTPBadRequest", "allowed_address_pairs") {
            _ = try model.port(network) {
                $0.allowedAddressPairs = [AllowedAddressPair(ipAddress: "x", macAddress: mac)]
            }
        }
        expectRefusal("AddressPairAndPortSecurityRequired", kind: .conflict) {
            _ = try model.port(network) {
                $0.allowedAddressPairs = [pair]
                $0.portSecurityEnabled = false
            }
        }
        expectRefusal("AllowedAddressPairExhausted") {
            _ = try model.port(network) {
                $0.allowedAddressPairs = (0..<11).map {
                    AllowedAddressPair(ipAddress: "10.0.0.\($0)", macAddress: mac)
                }
            }
        }
    }
}
