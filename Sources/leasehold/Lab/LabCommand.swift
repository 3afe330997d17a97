import ArgumentParser
import CLinux
import Glibc

/// `leasehold lab`: the service and a shell, or a command, in namespaces of their own.
struct LabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Run the service and a shell, or a command, in a private place; needs no root.",
        discussion: """
            Everything happens inside a user, network, mount and process namespace of its own: you are \
            root there, nothing of the host can be changed, and when the shell ends nothing is left.

            EXAMPLES
              leasehold lab                              a shell beside a running service
              leasehold lab -- ip netns list             one command; its exit status is the lab's
              leasehold lab -- sh -c 'leasehold network create n1 && leasehold network list'
            """)

    @OptionGroup var files: ConfigurationOptions

    @Flag(help: .hidden) var inside = false

    @Argument(
        parsing: .postTerminator, help: "What to run instead of a shell, after `--`.",
        completion: .shellCommand("compgen -c"))
    var command: [String] = []

    func run() throws {
        guard inside else {
            var arguments = ["lab", "--inside"]
            arguments += files.arguments
            throw ExitCode(try LabNamespaces.run(arguments + ["--"] + command))
        }
        try LabNamespaces.checkInside()
        let place = try LabPlace(configurationFiles: files.files)
        let service = try ServiceProcess.start(in: place)
        defer { service.stop() }
        var words = command
        if words.isEmpty {
            words = [environment("SHELL") ?? "/bin/sh"]
            print(
                """
                This is a Leasehold lab: the service runs at \(place.endpoint), nothing here touches the host.
                Try: leasehold network create net1
                     leasehold subnet create --network net1 --subnet-range 172.16.1.0/24 sub1
                     leasehold instance boot vm1 --network net1
                The service's log: \(place.serviceLog). Leave with `exit`.
                """)
        }
        let status = try run(words, environment: place.environment)
        throw ExitCode(status)
    }

    /// Runs the words as a child on the same terminal and waits.
    private func run(_ words: [String], environment: [String: String]) throws -> Int32 {
        do {
            return try ForegroundProcess.run(words, environment: environment)
        } catch {
            throw CommandFailure("cannot run \(words[0]): \(error)", status: 127)
        }
    }
}

/// The namespaces around a lab, made by ``CLinux/clinux_lab_run(_:_:_:)``.
enum LabNamespaces {
    /// Runs this very program with the arguments as the first program of a new lab.
    ///
    /// - Returns: the program's exit status.
    /// - Throws: ``CommandFailure`` with the remedy where the kernel refuses.
    static func run(_ arguments: [String]) throws -> Int32 {
        let program = try ownPath()
        var failedStep: UnsafePointer<CChar>?
        let status = withCStrings([program] + arguments) { words in
            clinux_lab_run(words, cl_environment(), &failedStep)
        }
        guard status < 0, let failedStep else { return status }
        let step = String(cString: failedStep)
        throw CommandFailure(
            "cannot make a lab: \(step): \(String(cString: strerror(-status)))\(remedy(step))", status: 71)
    }

    /// Refuses to treat the host as if it were a lab.
    static func checkInside() throws {
        // A lab maps just one user (user_namespaces(7)).
        guard smallFile("/proc/self/uid_map")?.split(separator: " ").last == "1" else {
            throw CommandFailure(
                "--inside is for the lab itself: run `leasehold lab`", status: ExitStatus.usage)
        }
    }

    /// What the person can do about a refused step.
    private static func remedy(_ step: String) -> String {
        let restricted: [(file: String, bad: String, line: String)] = [
            (
                "/proc/sys/kernel/unprivileged_userns_clone", "0",
                "sysctl kernel.unprivileged_userns_clone=1"
            ),
            (
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
            ),
            ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
        ]
        for setting in restricted where smallFile(setting.file) == setting.bad {
            return """

                This system forbids user namespaces to ordinary users (\(setting.file) is \(setting.bad)).
                As root, run:  \(setting.line)
                or run `leasehold serve` as root on the host itself.
                """
        }
        return """

            A lab needs user namespaces (user_namespaces(7)), which a container or a security policy may \
            forbid. Run it outside of the container, or run `leasehold serve` as root.
            """
    }
}

/// The path of the running program (proc(5), /proc/self/exe).
func ownPath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else {
        throw CommandFailure("cannot find the program's own path: is /proc mounted?", status: 71)
    }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The first line of a small file without its newline, or nil.
func smallFile(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = read(file, &buffer, buffer.count)
    guard length > 0 else { return nil }
    return String(decoding: buffer[..<length].prefix { $0 != 0x0A }, as: UTF8.self)
}

/// Calls the body with a NULL-terminated array of C strings.
func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> R
) rethrows -> R {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { pointers.forEach { free($0) } }
    return try pointers.withUnsafeBufferPointer { buffer in
        // A non-empty array's buffer has a base address.
        guard let base = buffer.baseAddress else { preconditionFailure("empty argument vector") }
        return try body(base)
    }
}
