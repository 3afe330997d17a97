import Glibc

/// Where a lab keeps its things: an empty tmpfs that only the lab sees.
struct LabPlace {
    /// The state directory, as `/var/lib/neutron` is on a host.
    let statePath = "/run/leasehold"
    /// Where the API listens inside the lab.
    let endpoint = "http://127.0.0.1:9696"

    /// The service's own log.
    var serviceLog: String { statePath + "/serve.log" }
    /// The configuration that makes the service use this place.
    var configurationFile: String { statePath + "/lab.ini" }
    /// The configuration files of the service: the user's, then ours.
    let configurationFiles: [String]

    /// Makes the place.
    ///
    /// - Parameter configurationFiles: files of the user, which come before the lab's own.
    /// - Parameter settings: further lines of the lab's own file.
    init(configurationFiles: [String], settings: [String] = []) throws {
        // Ours last: whatever the files say, the state stays in here and the commands find the service.
        self.configurationFiles = configurationFiles + ["/run/leasehold/lab.ini"]
        guard mkdir(statePath, 0o755) == 0 || errno == EEXIST else {
            throw CommandFailure(
                "cannot create \(statePath): \(String(cString: strerror(errno)))", status: 73)
        }
        let lines =
            [
                "[DEFAULT]", "state_path = \(statePath)", "dhcp_confs = \(statePath)/dhcp",
                "dnsmasq_base_log_dir = \(statePath)/log", "[leasehold]",
                "database = \(statePath)/leasehold.sqlite", "bind_host = 127.0.0.1", "bind_port = 9696",
                "[DEFAULT]",
            ] + settings
        try writeFile(configurationFile, lines.joined(separator: "\n") + "\n")
    }

    /// The environment of what runs in the lab: it finds the service and this very program.
    var environment: [String: String] {
        get throws {
            var variables = ForegroundProcess.inheritedEnvironment
            let program = try ownPath()
            let directory = program.prefix(upTo: program.lastIndex(of: "/") ?? program.startIndex)
            let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
            variables["PATH"] = "\(directory):\(path):/usr/local/sbin:/usr/sbin:/sbin"
            variables["LEASEHOLD_ENDPOINT"] = endpoint
            variables["LEASEHOLD_LAB"] = "1"
            variables["HOME"] = variables["HOME"] ?? "/"
            return variables
        }
    }
}

/// Writes a whole file, mode 0644.
func writeFile(_ path: String, _ text: String, mode: mode_t = 0o644) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else {
        throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))", status: 73)
    }
    defer { close(file) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 else {
            throw CommandFailure(
                "cannot write \(path): \(String(cString: strerror(errno)))", status: 74)
        }
        bytes = bytes.dropFirst(count)
    }
}
