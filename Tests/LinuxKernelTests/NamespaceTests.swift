import Dispatch
import Glibc
import KernelPlan
import KernelScenarios
import LinuxKernel
import Locks
import Testing

/// The number of the network namespace of the calling thread.
private func currentNamespace() -> UInt64 {
    var status = stat()
    return stat("/proc/thread-self/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
}

/// What jobs on other threads change.
private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// The port that a socket is bound to.
private func boundPort(_ socket: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    return result == 0 ? SocketAddress(storage)?.port : nil
}

@Suite(.enabled(if: Privilege.shouldRun, "needs CAP_NET_ADMIN and CAP_SYS_ADMIN"), .serialized)
struct NamespaceTests {
    let bench: RealWorkbench
    let name: String

    init() throws {
        bench = try RealWorkbench()
        name = "lhk-\(bench.tag)"
    }

    /// Runs the body with a namespace of our name, and takes that away whatever happens.
    private func withNamespace(_ body: () async throws -> Void) async throws {
        try bench.linux.createNamespace(name)
        do {
            try await body()
        } catch {
            try? bench.linux.deleteNamespace(name)
            throw error
        }
        try bench.linux.deleteNamespace(name)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test func workRunsInsideAndNobodyElseDoes() async throws {
        try await withNamespace {
            let root = currentNamespace()
            let inside = try await bench.thread.run(in: name) { currentNamespace() }
            #expect(inside != root && inside != 0)
            #expect(try await bench.thread.run(in: nil) { currentNamespace() } == root)
            // Tasks that are resumed by the thread and threads that are born meanwhile stay outside.
            let strays = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        _ = try await bench.thread.run(in: name) { usleep(100) }
                        return currentNamespace() != root
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(strays == 0)
        }
    }

    @Test func failureInsideComesOutAndTheThreadIsHome() async throws {
        try await withNamespace {
            let root = currentNamespace()
            let failure = KernelError(operation: "try", object: "this", errno: EDOM, detail: "no")
            await #expect(throws: failure) { try await bench.thread.run(in: name) { throw failure } }
            let afterwards = try bench.thread.runBlocking(in: nil) { currentNamespace() }
            #expect(afterwards == root)
        }
    }

    @Test func namespaceThatIsNotThereIsNamed() async throws {
        let error = await #expect(throws: KernelError.self) {
            try await bench.thread.run(in: "lhk-none") {}
        }
        #expect(error?.errno == ENOENT)
        #expect(error?.object == "lhk-none")
        for wrong in ["", ".", "..", "a/b", "../../etc/passwd"] {
            let error = await #expect(throws: KernelError.self) { try await bench.thread.run(in: wrong) {} }
            #expect(error?.errno == EINVAL)
        }
    }

    @Test func namespaceIsWhatIproute2Makes() async throws {
        try await withNamespace {
            let list = try await spawnAndWait(Command("ip", ["netns", "list"]), in: nil, using: bench.thread)
            #expect(list.outputText.contains(name))
            let links = try await spawnAndWait(
                Command("ip", ["netns", "exec", name, "ip", "-o", "link"]), in: nil, using: bench.thread)
            #expect(links.outputText.split(separator: "\n").count == 1)
            #expect(try bench.linux.namespaceNames().contains(name))
        }
    }

    @Test func childIsStartedInside() async throws {
        try await withNamespace {
            let inside = try await bench.thread.run(in: name) { currentNamespace() }
            let result = try await spawnAndWait(
                Command("readlink", ["/proc/self/ns/net"]), in: name, using: bench.thread)
            #expect(result.outputText == "net:[\(inside)]\n")
            let child = try await spawn(Command("sleep", ["600"]), in: name, using: bench.thread)
            #expect(ProcessTable.processIDs(inNamespace: name) == [child.pid])
            try child.watch.signal(SIGKILL)
            _ = await child.watch.exit()
        }
    }

    @Test func socketIsBoundInside() async throws {
        try await withNamespace {
            let device = LinkPlace("lo", in: name)
            try bench.linux.setUp(device)
            let any = try address("127.0.0.1")
            // One that is free outside, which another process may take meanwhile: the port inside is the same.
            let outside = try await openUDPSocket(in: nil, using: bench.thread, address: any, port: 0)
            let number = boundPort(outside.number)
            let port = try #require(number)
            let first = try await openUDPSocket(in: name, using: bench.thread, address: any, port: port)
            let inside = boundPort(first.number)
            #expect(port != 0 && inside == port)
            withExtendedLifetime(outside.number) {}
            let counters = try #require(try bench.linux.counters(of: device))
            #expect(counters.receivedPackets == 0)
        }
    }

    @Test(.timeLimit(.minutes(20))) func whatCanWaitComesAfterWhatCannot() async throws {
        let order = Shared<[String]>([])
        let begun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        bench.thread.submit {
            begun.signal()
            gate.wait()
        }
        await waitFor(begun)
        for number in 0..<3 { bench.thread.submit { order.value.withLock { $0.append("now \(number)") } } }
        for number in 0..<3 {
            bench.thread.submitLater { order.value.withLock { $0.append("later \(number)") } }
        }
        bench.thread.submitLater { end.signal() }
        // Before its time is over.
        bench.thread.submit { order.value.withLock { $0.append("now 3") } }
        gate.signal()
        await waitFor(end)
        let wanted = ["now 0", "now 1", "now 2", "now 3", "later 0", "later 1", "later 2"]
        #expect(order.value.withLock { $0 } == wanted)
    }

    @Test(.timeLimit(.minutes(20))) func whatCanWaitIsDoneWhereThereIsAlwaysSomethingElse() async throws {
        let done = Shared(0)
        let end = DispatchSemaphore(value: 0)
        let thread = bench.thread
        @Sendable func goOn() {
            usleep(100)
            if done.value.withLock({ $0 }) == 100 { end.signal() } else { thread.submit(goOn) }
        }
        thread.submit(goOn)
        for _ in 0..<100 { thread.submitLater { done.value.withLock { $0 += 1 } } }
        // Would wait for ever if it waited for silence.
        await waitFor(end)
    }

    @Test(.timeLimit(.minutes(20))) func aThreadWithNothingLeftToDoEnds() async throws {
        var thread: NamespaceThread? = try NamespaceThread()
        weak let left = thread
        let end = DispatchSemaphore(value: 0)
        thread?.submitLater {}
        thread?.submitLater { end.signal() }
        await waitFor(end)
        thread = nil
        // Its last job holds it until that has returned.
        while left != nil { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Waits off the cooperative pool.
    private func waitFor(_ semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "waits").async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }
}
