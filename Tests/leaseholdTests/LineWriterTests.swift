import Dispatch
import Glibc
import Testing

@testable import leasehold

@Suite(.timeLimit(.minutes(20))) struct LineWriterTests {
    /// For a reader whose turn on a busy machine comes late.
    private static let patience = DispatchTimeInterval.seconds(600)

    /// Runs a body that may block, off the cooperative pool.
    private func blocking<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "line writer test").async { continuation.resume(returning: body()) }
        }
    }

    /// The lines that come out of a pipe until nobody writes to it any more.
    private func lines(of descriptor: Int32) async -> [String] {
        await blocking {
            var bytes: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(descriptor, &part, part.count)
                if count <= 0 { break }
                bytes += part[..<count]
            }
            close(descriptor)
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private func pipeEnds() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        for end in ends { #expect(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        return (ends[0], ends[1])
    }

    @Test func `nobody waits for a reader that does not read, and what is dropped is told of in its place`()
        async
    {
        let pipe = pipeEnds()
        let writer = LineWriter(descriptor: pipe.write, limit: 100_000) { "dropped \($0)" }
        let count = 20_000
        await blocking {
            // A megabyte: more than a pipe holds.
            for number in 0..<count { writer.append("line \(number) " + String(repeating: "x", count: 40)) }
        }
        async let read = lines(of: pipe.read)
        await blocking {
            writer.flush(within: Self.patience)
            writer.append("after that")
            writer.flush(within: Self.patience)
            close(pipe.write)
        }
        let lines = await read
        var next = 0
        for line in lines.dropLast() {
            let words = line.split(separator: " ")
            let number = words.count > 1 ? Int(words[1]) : nil
            if line.hasPrefix("dropped ") {
                next += number ?? 0
            } else {
                #expect(number == next && line.hasSuffix(String(repeating: "x", count: 40)), "\(line)")
                next += 1
            }
        }
        #expect(next == count)
        #expect(lines.contains { $0.hasPrefix("dropped ") })
        #expect(lines.count > 1000 && lines.last == "after that")
    }

    @Test func `lines of many threads come out whole, each thread's in order, and one line each`() async {
        let pipe = pipeEnds()
        let writer = LineWriter(descriptor: pipe.write, limit: 1 << 22) { "dropped \($0)" }
        async let read = lines(of: pipe.read)
        await withTaskGroup { group in
            for thread in 0..<4 {
                group.addTask {
                    await blocking {
                        for number in 0..<500 {
                            writer.append(
                                "\(thread) \(number)\n"
                                    + String(repeating: "y", count: number % 9 == 0 ? 5000 : 9))
                        }
                    }
                }
            }
        }
        await blocking {
            writer.flush(within: Self.patience)
            close(pipe.write)
        }
        let lines = await read
        #expect(lines.count == 2000)
        for thread in 0..<4 {
            let own = lines.filter { $0.hasPrefix("\(thread) ") }.map { $0.split(separator: " ") }
            #expect(own.map { $0[1] } == (0..<500).map { "\($0)" })
            #expect(own.allSatisfy { $0.count == 3 && $0[2].allSatisfy { $0 == "y" } })
        }
    }
}
