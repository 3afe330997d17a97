import Glibc
import KernelPlan
import Locks

/// The lines that arrive through a pipe, without their line feeds, until its writers are gone.
///
/// The newest 1,000 unread lines are kept; a line longer than 64 KiB comes in parts. Text that is not
/// UTF-8 is repaired.
public func lines(from descriptor: consuming OwnedDescriptor) -> AsyncStream<String> {
    let (stream, continuation) = AsyncStream.makeStream(
        of: String.self, bufferingPolicy: .bufferingNewest(1000))
    let source = LineSource(descriptor, continuation)
    source.begin()
    return stream
}

/// Cuts what a pipe delivers into lines; lives until the pipe ends or its reader goes.
private final class LineSource: Sendable {
    private static let longestLine = 64 << 10

    private struct State {
        var token: DescriptorPoller.Token?
        var rest: [UInt8] = []
        var isOver = false
    }

    private let descriptor: OwnedDescriptor
    private let continuation: AsyncStream<String>.Continuation
    private let state = Mutex(State())

    init(_ descriptor: consuming OwnedDescriptor, _ continuation: AsyncStream<String>.Continuation) {
        self.descriptor = descriptor
        self.continuation = continuation
    }

    func begin() {
        continuation.onTermination = { _ in self.end() }
        do {
            try descriptor.setNonblocking()
            let token = try DescriptorPoller.shared().add(descriptor.number) { self.read() }
            let isOver = state.withLock { state in
                state.token = state.isOver ? nil : token
                return state.isOver
            }
            if isOver { try DescriptorPoller.shared().remove(token) }
        } catch {
            end()
        }
    }

    private func read() {
        let (lines, isAtEnd) = state.withLock { state in
            let isAtEnd = Self.fill(&state.rest, from: descriptor.number)
            return (Self.cut(&state.rest, isAtEnd: isAtEnd), isAtEnd)
        }
        for line in lines { continuation.yield(line) }
        if isAtEnd { end() }
    }

    /// Appends what one read brings; returns whether that was the end.
    private static func fill(_ rest: inout [UInt8], from descriptor: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: longestLine, alignment: 1) { buffer in
            let count = retryingInterrupts { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            if count > 0 { rest += buffer.prefix(count) }
            return count == 0 || (count < 0 && errno != EAGAIN)
        }
    }

    private static func cut(_ rest: inout [UInt8], isAtEnd: Bool) -> [String] {
        var parts = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
        var remainder = parts.popLast() ?? []
        if !remainder.isEmpty && (isAtEnd || remainder.count >= longestLine) {
            parts.append(remainder)
            remainder = []
        }
        let lines = parts.map { String(decoding: $0, as: UTF8.self) }
        rest = Array(remainder)
        return lines
    }

    private func end() {
        let token = state.withLock { state in
            state.isOver = true
            return state.token.take()
        }
        if let token, let poller = try? DescriptorPoller.shared() { poller.remove(token) }
        continuation.finish()
    }
}
