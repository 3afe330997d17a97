import Glibc
import LinuxKernel
import Testing

@testable import DnsmasqDriver

@Suite("Kept inotify descriptors")
struct InotifyPoolTests {
    /// Runs the body with a file of its own.
    private func withFile(_ body: (String) throws -> Void) throws {
        let path = "/tmp/leasehold-inotify-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        try atomicReplace(path: path, contents: "x")
        defer { try? removeFile(path: path) }
        try body(path)
    }

    /// Uses a watch for what the body says, and gives it back.
    private func watch(
        _ paths: [String], _ pool: InotifyPool, _ body: (inout ReaderWatch) throws -> Void
    ) throws {
        guard var reader = ReaderWatch.of(paths, pool) else {
            Issue.record("no watch left")
            return
        }
        try body(&reader)
    }

    @Test("a descriptor comes back after use, without its watches and events")
    func reuse() throws {
        try withFile { path in
            let pool = InotifyPool()
            try watch([path], pool) { reader in
                #expect(pool.count == 0)
                let isReadEarly = reader.wait(milliseconds: 0)
                #expect(!isReadEarly)
                _ = try readFile(path: path)
                _ = try readFile(path: path)
            }
            #expect(pool.count == 1)
            // Read while nobody watched.
            _ = try readFile(path: path)
            try watch([path], pool) { reader in
                #expect(pool.count == 0)
                let isReadEarly = reader.wait(milliseconds: 20)
                let unread = reader.unread
                #expect(!isReadEarly)
                #expect(unread == [path])
                _ = try readFile(path: path)
                let isRead = reader.wait(milliseconds: 120_000)
                #expect(isRead)
            }
            #expect(pool.count == 1)
        }
    }

    @Test("a file that is not there gives no watch and costs no descriptor")
    func missing() throws {
        try withFile { path in
            let pool = InotifyPool()
            for _ in 0..<3 {
                if case .some = ReaderWatch.of([path, "\(path).missing"], pool) { Issue.record("watched") }
            }
            #expect(pool.count == 1)
        }
    }

    @Test("no more are kept than the limit")
    func limit() throws {
        let pool = InotifyPool()
        for _ in 0...InotifyPool.limit {
            let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
            try #require(number >= 0)
            pool.putBack(OwnedDescriptor(number))
        }
        #expect(pool.count == InotifyPool.limit)
    }
}
