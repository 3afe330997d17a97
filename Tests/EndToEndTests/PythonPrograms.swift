import Foundation

/// The programs in `Programs/`, and the environments that they run in.
extension PythonEnvironment {
    private static let programs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Programs")

    /// The stock `openstack` client and openstacksdk.
    static func openstack() throws -> PythonEnvironment { try pinned("openstack") }

    /// schemathesis and openapi-spec-validator.
    static func schemathesis() throws -> PythonEnvironment { try pinned("schemathesis") }

    /// The environment of the packages in `Programs/<name>.txt`.
    private static func pinned(_ name: String) throws -> PythonEnvironment {
        let list = try String(contentsOf: programs.appendingPathComponent("\(name).txt"), encoding: .utf8)
        return try make("python-\(name)", packages: list.split(separator: "\n").map(String.init))
    }

    /// The words of a shell command that runs one of the programs.
    func command(_ name: String) -> String {
        "'\(program("python"))' '\(Self.programs.appendingPathComponent(name).path)'"
    }
}
