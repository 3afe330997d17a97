import Addressing
import DHCPMessages

// The options of a reply.
extension DHCPv4Engine {
    /// What the client asked for, in its order (RFC 2132 section 9.8), then what is sent unasked; all where
    /// the client sent no list.
    func writeOptions(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, _ draft: inout Draft
    ) {
        if plan.hidesHostName { draft.sent.insert(DHCPv4OptionCode.hostName) }
        if let requested = draft.requested {
            if !requested.contains(DHCPv4OptionCode.netmask) { write(DHCPv4OptionCode.netmask, plan, &draft) }
            for index in view.parameterRequestList.range { write(bytes.octet(index), plan, &draft) }
            for index in served.subnets[plan.subnet].slots {
                let code = served.slots[index].code
                if served.subnets[plan.subnet].forced.contains(code) { write(code, plan, &draft) }
            }
            writeUnfitting(DHCPv4OptionCode.serverName, plan, &draft)
            writeUnfitting(DHCPv4OptionCode.bootFile, plan, &draft)
        } else {
            // RFC 8925 section 3.3.1: never unasked.
            draft.sent.insert(DHCPv4OptionCode.ipv6OnlyPreferred)
            for index in served.subnets[plan.subnet].slots {
                write(served.slots[index].code, plan, &draft)
            }
            write(DHCPv4OptionCode.hostName, plan, &draft)
            if let options = draft.options {
                for rule in options.rules { write(rule.slot.code, plan, &draft) }
            }
        }
    }

    /// The option that belongs into `sname` or `file`, but is too long for it.
    private func writeUnfitting(_ code: UInt8, _ plan: DHCPv4ReplyPlan, _ draft: inout Draft) {
        if draft.options != nil || served.subnets[plan.subnet].codes.contains(code) {
            write(code, plan, &draft)
        }
    }

    /// Writes an option if it is there and has not been written: the port's, else the subnet's.
    @inline(__always)
    private func write(_ code: UInt8, _ plan: DHCPv4ReplyPlan, _ draft: inout Draft) {
        guard draft.sent.insertNew(code), code != DHCPv4OptionCode.bootServer else { return }
        // RFC 2132 section 3.3: the mask before the router.
        if code == DHCPv4OptionCode.router, !draft.sent.contains(DHCPv4OptionCode.netmask) {
            draft.sent.insert(DHCPv4OptionCode.netmask)
            writeValue(DHCPv4OptionCode.netmask, plan, &draft)
        }
        writeValue(code, plan, &draft)
    }

    @inline(__always)
    private func writeValue(_ code: UInt8, _ plan: DHCPv4ReplyPlan, _ draft: inout Draft) {
        if draft.options != nil, writeOwn(code, plan, &draft) { return }
        if let slot = served.slot(code, of: plan.subnet) {
            guard fits(Int(slot.count), plan, draft) else { return }
            draft.buffer.append(served.options.bytes.span.bytes, slot.range)
        } else if code == DHCPv4OptionCode.hostName {
            writeHostName(plan, &draft)
        }
    }

    /// Whether the port has a word on the option.
    private func writeOwn(_ code: UInt8, _ plan: DHCPv4ReplyPlan, _ draft: inout Draft) -> Bool {
        guard let options = draft.options, let rule = options.rule(code, plan.tags) else { return false }
        if !rule.isBlank, fits(Int(rule.slot.count), plan, draft) {
            draft.buffer.append(options.options.bytes.span.bytes, rule.slot.range)
        }
        return true
    }

    /// In BOOTP what does not fit is left out here; in DHCP it is noticed when all is written.
    private func fits(_ count: Int, _ plan: DHCPv4ReplyPlan, _ draft: Draft) -> Bool {
        plan.type != nil || draft.buffer.hasRoom(count)
    }

    // MARK: Names

    /// `host-10-0-0-5`.
    private static func nameLength(_ address: UInt32) -> Int {
        var count = 8
        for index in 0..<4 as Range<UInt32> {
            let octet = address >> (index * 8) & 0xFF
            count += octet >= 100 ? 3 : octet >= 10 ? 2 : 1
        }
        return count
    }

    private static func appendName(_ address: UInt32, _ buffer: inout DHCPv4ReplyBuffer) {
        buffer.append("host")
        for index in 0..<4 as Range<UInt32> {
            buffer.append(hyphenAndDecimal: UInt8(truncatingIfNeeded: address >> (24 - index * 8)))
        }
    }

    private func name(_ plan: DHCPv4ReplyPlan) -> [UInt8]? {
        guard hosts.entries[plan.position].extra >= 0 else { return nil }
        return hosts.extra(of: plan.position)?.name
    }

    private func writeHostName(_ plan: DHCPv4ReplyPlan, _ draft: inout Draft) {
        if let name = name(plan) {
            guard (1...255).contains(name.count), fits(name.count + 2, plan, draft) else { return }
            draft.buffer.append(DHCPv4OptionCode.hostName, name.span.bytes, 0..<name.count)
        } else if plan.namedAddress != 0 {
            let count = Self.nameLength(plan.namedAddress)
            guard fits(count + 2, plan, draft) else { return }
            draft.buffer.append(DHCPv4OptionCode.hostName)
            draft.buffer.append(UInt8(truncatingIfNeeded: count))
            Self.appendName(plan.namedAddress, &draft.buffer)
        }
    }

    /// Whether the host name that a DISCOVER brings (without option 81) is ours: some clients refuse an OFFER
    /// with another one, so dnsmasq sends none. A name that is no host name counts as none.
    func agrees(_ view: DHCPv4View, _ bytes: RawSpan, _ position: Int, _ address: UInt32) -> Bool {
        guard view.hostName.isPresent, view.fullyQualifiedName.count < 3 else { return true }
        var range = view.hostName.range
        if let last = range.last, bytes.octet(last) == 0 { range = range.dropLast() }
        guard Self.isHostName(bytes, range) else { return true }
        if hosts.entries[position].extra >= 0, let name = hosts.extra(of: position)?.name {
            guard name.count == range.count else { return false }
            for (index, byte) in name.enumerated()
            where Self.lowercased(byte) != Self.lowercased(bytes.octet(range.lowerBound + index)) {
                return false
            }
            return true
        }
        return Self.isName(of: address, bytes, range)
    }

    /// Whether the bytes are `host-` and the address, whatever the case.
    private static func isName(of address: UInt32, _ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard range.count == nameLength(address) else { return false }
        var text = InlineArray<24, UInt8>(repeating: 0)
        return text.span.count >= range.count
            && withUnsafeMutableBytes(of: &text) { room in
                var buffer = DHCPv4ReplyBuffer(room, limit: room.count, keeping: 0)
                appendName(address, &buffer)
                for index in 0..<buffer.count
                where room[index] != lowercased(bytes.octet(range.lowerBound + index)) {
                    return false
                }
                return true
            }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    /// Letters, digits, hyphens and underscores; up to the first dot there must be one at least.
    private static func isHostName(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        for index in range {
            switch bytes.octet(index) {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
            case 0x2D, 0x5F:
                if index == range.lowerBound { return false }
            case 0x2E: return index > range.lowerBound
            default: return false
            }
        }
        return !range.isEmpty
    }

    /// Option 81 (RFC 4702): the full name; the server keeps the names itself, so S is set, and O where
    /// the client did not ask for it.
    func writeFullName(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, _ draft: inout Draft
    ) {
        let wish = bytes.octet(view.fullyQualifiedName.range.lowerBound)
        let flags = (wish & 1 != 0 ? wish : wish | 3) & 0x07
        let isCanonical = flags & 4 != 0
        let own = name(plan)
        guard own != nil || plan.namedAddress != 0 else { return }
        let length = own?.count ?? Self.nameLength(plan.namedAddress)
        let domain = served.subnets[plan.subnet].domainName.range
        // Canonical: a length before each label, and the root's at the end of a full name.
        let count =
            3 + length + (isCanonical ? 1 : 0)
            + (domain.isEmpty ? 0 : domain.count + (isCanonical ? 2 : 1))
        guard length > 0, count <= 255 else { return }
        let labels = served.options.bytes.span.bytes
        guard !isCanonical || (Self.isLabels(own) && Self.isLabels(labels, domain)) else { return }
        draft.buffer.append(DHCPv4OptionCode.fullyQualifiedName)
        draft.buffer.append(UInt8(truncatingIfNeeded: count))
        draft.buffer.append(flags)
        draft.buffer.append(0xFFFF as UInt16)
        if isCanonical {
            if let own {
                Self.append(labels: own.span.bytes, 0..<own.count, &draft.buffer)
            } else {
                draft.buffer.append(UInt8(truncatingIfNeeded: length))
                Self.appendName(plan.namedAddress, &draft.buffer)
            }
            guard !domain.isEmpty else { return }
            Self.append(labels: labels, domain, &draft.buffer)
            draft.buffer.append(0 as UInt8)
        } else {
            if let own {
                draft.buffer.append(own.span.bytes, 0..<own.count)
            } else {
                Self.appendName(plan.namedAddress, &draft.buffer)
            }
            guard !domain.isEmpty else { return }
            draft.buffer.append(0x2E as UInt8)
            draft.buffer.append(labels, domain)
        }
    }

    private static func isLabels(_ name: [UInt8]?) -> Bool {
        guard let name else { return true }
        return isLabels(name.span.bytes, 0..<name.count)
    }

    /// Whether all labels have 1 to 63 bytes; no name at all will do.
    private static func isLabels(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        if range.isEmpty { return true }
        var count = 0
        for index in range {
            if bytes.octet(index) == 0x2E {
                if count == 0 { return false }
                count = 0
            } else {
                count += 1
                if count > 63 { return false }
            }
        }
        return count > 0
    }

    /// Labels with their lengths in front (RFC 1035 section 3.1).
    private static func append(labels bytes: RawSpan, _ range: Range<Int>, _ buffer: inout DHCPv4ReplyBuffer)
    {
        var start = range.lowerBound
        for index in range where bytes.octet(index) == 0x2E {
            buffer.append(UInt8(truncatingIfNeeded: index - start))
            buffer.append(bytes, start..<index)
            start = index + 1
        }
        buffer.append(UInt8(truncatingIfNeeded: range.upperBound - start))
        buffer.append(bytes, start..<range.upperBound)
    }

    // MARK: UEFI HTTP boot

    /// A UEFI HTTP boot client takes a boot URL only from a server that says `HTTPClient` in option 60
    /// (UEFI specification, HTTP boot).
    func writeHTTPClient(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, _ draft: inout Draft
    ) {
        guard view.vendorClass.count >= 10, plan.type != nil,
            !draft.sent.contains(DHCPv4OptionCode.vendorClass) || !hasOption(60, plan, draft),
            view.starts(with: "HTTPClient", in: view.vendorClass, bytes),
            hasOption(DHCPv4OptionCode.bootFile, plan, draft)
        else { return }
        draft.sent.insert(DHCPv4OptionCode.vendorClass)
        draft.buffer.append(DHCPv4OptionCode.vendorClass)
        draft.buffer.append(10 as UInt8)
        draft.buffer.append("HTTPClient")
    }

    /// Whether the port or the subnet has a value for the option.
    private func hasOption(_ code: UInt8, _ plan: DHCPv4ReplyPlan, _ draft: Draft) -> Bool {
        if let rule = draft.options?.rule(code, plan.tags) { return !rule.isBlank }
        return served.slot(code, of: plan.subnet) != nil
    }
}
