import DHCPEngine
import Foundation
import Testing

/// docs/outcomes.md explains every reason for which a packet is not answered.
@Suite struct OutcomesDocumentTests {
    /// The paragraphs below each heading `### \`reason\``.
    private static func sections() throws -> [String: String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/outcomes.md"), encoding: .utf8)
        var sections: [String: String] = [:]
        var current: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("### `"), line.hasSuffix("`") {
                let name = String(line.dropFirst(5).dropLast())
                #expect(sections[name] == nil, "\(name) has two headings")
                sections[name] = ""
                current = name
            } else if line.hasPrefix("#") {
                current = nil
            } else if let current {
                sections[current, default: ""] += line + "\n"
            }
        }
        return sections
    }

    @Test("every reason has its heading and a paragraph", arguments: DropReason.allCases)
    func paragraph(reason: DropReason) throws {
        let section = try #require(try Self.sections()[reason.rawValue], "\(reason.rawValue) has no heading")
        #expect(section.split(separator: " ").count > 15, "\(reason.rawValue) has no paragraph")
    }

    @Test("every heading is a reason")
    func noOthers() throws {
        let reasons = Set(DropReason.allCases.map(\.rawValue))
        for name in try Self.sections().keys { #expect(reasons.contains(name), "\(name) is no reason") }
    }
}
