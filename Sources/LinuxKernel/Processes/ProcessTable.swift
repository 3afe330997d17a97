import Glibc

/// What /proc tells of a process (proc_pid_cmdline(5), proc_pid_environ(5), proc_pid_stat(5)).
///
/// A process id may be given to another process at any time. To be sure, open a ``ProcessWatch``
/// first, read here, and then ask the watch whether its process still runs.
public enum ProcessTable {
    /// The arguments with which the process runs, program first; nil where it is gone or not ours to read.
    public static func commandLine(of pid: Int32) throws(FileError) -> [String]? {
        try strings(path: "/proc/\(pid)/cmdline")
    }

    /// The environment with which the process was started; nil where it is gone or not ours to read.
    public static func environment(of pid: Int32) throws(FileError) -> [String: String]? {
        guard let lines = try strings(path: "/proc/\(pid)/environ") else { return nil }
        var values: [String: String] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }

    /// When the process started, in clock ticks since boot: with the id it names one process for good.
    /// Nil where it is gone.
    public static func startTime(of pid: Int32) throws(FileError) -> UInt64? {
        guard let bytes = try entry("/proc/\(pid)/stat"),
            // The program's name may hold spaces and parentheses; the last one ends it.
            let parenthesis = bytes.lastIndex(of: 0x29)
        else { return nil }
        let fields = bytes[(parenthesis + 1)...].split(separator: 0x20, maxSplits: 20)
        // Field 22 of proc_pid_stat(5); the first one here is field 3.
        guard fields.count > 19 else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }

    /// The ids of all processes that we can see.
    public static func processIDs() throws(FileError) -> [Int32] {
        try directoryEntries(path: "/proc").compactMap { Int32($0) }
    }

    /// Whether the process's network namespace is the one of that name under /run/netns; nil where we may
    /// not look.
    public static func isIn(namespace name: String, pid: Int32) -> Bool? {
        guard let path = try? namespacePath(name) else { return false }
        var wanted = stat()
        if stat(path, &wanted) != 0 { return errno == ENOENT ? false : nil }
        var found = stat()
        if stat("/proc/\(pid)/ns/net", &found) != 0 { return errno == ENOENT || errno == ESRCH ? false : nil }
        return found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev
    }

    /// The processes whose network namespace is the one of that name under /run/netns.
    public static func processIDs(inNamespace name: String) -> [Int32] {
        guard let all = try? processIDs() else { return [] }
        return all.filter { isIn(namespace: name, pid: $0) == true }
    }

    /// The zero-terminated strings of a file.
    private static func strings(path: String) throws(FileError) -> [String]? {
        guard let bytes = try entry(path) else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false)
            .dropLast(bytes.last == 0 ? 1 : 0)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file of a process; nil where the process is gone or the file is not ours to read, and only then:
    /// to have no descriptor left says nothing about a process.
    private static func entry(_ path: String) throws(FileError) -> [UInt8]? {
        do throws(FileError) {
            return try readFile(path: path)
        } catch {
            if [ENOENT, ESRCH, EACCES, EPERM].contains(error.errno) { return nil }
            throw error
        }
    }
}
