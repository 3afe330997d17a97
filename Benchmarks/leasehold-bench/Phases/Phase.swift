/// What is measured in one lab.
enum Phase: String, CaseIterable {
    case createServed = "create-served"
    case createForking = "create-forking"
    case createForkingParallel = "create-forking-parallel"
    case standing
    case restartForking = "restart-forking"
    case restartForkingParallel = "restart-forking-parallel"
    case latencyServed = "latency-served"
    case latencyNative = "latency-native"
    case latencyForking = "latency-forking"
    case rates
    case commits
    case requests
    case exchangeFew = "exchange-few"
    case exchangeSome = "exchange-some"
    case exchangeMany = "exchange-many"
    case storm
    case many
    case driverAlone = "driver-alone"

    /// What happens, for the progress.
    func summary(_ sizes: Sizes) -> String {
        switch self {
        case .createServed: "Leasehold creates and serves \(sizes.created) networks"
        case .createForking: "ip and dnsmasq forked for \(sizes.created) networks, 1 worker"
        case .createForkingParallel: "ip and dnsmasq forked for \(sizes.created) networks, 4 workers"
        case .standing: "Leasehold with \(sizes.restarted) networks: memory, then \(sizes.restarts) restarts"
        case .restartForking: "\(sizes.restartedBaseline) networks restarted by forks, 1 worker"
        case .restartForkingParallel: "\(sizes.restartedBaseline) networks restarted by forks, 4 workers"
        case .latencyServed: "Leasehold, dnsmasq: ports on networks of \(sizes.portsText)"
        case .latencyNative: "Leasehold, native: ports on networks of \(sizes.portsText)"
        case .latencyForking: "whole files and SIGHUP: ports on networks of \(sizes.portsText)"
        case .rates: "Leasehold: ports created as fast as the API takes them"
        case .commits: "SQLite alone: durable commits"
        case .requests:
            "Leasehold: requests of all kinds, with up to \(sizes.stored.last ?? 0) ports in the store"
        case .exchangeFew, .exchangeSome, .exchangeMany:
            "four servers in turn on a network of \(sizes.hosts[hostsIndex]) hosts"
        case .storm: "\(sizes.stormHosts) machines boot at once, four servers in turn"
        case .many: "\(sizes.networks) networks in one process"
        case .driverAlone: "the native driver alone, in a process of its own"
        }
    }

    /// Which of ``Sizes/hosts`` the phase is about; 0 for other phases.
    private var hostsIndex: Int {
        switch self {
        case .exchangeSome: 1
        case .exchangeMany: 2
        default: 0
        }
    }

    /// Measures the phase, in a lab, and writes the figures to the report file.
    static func measure(_ phase: Phase, _ options: Options) throws {
        let sizes = Sizes.of(options)
        var figures = Figures()
        switch phase {
        case .createServed: try CreatePhase.served(options, sizes, &figures)
        case .createForking: try CreatePhase.forking(workers: 1, sizes, &figures)
        case .createForkingParallel: try CreatePhase.forking(workers: 4, sizes, &figures)
        case .standing: try StandingPhase.measure(options, sizes, &figures)
        case .restartForking: try RestartPhase.forking(workers: 1, sizes, &figures)
        case .restartForkingParallel: try RestartPhase.forking(workers: 4, sizes, &figures)
        case .latencyServed: try LatencyPhase.served(by: .dnsmasq, options, sizes, &figures)
        case .latencyNative: try LatencyPhase.served(by: .native, options, sizes, &figures)
        case .latencyForking: try LatencyPhase.forking(sizes, &figures)
        case .rates: try RatePhase.served(options, sizes, &figures)
        case .commits: try RatePhase.commits(options, sizes, &figures)
        case .requests: try RequestPhase.measure(options, sizes, &figures)
        case .exchangeFew, .exchangeSome, .exchangeMany:
            try ExchangePhase.measure(
                hosts: sizes.hosts[phase.hostsIndex], options, sizes, &figures)
        case .storm: try StormPhase.measure(options, sizes, &figures)
        case .many: try ManyNetworksPhase.measure(options, sizes, &figures)
        case .driverAlone: try DriverPhase.measure(sizes, &figures)
        }
        try figures.write(to: options.report)
    }
}

extension Sizes {
    /// `10, 1000 and 10000 ports`.
    var portsText: String {
        ports.dropLast().map { "\($0)" }.joined(separator: ", ") + " and \(ports.last ?? 0) ports"
    }
}
