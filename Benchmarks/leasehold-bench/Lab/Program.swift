import Glibc

/// Programs started by this one.
enum Program {
    /// Runs a program and waits for it, its words hidden unless it fails.
    ///
    /// - Throws: ``Failure`` with the program's own words.
    static func run(_ words: [String]) throws {
        let status = wait(try start(words, log: "/dev/null"))
        if status == 0 { return }
        // The rare case pays: the words were thrown away, so ask once more for them.
        let log = "/run/bench-failed-\(getpid())-\(words[0].split(separator: "/").last ?? "program")"
        defer { unlink(log) }
        let second = wait(try start(words, log: log))
        let said = (try? readFile(log)) ?? ""
        throw Failure("`\(words.joined(separator: " "))` ended with \(status), then \(second): \(said)")
    }

    /// Starts a program found on PATH; its output and errors go to the end of a file.
    static func start(_ words: [String], log: String) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE; what we start must not.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let error = withCStrings(words) { posix_spawnp(&pid, words[0], &actions, &attributes, $0, environ) }
        guard error == 0 else { throw .call("run \(words[0])", error: error) }
        return pid
    }

    /// Waits for a child: its exit status, or 128 plus the signal that ended it.
    static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Whether a program of that name is on PATH.
    static func exists(_ name: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}
