import Dispatch
import Glibc
import LinuxKernel
import Locks

/// Writes lines to a descriptor from a thread of its own: whoever has one goes on at once, also where nobody
/// reads at the other end.
///
/// Lines come out whole and in order. So many bytes wait; a line that has no room among them is dropped, and
/// one that says how many were stands in their place.
final class LineWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        /// Lines that were dropped behind what waits.
        var dropped = 0
        /// Whether the thread will look again.
        var isScheduled = false
    }

    private let descriptor: Int32
    private let limit: Int
    private let note: @Sendable (Int) -> String
    /// nil where the system has no thread for it: then lines are written by whoever has them.
    private let thread = try? JobThread(name: "log")
    private let state = Mutex(State())

    /// Creates a writer to an open descriptor, which stays the caller's.
    ///
    /// - Parameters:
    ///   - limit: how many bytes may wait.
    ///   - note: the line about so many that were dropped.
    init(descriptor: Int32, limit: Int = 1 << 20, note: @escaping @Sendable (Int) -> String) {
        self.descriptor = descriptor
        self.limit = limit
        self.note = note
    }

    /// Has a line written, and returns at once. It stays one line whatever the text holds.
    func append(_ line: String) {
        let line = Self.bytes(line)
        guard let thread else { return write(line) }
        let mustSchedule = state.withLock { state in
            guard state.waiting.count + line.count <= limit else {
                state.dropped += 1
                return false
            }
            tellOfDropped(&state)
            state.waiting += line
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { thread.submit { [self] in drain() } }
    }

    /// Returns when all lines are out; or after that time, where nobody takes them.
    func flush(within patience: DispatchTimeInterval = .seconds(5)) {
        guard let thread else { return }
        let done = DispatchSemaphore(value: 0)
        // Behind the job that writes them.
        thread.submit { done.signal() }
        _ = done.wait(timeout: .now() + patience)
    }

    private func drain() {
        while true {
            let bytes = state.withLock { state in
                tellOfDropped(&state)
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isScheduled = false }
                return state.waiting
            }
            if bytes.isEmpty { return }
            write(bytes)
        }
    }

    private func tellOfDropped(_ state: inout State) {
        if state.dropped == 0 { return }
        state.waiting += Self.bytes(note(state.dropped))
        state.dropped = 0
    }

    private static func bytes(_ line: String) -> [UInt8] {
        line.utf8.map { $0 == 0x0A ? UInt8(ascii: " ") : $0 } + [0x0A]
    }

    /// Writes whole lines, at a time as many as a pipe takes as one piece, so that those of several processes
    /// do not mix (pipe(7)); what cannot be written is lost.
    private func write(_ lines: [UInt8]) {
        var rest = lines[...]
        while !rest.isEmpty {
            let piece = rest.prefix(4096)
            let end =
                piece.count == rest.count
                ? rest.endIndex
                : (piece.lastIndex(of: 0x0A) ?? rest.firstIndex(of: 0x0A)).map { $0 + 1 } ?? rest.endIndex
            guard writeWhole(rest[..<end]) else { return }
            rest = rest[end...]
        }
    }

    private func writeWhole(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody who shares it does not want to wait; we do.
                var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wish, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
