import DHCPEngine
import Glibc
public import NetworkModel

extension NativeDriver {
    /// Takes what another driver's server told clients into the record: answers do not depend on it.
    public func take(_ leases: [Lease], of network: ResourceID) async {
        guard let journal = (try? machinery.get())?.surroundings.journal else { return }
        let now = UInt32(clamping: time(nil))
        for lease in leases { journal.take(lease, now: now) }
    }
}

extension NativeDriver {
    /// Writes what of the record is not in its file yet; blocks until it is.
    public func flushLeases() { (try? machinery.get())?.surroundings.journal.flush() }
}

extension LeaseJournal {
    /// Notes a lease that was given by another server, if a port is known to have it.
    func take(_ lease: Lease, now: UInt32) {
        guard let port = lease.portID else { return }
        let given = lease.givenAt.map { UInt32(clamping: $0.secondsSinceEpoch) } ?? now
        let end = lease.expiresAt.map { UInt32(clamping: $0.secondsSinceEpoch) }
        let told = ToldLease(
            network: lease.networkID, port: PortIdentity(rawValue: port.rawValue), address: lease.address,
            server: lease.server, mac: lease.macAddress, message: lease.message, time: given,
            duration: end.map { $0 > given ? $0 - given : 0 } ?? .max, iaid: lease.iaid)
        let hostName = lease.message == .reply ? Self.labels(lease.hostname) : Array(lease.hostname.utf8)
        record(
            told, clientIdentifier: lease.clientIdentifier.span.bytes, hostName: hostName.span.bytes,
            // What DHCPv6 clients say of their maker is not in other servers' records.
            vendorClass: [UInt8]().span.bytes)
    }

    /// A name as DHCPv6 clients send it (RFC 1035 section 3.1); empty where it is none.
    private static func labels(_ name: String) -> [UInt8] {
        let labels = name.utf8.split(separator: 0x2E)
        guard labels.allSatisfy({ $0.count < 64 }) else { return [] }
        return labels.flatMap { [UInt8($0.count)] + $0 }
    }
}
