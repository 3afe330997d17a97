import Addressing
import CLinux
import DHCPDrivers
import DHCPEngine
import DNSEngine
import Glibc
import KernelPlan
import LinuxKernel
import Locks
import Logging
import NetworkModel

// Taking in what is to be served, on the work thread.
extension NetworkServer {
    /// What a pass over a network changed.
    private struct Progress {
        var wasServing = false
        var opened = false
        var changed = false

        var outcome: DHCPApplyOutcome {
            if !wasServing { return .started }
            if opened { return .restarted }
            return changed ? .reloaded : .unchanged
        }
    }

    /// Serves exactly this from now on; blocks.
    func apply(
        _ service: DHCPService, _ change: DHCPServiceChange
    ) throws(DHCPDriverError) -> DHCPApplyOutcome {
        let result: Result<DHCPApplyOutcome, DHCPDriverError> = control.withLock { control in
            do throws(DHCPDriverError) {
                return .success(try apply(service, change, &control))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func apply(
        _ service: DHCPService, _ change: DHCPServiceChange, _ control: inout Control
    ) throws(DHCPDriverError) -> DHCPApplyOutcome {
        var progress = Progress()
        progress.wasServing = control.place != nil
        guard progress.wasServing, case .ports(let ports) = change, let compiled = control.compiled,
            control.interface == service.interface, control.namespace == service.namespace
        else {
            try applyAll(service, &control, &progress)
            return progress.outcome
        }
        var present: [Port] = []
        var gone: [ResourceID] = []
        for id in ports {
            if let port = service.port(id, isSorted: control.sortsPorts) {
                present.append(port)
            } else {
                gone.append(id)
            }
        }
        if ports.contains(service.dhcpPort.id) || compiled.isAffected(by: present, gone: gone) {
            try applyAll(service, &control, &progress)
            return progress.outcome
        }
        var changes = PortChanges()
        for port in present { compare(port, compiled, isForced: false, &control, &changes) }
        for id in gone {
            let identity = PortIdentity(rawValue: id.rawValue)
            if control.digests[identity] != nil { changes.gone.append(identity) }
        }
        take(changes, &control)
        progress.changed = !changes.isEmpty
        return progress.outcome
    }

    private func applyAll(
        _ service: DHCPService, _ control: inout Control, _ progress: inout Progress
    ) throws(DHCPDriverError) {
        try mark(&control)
        if control.compiled == nil {
            // Ports may have gone while nobody looked.
            let ports = Set(service.ports.map { PortIdentity(rawValue: $0.id.rawValue) })
            surroundings.journal.retain(ports, network: network)
        }
        if isElsewhere(service, &control) { closeSockets(&control) }
        control.sortsPorts = service.sortsPorts
        control.namespace = service.namespace
        control.interface = service.interface
        let compiled = CompiledNetwork(service, surroundings.configuration)
        let isNew = control.compiled != compiled
        if isNew {
            traffic.withLock { traffic in
                traffic.v4.configure(compiled.v4)
                if let v6 = compiled.v6 {
                    if traffic.v6 == nil { traffic.v6 = DHCPv6Engine(v6) } else { traffic.v6?.configure(v6) }
                } else {
                    traffic.v6 = nil
                }
            }
            control.compiled = compiled
            progress.changed = true
        }
        prepareDNS(compiled, &control)
        // Clients are known before the first packet is read. Where subnets changed their places all must
        // be inserted again.
        var changes = PortChanges()
        var absent = Set(control.digests.keys)
        for port in service.ports {
            absent.remove(PortIdentity(rawValue: port.id.rawValue))
            compare(port, compiled, isForced: isNew, &control, &changes)
        }
        changes.gone = Array(absent)
        if !changes.isEmpty { progress.changed = true }
        take(changes, &control)
        let hadNeighbours = control.place != nil
        if try open(compiled, &control) { progress.opened = true }
        if hadNeighbours && repairNeighbours(&control) { progress.changed = true }
    }

    // MARK: Ports

    /// What differs from what the engines hold.
    struct PortChanges {
        var present: [CompiledPort] = []
        var gone: [PortIdentity] = []

        var isEmpty: Bool { present.isEmpty && gone.isEmpty }
    }

    /// Compiles a port and notes it where it is not what the engines hold.
    private func compare(
        _ port: Port, _ compiled: CompiledNetwork, isForced: Bool, _ control: inout Control,
        _ changes: inout PortChanges
    ) {
        let compiledPort = compiled.port(port)
        let digest = compiledPort.hashValue
        let isOther = control.digests.updateValue(digest, forKey: compiledPort.id) != digest
        if isOther || isForced { changes.present.append(compiledPort) }
    }

    /// Makes the changes: neighbour entries first, so that the first answer finds its way.
    private func take(_ changes: PortChanges, _ control: inout Control) {
        if changes.isEmpty { return }
        changeNeighbours(changes, &control)
        traffic.withLock { traffic in
            for port in changes.gone {
                traffic.v4.remove(port)
                traffic.v6?.remove(port)
            }
            for port in changes.present {
                if let host = port.v4 { traffic.v4.insert(host) } else { traffic.v4.remove(port.id) }
                if let host = port.v6 { traffic.v6?.insert(host) } else { traffic.v6?.remove(port.id) }
            }
        }
        for port in changes.gone {
            control.digests[port] = nil
            control.problems[port] = nil
            control.dns?.remove(port: port.rawValue)
            surroundings.journal.forget(port)
        }
        for port in changes.present {
            control.dns?.insert(port.names, of: port.id.rawValue)
            if control.problems.updateValue(port.problems, forKey: port.id) != port.problems {
                for problem in port.problems { surroundings.log.warning("\(problem)") }
            }
            if port.problems.isEmpty { control.problems[port.id] = nil }
        }
    }
}

extension DHCPService {
    /// Whether ports are sorted by id, as the agent has them.
    fileprivate var sortsPorts: Bool {
        zip(ports, ports.dropFirst()).allSatisfy { $0.id < $1.id }
    }

    /// The port with this id; quick where ports are sorted by id.
    fileprivate func port(_ id: ResourceID, isSorted: Bool) -> Port? {
        var low = 0
        var high = ports.count
        while low < high {
            let middle = (low + high) / 2
            if ports[middle].id == id { return ports[middle] }
            if ports[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return isSorted ? nil : ports.first { $0.id == id }
    }
}
