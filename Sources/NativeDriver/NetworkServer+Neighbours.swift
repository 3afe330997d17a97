import Addressing
import DHCPEngine
import KernelPlan
import LinuxKernel
import Locks
import Logging
import NetworkModel

// The kernel's neighbour table: who has an address before its client knows it, on the work thread.
extension NetworkServer {
    /// Makes the entries be as the ports will be, those that go first.
    func changeNeighbours(_ changes: PortChanges, _ control: inout Control) {
        guard !changes.isEmpty, let device = control.place?.device else { return }
        var old: [Neighbour] = []
        traffic.withLock { traffic in
            for port in changes.gone + changes.present.map(\.id) {
                if let host = traffic.v4.host(of: port) { old += Self.neighbours(of: host) }
            }
        }
        let new = changes.present.flatMap { $0.v4.map(Self.neighbours) ?? [] }
        // An entry is replaced without being away in between; one that another port has by now stays.
        let kept = Set(new.map(\.address))
        old.removeAll { kept.contains($0.address) }
        let list = removals(of: old, device: device, &control) + additions(of: new, control.applied)
        perform(list, device: device, &control)
    }

    private static func neighbours(of host: DHCPv4Host) -> [Neighbour] {
        host.addresses.map { Neighbour(.v4($0.address), host.mac) }
    }

    /// All entries that there should be, as the engine has the ports.
    private func wanted(_ control: inout Control) -> [Neighbour] {
        var wanted: [Neighbour] = []
        var ports = control.digests.ports[...]
        // Some at a time: packets must not wait for ten thousand ports.
        while !ports.isEmpty {
            let some = ports.prefix(256)
            ports = ports.dropFirst(256)
            wanted += traffic.withLock { traffic in
                some.flatMap { port in traffic.v4.host(of: port).map(Self.neighbours) ?? [] }
            }
        }
        return wanted
    }

    private func additions(of neighbours: [Neighbour], _ applied: Applied?) -> [NeighbourChange] {
        let own = applied?.serverAddresses.map(\.address) ?? []
        return neighbours.filter { !own.contains($0.address) }.map { .add($0) }
    }

    /// The removals of those of the entries that are still these.
    private func removals(
        of neighbours: [Neighbour], device: Int32, _ control: inout Control
    ) -> [NeighbourChange] {
        if neighbours.isEmpty { return [] }
        let others = Set((try? control.netlink?.wrong(among: neighbours, device: device)) ?? [])
        return neighbours.filter { !others.contains($0) }.map { .remove($0.address) }
    }

    /// Adds what is missing of the entries that there should be, or is wrong; whether there was any.
    func repairNeighbours(_ control: inout Control) -> Bool {
        guard let device = control.place?.device, control.netlink != nil else { return false }
        let wanted = wanted(&control)
        do throws(KernelError) {
            let wrong = try control.netlink?.wrong(among: wanted, device: device) ?? []
            // What is right in the kernel can be used, whatever failed before.
            traffic.withLock { $0.withoutNeighbour = [] }
            let list = additions(of: wrong, control.applied)
            perform(list, device: device, &control)
            return !list.isEmpty
        } catch {
            surroundings.log.warning("\(error)", metadata: ["network": "\(network)"])
            return false
        }
    }

    /// Adds all entries that there should be, whatever is there; where other networks are in line to be served,
    /// after those, and until then clients are answered by broadcast.
    func addNeighbours(_ control: inout Control) {
        guard loop.work.isBusy else { return addNeighboursNow(&control) }
        let addresses = Set(wanted(&control).compactMap(\.address.v4))
        traffic.withLock { $0.withoutNeighbour = addresses }
        loop.work.submitLater { [self] in self.control.withLock { addNeighboursNow(&$0) } }
    }

    private func addNeighboursNow(_ control: inout Control) {
        guard let device = control.place?.device else { return }
        perform(additions(of: wanted(&control), control.applied), device: device, &control)
    }

    /// Looks after the entries, on the work thread: the first time it removes those of ports that went away
    /// before this server started, later it puts back what is missing.
    ///
    /// The former harm nobody whose address a port has, and looking for them reads through the neighbours of
    /// the whole host: not while a thousand networks start. A device that goes down loses its permanent
    /// entries, and nothing else tells of that; a lookup takes about a microsecond.
    func takeCare() {
        loop.work.submit { [self] in
            control.withLock { control in
                if control.isSwept { _ = repairNeighbours(&control) } else { sweep(&control) }
            }
        }
    }

    private func sweep(_ control: inout Control) {
        guard let device = control.place?.device else { return }
        do throws(KernelError) {
            let there = try control.netlink?.permanent(.v4, device: device) ?? []
            let wanted = Set(wanted(&control).map(\.address))
            let stale = there.filter { !wanted.contains($0.address) }
            perform(stale.map { .remove($0.address) }, device: device, &control)
            control.isSwept = true
        } catch {
            surroundings.log.warning("\(error)", metadata: ["network": "\(network)"])
        }
    }

    /// Takes all entries away.
    func removeNeighbours(_ control: inout Control) {
        guard let device = control.place?.device else { return }
        let list = wanted(&control).map { NeighbourChange.remove($0.address) }
        control.digests = PortDigests()
        if control.isSwept { perform(list, device: device, &control) } else { sweep(&control) }
    }

    private func perform(_ changes: [NeighbourChange], device: Int32, _ control: inout Control) {
        if changes.isEmpty { return }
        var refused: Set<IPv4Address> = []
        do throws(KernelError) {
            for (place, number) in try control.netlink?.apply(changes, device: device) ?? [] {
                guard case .add(let neighbour) = changes[place], case .v4(let address) = neighbour.address
                else { continue }
                refused.insert(address)
                surroundings.log.warning(
                    "\(address) has no neighbour entry, its client is answered by broadcast: \(errorText(number))",
                    metadata: ["network": "\(network)"])
            }
        } catch {
            surroundings.log.warning("\(error)", metadata: ["network": "\(network)"])
            for case .add(let neighbour) in changes {
                if let v4 = neighbour.address.v4 { refused.insert(v4) }
            }
        }
        let failed = refused
        traffic.withLock { traffic in
            if traffic.withoutNeighbour.isEmpty && failed.isEmpty { return }
            for change in changes {
                switch change {
                case .add(let neighbour): neighbour.address.v4.map { _ = traffic.withoutNeighbour.remove($0) }
                case .remove(let address): address.v4.map { _ = traffic.withoutNeighbour.remove($0) }
                }
            }
            traffic.withoutNeighbour.formUnion(failed)
        }
    }
}
