import DHCPConformance
import LinuxKernel
import Testing

@Suite("docs/drivers.md")
struct ConformanceDocumentTests {
    private func document() throws -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return String(
            decoding: try readFile(path: root.joined(separator: "/") + "/docs/drivers.md"), as: UTF8.self)
    }

    @Test("lists exactly the differences that the suite knows")
    func differences() throws {
        let lines = try document().split(separator: "\n")
        let start = try #require(lines.firstIndex(of: "## Where they differ"))
        // Smaller ones have a section of their own.
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
        let rows = section.filter { $0.hasPrefix("| ") }
        #expect(rows.map(String.init) == Difference.table.split(separator: "\n").map(String.init))
    }

    @Test("names the version of dnsmasq that was compared")
    func version() throws { #expect(try document().contains("dnsmasq 2.90")) }

    @Test("every difference is shown by a fact, every fact's name is its own")
    func shown() {
        let facts = Scene.all.flatMap(\.facts)
        #expect(Set(facts.compactMap(\.difference)) == Set(Difference.allCases))
        for scene in Scene.all { #expect(Set(scene.facts.map(\.name)).count == scene.facts.count) }
        #expect(facts.count > 150)
    }
}
