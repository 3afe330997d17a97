/// A DHCP driver that exists (`dhcp_driver`).
enum DHCPDriverChoice: String, Hashable, Sendable, CaseIterable {
    case dnsmasq

    /// The class path by which Neutron knows the driver; agents report it.
    var neutronName: String { "neutron.agent.linux.dhcp.Dnsmasq" }
}

/// A way to attach devices to networks that exists (`interface_driver`).
enum InterfaceDriverChoice: String, Hashable, Sendable, CaseIterable {
    case linuxbridge

    /// The class path by which Neutron knew the driver.
    var neutronName: String { "neutron.agent.linux.interface.BridgeInterfaceDriver" }
}

extension ValueForm where Value == DHCPDriverChoice {
    /// `dnsmasq`, or Neutron's class path for it.
    static let dhcpDriver = ValueForm(
        "neutron.agent.linux.dhcp.Dnsmasq, or dnsmasq for short", render: \.neutronName
    ) { (text, _) throws(MalformedValue) in
        let name = text.trimmed
        if let driver = DHCPDriverChoice.allCases.first(where: {
            [$0.rawValue, $0.neutronName].contains(name)
        }) {
            return driver
        }
        if name == "native" {
            throw MalformedValue(reason: "the native driver is not available in this version")
        }
        throw MalformedValue(reason: nil)
    }
}

extension ValueForm where Value == InterfaceDriverChoice {
    /// `linuxbridge`, or Neutron's class path for it.
    static let interfaceDriver = ValueForm(
        "linuxbridge, or neutron.agent.linux.interface.BridgeInterfaceDriver", render: \.rawValue
    ) { (text, _) throws(MalformedValue) in
        let name = text.trimmed
        if let driver = InterfaceDriverChoice.allCases.first(where: {
            [$0.rawValue, $0.neutronName].contains(name)
        }) {
            return driver
        }
        let absent = [
            "openvswitch", "neutron.agent.linux.interface.OVSInterfaceDriver", "null",
            "neutron.agent.linux.interface.NullDriver",
        ]
        if absent.contains(name) {
            throw MalformedValue(reason: "the \(name) driver is not available in this version")
        }
        throw MalformedValue(reason: nil)
    }
}
