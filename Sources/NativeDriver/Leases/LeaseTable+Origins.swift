import Addressing
import NetworkModel

// Where leases come from: each network and server is there once, for as long as it has leases.
extension LeaseTable {
    /// The number of an origin, a new one where it has none.
    mutating func originNumber(_ network: ResourceID, _ server: IPAddress?) -> UInt32 {
        for number in originNumbers[network] ?? [] where origins[Int(number)].server == server {
            return number
        }
        let origin = Origin(network: network, server: server)
        let number: UInt32
        if let free = freeOrigins.popLast() {
            number = free
            origins[Int(number)] = origin
        } else {
            number = UInt32(origins.count)
            origins.append(origin)
        }
        originNumbers[network, default: []].append(number)
        return number
    }

    /// Takes note that one lease less comes from there.
    mutating func release(origin number: UInt32) {
        let index = Int(number)
        origins[index].uses -= 1
        guard origins[index].uses == 0 else { return }
        let network = origins[index].network
        originNumbers[network]?.removeAll { $0 == number }
        if originNumbers[network]?.isEmpty == true { originNumbers[network] = nil }
        freeOrigins.append(number)
    }

    /// Whether there may be leases of a network.
    func hasLeases(of network: ResourceID) -> Bool { originNumbers[network] != nil }

    /// Takes note that a network whose leases came from a file went away after them: they go with
    /// ``removeRetired(inBlock:)``, what comes for the network later stays.
    mutating func retire(_ network: ResourceID) {
        for number in originNumbers.removeValue(forKey: network) ?? [] {
            origins[Int(number)].isRetired = true
        }
    }

    /// Forgets the leases of networks that are retired, in the block of that number, but for those that
    /// were recorded since the start.
    mutating func removeRetired(inBlock block: Int) {
        guard block < blocks.count else { return }
        for at in 0..<blocks[block].count where blocks[block][at].flags & Self.isUsed != 0 {
            let entry = blocks[block][at]
            guard origins[Int(entry.origin)].isRetired else { continue }
            if entry.isFresh {
                let (network, server) = (
                    origins[Int(entry.origin)].network, origins[Int(entry.origin)].server
                )
                let origin = originNumber(network, server)
                origins[Int(origin)].uses += 1
                release(origin: entry.origin)
                blocks[block][at].origin = origin
            } else {
                remove(UInt32(block * Self.blockSize + at))
            }
        }
    }
}
