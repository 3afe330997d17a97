import Addressing
import DHCPDrivers
import Glibc
import LinuxKernel
import Locks
import NetworkModel

// What dnsmasq's lease file says of what clients were told, and what another server told them.
extension DnsmasqServer {
    /// The leases that clients were given; those that dnsmasq began with are none until then.
    func record() -> [Lease] {
        guard let text = try? text(of: directory.leases) else { return [] }
        let told = LeasesFile(text).record(of: network, isEndless: configuration.leaseDuration < 0)
        let taken = state.withLock { $0.taken }
        if taken.isEmpty { return told }
        let known = Set(told.map(\.address))
        let hosts = HostFile.entries((try? self.text(of: directory.host)) ?? "")
        let owners = Set(hosts.map { Owner(mac: $0.mac, address: $0.address) })
        let now = Timestamp(secondsSinceEpoch: Int64(time(nil)))
        return told
            + taken.filter { lease in
                !known.contains(lease.address) && lease.expiresAt.map { $0 > now } ?? true
                    && lease.macAddress.map { owners.contains(Owner(mac: $0, address: lease.address)) }
                        ?? false
            }
    }

    /// Who has an address.
    private struct Owner: Hashable {
        let mac: MACAddress
        let address: IPAddress
    }

    /// Notes what another server told clients, where dnsmasq finds it when it starts: without the IAIDs and
    /// the server's identifier DHCPv6 clients could not renew.
    func take(_ leases: [Lease]) throws(DHCPDriverError) {
        let file = LeasesFile(leases, serverDUID: network.dhcpServerDUID, now: UInt64(clamping: time(nil)))
        state.withLock { $0.taken = leases.filter { $0.address.version == .v4 } }
        if file.v6.isEmpty { return }
        try Self.file("take leases over") { () throws(FileError) in
            try createDirectory(path: directory.path)
            try atomicReplace(path: directory.leases, contents: file.text)
        }
    }
}

extension LeasesFile {
    /// What the file says for people.
    ///
    /// When a lease was given is not in it: clients may ask for less than the whole duration.
    ///
    /// - Parameter isEndless: whether leases are infinite.
    func record(of network: ResourceID, isEndless: Bool) -> [Lease] {
        func end(_ expiry: UInt64) -> Timestamp? {
            expiry > 0 ? Timestamp(secondsSinceEpoch: Int64(clamping: expiry)) : nil
        }
        func name(_ hostname: String) -> String {
            hostname == "*" ? "" : Lease.printable(Array(hostname.utf8))
        }
        let fourth = v4.compactMap { lease -> Lease? in
            // As ``initial(for:previous:previousHosts:)`` writes them: nobody was told of it yet, or dnsmasq
            // gave an endless lease to a client that did not identify itself.
            if lease.expiry == 0, !isEndless || lease.clientID == nil { return nil }
            return Lease(
                networkID: network, portID: nil, address: .v4(lease.address),
                macAddress: lease.hardwareType == 1 ? MACAddress(octets: lease.chaddr) : nil,
                clientIdentifier: lease.clientID ?? [], hostname: name(lease.hostname), message: .ack,
                givenAt: nil, expiresAt: end(lease.expiry))
        }
        return fourth
            + v6.map { lease in
                Lease(
                    networkID: network, portID: nil, address: .v6(lease.address),
                    clientIdentifier: lease.clientDUID ?? [], iaid: lease.iaid,
                    hostname: name(lease.hostname), message: .reply, givenAt: nil,
                    expiresAt: end(lease.expiry))
            }
    }

    /// The DHCPv6 leases of another server that have not ended.
    init(_ leases: [Lease], serverDUID: [UInt8], now: UInt64) {
        self.init()
        self.serverDUID = serverDUID
        v6 = leases.compactMap { lease in
            guard case .v6(let address) = lease.address, let iaid = lease.iaid,
                !lease.clientIdentifier.isEmpty
            else { return nil }
            let expiry = lease.expiresAt.map { UInt64(clamping: $0.secondsSinceEpoch) } ?? 0
            guard expiry == 0 || expiry > now else { return nil }
            return V6(
                expiry: expiry, isTemporary: false, iaid: iaid, address: address, hostname: "*",
                clientDUID: lease.clientIdentifier)
        }
    }
}
