import Addressing
import Foundation
import NetworkModel
import Testing

@testable import NetworkStore

/// The quick way of reading a record gives what `JSONDecoder` gives, or leaves the record to it.
@Suite struct RecordReaderTests {
    /// Reads by the quick way only; nil if it is not for that.
    private func quick(_ kind: RecordKind, _ body: some Collection<UInt8>) -> NetworkModel.Record? {
        Array(body).withUnsafeBufferPointer { body in try? kind.read(body) }
    }

    private func either(_ kind: RecordKind, _ body: some Collection<UInt8>) throws -> NetworkModel.Record {
        try Array(body).withUnsafeBufferPointer { body in try kind.decode(body) }
    }

    /// The record as the store writes it: unlike `==`, tells equivalent strings of other scalars apart.
    private func written(_ record: NetworkModel.Record) -> String { record.body }

    /// The record as `JSONEncoder` writes it, which the forms have to agree with.
    private func encoded(
        _ record: NetworkModel.Record,
        _ formatting: JSONEncoder.OutputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        let data =
            switch record {
            case .network(let network): try encoder.encode(network)
            case .subnet(let subnet): try encoder.encode(subnet)
            case .port(let port): try encoder.encode(port)
            case .agent(let agent): try encoder.encode(agent)
            case .subnetPool(let pool): try encoder.encode(pool)
            case .quota(let quota): try encoder.encode(quota)
            }
        return String(decoding: data, as: UTF8.self)
    }

    @Test(arguments: 1...8)
    func everyRecordThatTheStoreWritesIsReadTheQuickWay(seed: UInt64) throws {
        var random = RandomRecords(seed: seed)
        for _ in 0..<400 {
            let record = random.record()
            let kind = RecordKind(record.key)
            let body = written(record)
            #expect(try body == encoded(record))
            let read = try #require(quick(kind, body.utf8), "left to JSONDecoder: \(body)")
            #expect(read == record)
            #expect(written(read) == body)
            #expect(try kind.decodeAnyForm(Data(body.utf8)) == read)
        }
    }

    @Test(arguments: RecordKind.allCases)
    func aRecordWithEverythingThatMayBeMissingIsReadTheQuickWay(kind: RecordKind) throws {
        var random = RandomRecords(seed: 99)
        let record = random.record(kind, isFull: true)
        // A field that was added to a resource and not to its form shows here.
        let body = written(record)
        #expect(try body == encoded(record))
        #expect(quick(kind, body.utf8) == record, "left to JSONDecoder: \(body)")
        let object = try JSONDecoder().decode([String: JSONValue].self, from: Data(body.utf8))
        let resource: Any =
            switch record {
            case .network(let network): network
            case .subnet(let subnet): subnet
            case .port(let port): port
            case .agent(let agent): agent
            case .subnetPool(let pool): pool
            case .quota(let quota): quota
            }
        #expect(
            fields(of: resource) == Set(object.keys),
            "the record of this test has no value for some field")
    }

    /// The names of a resource's fields, which for a port are in a box in a box.
    private func fields(of resource: Any) -> Set<String> {
        let children = Mirror(reflecting: resource).children
        if children.count == 1, let inner = children.first { return fields(of: inner.value) }
        return Set(children.compactMap(\.label))
    }

    @Test(arguments: 1...4)
    func otherFormsOfTheSameJSONAreReadAsWell(seed: UInt64) throws {
        var random = RandomRecords(seed: seed &* 31)
        for _ in 0..<60 {
            let record = random.record()
            let kind = RecordKind(record.key)
            let body = written(record)
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
            var forms = [" \n\t\(body)\r\n", body.replacing("/", with: "\\/")]
            for _ in 0..<4 { forms.append(random.form(of: value)) }
            forms.append(try encoded(record, .prettyPrinted))
            for form in forms {
                #expect(try either(kind, form.utf8) == record, "\(form)")
                #expect(try written(either(kind, form.utf8)) == body)
            }
        }
    }

    @Test(arguments: 1...8)
    func alteredTextIsReadAsJSONDecoderReadsItOrRefused(seed: UInt64) throws {
        var random = RandomRecords(seed: seed &* 1001)
        var accepted = 0
        for _ in 0..<700 {
            let record = random.record()
            let kind = RecordKind(record.key)
            let body = random.altered(Array(written(record).utf8))
            guard let read = quick(kind, body) else { continue }
            accepted += 1
            let text = String(decoding: body, as: UTF8.self)
            let expected = try kind.decodeAnyForm(Data(body))
            #expect(read == expected, "\(text)")
            #expect(written(read) == written(expected), "\(text)")
        }
        #expect(accepted > 20, "only \(accepted) alterations kept the form")
    }

    @Test func textCutOffAnywhereIsRefused() throws {
        var random = RandomRecords(seed: 5)
        for kind in RecordKind.allCases {
            let body = Array(written(random.record(kind, isFull: true)).utf8)
            for count in 0..<body.count {
                #expect(throws: (any Error).self, "\(count)") { try either(kind, body.prefix(count)) }
            }
        }
    }

    @Test func randomBytesAreRefused() {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<60, using: &generator)
            let body = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            for kind in RecordKind.allCases { #expect(quick(kind, body) == nil) }
        }
        let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
        for kind in RecordKind.allCases {
            #expect(throws: (any Error).self) { try either(kind, deep) }
            #expect(throws: (any Error).self) {
                try either(kind, Array("{\"allocationPools\":".utf8) + deep)
            }
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC\u0000""#, "A\u{E9}\u{20AC}\u{0}"), ("\"\u{E9}\u{1F600}\"", "\u{E9}\u{1F600}"),
        ("\"\u{7F}\"", "\u{7F}"),
    ])
    func stringsAreReadWithTheirEscapes(_ text: String, _ value: String) throws {
        var utf8 = text
        let read = try utf8.withUTF8 { bytes in
            var reader = RecordReader(bytes)
            let read = try reader.string()
            try reader.expectEnd()
            return read
        }
        #expect(Array(read.unicodeScalars) == Array(value.unicodeScalars))
    }

    @Test(arguments: [
        #"""#, #""a"#, #""\"#, #""\u"#, #""\u00"#, #""\u004"#, #""\u00g0""#, #""\ud83d\ude00""#, #""\ud83d""#,
        #""\x""#, "\"\n\"", "\"\u{0}\"", "x",
    ])
    func otherStringsAreLeftToJSONDecoder(_ text: String) {
        var utf8 = text
        _ = utf8.withUTF8 { bytes in
            #expect(throws: RecordReader.Unfamiliar.self) {
                var reader = RecordReader(bytes)
                _ = try reader.string()
            }
        }
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80]])
    func bytesThatAreNotUTF8AreLeftToJSONDecoder(_ bytes: [UInt8]) {
        for escape in ["", "\\n"] {
            _ = ([0x22] + Array(escape.utf8) + bytes + [0x22]).withUnsafeBufferPointer { bytes in
                #expect(throws: RecordReader.Unfamiliar.self) {
                    var reader = RecordReader(bytes)
                    _ = try reader.string()
                }
            }
        }
    }

    @Test(
        arguments: [
            ("0,", 0), ("7}", 7), ("-1,", -1), ("999999999999999999,", 999_999_999_999_999_999),
            ("-999999999999999999}", -999_999_999_999_999_999), ("00,", nil), ("-0,", nil), ("01,", nil),
            ("1.0,", nil), ("1e3,", nil), ("1", nil), ("-,", nil), (",", nil), ("+1,", nil),
            ("1000000000000000000,", nil), ("1 ,", nil),
        ] as [(String, Int64?)])
    func numbersAreReadIfTheyAreInTheFormOfTheStore(_ text: String, _ value: Int64?) {
        var utf8 = text
        utf8.withUTF8 { bytes in
            var reader = RecordReader(bytes)
            #expect((try? reader.integer()) == value)
        }
    }
}

/// The quick ways of reading values that are written as text.
@Suite struct RecordValueTests {
    private func read<Value>(
        _ bytes: [UInt8], _ body: (inout RecordReader) throws(RecordReader.Unfamiliar) -> Value
    ) -> Value? {
        ([0x22] + bytes + [0x22]).withUnsafeBufferPointer { bytes in
            var reader = RecordReader(bytes)
            guard let value = try? body(&reader), (try? reader.expectEnd()) != nil else { return nil }
            return value
        }
    }

    @Test func everyOctetAnywhereInAnIdentifierIsReadRightOrLeftToJSONDecoder() {
        let text = Array("01234567-89ab-cdef-a0f9-99ffeeddcc00".utf8)
        var accepted = 0
        for index in text.indices {
            for byte in UInt8.min ... .max {
                var altered = text
                altered[index] = byte
                guard
                    let id = read(
                        altered,
                        { reader throws(RecordReader.Unfamiliar) in
                            try reader.identifier()
                        })
                else { continue }
                accepted += 1
                #expect(ResourceID(String(decoding: altered, as: UTF8.self)) == id)
                #expect(Array(id.description.utf8) == altered)
            }
        }
        #expect(accepted == 32 * 16 + 4, "all lower-case digits and hyphens")
    }

    @Test func everyOctetAnywhereInAMACIsReadRightOrLeftToJSONDecoder() {
        let text = Array("fa:16:3e:09:af:90".utf8)
        var accepted = 0
        for index in text.indices {
            for byte in UInt8.min ... .max {
                var altered = text
                altered[index] = byte
                guard
                    let mac = read(
                        altered,
                        { reader throws(RecordReader.Unfamiliar) in
                            try reader.macAddress()
                        })
                else { continue }
                accepted += 1
                #expect(MACAddress(String(decoding: altered, as: UTF8.self)) == mac)
                #expect(Array(mac.description.utf8) == altered)
            }
        }
        #expect(accepted == 12 * 16 + 5)
    }

    @Test(arguments: [
        "0.0.0.0", "255.255.255.255", "10.0.0.1", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1..3.4",
        "1.2.3.", ".1.2.3", "1000.2.3.4", "1.2.3.4 ", "", ".", "::", "2001:db8::1", "::ffff:10.0.0.1",
        "fe80::g",
    ])
    func addressesAreReadAsTheirTypeReadsThem(_ text: String) {
        let address = read(Array(text.utf8)) { reader throws(RecordReader.Unfamiliar) in
            try reader.address()
        }
        #expect(address == IPAddress(text))
    }
}

/// Where the sums of claims come from.
@Suite struct ClaimSumTests {
    private func sum(of rows: [(ClaimTable, [String])]) -> ClaimSum {
        var sum = ClaimSum()
        for (table, values) in rows {
            Array(values.map { Array($0.utf8) }.joined(separator: [Checksum.end])).withUnsafeBytes {
                sum.add(table, $0)
            }
        }
        return sum
    }

    @Test(arguments: 1...4)
    func theClaimsOfARecordSumUpToTheirRows(seed: UInt64) {
        var random = RandomRecords(seed: seed &* 7)
        var scratch: [UInt8] = []
        for _ in 0..<300 {
            let record = random.record()
            let holder = record.key.id.description
            let rows = Set(record.claims).map { claim in
                let row = ClaimRow(claim)
                return (row.table, row.values + [holder])
            }
            var derived = ClaimSum()
            Array(holder.utf8).withUnsafeBufferPointer {
                derived.add(record, holder: $0, scratch: &scratch)
            }
            #expect(derived == sum(of: rows))
            #expect(derived == sum(of: rows.reversed()))
        }
    }

    @Test func everyAlteredOctetOfARowShows() {
        let row = [
            "00000000-0000-0000-0000-000000000001", "10.0.0.77", "00000000-0000-0000-0000-000000000002",
        ]
        let whole = sum(of: [(.addresses, row)])
        #expect(whole != sum(of: [(.macs, row)]))
        #expect(whole != sum(of: []))
        #expect(whole != sum(of: [(.addresses, row), (.addresses, row)]))
        #expect(whole != sum(of: [(.addresses, [row[0] + row[1], row[2]])]))
        for part in row.indices {
            for index in row[part].indices {
                for other in ["x", "0", "1", ""] where other != String(row[part][index]) {
                    var altered = row
                    altered[part].replaceSubrange(index...index, with: other)
                    #expect(whole != sum(of: [(.addresses, altered)]))
                }
            }
        }
    }

    @Test(arguments: [0, 1, 3, 4, 5, 8, 11])
    func checksumsThatAreMadeTogetherAreThoseMadeAlone(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let texts = (0..<count).map { _ in
            (0..<Int.random(in: 0..<50, using: &generator)).map { _ in
                UInt8.random(in: 0x20..<0x7F, using: &generator)
            }
        }
        var start = Checksum()
        start.add("ports")
        let alone = texts.map { text in
            var checksum = start
            checksum.add(String(decoding: text, as: UTF8.self))
            return checksum.value
        }
        let ended = texts.map { $0 + [Checksum.end] }
        let all = Array(ended.joined())
        let together = all.withUnsafeBufferPointer { all in
            var offset = 0
            return start.continued(
                over: ended.map { text in
                    defer { offset += text.count }
                    return UnsafeBufferPointer(rebasing: all[offset..<offset + text.count])
                })
        }
        #expect(together.map(\.value) == alone)
    }
}
