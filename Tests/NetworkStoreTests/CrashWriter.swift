import Foundation
import Locks

/// A run of the executable StoreCrashWriter, which stands beside the test binary.
final class CrashWriter: Sendable {
    private let process: Mutex<Process>
    private let output: Pipe

    init(_ arguments: [String], under wrapper: [String] = []) throws {
        let binary = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        )
        .deletingLastPathComponent().appendingPathComponent("StoreCrashWriter").path
        let command = wrapper + [binary] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A backtracer whose program is killed meanwhile waits for ever, and keeps the pipe open.
        process.arguments = ["SWIFT_BACKTRACE=enable=no"] + command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        self.output = output
        self.process = Mutex(process)
    }

    var processIdentifier: Int32 { process.withLock(\.processIdentifier) }

    /// Ends the process at once, as a power switch does.
    func kill() {
        process.withLock { process in
            if process.isRunning { _ = Glibc.kill(process.processIdentifier, SIGKILL) }
        }
    }

    /// Everything that it printed, as soon as it has ended.
    func lines() async -> [String] {
        // Reads until the end of the pipe, on a thread that may block.
        let data = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [output] in
                continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile())
            }
        }
        process.withLock { $0.waitUntilExit() }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
