/// A network as Neutron's agent and operators see it: names, addresses and files.
struct NetworkNames {
    let id: String
    let subnet: String
    let dhcpPort: String
    /// The subnet's first address and its prefix length.
    let base: UInt32
    let prefixLength: Int
    let mtu = 1450

    init(base: UInt32, prefixLength: Int) {
        id = Self.uuid()
        subnet = Self.uuid()
        dhcpPort = Self.uuid()
        self.base = base
        self.prefixLength = prefixLength
    }

    /// Network number `index` of many, each 10.x.y.0/24.
    static func numbered(_ index: Int) -> NetworkNames {
        NetworkNames(base: 10 << 24 | UInt32(index) << 8, prefixLength: 24)
    }

    var namespace: String { "qdhcp-\(id)" }
    var bridge: String { "brq\(id.prefix(11))" }
    var tap: String { "tap\(dhcpPort.prefix(11))" }
    /// The device inside the namespace.
    var device: String { "ns-\(dhcpPort.prefix(11))" }
    var gateway: String { Self.text(base + 1) }
    var dhcpAddress: String { Self.text(base + 2) }
    var netmask: String { Self.text(~(UInt32.max >> prefixLength)) }
    var size: Int { 1 << (32 - prefixLength) }
    /// From the DHCP port's id, locally administered as Neutron's `base_mac` fa:16:3e.
    var mac: String { Self.mac(UInt32(dhcpPort.prefix(6), radix: 16) ?? 0) }

    /// The address of port 0….
    func address(ofPort index: Int) -> UInt32 { base + 3 + UInt32(index) }

    static func text(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    /// `fa:16:3e` and three octets.
    static func mac(_ number: UInt32) -> String {
        let octets = [number >> 16 & 255, number >> 8 & 255, number & 255].map { octet in
            (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
        return "fa:16:3e:" + octets.joined(separator: ":")
    }

    /// `host-10-0-0-3`, the name that Neutron gives to an address.
    static func hostName(_ address: UInt32) -> String {
        "host-" + String(text(address).map { $0 == "." ? "-" : $0 })
    }

    private static func uuid() -> String {
        let digits = (0..<32).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }
}
