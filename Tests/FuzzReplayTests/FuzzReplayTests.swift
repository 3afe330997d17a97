import FuzzProperties
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// An input that a fuzzer kept: part of its corpus, or a failure that was found once.
struct KeptInput: Sendable, CustomTestStringConvertible {
    let target: FuzzTarget
    let name: String
    let bytes: [UInt8]

    var testDescription: String { "\(target.rawValue) \(name)" }
}

@Suite("What fuzzing found")
struct FuzzReplayTests {
    @Test("no failure that was found comes back", arguments: FuzzTarget.allCases)
    func failures(_ target: FuzzTarget) throws {
        for input in try kept(target, "Failures") { check(input) }
    }

    @Test("the corpus of every target is there, and its properties hold", arguments: FuzzTarget.allCases)
    func corpus(_ target: FuzzTarget) throws {
        let inputs = try kept(target, "Corpus")
        #expect(!inputs.isEmpty)
        for input in inputs { check(input) }
    }

    @Test(
        "the properties hold for all seeds, cut at any length and with any byte changed",
        arguments: FuzzTarget.allCases)
    func seeds(_ target: FuzzTarget) {
        #expect(target.seeds.allSatisfy { !$0.bytes.isEmpty })
        #expect(Set(target.seeds.map(\.name)).count == target.seeds.count)
        for (index, seed) in target.seeds.enumerated() {
            check(KeptInput(target: target, name: seed.name, bytes: seed.bytes))
            for cut in stride(from: index % 5, to: seed.bytes.count, by: 5) {
                check(
                    KeptInput(
                        target: target, name: "\(seed.name) to \(cut)", bytes: Array(seed.bytes.prefix(cut))))
                var changed = seed.bytes
                changed[cut] = changed[cut] &+ 0x7F &+ UInt8(truncatingIfNeeded: cut)
                check(KeptInput(target: target, name: "\(seed.name) changed at \(cut)", bytes: changed))
            }
        }
    }

    private func check(_ input: KeptInput) {
        do throws(PropertyFailure) {
            try input.target.check(input.bytes)
        } catch {
            Issue.record("\(input.testDescription): \(error) in \(input.bytes)")
        }
    }

    /// The files of a target in FuzzTesting/, by name; none where there is no such folder.
    private func kept(_ target: FuzzTarget, _ kind: String) throws -> [KeptInput] {
        let folder = root + "/FuzzTesting/\(kind)/\(target.rawValue)"
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return try names.sorted().map { name in
            KeptInput(target: target, name: name, bytes: try contents(of: "\(folder)/\(name)"))
        }
    }

    private func contents(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer.prefix(count)
        }
        return bytes
    }

    /// The repository: this file is Tests/FuzzReplayTests/FuzzReplayTests.swift in it.
    private var root: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }
}
