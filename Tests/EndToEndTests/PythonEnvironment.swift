import Foundation
import Testing

/// A virtual environment of Python, made once per machine and kept in the build folder.
struct PythonEnvironment {
    let folder: URL

    /// The program of the environment.
    func program(_ name: String) -> String { folder.appendingPathComponent("bin/\(name)").path }

    /// The environment of that name with the packages, whose versions must be pinned.
    static func make(_ name: String, packages: [String]) throws -> PythonEnvironment {
        let build = Lab.binary.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let environment = PythonEnvironment(folder: build.appendingPathComponent(name))
        // What an interrupted installation left behind lacks the mark, and other versions have another.
        let mark = environment.folder.appendingPathComponent("installed")
        let wanted = packages.joined(separator: "\n")
        if (try? String(contentsOf: mark, encoding: .utf8)) == wanted { return environment }
        let list = packages.map { "'\($0)'" }.joined(separator: " ")
        let made = try Lab.execute(
            URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                """
                python3 -m venv --clear '\(environment.folder.path)' &&
                '\(environment.program("pip"))' install -q --disable-pip-version-check --retries 10 --timeout 60 \(list)
                """,
            ])
        try #require(made.status == 0, "\(made.output)")
        try wanted.write(to: mark, atomically: true, encoding: .utf8)
        return environment
    }
}
