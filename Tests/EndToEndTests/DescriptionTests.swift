import Foundation
import Testing

@Suite("The API and its description", .enabled(if: Lab.isPossible), .serialized)
struct DescriptionTests {
    @Test("a validator of others finds nothing wrong with the description")
    func valid() throws {
        let program = try PythonEnvironment.schemathesis().command("describe.py")
        let result = try Lab.run(program)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["type"] == ["application/json"], "\(result.output)")
        #expect(result["problems"] == ["0"], "\(result.output)")
        #expect(result["version"] == ["3.1.0"], "\(result.output)")
    }

    @Test("whatever is asked, the answer is one that the description has, and no server error")
    func properties() throws {
        let wanted = ProcessInfo.processInfo.environment["LEASEHOLD_API_EXAMPLES"].flatMap { Int($0) } ?? 1000
        let program = try PythonEnvironment.schemathesis().command("schemathesis_run.py")
        let result = try Lab.run("\(program) \(wanted)", settings: Driver.native.settings)
        #expect(result.status == 0, "\(result.output)")
        let examples = result["examples"].first.flatMap { Int($0) } ?? 0
        #expect(examples >= wanted, "\(result.output)")
        if wanted > 1000 {
            print("\(examples) examples over \(result["operations"].first ?? "?") operations")
        }
    }
}
