import NetworkModel

// From one driver to another, and back where that fails.
extension SwitchingDriver {
    /// The other drivers that have state of the network, the one that serves it first.
    func others(than wanted: DHCPDriverName, of network: ResourceID) async -> [DHCPDriverName] {
        if await places.holders(of: network) == nil { _ = try? await existingNetworks() }
        var holders = await places.holders(of: network) ?? []
        let serving = await places.driver(of: network)
        if serving == nil {
            // One that could not tell what it has is asked about this network: two must not serve it.
            for name in await places.unseen {
                let status = await drivers[name]?.status(of: network) ?? .stopped
                if status != .stopped { holders.insert(name) }
            }
        }
        holders.remove(wanted)
        return DHCPDriverName.allCases.filter { $0 == serving && holders.contains($0) }
            + DHCPDriverName.allCases.filter { $0 != serving && holders.contains($0) }
    }

    /// Stops the former server and starts the wanted one, or the former one again.
    func switchDriver(
        of service: DHCPService, from former: DHCPDriverName, to wanted: DHCPDriverName,
        _ driver: any DHCPDriver
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let network = service.network.id
        if let refusal = await places.refusal(of: network, wanted) {
            // Clients get what is new all the same.
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            throw refusal
        }
        // What is missing is better known before anything is stopped.
        do throws(DHCPDriverError) {
            try await driver.checkRequirements()
        } catch {
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            throw Self.unchanged(error, former)
        }
        let leases = service.withPorts(await drivers[former]?.leases(of: network) ?? [])
        do throws(DHCPDriverError) {
            // One that could not be removed may have stopped all the same.
            try await drivers[former]?.remove(network)
            await driver.take(leases, of: network)
            let outcome = try await driver.apply(service, change: .anything)
            await places.serves(network, wanted)
            await places.refused(network, nil)
            return outcome == .started ? .restarted : outcome
        } catch {
            let told = await goBack(service, to: former, from: driver, because: error, leases)
            await places.refused(
                network, Refusal(wanted: wanted, error: told, until: .now + peace))
            throw told
        }
    }

    private static func unchanged(_ error: DHCPDriverError, _ former: DHCPDriverName) -> DHCPDriverError {
        DHCPDriverError(
            error.kind, operation: error.operation,
            detail: "\(error.detail); \(former.rawValue) serves the network as before")
    }

    /// Starts the old server again; returns what to tell.
    private func goBack(
        _ service: DHCPService, to former: DHCPDriverName, from driver: any DHCPDriver,
        because error: DHCPDriverError, _ leases: [Lease]
    ) async -> DHCPDriverError {
        let network = service.network.id
        do throws(DHCPDriverError) {
            try await end(driver, of: network)
            await drivers[former]?.take(leases, of: network)
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            return Self.unchanged(error, former)
        } catch let second {
            // One that still runs must be removed before anybody else serves the network.
            if await drivers[former]?.status(of: network) == .stopped { await places.forget(network) }
            return DHCPDriverError(
                error.kind, operation: error.operation,
                detail: "\(error.detail); and \(former.rawValue) could not be started again: \(second)")
        }
    }

    /// Removes a server that is not to be; that something of it stays does no harm where it does not run.
    private func end(_ driver: any DHCPDriver, of network: ResourceID) async throws(DHCPDriverError) {
        do throws(DHCPDriverError) {
            try await driver.remove(network)
        } catch {
            if await driver.status(of: network) != .stopped { throw error }
        }
    }
}
