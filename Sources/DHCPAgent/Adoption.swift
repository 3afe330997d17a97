import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import Locks
import NetworkModel

// The start: look at everything once, adopt what is right, repair what is not, remove what is left over.
extension DHCPAgent {
    /// Puts all networks in line that are to be looked at; returns false if the agent is to stop.
    func begin() async -> Bool {
        let begin = context.time.uptime()
        // The first report makes the agent known to its source.
        reportSignal.send()
        async let requirements: Void = checkRequirements()
        let isDone = await insist("find out what to serve") {
            let overview = try await self.context.source.overview()
            // What is left over can wait, what is to be served cannot.
            let existing = (try? await self.context.driver.existingNetworks()).map(Set.init)
            let names = try await self.context.kernel.run { kernel throws(KernelError) in
                try kernel.namespaceNames()
            }
            let remains = self.remains(existing: existing, namespaces: names, overview)
                .union(overview.reserved)
            let networks = overview.served.union(overview.waiting).union(remains)
            self.shared.withLock { shared in
                shared.remains = remains
                shared.knowsRemains = existing != nil
                shared.tally = StartTally(networks, begin: begin)
            }
            let adoptable = overview.served.intersection(remains)
            await self.look(at: adoptable.sorted())
            // What is to be made or taken away waits for what is only to be adopted.
            for network in networks.subtracting(adoptable).sorted() { self.queue.add(network, .start) }
        }
        shared.withLock { $0.news = nil }
        await requirements
        if isDone { finishStart() }
        return isDone
    }

    /// Takes up what the start could not find out of: networks that are not served any more.
    func findRemains() async {
        _ = await insist("find out what was served before") {
            let existing = try await self.context.driver.existingNetworks()
            for network in existing {
                let isUnknown = self.shared.withLock { shared in
                    shared.workers[network] == nil && shared.remains.insert(network).inserted
                }
                if isUnknown { self.queue.add(network, .everything) }
            }
        }
    }

    /// Finds out whether the driver can work here at all, and tells of news.
    func checkRequirements() async {
        do {
            try await context.driver.checkRequirements()
            settleOwnProblem()
        } catch {
            // Each network will say so too; the agent goes on, because the operator may mend it.
            let text = "\(error)"
            let isNews = shared.withLock { shared in
                defer { shared.ownProblem = text }
                return shared.ownProblem != text
            }
            guard isNews else { return }
            context.note(nil, "\(context.driverName) cannot work here", why: text, trouble: true)
            reportSignal.send()
        }
    }

    /// Notes that the driver works.
    func settleOwnProblem() {
        let wasProblem = shared.withLock { shared in
            defer { shared.ownProblem = nil }
            return shared.ownProblem != nil
        }
        guard wasProblem else { return }
        context.note(nil, "\(context.driverName) works now")
        reportSignal.send()
    }

    /// The networks of which something stands that is provably ours; tells of the others.
    private func remains(
        existing: Set<ResourceID>?, namespaces: [String], _ overview: SourceOverview
    ) -> Set<ResourceID> {
        var remains = existing ?? []
        var foreign: [String] = []
        for name in namespaces {
            guard let network = context.interfaceDriver.network(ofNamespace: name) else { continue }
            if overview.known.contains(network) {
                remains.insert(network)
            } else if existing?.contains(network) == false {
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

    /// Looks at what the kernel shows of these networks, and puts each in line as soon as it was seen.
    private func look(at networks: [ResourceID]) async {
        var truths: [ResourceID: ServedNetwork] = [:]
        var wirings: [(network: ResourceID, wiring: NetworkWiring)] = []
        for network in networks {
            guard case .serve(let truth)? = try? await context.source.assignment(of: network),
                let port = truth.fittingDHCPPort,
                let wiring = try? context.interfaceDriver.wiring(
                    network: truth.network, subnets: truth.subnets, dhcpPort: port)
            else {
                // What could not be looked at here is looked at, and complained about, in its own pass.
                queue.add(network, .start)
                continue
            }
            // Its clients wait; a port that is to be reported ready waits for what is certain.
            if truth.waitingPorts.isEmpty, await context.driver.servesFromThisProcess(truth.network) {
                begin(network, with: FirstLook(truth: truth, wiring: .trusted))
                continue
            }
            truths[network] = truth
            wirings.append((network, wiring))
        }
        let known = truths
        // The settings are left to the first audit: what was served before can be served again without them.
        await see(wirings, withSettings: false) { network, seen in
            // What could not be looked at here is looked at, and complained about, in its own pass.
            let look = (try? seen.get()).flatMap { seen in
                known[network].map { FirstLook(truth: $0, wiring: .seen(seen)) }
            }
            self.begin(network, with: look)
        }
    }

    /// Puts a network in line with what was learned of it, unless there was news of it since.
    private func begin(_ network: ResourceID, with look: FirstLook?) {
        shared.withLock { shared in
            if shared.news?.concerns(network) != true { shared.looks[network] = look }
        }
        queue.add(network, .start)
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
