import NetworkModel

extension DHCPDriverName {
    /// The class path of the driver, as files have it; Neutron's own for what Neutron has.
    var classPath: String {
        switch self {
        case .dnsmasq: "neutron.agent.linux.dhcp.Dnsmasq"
        case .native: "leasehold.native"
        }
    }
}

/// A way to attach devices to networks that exists (`interface_driver`).
enum InterfaceDriverChoice: String, Hashable, Sendable, CaseIterable {
    case linuxbridge

    /// The class path by which Neutron knew the driver.
    var neutronName: String { "neutron.agent.linux.interface.BridgeInterfaceDriver" }
}

extension ValueForm where Value == DHCPDriverName {
    /// `dnsmasq` or `native`, or a class path for it.
    static let dhcpDriver = ValueForm(
        "neutron.agent.linux.dhcp.Dnsmasq, or dnsmasq for short, or native",
        render: { driver in
            driver == .dnsmasq ? driver.classPath : driver.rawValue
        }
    ) { (text, _) throws(MalformedValue) in
        let name = text.trimmed
        guard
            let driver = DHCPDriverName.allCases.first(where: {
                [$0.rawValue, $0.classPath].contains(name)
            })
        else { throw MalformedValue(reason: nil) }
        return driver
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
