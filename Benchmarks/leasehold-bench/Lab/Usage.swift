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
    static func exactCPU(of pid: pid_t) -> Double { exactCPU("/proc/\(pid)") }

    private static func exactCPU(_ directory: String) -> Double {
        // A process that ended between the listing and the reading has no more to say.
        guard let text = try? readFile("\(directory)/schedstat"),
            let nanoseconds = text.split(separator: " ").first.flatMap({ Double($0) })
        else { return 0 }
        return nanoseconds / 1e9
    }

    /// CPU seconds of all threads of a process, those that ended among them, exact to the nanosecond
    /// (clock_getcpuclockid(3)); 0 where there is no such process.
    static func threadsCPU(of pid: pid_t) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The threads of a process that run now.
    static func threads(of pid: pid_t) -> [pid_t] { numbers(in: "/proc/\(pid)/task") }

    /// Waits until the processes have nothing left to do of themselves, such as to look at links that
    /// changed; for twenty seconds at most.
    ///
    /// - Parameter period: over how many seconds they must have used less than a fiftieth of a processor.
    static func waitUntilIdle(_ pids: [pid_t], over period: Double = 0.25) {
        let end = now() + 20
        var last = -1.0
        while now() < end {
            let cpu = pids.map(threadsCPU).reduce(0, +)
            if last >= 0, cpu - last < period / 50 { return }
            last = cpu
            pause(period)
        }
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
        numbers(in: "/proc").filter { (try? readFile("/proc/\($0)/comm")) == name + "\n" }
    }

    /// The sockets' descriptors of a process.
    static func sockets(of pid: pid_t) -> [Int32] {
        numbers(in: "/proc/\(pid)/fd").filter { file in
            var target = [CChar](repeating: 0, count: 8)
            readlink("/proc/\(pid)/fd/\(file)", &target, target.count - 1)
            return String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .hasPrefix("socket:")
        }
    }

    /// The entries of a directory that are numbers.
    private static func numbers(in path: String) -> [Int32] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [Int32] = []
        while let entry = readdir(directory) {
            if let number = Int32(entryName(entry)) { found.append(number) }
        }
        return found
    }
}
