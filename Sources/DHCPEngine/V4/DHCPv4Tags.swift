import DHCPMessages

/// What a request says of its client, as the tags that options can ask for.
///
/// They are what dnsmasq sets as Neutron starts it (`--dhcp-match=set:ipxe,175`,
/// `--dhcp-userclass=set:ipxe6,iPXE`) and what it sets by itself.
struct DHCPv4Tags: OptionSet, Hashable, Sendable {
    var rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// iPXE's option 175 is there.
    static let ipxe = Self(rawValue: 1)
    /// The user class (77) has `iPXE` in it.
    static let ipxe6 = Self(rawValue: 2)
    /// The message type (53) is missing.
    static let bootp = Self(rawValue: 4)
    /// The client is a port's: always here.
    static let known = Self(rawValue: 8)
    /// Option 125 has the TR-069 device identity (enterprise 3561).
    static let cpewanID = Self(rawValue: 16)

    /// The tag of a name; nil for one that is never set.
    init?(name: String) {
        switch name {
        case "ipxe": self = .ipxe
        case "ipxe6": self = .ipxe6
        case "bootp": self = .bootp
        case "known": self = .known
        case "cpewan-id": self = .cpewanID
        default: return nil
        }
    }

    /// The tags of a request.
    init(_ view: DHCPv4View, _ bytes: RawSpan) {
        self = .known
        if !view.messageTypeField.isPresent { insert(.bootp) }
        if view.etherboot.count > 0 { insert(.ipxe) }
        if view.userClass.count >= 4, view.contains("iPXE", in: view.userClass, bytes) { insert(.ipxe6) }
        if view.vendorIdentifiedOptions.count >= 5, Self.hasDeviceIdentity(view, bytes) { insert(.cpewanID) }
    }

    /// Whether option 125 has the manufacturer's identifier (1) and the serial number (2) of TR-069.
    private static func hasDeviceIdentity(_ view: DHCPv4View, _ bytes: RawSpan) -> Bool {
        let range = view.vendorIdentifiedOptions.range
        var position = range.lowerBound
        while position + 5 <= range.upperBound {
            let end = position + 5 + Int(bytes.octet(position + 4))
            guard end <= range.upperBound else { return false }
            guard bytes.uint32(position) == 3561 else {
                position = end
                continue
            }
            var found: (manufacturer: Bool, serial: Bool) = (false, false)
            position += 5
            while position + 2 <= end {
                let count = Int(bytes.octet(position + 1))
                guard position + 2 + count <= end else { break }
                if bytes.octet(position) == 1, count > 0 { found.manufacturer = true }
                if bytes.octet(position) == 2, count > 0 { found.serial = true }
                position += 2 + count
            }
            return found.manufacturer && found.serial
        }
        return false
    }
}

/// The options of one port, in the form from which replies are put together.
struct PortOptions: Hashable, Sendable {
    /// One option, with what it asks of the client.
    struct Rule: Hashable, Sendable {
        var required: DHCPv4Tags
        var forbidden: DHCPv4Tags
        /// Whether nothing is sent for this code.
        var isBlank: Bool
        /// With ``isBlank`` the code alone.
        var slot: EncodedOptions.Slot

        func holds(_ tags: DHCPv4Tags) -> Bool {
            tags.isSuperset(of: required) && tags.isDisjoint(with: forbidden)
        }
    }

    private(set) var rules: [Rule] = []
    private(set) var options = EncodedOptions()

    init(_ tagged: [TaggedOption]) {
        for option in tagged {
            guard let code = UInt8(exactly: option.code), !DHCPv4OptionCode.reserved.contains(code),
                code != DHCPv4OptionCode.bootServer || option.isBlank || option.data.count == 4
            else { continue }
            var required: DHCPv4Tags = []
            var forbidden: DHCPv4Tags = []
            var isPossible = true
            for condition in option.conditions {
                let tag = DHCPv4Tags(name: condition.tag)
                if condition.isNegated {
                    forbidden.formUnion(tag ?? [])
                } else if let tag {
                    required.formUnion(tag)
                } else {
                    isPossible = false
                }
            }
            guard isPossible else { continue }
            let slot =
                option.isBlank
                ? EncodedOptions.Slot(code: code, offset: 0, count: 0) : options.append(code, option.data)
            rules.append(
                Rule(required: required, forbidden: forbidden, isBlank: option.isBlank, slot: slot))
        }
    }

    /// The rule for a code: of several that hold the last one, as in dnsmasq.
    func rule(_ code: UInt8, _ tags: DHCPv4Tags) -> Rule? {
        for index in rules.indices.reversed() {
            let rule = rules[index]
            if rule.slot.code == code, rule.holds(tags) { return rule }
        }
        return nil
    }

    /// The number in an option of four bytes.
    func number(_ code: UInt8, _ tags: DHCPv4Tags) -> UInt32? {
        guard let rule = rule(code, tags), !rule.isBlank, rule.slot.count == 6 else { return nil }
        var value: UInt32 = 0
        for index in rule.slot.range.dropFirst(2) { value = value << 8 | UInt32(options.bytes[index]) }
        return value
    }
}
