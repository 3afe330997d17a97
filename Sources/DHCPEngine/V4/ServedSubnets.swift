import Addressing
import DHCPMessages

/// The subnets of a configuration, in the form from which replies are put together.
struct ServedSubnets: Sendable {
    /// What is known of one subnet.
    struct Subnet: Sendable {
        var network: UInt32
        var mask: UInt32
        /// Our own address; 0 where only relays lead to the subnet.
        var server: UInt32
        var leaseTime: UInt32
        var renewalTime: UInt32
        var rebindingTime: UInt32
        /// The UDP payload that the subnet's MTU (option 26) lets through in one piece.
        var payloadLimit: Int
        /// siaddr where the subnet's options name a boot server, else 0.
        var bootServer: UInt32
        /// Its options among ``ServedSubnets/slots``.
        var slots: Range<Int>
        /// The codes of those.
        var codes: DHCPv4OptionCodes
        /// What is sent unasked, 1 and 28 among it.
        var forced: DHCPv4OptionCodes
        var domainName: EncodedOptions.Slot

        var isLocal: Bool { server != 0 }

        func contains(_ address: UInt32) -> Bool { (address ^ network) & mask == 0 }
    }

    private(set) var subnets: [Subnet] = []
    private(set) var slots: [EncodedOptions.Slot] = []
    private(set) var options = EncodedOptions()
    /// The first subnet with an address of our own.
    private(set) var firstLocal: Int?

    init(_ configuration: DHCPv4Configuration) {
        for subnet in configuration.subnets { append(subnet) }
        firstLocal = subnets.firstIndex(where: \.isLocal)
    }

    private mutating func append(_ subnet: DHCPv4Subnet) {
        let network = UInt32(truncatingIfNeeded: subnet.prefix.first.number)
        let mask = subnet.prefix.netmask?.rawValue ?? .max
        let first = slots.count
        var codes = DHCPv4OptionCodes()
        var mtu = 1500
        var bootServer: UInt32 = 0
        let own = [DHCPv4Option(1, octets(mask)), DHCPv4Option(28, octets(network | ~mask))]
            .filter { made in !subnet.options.contains { $0.code == made.code } }
        for option in own + subnet.options where !DHCPv4OptionCode.reserved.contains(option.code) {
            if option.code == DHCPv4OptionCode.bootServer {
                bootServer = number(option.data) ?? bootServer
                continue
            }
            // 58 and 59 have fields of their own.
            guard option.code != 58, option.code != 59, !codes.contains(option.code) else { continue }
            if option.code == DHCPv4OptionCode.mtu, option.data.count == 2 {
                mtu = Int(option.data[0]) << 8 | Int(option.data[1])
            }
            slots.append(options.append(option.code, option.data))
            codes.insert(option.code)
        }
        let times = Self.times(subnet)
        subnets.append(
            Subnet(
                network: network, mask: mask, server: subnet.serverAddress?.rawValue ?? 0,
                leaseTime: subnet.leaseTime, renewalTime: times.renewal, rebindingTime: times.rebinding,
                payloadLimit: DHCPv4Message.payloadLimit(maximumMessageSize: .max, mtu: mtu),
                bootServer: bootServer, slots: first..<slots.count, codes: codes,
                forced: DHCPv4OptionCodes(subnet.forcedOptions.union([1, 28])),
                domainName: options.append(text: Array(subnet.domainName.utf8.prefix(253)))))
    }

    /// T1 and T2, 0 where they are the usual share of the lease time, so that they follow a shorter one.
    private static func times(_ subnet: DHCPv4Subnet) -> (renewal: UInt32, rebinding: UInt32) {
        let usual = LeaseTimes.usual(subnet.leaseTime)
        return (
            subnet.renewalTime == usual.renewal ? 0 : subnet.renewalTime,
            subnet.rebindingTime == usual.rebinding ? 0 : subnet.rebindingTime
        )
    }

    /// The subnet that an address is in.
    func index(of address: UInt32) -> Int? {
        for index in subnets.indices where subnets[index].contains(address) { return index }
        return nil
    }

    /// Whether the address is one of our own.
    func isOwn(_ address: UInt32) -> Bool {
        if address == 0 { return false }
        for index in subnets.indices where subnets[index].server == address { return true }
        return false
    }

    /// The bytes of a subnet's option.
    func slot(_ code: UInt8, of subnet: Int) -> EncodedOptions.Slot? {
        guard subnets[subnet].codes.contains(code) else { return nil }
        // There are about eight.
        for place in subnets[subnet].slots where slots[place].code == code { return slots[place] }
        return nil
    }
}

/// Options 51, 58 and 59, in seconds.
struct LeaseTimes: Hashable, Sendable {
    /// 4294967295 is infinite; T1 and T2 are not sent then.
    var lease: UInt32
    var renewal: UInt32
    var rebinding: UInt32

    /// T1 and T2 where nobody says otherwise: a half and seven eighths (RFC 2131 section 4.4.5).
    static func usual(_ lease: UInt32) -> LeaseTimes {
        LeaseTimes(
            lease: lease, renewal: lease / 2,
            rebinding: UInt32(truncatingIfNeeded: UInt64(lease) * 7 / 8))
    }
}

/// The four octets of a number, as they travel.
func octets(_ number: UInt32) -> [UInt8] {
    [
        UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
        UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
    ]
}

/// The number in four octets.
func number(_ data: [UInt8]) -> UInt32? {
    data.count == 4 ? data.reduce(0) { $0 << 8 | UInt32($1) } : nil
}
