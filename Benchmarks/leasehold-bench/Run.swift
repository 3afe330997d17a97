import Glibc

/// A whole run, from outside the labs.
struct Run {
    let options: Options
    let sizes: Sizes

    init(_ options: Options) {
        self.options = options
        sizes = .of(options)
    }

    /// Measures, prints the table and writes the list.
    ///
    /// - Returns: the exit status: 1 if something could not be measured.
    func perform() throws -> Int32 {
        let begin = now()
        let groups = options.only.isEmpty ? Group.allCases : Group.allCases.filter(options.only.contains)
        var phases: [Phase] = []
        for phase in groups.flatMap(\.phases) where !phases.contains(phase) { phases.append(phase) }
        let scratch = try makeScratch()
        defer { removeDirectory(scratch) }

        var results: [Phase: Figures] = [:]
        var failures: [String] = []
        var isBusy = false
        var patience = 90.0
        for (index, phase) in phases.enumerated() {
            let before = now()
            // On a machine that never rests, waiting before each phase would be most of the run.
            if !Quiet.wait(limit: min(30, patience)), !isBusy {
                isBusy = true
                say("the machine is busy with other things: the figures will be worse than they need be")
            }
            patience = max(2, patience - (now() - before))
            say("[\(index + 1)/\(phases.count)] \(phase.summary(sizes))")
            do {
                let figures = try measure(phase, scratch)
                results[phase] = figures
                failures += figures.failures.map { "\(phase.summary(sizes)): \($0)" }
            } catch let failure as Failure where failure.exitCode == 71 || failure.exitCode == 130 {
                // Without a lab nothing can be measured; and who interrupts wants an end of it.
                throw failure
            } catch {
                failures.append("\(phase.summary(sizes)): \(error)")
                say("      failed: \(error)")
            }
        }

        let rows = Rows(results: results, sizes: sizes)
        let tables = groups.map(rows.of).filter { !$0.isEmpty }
        var remarks = [Machine.description]
        if options.isQuick { remarks.append("small sizes (--quick): not for quoting") }
        if isBusy { remarks.append("the machine was busy with other things") }
        print("\n\(remarks.joined(separator: "; "))\n")
        Table.lines(tables).forEach { print($0) }
        print(
            """

            ratio: how many times better than the baseline below it; above 1 is better
            forks: what Neutron's agents fork and write for a network, without Neutron itself
                   (the better of 1 and 4 workers; "of N": measured on N networks and scaled)
            conn.: connections that create ports at a time; compared with SQLite alone, one commit at a time
            \(Int((now() - begin).rounded())) s in all
            """)
        for failure in failures { print("NOT MEASURED: \(failure)") }
        // The table comes before what is said next, wherever the two go.
        fflush(nil)
        if let output = options.output {
            try writeFile(output, Measurement.json(Array(tables.joined())))
            say("written: \(output)")
        }
        return failures.isEmpty ? 0 : 1
    }

    private func measure(_ phase: Phase, _ scratch: String) throws -> Figures {
        let report = "\(scratch)/\(phase.rawValue).json"
        var arguments = ["--inside", phase.rawValue, "--report", report, "--scratch", scratch]
        if options.isQuick { arguments.append("--quick") }
        if let leasehold = options.leasehold { arguments += ["--leasehold", try absolute(leasehold)] }
        do {
            try Lab.run(arguments)
        } catch let failure as Failure where failure.exitCode == 1 {
            // The phase leaves its reason in place of its figures.
            throw (try? readFile(report + ".failed")).map { Failure($0) } ?? failure
        }
        return try Figures(readingFrom: report)
    }

    /// A directory on the disk that will hold the result.
    private func makeScratch() throws -> String {
        let output = options.output ?? "."
        let parent = try absolute(output.lastIndex(of: "/").map { "\(output[..<$0])/" } ?? ".")
        let prefix = ".leasehold-bench-"
        // A run that was killed could not remove its own.
        if let directory = opendir(parent) {
            while let entry = readdir(directory) {
                let name = entryName(entry)
                guard name.hasPrefix(prefix), let pid = pid_t(name.dropFirst(prefix.count)) else { continue }
                if kill(pid, 0) != 0, errno == ESRCH { removeDirectory("\(parent)/\(name)") }
            }
            closedir(directory)
        }
        let directory = "\(parent)/\(prefix)\(getpid())"
        try makeDirectory(directory)
        return directory
    }

    private func absolute(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw .call("find \(path)") }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// On what the figures were taken.
enum Machine {
    static var description: String {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return "\(cores) cores, Linux \(release)"
    }
}
