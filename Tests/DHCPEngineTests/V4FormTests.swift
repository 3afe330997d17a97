import Addressing
import DHCPMessages
import Testing

/// The view of a request says what the whole message says.
@Suite struct V4FormTests {
    @Test("the view and the message agree on every random message")
    func agreement() throws {
        var random = V4Random(state: 11)
        for _ in 0..<3000 {
            let message = randomMessage(&random)
            let bytes = try message.serialized()
            try bytes.withUnsafeBytes { raw in
                let view = try DHCPv4View(raw.bytes)
                if view.isSplit {
                    let joined = view.joined(raw.bytes)
                    check(joined.view, joined.bytes, message)
                } else {
                    check(view, bytes, message)
                }
            }
        }
    }

    private func randomMessage(_ random: inout V4Random) -> DHCPv4Message {
        var message = DHCPv4Message(
            operation: .request, hardwareType: .random(in: 0...40, using: &random),
            hops: .random(in: 0...20, using: &random), transactionID: .random(in: 0 ... .max, using: &random),
            flags: .random(in: 0 ... .max, using: &random),
            ciaddr: IPv4Address(rawValue: .random(in: 0 ... .max, using: &random)),
            giaddr: IPv4Address(rawValue: .random(in: 0 ... .max, using: &random)),
            chaddr: (0..<Int.random(in: 0...16, using: &random)).map { _ in
                .random(in: 0...255, using: &random)
            })
        for code in [12, 50, 51, 53, 54, 55, 57, 60, 61, 77, 80, 81, 82, 118, 125, 175, 224] as [UInt8]
        where Bool.random(using: &random) {
            let count = [1, 2, 4, 4, 9, 40, 255, 256, 600].randomElement(using: &random) ?? 4
            message[option: code] = (0..<count).map { _ in .random(in: 0...255, using: &random) }
        }
        message.options.shuffle(using: &random)
        return message
    }

    private func check(_ view: DHCPv4View, _ bytes: [UInt8], _ message: DHCPv4Message) {
        #expect(view.hasCookie)
        #expect(view.hardwareType == message.hardwareType)
        #expect(Int(view.hardwareLength) == message.chaddr.count)
        #expect(view.hops == message.hops)
        #expect(view.transactionID == message.transactionID)
        #expect(view.flags == message.flags)
        #expect(view.ciaddr == message.ciaddr)
        #expect(view.giaddr == message.giaddr)
        if view.isEthernet { #expect(view.mac.octets == message.chaddr) }
        for (code, field) in fields(view) {
            #expect(field.isPresent == (message[option: code] != nil))
            #expect(!field.isSplit)
            if field.isPresent { #expect(Array(bytes[field.range]) == message[option: code]) }
        }
        bytes.withUnsafeBytes { raw in
            #expect((try? view.messageType(raw.bytes)) == (try? message.messageType()))
            #expect((try? view.requestedAddress(raw.bytes)) == (try? message.requestedAddress()))
            #expect((try? view.serverIdentifier(raw.bytes)) == (try? message.serverIdentifier()))
            #expect((try? view.leaseTime(raw.bytes)) == (try? message.leaseTime()))
        }
    }

    private func fields(_ view: DHCPv4View) -> [(UInt8, DHCPv4View.Field)] {
        [
            (12, view.hostName), (50, view.requestedAddressField), (51, view.leaseTimeField),
            (53, view.messageTypeField), (54, view.serverIdentifierField), (55, view.parameterRequestList),
            (57, view.maximumMessageSizeField), (60, view.vendorClass), (61, view.clientIdentifier),
            (77, view.userClass), (80, view.rapidCommit), (81, view.fullyQualifiedName),
            (82, view.relayInformation), (118, view.subnetSelection), (125, view.vendorIdentifiedOptions),
            (175, view.etherboot),
        ]
    }

    @Test("the view and the message agree on what is no message")
    func refusals() throws {
        var random = V4Random(state: 12)
        var message = DHCPv4Message(operation: .request, transactionID: 1, chaddr: [1, 2, 3, 4, 5, 6])
        for code in [12, 50, 53, 55, 61, 82] as [UInt8] { message[option: code] = [1, 2, 3, 4] }
        let whole = try message.serialized(minimumLength: 0)
        for _ in 0..<4000 {
            var bytes = whole
            // Not the operation, hlen or the cookie, of which they think differently.
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 240..<bytes.count, using: &random)] =
                    [0, 1, 4, 52, 200, 255]
                    .randomElement(using: &random) ?? 0
            }
            let isMessage = (try? DHCPv4Message(parsing: bytes)) != nil
            let isView = bytes.withUnsafeBytes { (try? DHCPv4View($0.bytes)) != nil }
            #expect(isMessage == isView, "\(bytes[240...])")
        }
    }
}
