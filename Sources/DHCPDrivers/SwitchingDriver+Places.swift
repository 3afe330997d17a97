import NetworkModel

extension SwitchingDriver {
    /// A switch that failed a moment ago: until its time the network is not disturbed again for it.
    struct Refusal {
        let wanted: DHCPDriverName
        let error: DHCPDriverError
        let until: ContinuousClock.Instant
    }

    /// What is known of where networks are served. Calls for one network never overlap, those for different
    /// ones do.
    actor Places {
        /// The driver that was applied last.
        private var serving: [ResourceID: DHCPDriverName] = [:]
        /// Drivers that left state behind, as they were found at the start; nil before anybody looked.
        private var found: [ResourceID: Set<DHCPDriverName>]?
        /// Drivers that could not tell what they left behind.
        private(set) var unseen: Set<DHCPDriverName> = []
        private var refusals: [ResourceID: Refusal] = [:]

        func driver(of network: ResourceID) -> DHCPDriverName? { serving[network] }

        /// Whether a driver may be the one that serves the network, as far as is known.
        func mayServe(_ network: ResourceID, _ driver: DHCPDriverName) -> Bool {
            serving[network].map { $0 == driver } ?? true
        }

        /// The drivers that are known to have state of the network; nil where nobody looked yet.
        func holders(of network: ResourceID) -> Set<DHCPDriverName>? {
            if let driver = serving[network] { return (found?[network] ?? []).union([driver]) }
            return found.map { $0[network] ?? [] }
        }

        /// Whether the driver, and surely no other, is known to have state of the network.
        func isOnly(_ driver: DHCPDriverName, of network: ResourceID) -> Bool {
            holders(of: network) == [driver] && (serving[network] != nil || unseen.isEmpty)
        }

        func note(_ found: [ResourceID: Set<DHCPDriverName>], unseen: Set<DHCPDriverName>) {
            // Where it is known who serves, what was seen while that changed tells less.
            self.found = found.filter { serving[$0.key] == nil }
            self.unseen = unseen
        }

        func serves(_ network: ResourceID, _ driver: DHCPDriverName) {
            serving[network] = driver
            found?[network] = nil
        }

        func forget(_ network: ResourceID) {
            serving[network] = nil
            found?[network] = nil
            refusals[network] = nil
        }

        func refused(_ network: ResourceID, _ refusal: Refusal?) { refusals[network] = refusal }

        /// Why a switch to the driver is not tried now.
        func refusal(of network: ResourceID, _ wanted: DHCPDriverName) -> DHCPDriverError? {
            guard let refusal = refusals[network], refusal.wanted == wanted, refusal.until > .now else {
                return nil
            }
            return refusal.error
        }

        /// The drivers that serve a network.
        var used: Set<DHCPDriverName> { Set(serving.values) }
    }
}
