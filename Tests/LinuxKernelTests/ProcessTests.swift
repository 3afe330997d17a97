import Glibc
import LinuxKernel
import Testing

/// Children without namespaces: no privilege needed.
@Suite struct ProcessTests {
    let thread: NamespaceThread

    init() throws { thread = try NamespaceThread() }

    private func shell(_ script: String, timeout: Duration = .seconds(300)) async throws -> ProcessResult {
        try await spawnAndWait(Command("sh", ["-c", script]), in: nil, using: thread, timeout: timeout)
    }

    @Test func outputsAndExitStatusAreReported() async throws {
        let result = try await shell("echo out; echo err >&2; exit 7")
        #expect(result.termination == .exited(7))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
        #expect(!result.isSuccess)
    }

    @Test func processorsAreThoseThatThisThreadMayUse() async throws {
        // A child may use what this thread may.
        let script = "sed -n 's/Cpus_allowed_list:[[:space:]]*//p' /proc/thread-self/status"
        let list = try await shell(script).outputText.dropLast()
        let counts = list.split(separator: ",").map { range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            return ends.count == 2 ? ends[1] - ends[0] + 1 : 1
        }
        #expect(usableProcessors() == counts.reduce(0, +), "\(list)")
    }

    @Test func signalIsReported() async throws {
        #expect(try await shell("kill -9 $$").termination == .signalled(SIGKILL))
    }

    @Test func longOutputIsCutAndDoesNotStopTheChild() async throws {
        let result = try await shell("head -c 3000000 /dev/zero; echo done >&2")
        #expect(result.output.count == 1 << 20)
        #expect(result.errorText == "done\n")
        #expect(result.isSuccess)
    }

    @Test func daemonThatKeepsThePipesDoesNotDelay() async throws {
        let start = ContinuousClock.now
        let result = try await shell("sleep 600 & echo $!")
        // Far from both: how long a shell takes on a busy machine, and the daemon.
        #expect(ContinuousClock.now - start < .seconds(300))
        let pid = try #require(Int32(result.outputText.dropLast()))
        try ProcessWatch(pid: pid).signal(SIGKILL)
    }

    @Test func lateChildIsKilled() async throws {
        let start = ContinuousClock.now
        let error = await #expect(throws: ProcessError.self) {
            try await shell("exec sleep 600", timeout: .milliseconds(100))
        }
        #expect(error?.kind == .timedOut)
        // Far from both: how long a killed child takes on a busy machine, and its sleep.
        #expect(ContinuousClock.now - start < .seconds(300))
    }

    @Test func cancelledWaitKillsTheChild() async throws {
        let task = Task { try await shell("exec sleep 600") }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        let error = await #expect(throws: ProcessError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
    }

    @Test func missingProgramIsNamed() async throws {
        for name in ["leasehold-no-such-program", "/nonexistent/program"] {
            let error = await #expect(throws: ProcessError.self) {
                try await spawnAndWait(Command(name), in: nil, using: thread)
            }
            #expect(error?.kind == .notFound)
            #expect(error?.object == name)
        }
    }

    @Test func administratorsProgramsAreFoundWithoutPath() async throws {
        // Debian's ldconfig lives in /sbin only.
        let command = Command("ldconfig", ["--version"], environment: ["PATH": "/nonexistent"])
        #expect(try await spawnAndWait(command, in: nil, using: thread).isSuccess)
    }

    @Test func environmentIsExactlyTheGivenOne() async throws {
        let command = Command("env", environment: ["PROCESS_TAG": "dnsmasq-1", "B": "x=y"])
        let result = try await spawnAndWait(command, in: nil, using: thread)
        #expect(result.outputText == "B=x=y\nPROCESS_TAG=dnsmasq-1\n")
    }

    @Test func childHasNoDescriptorAndNoSignalMaskOfOurs() async throws {
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        let result = try await shell("ls -l /proc/$$/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status")
        let numbers = result.outputText.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropLast(2).last.flatMap { Int($0) }
        }
        #expect(Set(numbers) == [0, 1, 2])
        for name in ["SigBlk", "SigIgn"] {
            let line = try #require(result.outputText.split(separator: "\n").first { $0.hasPrefix(name) })
            let bits = try #require(UInt64(line.suffix(16), radix: 16))
            // Signals 32 and 33 are the C library's own.
            #expect(bits & 0x7FFF_FFFF == 0, "\(line)")
        }
    }

    @Test func sessionOfItsOwnIsStarted() async throws {
        // Field 6 of proc_pid_stat(5) is the session.
        var command = Command("sh", ["-c", "echo $$; cut -d' ' -f6 /proc/$$/stat"])
        command.startsSession = true
        let lines = try await spawnAndWait(command, in: nil, using: thread).outputText.split(separator: "\n")
        #expect(lines.count == 2 && lines[0] == lines[1])
    }

    @Test func manyChildrenAtOnceAllReport() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask { try await self.shell("echo \(number)").outputText == "\(number)\n" }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func linesArriveUntilTheChildEnds() async throws {
        var child = try await spawn(
            Command("sh", ["-c", "echo one; echo two; printf three"]), in: nil, using: thread, output: .pipe)
        guard let output = child.takeOutput() else {
            Issue.record("a piped child came without a pipe")
            return
        }
        var seen: [String] = []
        for await line in lines(from: output) { seen.append(line) }
        #expect(seen == ["one", "two", "three"])
        #expect(await child.watch.exit() == .exited(0))
    }

    @Test func outputIsAppendedToAFile() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/log"
        for word in ["one", "two"] {
            let child = try await spawn(
                Command("echo", [word]), in: nil, using: thread, output: .append(path: path))
            _ = await child.watch.exit()
        }
        #expect(try readFile(path: path) == Array("one\ntwo\n".utf8))
    }

    @Test func watchHearsOfTheEndAndRefusesToSignalAfterwards() async throws {
        let child = try await spawn(Command("sleep", ["600"]), in: nil, using: thread)
        let watch = try ProcessWatch(pid: child.pid)
        #expect(watch.isRunning)
        #expect(try ProcessTable.commandLine(of: child.pid) == ["sleep", "600"])
        try watch.signal(SIGTERM)
        #expect(await child.watch.exit() == .signalled(SIGTERM))
        // Not its parent's watch: it hears of the end, but not how.
        #expect(await watch.exit() == nil)
        #expect(!watch.isRunning)
        let error = #expect(throws: ProcessError.self) { try watch.signal(SIGTERM) }
        #expect(error?.kind == .noSuchProcess)
        #expect(throws: ProcessError.self) { try ProcessWatch(pid: child.pid) }
    }

    @Test func exitIsHeardOfAfterwardsToo() async throws {
        let child = try await spawn(Command("true"), in: nil, using: thread)
        _ = await child.watch.exit()
        #expect(await child.watch.exit() == .exited(0))
    }

    @Test func processTableTellsOfAProcess() async throws {
        let command = Command("sleep", ["600"], environment: ["PROCESS_TAG": "dnsmasq-x"])
        let child = try await spawn(command, in: nil, using: thread)
        #expect(try ProcessTable.environment(of: child.pid) == ["PROCESS_TAG": "dnsmasq-x"])
        let own = try #require(try ProcessTable.startTime(of: getpid()))
        let childs = try #require(try ProcessTable.startTime(of: child.pid))
        #expect(own <= childs)
        #expect(try ProcessTable.processIDs().contains(child.pid))
        try child.watch.signal(SIGKILL)
        _ = await child.watch.exit()
        #expect(try ProcessTable.commandLine(of: child.pid) == nil)
    }
}
