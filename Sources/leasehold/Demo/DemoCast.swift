/// A tenant of the demo with its network.
struct DemoTenant {
    let name: String
    let network: String
    let subnet: String
    let isFlat: Bool

    static let first = DemoTenant(name: "tenant-a", network: "flat_net", subnet: "flat_subnet", isFlat: true)
    static let second = DemoTenant(
        name: "tenant-b", network: "twin_net", subnet: "twin_subnet", isFlat: false)
    static let all = [first, second]
}

/// An instance of the demo.
struct DemoMachine {
    let name: String
    let tenant: DemoTenant
    /// The address to ask for, or nil for any.
    let address: String?

    static let first = DemoMachine(name: "cirros-vm1", tenant: .first, address: "172.16.1.103")
    static let second = DemoMachine(name: "cirros-vm2", tenant: .first, address: nil)
    static let twin = DemoMachine(name: "twin-vm1", tenant: .second, address: "172.16.1.103")
    static let all = [first, second, twin]
}
