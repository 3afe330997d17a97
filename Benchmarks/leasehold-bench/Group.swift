/// What can be measured by itself: a group of rows of the table.
enum Group: String, CaseIterable {
    case create, restart, latency, api, requests, memory, exchange, storm, many

    var summary: String {
        switch self {
        case .create: "networks created and served, time and CPU per network"
        case .restart: "a restart over networks that are already right"
        case .latency: "from creating a port until it is served"
        case .api: "ports created per second through the API"
        case .requests: "requests to the API: rate, CPU and time, with few ports and with a million"
        case .memory: "memory of the service and of dnsmasq, per network"
        case .exchange: "DHCP exchanges: native, dnsmasq, Kea and the ceiling, CPU and rate"
        case .storm: "a thousand machines that boot at once"
        case .many: "a thousand networks in one process: exchanges, memory, start"
        }
    }

    /// What has to be measured for the group's rows, in order; groups may share phases.
    var phases: [Phase] {
        switch self {
        case .create: [.createServed, .createForking, .createForkingParallel]
        case .restart: [.standing, .restartForking, .restartForkingParallel]
        case .latency: [.latencyServed, .latencyNative, .latencyForking]
        case .api: [.rates, .commits]
        case .requests: [.requests]
        case .memory: [.standing]
        case .exchange: [.exchangeFew, .exchangeSome, .exchangeMany]
        case .storm: [.storm]
        case .many: [.many]
        }
    }
}
