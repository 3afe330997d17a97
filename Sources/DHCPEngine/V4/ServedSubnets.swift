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
        /// The codes of its options among ``ServedSubnets/order``, in the order in which they are sent.
        var order: Range<Int>
        /// What is sent unasked, 1 and 28 among it.
        var forced: DHCPv4OptionCodes
        /// The codes of its options that are sent unasked, among ``ServedSubnets/order``.
        var forcedOrder: Range<Int>
        var domainName: EncodedOptions.Slot

        var isLocal: Bool { server != 0 }

        func contains(_ address: UInt32) -> Bool { (address ^ network) & mask == 0 }
    }

    /// Which of 64 option codes a subnet has, and where the first one of them is among the slots.
    private struct Quarter: Sendable {
        var codes: UInt64 = 0
        var first: UInt32 = 0
    }

    private(set) var subnets: [Subnet] = []
    /// Four for each subnet; an `InlineArray` in each would be copied with its subnet whenever it is indexed.
    private var quarters: [Quarter] = []
    /// The options of all subnets, those of one in the order of their codes.
    private var slots: [EncodedOptions.Slot] = []
    /// The codes of all subnets' options, those of one in the order in which they are sent.
    private(set) var order: [UInt8] = []
    private(set) var options = EncodedOptions()
    /// The first subnet with an address of our own.
    private(set) var firstLocal: Int?

    init(_ configuration: DHCPv4Configuration) {
        subnets.reserveCapacity(configuration.subnets.count)
        quarters.reserveCapacity(4 * configuration.subnets.count)
        for subnet in configuration.subnets { append(subnet) }
        firstLocal = subnets.firstIndex(where: \.isLocal)
    }

    private mutating func append(_ subnet: DHCPv4Subnet) {
        let network = UInt32(truncatingIfNeeded: subnet.prefix.first.number)
        let mask = subnet.prefix.netmask?.rawValue ?? .max
        var own: [EncodedOptions.Slot] = []
        var codes = DHCPv4OptionCodes()
        var mtu = 1500
        var bootServer: UInt32 = 0
        let made = [DHCPv4Option(1, octets(mask)), DHCPv4Option(28, octets(network | ~mask))]
            .filter { made in !subnet.options.contains { $0.code == made.code } }
        for option in made + subnet.options where !DHCPv4OptionCode.reserved.contains(option.code) {
            if option.code == DHCPv4OptionCode.bootServer {
                bootServer = number(option.data) ?? bootServer
                continue
            }
            // 58 and 59 have fields of their own.
            guard option.code != 58, option.code != 59, !codes.contains(option.code) else { continue }
            if option.code == DHCPv4OptionCode.mtu, option.data.count == 2 {
                mtu = Int(option.data[0]) << 8 | Int(option.data[1])
            }
            own.append(options.append(option.code, option.data))
            codes.insert(option.code)
        }
        let forced = DHCPv4OptionCodes(subnet.forcedOptions.union([1, 28]))
        let order = appendOrder(own) { _ in true }
        let forcedOrder = appendOrder(own, where: forced.contains)
        appendSlots(own.sorted { $0.code < $1.code })
        let times = Self.times(subnet)
        subnets.append(
            Subnet(
                network: network, mask: mask, server: subnet.serverAddress?.rawValue ?? 0,
                leaseTime: subnet.leaseTime, renewalTime: times.renewal, rebindingTime: times.rebinding,
                payloadLimit: DHCPv4Message.payloadLimit(maximumMessageSize: .max, mtu: mtu),
                bootServer: bootServer, order: order, forced: forced, forcedOrder: forcedOrder,
                domainName: options.append(text: Array(subnet.domainName.utf8.prefix(253)))))
    }

    private mutating func appendOrder(
        _ own: [EncodedOptions.Slot], where isMember: (UInt8) -> Bool
    ) -> Range<Int> {
        let first = order.count
        for slot in own where isMember(slot.code) { order.append(slot.code) }
        return first..<order.count
    }

    private mutating func appendSlots(_ sorted: [EncodedOptions.Slot]) {
        var next = 0
        for quarter in 0..<4 as Range<UInt8> {
            var entry = Quarter(first: UInt32(truncatingIfNeeded: slots.count + next))
            while next < sorted.count, sorted[next].code >> 6 == quarter {
                entry.codes |= Self.bit(sorted[next].code)
                next += 1
            }
            quarters.append(entry)
        }
        slots += sorted
    }

    @inline(__always)
    private static func bit(_ code: UInt8) -> UInt64 { 1 << UInt64(code & 63) }

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

    /// Whether the subnet has the option.
    @inline(__always)
    func has(_ code: UInt8, _ subnet: Int) -> Bool {
        quarters[subnet * 4 + Int(code >> 6)].codes & Self.bit(code) != 0
    }

    /// The bytes of a subnet's option.
    @inline(__always)
    func slot(_ code: UInt8, of subnet: Int) -> EncodedOptions.Slot? {
        let quarter = quarters[subnet * 4 + Int(code >> 6)]
        let bit = Self.bit(code)
        guard quarter.codes & bit != 0 else { return nil }
        return slots[Int(quarter.first) + (quarter.codes & (bit - 1)).nonzeroBitCount]
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
