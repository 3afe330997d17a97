import Dispatch
import Glibc
import KernelPlan
import Locks

/// Deletes devices in the background: a bridge takes the kernel 40–60 ms.
final class Reaper: Sendable {
    private let thread: JobThread
    private let state = Mutex(State())

    /// How many failures wait for somebody to ask.
    static let keptFailures = 100

    private struct State {
        /// The devices in line or at work, by name.
        var pending: [String: Int] = [:]
        /// What went wrong last since somebody asked.
        var failures: [KernelError] = []

        mutating func note(_ failure: KernelError) {
            if failures.count == Reaper.keptFailures { failures.removeFirst() }
            failures.append(failure)
        }
    }

    init() throws(KernelError) { thread = try JobThread(name: "reaper") }

    /// Deletes a device of the root namespace some time soon.
    func deleteLater(_ name: String) {
        state.withLock { $0.pending[name, default: 0] += 1 }
        thread.submit {
            var failure: KernelError?
            do throws(KernelError) {
                // A socket of its own: the others belong to whoever is wiring meanwhile.
                let socket = try NetlinkSocket(descriptor: try NetlinkSocket.open())
                try socket.deleteLink(name)
            } catch {
                failure = error
            }
            self.state.withLock { state in
                let count = (state.pending[name] ?? 1) - 1
                state.pending[name] = count == 0 ? nil : count
                if let failure { state.note(failure) }
            }
        }
    }

    /// Waits until a device is not in line any more, where it is.
    func settle(_ names: [String]) {
        let isPending = state.withLock { state in names.contains { state.pending[$0] != nil } }
        if isPending { waitForLine() }
    }

    /// Waits for all that is in line, and returns what went wrong since the last call, the last
    /// ``keptFailures`` of it.
    func flush() -> [KernelError] {
        waitForLine()
        return state.withLock { state in
            defer { state.failures = [] }
            return state.failures
        }
    }

    private func waitForLine() {
        let done = DispatchSemaphore(value: 0)
        thread.submit { done.signal() }
        done.wait()
    }
}

extension NetlinkSocket {
    /// Deletes a device; does nothing where there is none.
    func deleteLink(_ name: String) throws(KernelError) {
        do throws(KernelError) {
            try perform(deleteLinkMessage(name: name), "delete", name)
        } catch {
            if error.errno != ENODEV { throw error }
        }
    }
}
