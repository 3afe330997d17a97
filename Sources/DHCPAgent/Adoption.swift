import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel
import Synchronization

// The start: look at everything once, adopt what is right, repair what is not, remove what is left over.
extension DHCPAgent {
    /// Puts all networks in line that are to be looked at; returns false if the agent is to stop.
    func begin() async -> Bool {
        let begin = context.time.uptime()
        do {
            try await context.driver.checkRequirements()
        } catch {
            // Each network will say so too; the agent goes on, because the operator may mend it.
            shared.withLock { $0.ownProblem = "\(error)" }
            context.note(nil, "\(context.driverName) cannot work here", why: "\(error)", trouble: true)
        }
        // The first report makes the agent known to its source.
        reportSignal.send()
        return await insist("find out what to serve") {
            let overview = try await self.context.source.overview()
            let existing = Set(try await self.context.driver.existingNetworks())
            let names = try await self.context.kernel.run { kernel throws(KernelError) in
                try kernel.namespaceNames()
            }
            let remains = self.remains(existing: existing, namespaces: names, overview)
                .union(overview.reserved)
            let networks = overview.served.union(overview.waiting).union(remains)
            let seen = await self.look(at: overview.served.intersection(remains))
            self.shared.withLock { shared in
                shared.remains = remains
                shared.seen = seen
                shared.tally = StartTally(networks, begin: begin)
            }
            for network in networks.sorted() { self.queue.add(network, .start) }
            if networks.isEmpty { self.finishStart() }
        }
    }

    /// The networks of which something stands that is provably ours; tells of the others.
    private func remains(
        existing: Set<ResourceID>, namespaces: [String], _ overview: SourceOverview
    ) -> Set<ResourceID> {
        var remains = existing
        var foreign: [String] = []
        for name in namespaces {
            guard let network = context.interfaceDriver.network(ofNamespace: name) else { continue }
            if overview.known.contains(network) {
                remains.insert(network)
            } else if !existing.contains(network) {
                foreign.append(name)
            }
        }
        if !foreign.isEmpty {
            context.note(
                nil, "left \(foreign.count == 1 ? "a namespace" : "\(foreign.count) namespaces") alone",
                why: "not in the store and not in the state directory: "
                    + foreign.sorted().joined(separator: ", "))
        }
        return remains
    }

    /// What the kernel shows of these networks, in one go.
    private func look(at networks: Set<ResourceID>) async -> [ResourceID: SeenWiring] {
        var wirings: [(network: ResourceID, wiring: NetworkWiring)] = []
        for network in networks {
            guard case .serve(let truth)? = try? await context.source.assignment(of: network),
                let port = truth.fittingDHCPPort,
                let wiring = try? context.interfaceDriver.wiring(
                    network: truth.network, subnets: truth.subnets, dhcpPort: port)
            else { continue }
            wirings.append((network, wiring))
        }
        // What could not be seen here is looked at, and complained about, in its own pass.
        return await see(wirings)
    }

    /// Counts the first pass over a network.
    func count(_ network: ResourceID, _ outcome: PassOutcome) {
        let now = context.time.uptime()
        let summary = shared.withLock { shared in
            let summary = shared.tally?.count(network, outcome, now: now)
            if summary != nil { shared.tally = nil }
            return summary
        }
        if let summary { tell(summary) }
    }

    private func finishStart() {
        let now = context.time.uptime()
        let summary = shared.withLock { shared in
            let summary = shared.tally?.finish(now: now)
            if summary != nil { shared.tally = nil }
            return summary
        }
        if let summary { tell(summary) }
    }

    private func tell(_ summary: StartSummary) {
        shared.withLock { $0.start = summary }
        context.note(nil, "\(summary)")
        reportSignal.send()
    }
}
