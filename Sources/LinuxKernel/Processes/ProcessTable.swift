import Glibc

/// What /proc tells of a process (proc_pid_cmdline(5), proc_pid_environ(5), proc_pid_stat(5)).
///
/// A process id may be given to another process at any time. To be sure, open a ``ProcessWatch``
/// first, read here, and then ask the watch whether its process still runs.
public enum ProcessTable {
    /// The arguments with which the process runs, program first; nil where it is gone.
    public static func commandLine(of pid: Int32) -> [String]? {
        strings(path: "/proc/\(pid)/cmdline")
    }

    /// The environment with which the process was started; nil where it is gone or not ours to read.
    public static func environment(of pid: Int32) -> [String: String]? {
        guard let lines = strings(path: "/proc/\(pid)/environ") else { return nil }
        var values: [String: String] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }

    /// When the process started, in clock ticks since boot: with the id it names one process for good.
    public static func startTime(of pid: Int32) -> UInt64? {
        guard let bytes = try? readFile(path: "/proc/\(pid)/stat", limit: 4096),
            // The program's name may hold spaces and parentheses; the last one ends it.
            let parenthesis = bytes.lastIndex(of: 0x29)
        else { return nil }
        let fields = bytes[(parenthesis + 1)...].split(separator: 0x20)
        // Field 22 of proc_pid_stat(5); the first one here is field 3.
        guard fields.count > 19 else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }

    /// The ids of all processes that we can see.
    public static func processIDs() -> [Int32] {
        ((try? directoryEntries(path: "/proc")) ?? []).compactMap { Int32($0) }
    }

    /// The processes whose network namespace is the one of that name under /run/netns.
    public static func processIDs(inNamespace name: String) -> [Int32] {
        var wanted = stat()
        guard let path = try? namespacePath(name), stat(path, &wanted) == 0 else { return [] }
        return processIDs().filter { pid in
            var found = stat()
            return stat("/proc/\(pid)/ns/net", &found) == 0
                && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev
        }
    }

    /// The zero-terminated strings of a file.
    private static func strings(path: String) -> [String]? {
        guard let bytes = try? readFile(path: path) else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false)
            .dropLast(bytes.last == 0 ? 1 : 0)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
