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

// Sockets and what stays of a network on disk, on the work thread.
extension NetworkServer {
    /// Whether the sockets that are open belong to another device than the one that has the name now.
    func isElsewhere(_ service: DHCPService, _ control: inout Control) -> Bool {
        guard let place = control.place else { return false }
        guard control.namespace == service.namespace, control.interface == service.interface else {
            return true
        }
        let path = "\(NamespaceThread.directory)/\(service.namespace)"
        do throws(KernelError) {
            guard try NamespaceIdentity(path: path) == place.namespace else { return true }
        } catch {
            // That nobody can look says nothing of what is there: what serves goes on.
            say("\(error)")
        }
        let device = cl_device_index(control.netlink?.number ?? -1, service.interface)
        return device >= 0 ? device != place.device : errno == ENODEV || errno == EBADF
    }

    /// Opens what is needed and missing, closes what is not needed; whether anything was opened.
    ///
    /// - Parameter dnsMayWait: Whether other networks go before this one's DNS.
    func open(
        _ compiled: CompiledNetwork, dnsMayWait: Bool, _ control: inout Control
    ) throws(DHCPDriverError) -> Bool {
        let wanted = SocketNeeds(
            v4: !compiled.v4.subnets.isEmpty, v6: compiled.v6 != nil,
            advertisements: compiled.routerAdvertisement != nil)
        if !wanted.v4 { close(&control.v4, "4") }
        if !wanted.v6 { close(&control.v6, "6") }
        if !wanted.advertisements {
            control.advertiser?.stop()
            control.advertiser = nil
        }
        let isPlaced = control.place != nil
        let missing = SocketNeeds(
            v4: wanted.v4 && control.v4 == nil, v6: wanted.v6 && control.v6 == nil,
            advertisements: wanted.advertisements && control.advertiser == nil)
        let addresses = compiled.serverAddresses.map(\.address)
        let served = control.dns?.addresses ?? []
        control.dns?.stopServing(served.filter { !addresses.contains($0) })
        let newAddresses = addresses.filter { !served.contains($0) }
        if isPlaced && missing == SocketNeeds() && newAddresses.isEmpty {
            if let advertisement = compiled.routerAdvertisement {
                control.advertiser?.advertise(advertisement)
            }
            return false
        }
        var (opened, dns) = try openInside(
            control.namespace, control.interface, missing, dnsMayWait ? [] : newAddresses)
        do {
            try adopt(&opened, keepsNetlink: isPlaced, compiled, &control)
            let sockets = try dns.get()
            dns = .success([])
            try control.dns?.serve(sockets)
        } catch {
            // What was taken over serves; the next apply opens the rest.
            opened.close()
            for sockets in (try? dns.get()) ?? [] { sockets.close() }
            throw DHCPDriverError(.startFailed, operation: "serve \(network)", detail: "\(error)")
        }
        control.awaitsDNS = dnsMayWait
        if dnsMayWait { loop.work.submitLater { [self] in openDNS() } }
        return missing.v4 || missing.v6 || !isPlaced
    }

    /// Opens what was left out of the DNS sockets.
    private func openDNS() {
        let failure = control.withLock { control -> (any Error)? in
            // Who closed the sockets meanwhile opens all of them.
            guard control.place != nil, let dns = control.dns, let applied = control.applied else {
                return nil
            }
            let served = dns.addresses
            control.awaitsDNS = false
            let addresses = applied.serverAddresses.map(\.address).filter { !served.contains($0) }
            if addresses.isEmpty { return nil }
            do {
                try dns.serve(loop.work.runBlocking(in: control.namespace) { try DNSSockets.open(addresses) })
                return nil
            } catch {
                return error
            }
        }
        guard let failure else { return }
        surroundings.log.warning("DNS does not start: \(failure)", metadata: ["network": "\(network)"])
        // The next apply opens it, or fails with this.
        surroundings.deaths.yield(network)
    }

    /// One visit to the namespace for everything that is opened there.
    private func openInside(
        _ namespace: String, _ interface: String, _ needs: SocketNeeds, _ addresses: [IPAddress]
    ) throws(DHCPDriverError) -> (OpenedSockets, Result<[DNSSockets], KernelError>) {
        let store = surroundings.descriptors
        let kept = KeptSockets(
            v4: needs.v4 ? store.take("dhcp4-\(network)") : nil,
            v6: needs.v6 ? store.take("dhcp6-\(network)") : nil)
        do {
            return try loop.work.runBlocking(in: namespace) {
                let sockets = try OpenedSockets.openInside(namespace, interface, needs, kept)
                let dns = Result { () throws(KernelError) in try DNSSockets.open(addresses) }
                return (sockets, dns)
            }
        } catch {
            throw DHCPDriverError(.wiring, operation: "open sockets in \(namespace)", detail: "\(error)")
        }
    }

    /// Takes over what was opened and begins to read from it; what it did not come to stays in `opened`.
    private func adopt(
        _ opened: inout OpenedSockets, keepsNetlink: Bool, _ compiled: CompiledNetwork,
        _ control: inout Control
    ) throws {
        let v4 = opened.take(\.v4).map { ServerSocket($0, .v4, self) }
        let v6 = opened.take(\.v6).map { ServerSocket($0, .v6, self) }
        let netlink = try NeighbourSocket(descriptor: opened.take(\.netlink) ?? -1)
        if !keepsNetlink {
            control.netlink = consume netlink
            control.place = opened.place
            addNeighbours(&control)
        }
        let device = UInt32(bitPattern: opened.place.device)
        traffic.withLock { traffic in
            traffic.device = device
            traffic.isClosed = false
        }
        if let v4 {
            try watchSources(v4.descriptor.number, control.interface)
            v4.tellDestinations(compiled.v4.needsDestinations)
            try loop.events.add(v4.descriptor.number, events: ServerSocket.events, v4)
            control.v4 = v4
            surroundings.descriptors.keep(v4.descriptor.number, "dhcp4-\(network)")
        }
        if let v6 {
            try loop.events.add(v6.descriptor.number, events: ServerSocket.events, v6)
            control.v6 = v6
            surroundings.descriptors.keep(v6.descriptor.number, "dhcp6-\(network)")
        }
        shown.withLock { $0.isServing = true }
        if let advertisement = compiled.routerAdvertisement, let icmpv6 = opened.take(\.icmpv6) {
            control.advertiser = try RouterAdvertiser(
                icmpv6, device: device, advertisement, self)
        }
    }

    /// Has the kernel refuse or count requests that come from another Ethernet source than they name.
    ///
    /// Throws only where they are to be refused: a count is no reason not to answer.
    private func watchSources(_ socket: Int32, _ interface: String) throws(KernelError) {
        do throws(KernelError) {
            // One that was taken over may be as another configuration had it.
            if cl_mark_foreign_sources(socket, refusesForeignSources ? 1 : 0) != 0 {
                throw KernelError("filter", "UDP port 67 on \(interface)", errno)
            }
            guard let counting = surroundings.foreignSources else { return }
            try counting.watch(socket)
            traffic.withLock { $0.watched = socket }
        } catch {
            if refusesForeignSources { throw error }
            surroundings.log.warning(
                "requests from another Ethernet source than they name are not counted: \(error)",
                metadata: ["network": "\(network)"])
        }
    }

    /// Closes a socket, and what an earlier run may have kept of one that is not needed any more.
    private func close(_ socket: inout ServerSocket?, _ version: String) {
        surroundings.descriptors.forget("dhcp\(version)-\(network)")
        guard let open = socket else { return }
        let number = open.descriptor.number
        loop.events.remove(number)
        if let counting = surroundings.foreignSources {
            traffic.withLock { traffic in
                guard traffic.watched == number else { return }
                traffic.counters.foreignSources(counting.count(number))
                traffic.watched = -1
                counting.forget(number)
            }
        }
        socket = nil
    }

    /// Closes all sockets; everything must be set again after that.
    func closeSockets(_ control: inout Control) {
        close(&control.v4, "4")
        close(&control.v6, "6")
        control.advertiser?.stop()
        control.advertiser = nil
        control.dns?.close()
        control.dns = nil
        control.dnsDigest = nil
        control.netlink = nil
        control.isSwept = false
        shown.withLock { $0.isServing = false }
        control.place = nil
        control.applied = nil
    }

    // MARK: DNS

    /// Has a DNS with the network's configuration; its sockets come later.
    func prepareDNS(_ compiled: CompiledNetwork, _ control: inout Control) {
        let settings = surroundings.configuration
        let engine = DNSConfiguration(
            domain: settings.dnsDomain, subnets: compiled.dnsClients,
            textRecord: settings.txtRecord.isEmpty ? nil : DNSTextRecord(settings.txtRecord),
            // As dnsmasq does: the domain may be a real one, with more names than ours.
            forwardsOwnNames: true)
        var upstream = DNSServiceConfiguration.Upstream.none
        if !settings.dnsServers.isEmpty {
            upstream = .servers(settings.dnsServers.compactMap { try? DNSServerAddress($0) })
        } else if settings.localResolv {
            upstream = .hostResolvers
        }
        let configuration = DNSServiceConfiguration(engine: engine, upstream: upstream)
        let digest = configuration.hashValue
        if control.dnsDigest == digest { return }
        control.dnsDigest = digest
        if let dns = control.dns {
            dns.configure(configuration)
        } else {
            control.dns = DNSService(
                loop: loop.events, namespaces: loop.work, namespace: control.namespace,
                configuration: configuration)
        }
    }

    // MARK: On disk

    /// Notes that the network is ours to serve, and whose we are.
    func mark(_ control: inout Control) throws(DHCPDriverError) {
        if control.hasMarker { return }
        do throws(FileError) {
            try ServedMarker(surroundings.configuration, network).write()
        } catch {
            throw DHCPDriverError(.file, operation: "mark \(network) as served", detail: "\(error)")
        }
        control.hasMarker = true
    }

    /// Stops serving and leaves nothing behind.
    func remove() throws(DHCPDriverError) {
        control.withLock { control in
            traffic.withLock { $0.isClosed = true }
            if control.place == nil { removeRemains() } else { removeNeighbours(&control) }
            closeSockets(&control)
            surroundings.descriptors.forget("dhcp4-\(network)")
            surroundings.descriptors.forget("dhcp6-\(network)")
            shown.withLock { $0 = Shown() }
            control = Control()
        }
        surroundings.journal.forget(network: network)
        try Self.removeMark(of: network, surroundings.configuration)
    }

    /// Takes away what says that the network is served from here.
    static func removeMark(
        of network: ResourceID, _ configuration: NativeDriverConfiguration
    ) throws(DHCPDriverError) {
        do throws(FileError) {
            try ServedMarker(configuration, network).remove()
        } catch {
            throw DHCPDriverError(.file, operation: "forget \(network)", detail: "\(error)")
        }
    }

    /// Takes away the neighbour entries of an earlier run, for who serves the namespace next.
    private func removeRemains() {
        let namespace = "qdhcp-\(network)"
        guard fileExists(path: "\(NamespaceThread.directory)/\(namespace)") else { return }
        let opened = try? loop.work.runBlocking(in: namespace) {
            (try NeighbourSocket.open(), OpenedSockets.devicesInside())
        }
        guard let (number, devices) = opened, var netlink = try? NeighbourSocket(descriptor: number) else {
            return
        }
        for device in devices {
            let entries = (try? netlink.permanent(.v4, device: device)) ?? []
            _ = try? netlink.apply(entries.map { .remove($0.address) }, device: device)
        }
    }

    /// Stops serving and leaves everything as it is, for who comes next.
    func close() {
        control.withLock { control in
            traffic.withLock { $0.isClosed = true }
            for socket in [control.v4, control.v6] {
                if let socket { loop.events.remove(socket.descriptor.number) }
            }
            traffic.withLock { $0.watched = -1 }
            control.advertiser?.stop()
            control.dns?.close()
            shown.withLock { $0 = Shown() }
            control = Control()
        }
    }
}
