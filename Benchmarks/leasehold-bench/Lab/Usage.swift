import Glibc

/// What processes have used, read from /proc (proc(5)).
enum Usage {
    /// CPU seconds of a process, of its threads that ended, and of its children that it waited for.
    static func cpu(of pid: pid_t) throws(Failure) -> Double {
        let text = try readFile("/proc/\(pid)/stat")
        // The second field, the program's name in parentheses, may hold anything.
        guard let end = text.lastIndex(of: ")") else { throw Failure("/proc/\(pid)/stat is not understood") }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14 else { throw Failure("/proc/\(pid)/stat is not understood") }
        // utime, stime, cutime and cstime are fields 14 to 17 of the line, 12 to 15 of what follows the name.
        let ticks = fields[11...14].compactMap { Double($0) }
        return ticks.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// CPU seconds of all threads of a process that run now, exact to the nanosecond.
    ///
    /// For processes of one thread that live for a few milliseconds of CPU, where ticks would read 0.
    static func exactCPU(of pid: pid_t) -> Double {
        // A process that ended between the listing and the reading has no more to say.
        guard let text = try? readFile("/proc/\(pid)/schedstat"),
            let nanoseconds = text.split(separator: " ").first.flatMap({ Double($0) })
        else { return 0 }
        return nanoseconds / 1e9
    }

    /// CPU seconds of this process and of its children that it waited for.
    static func ownCPU() -> Double {
        var total = 0.0
        for who in [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue] {
            var usage = rusage()
            getrusage(who, &usage)
            for time in [usage.ru_utime, usage.ru_stime] {
                total += Double(time.tv_sec) + Double(time.tv_usec) / 1e6
            }
        }
        return total
    }

    /// Resident and proportional memory in bytes (/proc/PID/smaps_rollup).
    static func memory(of pid: pid_t) throws(Failure) -> (resident: Double, proportional: Double) {
        let text = try readFile("/proc/\(pid)/smaps_rollup")
        func kibibytes(_ name: String) -> Double? {
            for line in text.split(separator: "\n") where line.hasPrefix(name) {
                return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            }
            return nil
        }
        guard let resident = kibibytes("Rss:"), let proportional = kibibytes("Pss:") else {
            throw Failure("/proc/\(pid)/smaps_rollup is not understood")
        }
        return (resident * 1024, proportional * 1024)
    }

    /// The processes of the lab that bear that program name.
    static func processes(named name: String) -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            guard let pid = pid_t(entryName(entry)) else { continue }
            if (try? readFile("/proc/\(pid)/comm")) == name + "\n" { found.append(pid) }
        }
        return found
    }
}
