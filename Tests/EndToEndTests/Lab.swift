import Foundation
import Testing

/// The DHCP drivers, by their names in `dhcp_driver`.
enum Driver: String, CaseIterable, Sendable {
    case dnsmasq, native

    /// A configuration file that chooses the driver.
    var settings: String { "[DEFAULT]\ndhcp_driver = \(rawValue)\n" }
}

/// The built `leasehold` binary, run in labs: everything a test does stays in namespaces of its own.
struct Lab {
    /// What a script printed and how it ended.
    struct Result {
        let status: Int32
        let output: String

        /// The values of lines `key=value`, in order.
        subscript(key: String) -> [String] {
            output.split(separator: "\n").compactMap { line in
                line.hasPrefix(key + "=") ? String(line.dropFirst(key.count + 1)) : nil
            }
        }
    }

    /// The binary beside the test bundle.
    static let binary: URL = {
        // swift test runs the bundle inside the build folder, where the products lie.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("leasehold")
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory),
                !isDirectory.boolValue
            {
                return candidate
            }
            folder = folder.deletingLastPathComponent()
        }
        return URL(fileURLWithPath: ".build/debug/leasehold")
    }()

    /// Whether a lab can be made here; a requirement that is not met fails in CI instead.
    static let isPossible: Bool = {
        if ProcessInfo.processInfo.environment["LEASEHOLD_REQUIRE_PRIVILEGED"] == "1" { return true }
        return ((try? run("true"))?.status ?? 1) == 0
    }()

    /// Runs a shell script in a lab beside a running service.
    ///
    /// - Parameter settings: lines of a configuration file for the service.
    static func run(_ script: String, settings: String = "") throws -> Result {
        var arguments = ["lab"]
        var folder: URL?
        defer { if let folder { try? FileManager.default.removeItem(at: folder) } }
        if !settings.isEmpty {
            let made = FileManager.default.temporaryDirectory.appendingPathComponent(
                "leasehold-e2e-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
            folder = made
            let file = made.appendingPathComponent("service.ini")
            try settings.write(to: file, atomically: true, encoding: .utf8)
            arguments += ["--config-file", file.path]
        }
        return try execute(binary, arguments + ["--", "/bin/bash", "-c", prelude + script])
    }

    /// Runs a program and collects what it prints.
    static func execute(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Result {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }

    /// What scripts may use: `id_of RESOURCE NAME`, `until_true COMMAND…`, which waits for as long as nothing takes,
    /// however busy the machine is. An instance is waited for as long.
    private static let prelude = #"""
        set -u
        id_of() { leasehold "$1" show "$2" -f value -c id; }
        until_true() {
            local start=$SECONDS
            while ! "$@" >/dev/null 2>&1; do
                [ $((SECONDS - start)) -lt 120 ] || { echo "never true: $*"; return 1; }
                sleep 0.05
            done
        }
        leasehold() {
            case "$1 ${2-}" in
                'instance boot') command leasehold "$@" --timeout 120 ;;
                *) command leasehold "$@" ;;
            esac
        }
        state=/run/leasehold

        """#
}
