import Addressing
import DHCPEngine
import NetworkModel

// Leases out of the table: for people, and for the file.
extension LeaseTable {
    var blockCount: Int { blocks.count }

    /// The leases in a block, of a network or of all.
    func leases(inBlock block: Int, network: ResourceID?) -> [(told: ToldLease, client: ClientDescription)] {
        guard block < blocks.count else { return [] }
        if let network, !hasLeases(of: network) { return [] }
        return blocks[block].compactMap { entry in
            guard entry.flags & Self.isUsed != 0 else { return nil }
            if let network, origins[Int(entry.origin)].network != network { return nil }
            return (told(entry), entry.client)
        }
    }

    /// The leases of a port, by address.
    func leases(
        of port: PortIdentity, where isWanted: (Entry) -> Bool = { _ in true }
    ) -> [(told: ToldLease, client: ClientDescription)] {
        if places.isEmpty { return [] }
        var found: [(told: ToldLease, client: ClientDescription)] = []
        let mask = places.count - 1
        var slot = Self.hash(port) & mask
        while places[slot] != Self.vacant {
            let entry = entry(places[slot])
            if entry.port == port, isWanted(entry) { found.append((told(entry), entry.client)) }
            slot = (slot + 1) & mask
        }
        return found.sorted { $0.told.address < $1.told.address }
    }

    /// Takes at most so many of the leases that came or changed.
    mutating func takeChanged(atMost limit: Int) -> [(told: ToldLease, client: ClientDescription)] {
        let numbers = changed.suffix(limit)
        changed.removeLast(numbers.count)
        return take(numbers, Self.isChanged)
    }

    /// Takes at most so many of the leases of which only times changed.
    mutating func takeRenewed(atMost limit: Int) -> [(told: ToldLease, client: ClientDescription)] {
        let numbers = renewed.suffix(limit)
        renewed.removeLast(numbers.count)
        return take(numbers, Self.isRenewed)
    }

    private mutating func take(
        _ numbers: ArraySlice<UInt32>, _ flag: UInt8
    ) -> [(told: ToldLease, client: ClientDescription)] {
        numbers.compactMap { number -> (told: ToldLease, client: ClientDescription)? in
            let (block, at) = Self.split(number)
            blocks[block][at].flags &= ~flag
            let entry = blocks[block][at]
            return entry.flags & Self.isUsed != 0 ? (told(entry), entry.client) : nil
        }
    }

    private func told(_ entry: Entry) -> ToldLease {
        let origin = origins[Int(entry.origin)]
        return ToldLease(
            network: origin.network, port: entry.port,
            address: IPAddress(
                number: entry.address, version: entry.flags & Self.isV6 != 0 ? .v6 : .v4),
            server: origin.server,
            mac: entry.flags & Self.hasMAC != 0 ? MACAddress(rawValue: entry.mac) : nil,
            message: entry.flags & Self.isReply != 0 ? .reply : .ack, time: entry.time,
            duration: entry.duration, iaid: entry.flags & Self.hasIAID != 0 ? entry.iaid : nil)
    }
}
