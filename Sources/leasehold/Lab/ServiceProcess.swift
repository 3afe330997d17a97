import Glibc

/// `leasehold serve` as a child of a lab or a demo.
struct ServiceProcess {
    let pid: pid_t

    /// Starts the service and waits until it listens.
    ///
    /// - Throws: ``CommandFailure`` with the service's last words when it ends instead.
    static func start(in place: LabPlace) throws -> ServiceProcess {
        let files = place.configurationFiles.flatMap { ["--config-file", $0] }
        let pid = try ForegroundProcess.start(
            [try ownPath(), "serve"] + files, environment: try place.environment, log: place.serviceLog,
            session: true)
        let service = ServiceProcess(pid: pid)
        // 30 s is far beyond what a start takes; only a service that hangs gets there.
        for _ in 0..<3000 {
            if isListening() { return service }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                throw CommandFailure("the service did not start:\n\(lastLines(of: place.serviceLog))")
            }
            usleep(10_000)
        }
        service.stop()
        throw CommandFailure(
            "the service does not listen after 30 s:\n\(lastLines(of: place.serviceLog))")
    }

    /// Ends the service; what it wired stays until the lab ends.
    func stop() {
        kill(pid, SIGTERM)
        _ = ForegroundProcess.wait(pid)
    }

    /// Whether something accepts connections on 127.0.0.1:9696.
    private static func isListening() -> Bool {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(9696).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// The end of a log, for an error.
    private static func lastLines(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "(no log at \(path))" }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        fseek(file, max(0, ftell(file) - 4000), SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: 4000)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
