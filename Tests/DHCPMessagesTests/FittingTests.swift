import Addressing
import Testing

@testable import DHCPMessages

@Suite("A DHCPv4 message of limited size")
struct FittingTests {
    private func reply(_ options: [DHCPv4Option], file: String = "", sname: String = "") -> DHCPv4Message {
        DHCPv4Message(
            operation: .reply, transactionID: 7, yiaddr: IPv4Address(10, 0, 0, 9),
            chaddr: [0xFA, 0x16, 0x3E, 0, 0, 9], serverName: Array(sname.utf8), bootFile: Array(file.utf8),
            options: options)
    }

    private func option(_ code: UInt8, _ count: Int) -> DHCPv4Option {
        DHCPv4Option(code, (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ Int(code)) })
    }

    private let basis: [DHCPv4Option] = [
        .init(53, [5]), .init(54, [10, 0, 0, 2]), .init(51, [0, 1, 0x51, 0x80]),
        .init(1, [255, 255, 255, 0]),
    ]

    /// The options as a client joins them, by code.
    private func contents(_ bytes: [UInt8]) throws -> [UInt8: [UInt8]] {
        let options = try DHCPv4Message(parsing: bytes).options
        return Dictionary(uniqueKeysWithValues: options.map { ($0.code, $0.data) })
    }

    @Test("what fits is sent as it is: End, padding to 300, nothing dropped")
    func fits() throws {
        let message = reply(basis)
        let fitted = try message.serialized(fitting: 548)
        #expect(fitted.bytes == (try message.serialized()))
        #expect(fitted.bytes.count == 300 && fitted.dropped.isEmpty)
    }

    @Test("the limit is the client's, 576 without one, the interface's at most, headers counted")
    func limits() {
        #expect(DHCPv4Message.payloadLimit(maximumMessageSize: nil, mtu: 1500) == 548)
        #expect(DHCPv4Message.payloadLimit(maximumMessageSize: 1500, mtu: 1500) == 1472)
        #expect(DHCPv4Message.payloadLimit(maximumMessageSize: 65535, mtu: 1450) == 1422)
        #expect(DHCPv4Message.payloadLimit(maximumMessageSize: 100, mtu: 1500) == 548)
        #expect(DHCPv4Message.payloadLimit(maximumMessageSize: 1500, mtu: 68) == 548)
    }

    @Test("file takes what the options field cannot, then sname; option 52 says which")
    func overload() throws {
        // 308 bytes are free; the basis has 21 of them, End 1.
        let inFile = reply(basis + [option(43, 250), option(67, 60)])
        let one = try inFile.serialized(fitting: 548)
        #expect(one.dropped.isEmpty && one.bytes.count <= 548)
        #expect(Array(one.bytes[108..<110]) == [67, 60] && one.bytes[170] == 255)
        #expect(one.bytes[44] == 0)
        #expect(try contents(one.bytes)[67] == option(67, 60).data)

        let inBoth = reply(basis + [option(43, 250), option(67, 120), option(66, 60)])
        let two = try inBoth.serialized(fitting: 548)
        #expect(two.dropped.isEmpty)
        #expect(Array(two.bytes[108..<110]) == [67, 120] && Array(two.bytes[44..<46]) == [66, 60])
        let read = try contents(two.bytes)
        #expect(read[66] == option(66, 60).data && read[67] == option(67, 120).data)
        #expect(read[43] == option(43, 250).data)
    }

    @Test("a boot file or server name in its field is not written over")
    func occupied() throws {
        let message = reply(basis + [option(43, 250), option(67, 50)], file: "boot.efi")
        let fitted = try message.serialized(fitting: 548)
        #expect(fitted.dropped.isEmpty)
        #expect(Array(fitted.bytes[44..<46]) == [67, 50])
        #expect(try DHCPv4Message(parsing: fitted.bytes).bootFile == Array("boot.efi".utf8))
        let full = reply(basis + [option(224, 250), option(67, 50)], file: "boot.efi", sname: "host")
        let less = try full.serialized(fitting: 548)
        #expect(less.dropped == [224])
        #expect(try DHCPv4Message(parsing: less.bytes).serverName == Array("host".utf8))
    }

    @Test("an option above 255 bytes is spread over the fields in order and joined again")
    func spread() throws {
        let message = reply(basis + [option(121, 400)])
        let fitted = try message.serialized(fitting: 548)
        #expect(fitted.dropped.isEmpty && fitted.bytes.count <= 548)
        #expect(fitted.bytes[108] == 121)
        #expect(try contents(fitted.bytes)[121] == option(121, 400).data)
    }

    @Test("message type and server stay in the options field, option 82 at its end")
    func pinned() throws {
        let message = reply([option(224, 250), .init(82, [1, 2, 7, 7])] + basis + [option(225, 100)])
        let fitted = try message.serialized(fitting: 548)
        #expect(fitted.dropped.isEmpty)
        let end = try #require(fitted.bytes.lastIndex(of: 255))
        #expect(Array(fitted.bytes[end - 6..<end]) == [82, 4, 1, 2, 7, 7])
        #expect(Array(fitted.bytes[240..<243]) == [53, 1, 5])
        #expect(try contents(fitted.bytes).count == 7)
    }

    @Test("what is dropped goes by weight: 249, derived times, site options from the end, names, boot")
    func order() throws {
        let heavy = [
            option(121, 200), option(249, 200), option(3, 4), option(6, 8), option(15, 40), option(58, 4),
            option(59, 4), option(28, 4), option(224, 90), option(225, 90), option(119, 200),
            option(67, 100),
        ]
        var options = basis + heavy
        var order: [UInt8] = []
        while let position = DHCPv4OptionWeight.lightest(of: options) {
            order.append(options.remove(at: position).code)
        }
        #expect(order == [249, 59, 58, 28, 225, 224, 119, 15, 67, 6, 3, 121])
        #expect(options.map(\.code) == [53, 54, 51, 1])

        let fitted = try reply(basis + heavy).serialized(fitting: 548)
        #expect(fitted.bytes.count <= 548)
        #expect(order.starts(with: fitted.dropped) && !fitted.dropped.isEmpty)
        let read = try contents(fitted.bytes)
        #expect(Set(read.keys) == Set((basis + heavy).map(\.code)).subtracting(fitted.dropped))
    }

    @Test("249 stays where there is no 121")
    func microsoftRoutes() {
        #expect(DHCPv4OptionWeight.lightest(of: [option(249, 9), option(15, 3)]) == 1)
        #expect(DHCPv4OptionWeight.lightest(of: basis) == nil)
    }

    @Test("what may not be dropped and does not fit is an error, not a broken message")
    func impossible() {
        let message = reply(basis + [option(82, 255), option(61, 255)])
        #expect(throws: DHCPSerializeError.doesNotFit(count: 240 + 1 + 21 + 514, limit: 548)) {
            try message.serialized(fitting: 548)
        }
        #expect(throws: DHCPSerializeError.self) { try message.serialized(fitting: 0) }
    }

    @Test(
        "any options in any limit: within the limit, and all that is not dropped is read back",
        arguments: 0..<6)
    func random(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed) &+ 1000)
        for _ in 0..<400 {
            var codes = Array(UInt8(1)...254).filter { $0 != 52 }
            codes.shuffle(using: &random)
            let sizes = [0, 1, 4, 20, 100, 255, 256, 600]
            let options = codes.prefix(Int.random(in: 0...14, using: &random)).map { code in
                option(code, sizes.randomElement(using: &random) ?? 0)
            }
            let message = reply(
                options, file: Bool.random(using: &random) ? "x" : "",
                sname: Bool.random(using: &random) ? "y" : "")
            let limit = Int.random(in: 240...1500, using: &random)
            guard let fitted = try? message.serialized(fitting: limit) else {
                // Only what may not be dropped can be too much.
                let left = options.filter { DHCPv4OptionWeight.indispensable.contains($0.code) }
                #expect(left.reduce(241) { $0 + $1.data.count + 2 } > limit - 70)
                continue
            }
            #expect(fitted.bytes.count <= limit)
            let parsed = try DHCPv4Message(parsing: fitted.bytes)
            #expect(parsed.bootFile == message.bootFile && parsed.serverName == message.serverName)
            let kept = options.filter { !fitted.dropped.contains($0.code) }
            #expect(
                try contents(fitted.bytes)
                    == Dictionary(uniqueKeysWithValues: kept.map { ($0.code, $0.data) }))
        }
    }
}
