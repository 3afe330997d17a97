import CLinux
import Glibc
import LinuxKernel

/// Child processes of a command that itself only waits: its thread blocks, nothing else goes on.
enum ForegroundProcess {
    /// The environment of this process.
    static var inheritedEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var next = cl_environment()
        while let entry = next?.pointee {
            let parts = String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next = next?.advanced(by: 1)
        }
        return variables
    }

    /// Starts a program found on the given environment's PATH.
    ///
    /// - Parameters:
    ///   - log: where standard output and error go; nil for the caller's.
    ///   - session: whether it gets a session of its own, out of reach of the terminal's signals.
    static func start(
        _ words: [String], environment: [String: String], log: String? = nil, session: Bool = false
    ) throws(CommandFailure) -> pid_t {
        guard let name = words.first else {
            throw CommandFailure("no command to run", status: ExitStatus.usage)
        }
        let path: String
        do {
            path = try executablePath(of: Command(name, environment: environment))
        } catch {
            throw CommandFailure("cannot run \(name): \(error.detail)", status: 127)
        }
        var input: Int32 = 0
        var output: Int32 = 1
        var errors: Int32 = 2
        defer { if log != nil { [input, output].forEach { close($0) } } }
        if let log {
            input = open("/dev/null", O_RDONLY | O_CLOEXEC)
            output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            errors = output
            guard input >= 0, output >= 0 else {
                throw CommandFailure("cannot write \(log): \(String(cString: strerror(errno)))", status: 73)
            }
        }
        var pid: pid_t = 0
        let failure = withCStrings(words) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                cl_spawn(path, arguments, variables, input, output, errors, session ? 1 : 0, &pid)
            }
        }
        guard failure == 0 else {
            throw CommandFailure("cannot run \(name): \(String(cString: strerror(failure)))", status: 127)
        }
        return pid
    }

    /// Waits for a child: its exit status, or 128 plus the signal that ended it.
    static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Runs a program on the caller's terminal and waits for it.
    static func run(_ words: [String], environment: [String: String]) throws(CommandFailure) -> Int32 {
        // What was printed so far comes first.
        fflush(nil)
        // The terminal's interrupt is for the child; the parent ends when the child does.
        let previous = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, previous) }
        return wait(try start(words, environment: environment))
    }
}
