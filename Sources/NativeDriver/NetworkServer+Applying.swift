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
        guard progress.wasServing, case .ports(let ports) = change, let compiler = control.applied?.ports,
            control.interface == service.interface, control.namespace == service.namespace,
            !control.awaitsDNS
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
        if ports.contains(service.dhcpPort.id) || compiler.isAffected(by: present, gone: gone) {
            try applyAll(service, &control, &progress)
            return progress.outcome
        }
        var changes = PortChanges()
        for port in present { compare(port, compiler, &control, &changes) }
        for id in gone {
            let identity = PortIdentity(rawValue: id.rawValue)
            if control.digests.contains(identity) { changes.gone.append(identity) }
        }
        take(changes, &control)
        progress.changed = !changes.isEmpty
        return progress.outcome
    }

    private func applyAll(
        _ service: DHCPService, _ control: inout Control, _ progress: inout Progress
    ) throws(DHCPDriverError) {
        try mark(&control)
        if isElsewhere(service, &control) { closeSockets(&control) }
        control.sortsPorts = service.sortsPorts
        control.namespace = service.namespace
        control.interface = service.interface
        let compiled = CompiledNetwork(service, surroundings.configuration)
        var changes = PortChanges()
        var absent = Set(control.digests.ports)
        control.digests.reserve(service.ports.count)
        for port in service.ports {
            absent.remove(PortIdentity(rawValue: port.id.rawValue))
            compare(port, compiled.ports, &control, &changes)
        }
        changes.gone = Array(absent)
        if !changes.isEmpty { progress.changed = true }
        // Ports may have gone while nobody looked.
        if control.applied == nil { surroundings.journal.retain(control.digests.ports, network: network) }
        let applied = Applied(compiled)
        let isNew = control.applied?.digest != applied.digest
        if isNew {
            control.applied = applied
            progress.changed = true
        }
        prepareDNS(compiled, &control)
        // Clients are known before the first packet is read.
        take(changes, configuring: isNew ? compiled : nil, &control)
        let hadNeighbours = control.place != nil
        // After a start all want their addresses at once, and few a name; who is told that a port is ready gets both.
        let dnsMayWait =
            control.isInherited && loop.work.isBusy && !service.ports.contains(where: \.awaitsService)
        if try open(compiled, dnsMayWait: dnsMayWait, &control) { progress.opened = true }
        control.isInherited = false
        if hadNeighbours && repairNeighbours(&control) { progress.changed = true }
    }

    // MARK: Ports

    /// What differs from what the engines hold.
    struct PortChanges {
        var present: [CompiledPort] = []
        var gone: [PortIdentity] = []
        /// Ports that are as they were, of which a DNS that was just made knows nothing.
        var unnamed: [CompiledPort] = []

        var isEmpty: Bool { present.isEmpty && gone.isEmpty }
    }

    /// Compiles a port and notes it where it is not what the engines hold.
    private func compare(
        _ port: Port, _ compiler: PortCompiler, _ control: inout Control, _ changes: inout PortChanges
    ) {
        let compiledPort = compiler.compiled(port)
        let isOther = control.digests.update(compiledPort.hashValue, of: compiledPort.id)
        if isOther {
            changes.present.append(compiledPort)
        } else if control.dns == nil {
            changes.unnamed.append(compiledPort)
        }
    }

    /// Makes the changes: neighbour entries first, so that the first answer finds its way.
    private func take(
        _ changes: PortChanges, configuring compiled: CompiledNetwork? = nil, _ control: inout Control
    ) {
        changeNeighbours(changes, &control)
        let needsDestinations = compiled?.v4.needsDestinations
        // The engine that needs them must have them from its first packet to its last.
        if needsDestinations == true { control.v4?.tellDestinations(true) }
        if compiled != nil || !changes.gone.isEmpty {
            traffic.withLock { traffic in
                if let compiled { traffic.configure(compiled) }
                for port in changes.gone { traffic.remove(port) }
            }
        }
        if needsDestinations == false { control.v4?.tellDestinations(false) }
        // Some at a time: packets must not wait for ten thousand ports, nor those of other networks.
        var rest = changes.present[...]
        while !rest.isEmpty {
            let some = rest.prefix(128)
            rest = rest.dropFirst(128)
            traffic.withLock { traffic in for port in some { traffic.insert(port) } }
        }
        for port in changes.gone {
            control.digests.remove(port)
            control.dns?.remove(port: port.rawValue)
            surroundings.journal.forget(port)
        }
        for port in changes.present + changes.unnamed {
            control.dns?.insert(port.names, of: port.id.rawValue)
        }
        let news = shown.withLock { shown -> [String] in
            for port in changes.gone { shown.problems[port] = nil }
            var news: [String] = []
            for port in changes.present {
                let problems = port.problems.isEmpty ? nil : port.problems
                if let problems, shown.problems[port.id] != problems { news += problems }
                shown.problems[port.id] = problems
            }
            return news
        }
        for problem in news { surroundings.log.warning("\(problem)") }
    }
}

extension NetworkServer.Traffic {
    /// Serves other subnets from now on.
    fileprivate mutating func configure(_ compiled: CompiledNetwork) {
        v4.configure(compiled.v4)
        if let configuration = compiled.v6 {
            if v6 == nil { v6 = DHCPv6Engine(configuration) } else { v6?.configure(configuration) }
        } else {
            v6 = nil
        }
    }

    fileprivate mutating func insert(_ port: CompiledPort) {
        if let host = port.v4 { v4.insert(host) } else { v4.remove(port.id) }
        if let host = port.v6 { v6?.insert(host) } else { v6?.remove(port.id) }
    }

    fileprivate mutating func remove(_ port: PortIdentity) {
        v4.remove(port)
        v6?.remove(port)
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
