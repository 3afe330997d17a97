import Addressing
import DHCPDrivers
import NetworkModel

/// The `leases` file (`--dhcp-leasefile`): dnsmasq's own record, which we read, and write before it starts.
struct LeasesFile: Equatable {
    /// An IPv4 lease.
    struct V4: Hashable {
        /// Seconds since the epoch; 0 for never.
        var expiry: UInt64
        /// The ARP hardware type; 1 for Ethernet.
        var hardwareType: UInt8
        var chaddr: [UInt8]
        var address: IPv4Address
        /// The host name, or `*`.
        var hostname: String
        var clientID: [UInt8]?
    }

    /// An IPv6 lease.
    struct V6: Hashable {
        var expiry: UInt64
        var isTemporary: Bool
        var iaid: UInt32
        var address: IPv6Address
        var hostname: String
        var clientDUID: [UInt8]?
    }

    var v4: [V4] = []
    /// The server's identifier, once it made one.
    var serverDUID: [UInt8]?
    var v6: [V6] = []

    /// Parses a lease file; lines of other shapes (`agent-info`, `vendorclass`) and half-written ones
    /// are skipped.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == "duid" {
                serverDUID = HexBytes.parseAny(fields[1])
            } else if fields.count == 5, let expiry = UInt64(fields[0]) {
                if let address = IPv4Address(fields[2]) {
                    parseV4(expiry, fields, address)
                } else if let address = IPv6Address(fields[2]) {
                    parseV6(expiry, fields, address)
                }
            }
        }
    }

    init() {}

    private mutating func parseV4(_ expiry: UInt64, _ fields: [Substring], _ address: IPv4Address) {
        var hardware = fields[1]
        var type: UInt8 = 1
        if let hyphen = hardware.firstIndex(of: "-") {
            guard let number = UInt8(hardware[..<hyphen], radix: 16) else { return }
            type = number
            hardware = hardware[hardware.index(after: hyphen)...]
        }
        guard let chaddr = hardware.isEmpty ? [] : HexBytes.parseAny(hardware) else { return }
        v4.append(
            V4(
                expiry: expiry, hardwareType: type, chaddr: chaddr, address: address,
                hostname: String(fields[3]), clientID: HexBytes.parseAny(fields[4])))
    }

    private mutating func parseV6(_ expiry: UInt64, _ fields: [Substring], _ address: IPv6Address) {
        let isTemporary = fields[1].hasPrefix("T")
        guard let iaid = UInt32(isTemporary ? fields[1].dropFirst() : fields[1]) else { return }
        v6.append(
            V6(
                expiry: expiry, isTemporary: isTemporary, iaid: iaid, address: address,
                hostname: String(fields[3]), clientDUID: HexBytes.parseAny(fields[4])))
    }

    /// The file as dnsmasq writes it.
    var text: String {
        var text = ""
        for lease in v4 {
            let type =
                lease.hardwareType == 1 && !lease.chaddr.isEmpty
                ? "" : HexBytes.text([lease.hardwareType]) + "-"
            text +=
                "\(lease.expiry) \(type)\(HexBytes.text(lease.chaddr)) \(lease.address) \(lease.hostname) "
            text += lease.clientID.map(HexBytes.text) ?? "*"
            text += "\n"
        }
        guard let serverDUID else { return text }
        text += "duid \(HexBytes.text(serverDUID))\n"
        for lease in v6 {
            text += "\(lease.expiry) \(lease.isTemporary ? "T" : "")\(lease.iaid) \(lease.address) "
            text += "\(lease.hostname) \(lease.clientDUID.map(HexBytes.text) ?? "*")\n"
        }
        return text
    }

    /// What dnsmasq shall begin with: an endless lease for every IPv4 address, so that no client is
    /// refused after a restart (bugs 1345947, 2124215), and the IPv6 leases whose owner is still the
    /// same (an IAID cannot be invented, bug 1722126). The server is identified by its network, so that it
    /// stays the same for clients whatever host or driver serves them.
    ///
    /// dnsmasq dies with "too many stored leases" above `--dhcp-lease-max`, so there are no more.
    static func initial(for view: ServiceView, previous: LeasesFile, previousHosts: [HostFile.Entry])
        -> LeasesFile
    {
        var file = LeasesFile()
        let limit = CommandLine.leaseMax(for: view)
        for port in view.ports {
            for fixedIP in port.fixedIPs {
                guard case .v4(let address) = fixedIP.address,
                    view.subnets[fixedIP.subnetID]?.enableDHCP == true,
                    UInt64(file.v4.count) < limit
                else { continue }
                file.v4.append(
                    V4(
                        expiry: 0, hardwareType: 1, chaddr: port.macAddress.octets, address: address,
                        hostname: "*", clientID: nil))
            }
        }
        let doesDHCPv6 = view.service.subnets.contains { $0.ipVersion == .v6 && $0.dhcpService != nil }
        file.serverDUID =
            previous.serverDUID ?? (doesDHCPv6 ? view.service.network.id.dhcpServerDUID : nil)
        let owners = AddressOwners(view, previousHosts: previousHosts)
        file.v6 = previous.v6.filter { owners.keeps($0) }
        file.v6 = Array(file.v6.prefix(Int(clamping: limit - UInt64(file.v4.count))))
        return file
    }
}

extension LeasesFile {
    /// The leases in files of at most so many each.
    func parts(of size: Int) -> [LeasesFile] {
        var parts: [LeasesFile] = []
        for start in stride(from: 0, to: v4.count, by: size) {
            var part = LeasesFile()
            part.v4 = Array(v4[start..<min(start + size, v4.count)])
            parts.append(part)
        }
        for start in stride(from: 0, to: v6.count, by: size) {
            var part = LeasesFile()
            part.serverDUID = serverDUID
            part.v6 = Array(v6[start..<min(start + size, v6.count)])
            parts.append(part)
        }
        return parts
    }
}
