import Glibc
import Testing

@testable import DNSEngine

@Suite struct OutcomeTests {
    @Test(arguments: DNSDropReason.allCases)
    func `every reason has a paragraph in docs`(_ reason: DNSDropReason) throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("/\(root)/docs/outcomes.md", "r"))
        defer { fclose(file) }
        var text: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains { $0 == "### \(reason.rawValue)" })
    }
}
