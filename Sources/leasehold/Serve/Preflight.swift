import Glibc
import LinuxKernel
import NeutronAPI

/// What must hold before the service changes anything.
struct Preflight {
    let settings: Settings

    /// - Throws: ``CommandFailure`` that names the object, the cause and the remedy.
    func check() throws {
        try checkPrivilege()
        try checkListener()
        try checkTokens()
        try checkState()
    }

    private func checkPrivilege() throws {
        if let shortcoming = PrivilegeCheck.current().shortcoming {
            throw CommandFailure(
                """
                cannot wire networks: \(shortcoming).
                Run it as root (sudo leasehold serve), or in a lab that needs no root (leasehold lab).
                """, status: ExitStatus.permission)
        }
    }

    private func checkListener() throws {
        let failure = Listener.probe(host: settings.bindHost, port: settings.bindPort)
        guard let failure else { return }
        let remedy =
            failure.isInUse
            ? "Is another `leasehold serve` or neutron-server running? Stop it, or set another bind_port in [leasehold]."
            : "Set bind_host and bind_port in [leasehold] to an address of this host."
        throw CommandFailure(
            "cannot listen on \(settings.bindHost):\(settings.bindPort): \(failure.text).\n\(remedy)",
            status: 69)
    }

    /// Only a warning to come would hide that nobody gets in.
    private func checkTokens() throws {
        guard settings.effectiveAuthStrategy == .token else { return }
        do {
            _ = try TokenFile(path: settings.apiTokensFile).tokens()
        } catch {
            throw CommandFailure("\(error)", status: ExitStatus.permission)
        }
    }

    private func checkState() throws {
        for directory in [settings.statePath, settings.dhcpConfs] {
            do {
                try createDirectory(path: directory)
            } catch {
                throw CommandFailure(
                    "cannot use the state directory \(directory): \(error).\n"
                        + "Set state_path to a directory that this user may write.",
                    status: ExitStatus.cannotCreate)
            }
            guard isDirectory(path: directory) else {
                throw CommandFailure(
                    "cannot use the state directory \(directory): it is not a directory.\n"
                        + "Move it away, or set state_path to another place.", status: ExitStatus.cannotCreate
                )
            }
            guard access(directory, W_OK | X_OK) == 0 else {
                throw CommandFailure(
                    "cannot write to the state directory \(directory): \(String(cString: strerror(errno))).\n"
                        + "Set state_path to a directory that this user may write.",
                    status: ExitStatus.cannotCreate)
            }
        }
    }
}

/// Whether an address can be listened on, asked before anything is changed.
enum Listener {
    /// Why not.
    struct Failure {
        let text: String
        let isInUse: Bool
    }

    /// Tries to listen and stops at once; nil if it can be done.
    static func probe(host: String, port: Int) -> Failure? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let address = found?.pointee else {
            return Failure(text: String(cString: gai_strerror(result)), isInUse: false)
        }
        defer { freeaddrinfo(found) }
        let file = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return Failure(text: String(cString: strerror(errno)), isInUse: false) }
        defer { close(file) }
        var one: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard bind(file, address.ai_addr, address.ai_addrlen) == 0, listen(file, 1) == 0 else {
            let number = errno
            return Failure(text: String(cString: strerror(number)), isInUse: number == EADDRINUSE)
        }
        return nil
    }
}
