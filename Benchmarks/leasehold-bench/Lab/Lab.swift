import CLinux
import Glibc

/// The private namespaces in which a phase is measured (user, network, mount, PID, IPC, UTS).
///
/// Each phase has its own: whatever it wired and started is gone when it ends, without cleaning up.
enum Lab {
    /// Runs this very program with the arguments in a new lab, and waits.
    static func run(_ arguments: [String]) throws {
        let program = try ownPath()
        var failedStep: UnsafePointer<CChar>?
        let status = withCStrings([program] + arguments) { words in
            withCStrings(environmentOfLab) { variables in clinux_lab_run(words, variables, &failedStep) }
        }
        if status < 0, let failedStep {
            throw Failure(
                """
                cannot make a lab: \(String(cString: failedStep)): \(String(cString: strerror(-status)))
                The benchmark needs user namespaces (user_namespaces(7)), which a container or a security policy \
                may forbid to ordinary users.
                As root: sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0
                """, exitCode: 71)
        }
        guard status != 128 + SIGINT else { throw Failure("interrupted", exitCode: 130) }
        // What the phase had to say it has said on standard error.
        guard status == 0 else { throw Failure("exit status \(status)") }
    }

    /// Our environment, with the directories in which Debian keeps ip, dnsmasq and iptables.
    private static var environmentOfLab: [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("PATH=") { variables.append(text) }
            next += 1
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return variables + ["PATH=\(path):/usr/local/sbin:/usr/sbin:/sbin"]
    }
}

/// The path of the running program (proc(5), /proc/self/exe).
func ownPath() throws(Failure) -> String {
    guard let path = realpath("/proc/self/exe", nil) else { throw .call("read /proc/self/exe") }
    defer { free(path) }
    return String(cString: path)
}

/// Calls the body with a NULL-terminated array of C strings.
func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> R
) rethrows -> R {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { pointers.forEach { free($0) } }
    return try pointers.withUnsafeBufferPointer { buffer in
        // The array has at least the NULL, so its buffer has a base address.
        guard let base = buffer.baseAddress else { preconditionFailure("empty argument vector") }
        return try body(base)
    }
}
