import Addressing
import DHCPMessages

// The bytes of a reply.
extension DHCPv4Engine {
    /// A reply on the way: what has been written, and what it is written from.
    struct Draft {
        var buffer: DHCPv4ReplyBuffer
        var sent = DHCPv4OptionCodes()
        /// Option 55; everything where the client sent none.
        let requested: DHCPv4OptionCodes?
        /// The port's own options.
        let options: PortOptions?
    }

    /// The length of a BOOTP message: the vendor field has 64 bytes (RFC 951, RFC 1497).
    private static let bootpLength = 300
    /// What everybody takes: 576 bytes with the headers of IP and UDP (RFC 2131 section 2).
    private static let smallestLimit = 548
    private static let largestPayload = 65_507

    /// Writes the reply; whether it fits.
    func write(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, _ reply: inout OutputRawSpan
    ) -> Bool {
        let room = reply.freeCapacity
        let limit: Int
        if plan.type == nil {
            // The relay agent takes its own option out again; it has room for what every DHCP client has.
            let relayed = view.relayInformation
            let added = relayed.isPresent ? DHCPv4ReplyBuffer.length(ofOption: relayed.range.count) : 0
            limit = min(Self.bootpLength + added, Self.smallestLimit, room)
        } else {
            let wish = (try? view.maximumMessageSize(bytes)) ?? nil
            limit = min(
                DHCPv4Message.payloadLimit(maximumMessageSize: wish, mtu: 0xFFFF),
                served.subnets[plan.subnet].payloadLimit, room)
        }
        let isWritten = reply.withUnsafeMutableBytes { all, initialized in
            let free = UnsafeMutableRawBufferPointer(rebasing: all[initialized...])
            guard let count = compose(plan, view, bytes, in: free, limit: limit) else { return false }
            initialized += count
            return true
        }
        if isWritten { return true }
        return plan.type != nil && writeFitted(plan, view, bytes, limit: limit, &reply)
    }

    /// Writes a reply that is too long with all of its options: they overload `file` and `sname`, and
    /// what then has no room is left out.
    private func writeFitted(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, limit: Int,
        _ reply: inout OutputRawSpan
    ) -> Bool {
        var whole = [UInt8](repeating: 0, count: Self.largestPayload)
        let count = whole.withUnsafeMutableBytes { room in
            compose(plan, view, bytes, in: room, limit: Self.largestPayload)
        }
        guard let count, let message = try? DHCPv4Message(parsing: whole[..<count]),
            let fitted = try? message.serialized(fitting: limit)
        else { return false }
        for byte in fitted.bytes { reply.append(byte) }
        return true
    }

    /// The count of bytes written; nil where they are too many.
    private func compose(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan,
        in room: UnsafeMutableRawBufferPointer, limit: Int
    ) -> Int? {
        let relayed = view.relayInformation
        let kept = 1 + (relayed.isPresent ? DHCPv4ReplyBuffer.length(ofOption: relayed.range.count) : 0)
        var requested: DHCPv4OptionCodes?
        if plan.type != nil, view.parameterRequestList.isPresent {
            var codes = DHCPv4OptionCodes()
            for index in view.parameterRequestList.range { codes.insert(bytes.octet(index)) }
            requested = codes
        }
        let hasExtra = hosts.entries[plan.position].extra >= 0
        var draft = Draft(
            buffer: DHCPv4ReplyBuffer(room, limit: limit, keeping: kept), requested: requested,
            options: hasExtra ? hosts.extra(of: plan.position)?.options : nil)
        if plan.type == .nak {
            writeHeader(plan, view, bytes, siaddr: 0, &draft.buffer)
            writeFields(nil, nil, &draft)
            draft.buffer.append(DHCPv4OptionCode.messageType, byte: DHCPv4MessageType.nak.rawValue)
            draft.buffer.append(DHCPv4OptionCode.serverIdentifier, number: plan.serverIdentifier)
            draft.buffer.append(DHCPv4OptionCode.message)
            draft.buffer.append(UInt8(truncatingIfNeeded: plan.message.utf8CodeUnitCount))
            draft.buffer.append(plan.message)
        } else {
            writeHeader(plan, view, bytes, siaddr: bootServer(plan, draft), &draft.buffer)
            writeBody(plan, view, bytes, &draft)
        }
        if view.clientIdentifier.isPresent, plan.type != nil {
            // RFC 6842.
            draft.buffer.append(DHCPv4OptionCode.clientIdentifier, bytes, view.clientIdentifier.range)
        }
        guard !draft.buffer.isOverfull else { return nil }
        draft.buffer.release(kept)
        if relayed.isPresent {
            // RFC 3046 section 2.2: echoed, and the last one.
            draft.buffer.append(DHCPv4OptionCode.relayInformation, bytes, relayed.range)
        }
        draft.buffer.append(255 as UInt8)
        // BOOTP clients and relays expect 300 bytes (RFC 1542 section 2.1).
        if draft.buffer.count < 300 { draft.buffer.append(zeros: min(300, limit) - draft.buffer.count) }
        return draft.buffer.isOverfull ? nil : draft.buffer.count
    }

    private func writeHeader(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, siaddr: UInt32,
        _ buffer: inout DHCPv4ReplyBuffer
    ) {
        buffer.append(2 as UInt8)
        buffer.append(view.hardwareType)
        buffer.append(view.hardwareLength)
        buffer.append(0 as UInt8)
        buffer.append(view.transactionID)
        buffer.append(0 as UInt16)
        buffer.append(plan.flags)
        buffer.append(plan.ciaddr)
        buffer.append(plan.yiaddr)
        buffer.append(siaddr)
        buffer.append(view.giaddr.rawValue)
        buffer.append(bytes, 28..<44)
    }

    /// `siaddr`: what the port or the subnet says, else ourselves, as dnsmasq says.
    private func bootServer(_ plan: DHCPv4ReplyPlan, _ draft: Draft) -> UInt32 {
        if let rule = draft.options?.rule(DHCPv4OptionCode.bootServer, plan.tags) {
            return rule.isBlank ? 0 : draft.options?.number(DHCPv4OptionCode.bootServer, plan.tags) ?? 0
        }
        let configured = served.subnets[plan.subnet].bootServer
        return configured == 0 ? plan.server : configured
    }

    private func writeBody(
        _ plan: DHCPv4ReplyPlan, _ view: DHCPv4View, _ bytes: RawSpan, _ draft: inout Draft
    ) {
        let serverName = field(DHCPv4OptionCode.serverName, 63, plan, draft)
        let bootFile = field(DHCPv4OptionCode.bootFile, 127, plan, draft)
        writeFields(serverName, bootFile, &draft)
        if serverName != nil { draft.sent.insert(DHCPv4OptionCode.serverName) }
        if bootFile != nil { draft.sent.insert(DHCPv4OptionCode.bootFile) }

        if let type = plan.type {
            draft.buffer.append(DHCPv4OptionCode.messageType, byte: type.rawValue)
            draft.buffer.append(DHCPv4OptionCode.serverIdentifier, number: plan.serverIdentifier)
        }
        if let times = plan.times {
            draft.buffer.append(DHCPv4OptionCode.leaseTime, number: times.lease)
            if times.lease != .max {
                draft.buffer.append(DHCPv4OptionCode.renewalTime, number: times.renewal)
                draft.buffer.append(DHCPv4OptionCode.rebindingTime, number: times.rebinding)
            }
        }
        if plan.isRapid {
            draft.buffer.append(DHCPv4OptionCode.rapidCommit)
            draft.buffer.append(0 as UInt8)
        }
        if view.subnetSelection.isPresent, view.subnetSelection.count == 4 {
            // RFC 3011.
            draft.buffer.append(DHCPv4OptionCode.subnetSelection, bytes, view.subnetSelection.range)
        }
        writeOptions(plan, view, bytes, &draft)
        if view.fullyQualifiedName.count >= 3, plan.type != nil { writeFullName(plan, view, bytes, &draft) }
        writeHTTPClient(plan, view, bytes, &draft)
    }

    // MARK: sname and file

    /// The text for a header field, as the data of an option of the port or of its subnet.
    private struct FieldText {
        var slot: EncodedOptions.Slot
        var isOwn: Bool

        init(_ slot: EncodedOptions.Slot, isOwn: Bool) {
            self.slot = slot
            self.isOwn = isOwn
        }
    }

    /// The text for a header field: that of the option which the client did not ask for as an option.
    /// Where it is too long for the field, there is none, and the option is sent unasked.
    private func field(
        _ code: UInt8, _ longest: Int, _ plan: DHCPv4ReplyPlan, _ draft: Draft
    ) -> FieldText? {
        if draft.requested?.contains(code) ?? false { return nil }
        if let rule = draft.options?.rule(code, plan.tags) {
            return rule.isBlank || rule.slot.count > longest + 3 ? nil : FieldText(rule.slot, isOwn: true)
        }
        guard let slot = served.slot(code, of: plan.subnet), slot.count <= longest + 3,
            !served.subnets[plan.subnet].forced.contains(code)
        else { return nil }
        return FieldText(slot, isOwn: false)
    }

    /// `sname` and `file` from the data of options (their code and length left out), and the magic cookie.
    private func writeFields(
        _ serverName: FieldText?, _ bootFile: FieldText?, _ draft: inout Draft
    ) {
        guard serverName != nil || bootFile != nil else {
            draft.buffer.append(zeros: 192)
            draft.buffer.append(0x6382_5363 as UInt32)
            return
        }
        write(serverName, 64, &draft)
        write(bootFile, 128, &draft)
        draft.buffer.append(0x6382_5363 as UInt32)
    }

    private func write(_ text: FieldText?, _ length: Int, _ draft: inout Draft) {
        guard let text else {
            draft.buffer.append(zeros: length)
            return
        }
        let range = text.slot.range.dropFirst(2)
        if text.isOwn, let options = draft.options {
            draft.buffer.append(options.options.bytes.span.bytes, range)
        } else {
            draft.buffer.append(served.options.bytes.span.bytes, range)
        }
        draft.buffer.append(zeros: length - range.count)
    }
}
