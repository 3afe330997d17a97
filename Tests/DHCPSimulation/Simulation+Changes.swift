import Addressing
import DHCPEngine

// What happens to ports and machines meanwhile.
extension Simulation {
    /// A machine with a port of its own.
    @discardableResult
    mutating func addMachine() -> Int? {
        guard let address = freeAddresses.popLast() else { return nil }
        nextMAC += 1
        let mac = MACAddress(rawValue: nextMAC)
        let port = PortIdentity(rawValue: UInt128(machines.count + 1))
        machines.append(Machine(client: VirtualClient(mac: mac), port: port))
        byMAC[mac] = machines.count - 1
        history.insert(
            DHCPv4Host(port: port, mac: mac, addresses: [.init(subnet: 0, address: address)]), at: now)
        return machines.count - 1
    }

    /// Tells every agent, each in its own time, one change after the other.
    private mutating func tell(_ change: Change) {
        for index in agents.indices {
            let lag = UInt64.random(in: 0...UInt64(plan.lagMilliseconds) * 1000, using: &random)
            // Within the lag even where another change is still on its way.
            let at = max(now + lag, agents[index].learnsAt)
            agents[index].learnsAt = at
            queue.add(.learn(agent: index, change), at: at)
        }
    }

    mutating func makeChange() {
        let end = UInt64(plan.restlessSeconds) * 1_000_000
        let pause = UInt64(Double.random(in: 0...2_000_000, using: &random) / plan.changesPerSecond)
        if now + pause < end { queue.add(.change, at: now + pause) }
        guard let index = machines.indices.randomElement(using: &random) else { return }
        guard let host = history.ports[machines[index].port] else { return }
        if machines[index].client.state == .off {
            return act(index, machines[index].client.start(now, remembering: true, &random))
        }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: move(index, host)
        case 1: delete(index, host)
        case 2:
            guard let added = addMachine(), let host = history.ports[machines[added].port] else { return }
            tell(.insert(host))
            // A machine starts when its port is ready at every agent.
            queue.add(
                .start(client: added, remembering: false), at: now + UInt64(plan.lagMilliseconds) * 1000)
        case 3, 4: act(index, machines[index].client.start(now, remembering: true, &random))
        case 5: act(index, machines[index].client.start(now, remembering: false, &random))
        case 6: act(index, machines[index].client.release(now))
        default: act(index, machines[index].client.decline(now))
        }
        noteAddress(index)
    }

    /// The port gets another address; who has the old one next has it at once.
    private mutating func move(_ index: Int, _ host: DHCPv4Host) {
        guard let address = freeAddresses.popLast() else { return }
        var moved = host
        freeAddresses += host.addresses.map(\.address)
        moved.addresses = [.init(subnet: 0, address: address)]
        history.insert(moved, at: now)
        tell(.insert(moved))
    }

    /// The port and its machine go.
    private mutating func delete(_ index: Int, _ host: DHCPv4Host) {
        machines[index].client.stop()
        history.remove(host.port, at: now)
        freeAddresses += host.addresses.map(\.address)
        tell(.remove(host.port))
    }
}
