public import Addressing

/// Answers DNS queries from the names of one network's ports, as dnsmasq does with `addn_hosts`.
///
/// A value without clock, sockets or randomness. Names that are an address's default one are computed;
/// only the address is kept.
public struct DNSEngine: Sendable {
    /// What is served, ports aside.
    public private(set) var configuration: DNSConfiguration
    /// ``DNSConfiguration/domain``, folded; nil for none.
    private var domain: DNSName?
    private var addresses4 = AddressTable<UInt32>()
    private var addresses6 = AddressTable<IPv6Halves>()
    private var names = CustomNames()

    public init(_ configuration: DNSConfiguration = DNSConfiguration()) {
        self.configuration = configuration
        configure(configuration)
    }

    /// Changes everything but the ports' names; default names follow the domain.
    public mutating func configure(_ configuration: DNSConfiguration) {
        self.configuration = configuration
        domain = DNSName(configuration.domain).flatMap { $0 == .root ? nil : $0.folded }
    }

    /// How many addresses have names.
    public var count: Int { addresses4.count + addresses6.count }

    /// Replaces the names of a port; those that no DNS name can be are left out.
    public mutating func insert(_ hosts: [DNSHost], of port: UInt128) {
        remove(port: port)
        for host in hosts {
            guard let name = name(of: host) else { continue }
            switch host.address {
            case .v4(let address):
                addresses4.insert(.init(port: port, address: address.rawValue, name: name))
            case .v6(let address):
                addresses6.insert(.init(port: port, address: IPv6Halves(address.rawValue), name: name))
            }
        }
    }

    /// Forgets the names of a port.
    public mutating func remove(port: UInt128) {
        for name in addresses4.remove(port: port) + addresses6.remove(port: port) where name != 0 {
            names.remove(name)
        }
    }

    /// Answers a query, or says who else may, or why nobody.
    ///
    /// - Parameter output: gets the answer's bytes, or none; should have room for 1232 bytes by UDP and
    ///   65535 by TCP, and never gets more.
    public func answer(
        _ query: RawSpan, from source: IPAddress, transport: DNSTransport, into output: inout OutputRawSpan
    ) -> DNSOutcome {
        guard configuration.subnets.contains(where: { $0.contains(source) }) else {
            return .dropped(.foreignSource)
        }
        switch DNSParsedQuery(query) {
        case .none(let reason):
            return .dropped(reason)
        case .refusable(let id, let flags, let code):
            return DNSResponse.writeHeader(id: id, flags: flags, code, into: &output)
                ? .answered(code) : .dropped(.noRoom)
        case .query(let parsed):
            guard let response = response(to: parsed) else {
                return .forward(DNSForwardedQuery(parsed, message: query, transport))
            }
            return response.write(to: parsed, question: query, transport, into: &output)
                ? .answered(response.code) : .dropped(.noRoom)
        }
    }

    /// The name's identifier, 0 for the default one; nil where it is unusable.
    private mutating func name(of host: DNSHost) -> UInt32? {
        // dnsmasq, too, makes the names of hosts files small.
        guard let names = host.names else { return 0 }
        guard let hostname = DNSName(names.hostname)?.folded, let fqdn = DNSName(names.fqdn)?.folded,
            hostname != .root, fqdn != .root
        else { return nil }
        let label = DefaultNames.label(of: host.address)
        if hostname.wire == [UInt8(label.count)] + label + [0], fqdn == defaultName(label) { return 0 }
        return self.names.insert(.init(hostname: hostname, fqdn: fqdn, address: host.address))
    }

    /// A default label with the domain.
    private func defaultName(_ label: [UInt8]) -> DNSName? { DNSName(label: label, below: domain ?? .root) }

    // MARK: Decisions

    /// The answer; nil where it is for other servers.
    private func response(to query: DNSQuery) -> DNSResponse? {
        if let extensions = query.extensions, extensions.version != 0 {
            return DNSResponse(code: .badVersion)
        }
        guard query.recordClass == .internet, !query.type.isMeta else { return DNSResponse(code: .refused) }
        let name = query.name.folded
        if let own = ownResponse(name, query.type) { return own }
        return configuration.forwards ? nil : DNSResponse(code: .refused)
    }

    /// The answer from what we know; nil where we know nothing of the name.
    private func ownResponse(_ name: DNSName, _ type: DNSRecordType) -> DNSResponse? {
        var known = knownAddresses(of: name).map { address -> DNSResponse.Record in
            switch address {
            case .v4(let v4): .address4(v4.rawValue)
            case .v6(let v6): .address6(v6.rawValue)
            }
        }
        if let record = configuration.textRecord, record.name == name { known.append(.text(record.data)) }
        let reverse = ReverseName(name)
        if case .address(let address) = reverse { known += fullNames(of: address).map { .pointer($0) } }
        if !known.isEmpty {
            let wanted = type == .any ? known : known.filter { $0.type == type }
            return DNSResponse(code: .noError, isAuthoritative: true, records: wanted)
        }
        if configuration.forwards && configuration.forwardsOwnNames { return nil }
        guard let exists = exists(name, reverse) else { return nil }
        return DNSResponse(code: exists ? .noError : .nameError, isAuthoritative: true)
    }

    /// Whether a name of ours that has no records exists; nil where it is not ours.
    private func exists(_ name: DNSName, _ reverse: ReverseName?) -> Bool? {
        if let reverse {
            let block = reverse.block
            let isOurs = configuration.subnets.contains {
                $0.length <= block.length && $0.contains(block.address)
            }
            guard isOurs else { return nil }
            // Addresses may lie below a block's name.
            if case .block = reverse { return true } else { return false }
        }
        guard let domain, name.isWithin(domain) else { return nil }
        return name == domain || names.hasNames(below: name)
    }

    /// The addresses of a folded name, given ones first.
    private func knownAddresses(of name: DNSName) -> [IPAddress] {
        var addresses = names.addresses(of: name)
        for address in defaultAddresses(of: name) where !addresses.contains(address) {
            var isKnown = false
            visit(address) { entry in
                isKnown = entry == 0
                return !isKnown
            }
            if isKnown { addresses.append(address) }
        }
        return addresses
    }

    /// The addresses whose default name this is, alone or below our domain.
    private func defaultAddresses(of name: DNSName) -> [IPAddress] {
        let length = Int(name.wire[0])
        guard length > 0 else { return [] }
        let rest = name.wire[(1 + length)...]
        guard rest.count == 1 || domain.map({ rest.elementsEqual($0.wire) }) == true else { return [] }
        return DefaultNames.addresses(of: name.wire[1...length])
    }

    /// The full names of an address.
    private func fullNames(of address: IPAddress) -> [DNSName] {
        var found: [DNSName] = []
        visit(address) { entry in
            let name = entry == 0 ? defaultName(DefaultNames.label(of: address)) : names[entry]?.fqdn
            if let name, !found.contains(name) { found.append(name) }
            return true
        }
        return found
    }

    /// Calls the body with the names' identifiers of an address, until it returns false.
    private func visit(_ address: IPAddress, _ body: (UInt32) -> Bool) {
        switch address {
        case .v4(let v4): addresses4.visit(v4.rawValue) { body($0.name) }
        case .v6(let v6): addresses6.visit(IPv6Halves(v6.rawValue)) { body($0.name) }
        }
    }
}
