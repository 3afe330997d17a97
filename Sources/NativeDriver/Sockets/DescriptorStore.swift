import CLinux
import Glibc
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
    private let kept = Mutex<Set<String>>([])
    private let log: Logger

    /// Takes in what this process was started with (sd_listen_fds(3)) and closes what is not ours.
    ///
    /// - Parameters:
    ///   - prefix: What the names of our descriptors begin with; others are left alone.
    ///   - first: The first descriptor that systemd passes (SD_LISTEN_FDS_START).
    init(environment: [String: String], prefix: String, first: Int32 = 3, log: Logger) {
        self.log = log
        var descriptors: [String: Int32] = [:]
        if environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0
        {
            let names = (environment["LISTEN_FDNAMES"] ?? "").split(
                separator: ":", omittingEmptySubsequences: false)
            for (number, name) in zip(first..<first + count, names) where name.hasPrefix(prefix) {
                _ = fcntl(number, F_SETFD, FD_CLOEXEC)
                // A name may be there twice: an older one whose removal did not reach systemd.
                if let older = descriptors.updateValue(number, forKey: String(name)) { close(older) }
            }
        }
        kept.withLock { $0 = Set(descriptors.keys) }
        inherited = Mutex(descriptors)
        let socket = environment["NOTIFY_SOCKET"] ?? ""
        let thread = socket.isEmpty ? nil : try? JobThread(name: "fd store")
        self.thread = thread
        notifySocket = thread == nil ? nil : socket
    }

    deinit { inherited.withLock { for number in $0.values { close(number) } } }

    /// The descriptor that was kept under this name; once, and the caller's from then on.
    func take(_ name: String) -> OwnedDescriptor? {
        guard let number = inherited.withLock({ $0.removeValue(forKey: name) }) else { return nil }
        return OwnedDescriptor(number)
    }

    /// Keeps the descriptor's open file under this name, instead of what was there before.
    func keep(_ number: Int32, _ name: String) {
        guard let notifySocket, let thread else { return }
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        if copy < 0 { return }
        let replaces = !kept.withLock { $0.insert(name).inserted }
        thread.submit { [log] in
            if replaces { Self.notify(notifySocket, "FDSTOREREMOVE=1\nFDNAME=\(name)", -1, log) }
            Self.notify(notifySocket, "FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", copy, log)
            close(copy)
        }
    }

    /// Keeps nothing under this name any more.
    func forget(_ name: String) {
        if let number = inherited.withLock({ $0.removeValue(forKey: name) }) { close(number) }
        guard let notifySocket, let thread, kept.withLock({ $0.remove(name) }) != nil else { return }
        thread.submit { [log] in
            Self.notify(notifySocket, "FDSTOREREMOVE=1\nFDNAME=\(name)", -1, log)
        }
    }

    private static func notify(_ socket: String, _ text: String, _ number: Int32, _ log: Logger) {
        if cl_notify(socket, text, number) != 0 {
            log.warning("systemd does not take descriptors: \(errorText(errno))")
        }
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
