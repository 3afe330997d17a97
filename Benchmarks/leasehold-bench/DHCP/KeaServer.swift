import Glibc

/// Kea's DHCPv4 server with host reservations and memfile leases, inside a network's namespace.
final class KeaServer {
    static let program = "kea-dhcp4"
    static let package = "kea-dhcp4-server"

    let pid: pid_t

    /// - Parameter isAsPackaged: whether it notes each lease in its log, as Debian's configuration has it
    ///   do; that is a third of its work.
    init(_ network: ServedNetwork, _ plan: NetworkNames, isAsPackaged: Bool) throws {
        guard Program.exists(Self.program) else {
            throw Failure("Kea: no `\(Self.program)` on PATH (Debian package \(Self.package))")
        }
        let directory = "/run/bench-kea"
        try makeDirectory(directory)
        // Leases of an earlier one are not this one's.
        unlink("\(directory)/leases.csv")
        try writeFile("\(directory)/kea.json", Self.configuration(network, plan, directory, isAsPackaged))
        // Where Debian's build would put them there is nothing in a lab.
        setenv("KEA_PIDFILE_DIR", directory, 1)
        setenv("KEA_LOCKFILE_DIR", directory, 1)
        pid = try insideNamespace(network.namespace) {
            try Program.start(
                [Self.program, "-c", "\(directory)/kea.json"], log: "\(directory)/kea.log")
        }
    }

    func stop() {
        kill(pid, SIGTERM)
        _ = Program.wait(pid)
    }

    /// What it said, for an error.
    static var lastWords: String {
        let lines = ((try? readFile("/run/bench-kea/kea.log")) ?? "").split(separator: "\n")
        return lines.suffix(5).joined(separator: "\n")
    }

    /// The network as Neutron would describe it, and its ports as reservations.
    private static func configuration(
        _ network: ServedNetwork, _ plan: NetworkNames, _ directory: String, _ isAsPackaged: Bool
    ) -> String {
        let server = NetworkNames.text(network.server)
        let reservations = network.hosts.map { host in
            let octets = host.mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            return
                "{\"hw-address\":\"\(octets.joined(separator: ":"))\",\"ip-address\":\"\(NetworkNames.text(host.address))\"}"
        }
        // 32 bits of 169.254.169.254, then none of the default, each with its router (RFC 3442).
        let router = hexadecimal(plan.base + 1)
        let routes = "20A9FEA9FE\(router)00\(router)"
        return """
            {"Dhcp4": {
              "interfaces-config": {"interfaces": ["\(network.device)"]},
              "lease-database": {"type": "memfile", "name": "\(directory)/leases.csv"},
              "valid-lifetime": 86400, "renew-timer": 43200, "rebind-timer": 75600,
              "host-reservation-identifiers": ["hw-address"],
              "reservations-in-subnet": true, "reservations-out-of-pool": true,
              "option-def": [{"name": "classless-static-route", "code": 121, "type": "binary", "space": "dhcp4"}],
              "option-data": [
                {"name": "routers", "data": "\(plan.gateway)"},
                {"name": "domain-name-servers", "data": "\(server)"},
                {"name": "domain-name", "data": "openstacklocal"},
                {"name": "interface-mtu", "data": "1450"},
                {"name": "classless-static-route", "csv-format": false, "data": "\(routes)"}],
              "subnet4": [{"id": 1, "subnet": "\(NetworkNames.text(plan.base))/\(plan.prefixLength)", "interface": "\(network.device)",
                "reservations": [\(reservations.joined(separator: ",\n"))]}],
              "loggers": [{"name": "kea-dhcp4", "severity": "\(isAsPackaged ? "INFO" : "WARN")",
                "output_options": [{"output": "stderr"}]}]
            }}

            """
    }

    private static func hexadecimal(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { shift in
            let octet = address >> UInt32(shift) & 255
            return (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }.joined()
    }
}
