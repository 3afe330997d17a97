import CLinux
import Glibc
import KernelPlan
import LinuxKernel
import Locks
import Logging

/// systemd's file-descriptor store (systemd.service(5), FileDescriptorStoreMax): sockets that are kept
/// there live on while we restart, with the packets that come meanwhile.
///
/// Without systemd nothing is kept and nothing taken over.
final class DescriptorStore: Sendable {
    private let notifySocket: String?
    /// Sending may wait for systemd; nobody waits for that.
    private let thread: JobThread?
    private let inherited: Mutex<[String: Int32]>
    /// What systemd keeps, and which sockets these are.
    private let kept: Mutex<[String: UInt64]>
    /// Whether the last attempt failed, which was told.
    private let isFailing = Mutex(false)
    private let log: Logger

    /// The number of something that is no socket.
    private static let noSocket: UInt64 = 0
    /// No process has so many descriptors passed.
    private static let mostDescriptors: Int32 = 1 << 20

    /// Takes in what this process was started with (sd_listen_fds(3)); no process that we start gets any
    /// of it.
    ///
    /// - Parameters:
    ///   - prefix: What the names of our descriptors begin with; others stay open.
    ///   - first: The first descriptor that systemd passes (SD_LISTEN_FDS_START).
    init(environment: [String: String], prefix: String, first: Int32 = 3, log: Logger) {
        self.log = log
        var descriptors: [String: Int32] = [:]
        if environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0
        {
            let names = (environment["LISTEN_FDNAMES"] ?? "").split(
                separator: ":", omittingEmptySubsequences: false)
            let numbers = first..<first + min(count, Self.mostDescriptors)
            for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
            for (number, name) in zip(numbers, names) where name.hasPrefix(prefix) {
                // A name may be there twice: an older one whose removal did not reach systemd.
                if let older = descriptors.updateValue(number, forKey: String(name)) { close(older) }
            }
        }
        kept = Mutex(descriptors.mapValues { Self.identity($0) })
        inherited = Mutex(descriptors)
        let socket = environment["NOTIFY_SOCKET"] ?? ""
        var thread: JobThread?
        if !socket.isEmpty {
            do throws(KernelError) {
                thread = try JobThread(name: "fd store")
            } catch {
                log.warning("no sockets are kept for a restart: \(error)")
            }
        }
        self.thread = thread
        notifySocket = thread == nil ? nil : socket
    }

    /// Tells sockets apart; ``noSocket`` for anything else.
    private static func identity(_ number: Int32) -> UInt64 {
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return noSocket }
        return UInt64(status.st_ino)
    }

    deinit { inherited.withLock { for number in $0.values { close(number) } } }

    /// The descriptor that was kept under this name; once, and the caller's from then on.
    func take(_ name: String) -> OwnedDescriptor? {
        guard let number = inherited.withLock({ $0.removeValue(forKey: name) }) else { return nil }
        return OwnedDescriptor(number)
    }

    /// Keeps the descriptor's open file under this name, instead of what was there before; does nothing
    /// where that very socket is kept there, such as one that was taken over.
    func keep(_ number: Int32, _ name: String) {
        guard let notifySocket, let thread else { return }
        let identity = Self.identity(number)
        let before = kept.withLock { $0[name] }
        if let before, before == identity, identity != Self.noSocket { return }
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        if copy < 0 { return tell(errno) }
        kept.withLock { $0[name] = identity }
        thread.submit { [self] in
            if before != nil { notify(notifySocket, "FDSTOREREMOVE=1\nFDNAME=\(name)", -1) }
            if !notify(notifySocket, "FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", copy) {
                // The next one to be kept is not taken for what systemd has.
                kept.withLock { kept in
                    if kept[name] == identity { kept[name] = Self.noSocket }
                }
            }
            close(copy)
        }
    }

    /// Keeps nothing under this name any more, whether it was kept by us or by an earlier run; does nothing
    /// where nothing is.
    func forget(_ name: String) {
        if let number = inherited.withLock({ $0.removeValue(forKey: name) }) { close(number) }
        guard let notifySocket, let thread, kept.withLock({ $0.removeValue(forKey: name) }) != nil else {
            return
        }
        thread.submit { [self] in notify(notifySocket, "FDSTOREREMOVE=1\nFDNAME=\(name)", -1) }
    }

    /// Forgets what an earlier run kept and nobody took: once all networks of this start are served, it
    /// belongs to none.
    func forgetUnclaimed() {
        for name in inherited.withLock({ $0.keys.sorted() }) { forget(name) }
    }

    /// Tells systemd; whether it took it.
    @discardableResult
    private func notify(_ socket: String, _ text: String, _ number: Int32) -> Bool {
        guard cl_notify(socket, text, number) == 0 else {
            tell(errno)
            return false
        }
        isFailing.withLock { $0 = false }
        return true
    }

    /// Tells of trouble once, until something goes well again.
    private func tell(_ number: Int32) {
        let isNews = isFailing.withLock { isFailing in
            defer { isFailing = true }
            return !isFailing
        }
        if isNews { log.warning("sockets are not kept for a restart: \(errorText(number))") }
    }

    /// The environment of this process.
    static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        guard var entry = cl_environment() else { return result }
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                result[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        return result
    }
}
