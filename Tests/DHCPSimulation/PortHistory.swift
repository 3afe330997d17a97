import Addressing
import DHCPEngine

/// The port database of the simulated network, with its past: what was true when.
///
/// Agents learn of a change a little later; within that time both the old and the new are right.
struct PortHistory {
    struct Entry {
        var since: UInt64
        var address: IPv4Address?
    }

    private var byMAC: [MACAddress: [Entry]] = [:]
    private(set) var ports: [PortIdentity: DHCPv4Host] = [:]

    mutating func insert(_ host: DHCPv4Host, at now: UInt64) {
        remove(host.port, at: now)
        ports[host.port] = host
        byMAC[host.mac, default: []].append(Entry(since: now, address: host.addresses.first?.address))
    }

    mutating func remove(_ port: PortIdentity, at now: UInt64) {
        guard let old = ports.removeValue(forKey: port) else { return }
        byMAC[old.mac, default: []].append(Entry(since: now, address: nil))
    }

    /// The address of the port with this MAC.
    func address(of mac: MACAddress) -> IPv4Address? { byMAC[mac]?.last?.address ?? nil }

    /// All that was the address of this MAC's port at some time in the last `lag`; nil among it where there was
    /// no port.
    func addresses(of mac: MACAddress, now: UInt64, lag: UInt64) -> Set<IPv4Address?> {
        let start = now < lag ? 0 : now - lag
        var found: Set<IPv4Address?> = []
        var until = now
        for entry in (byMAC[mac] ?? []).reversed() {
            // What another change of the same moment replaced was never true.
            if entry.since < until || entry.since == now { found.insert(entry.address) }
            until = min(until, entry.since)
            if entry.since <= start { return found }
        }
        found.insert(nil)
        return found
    }
}
