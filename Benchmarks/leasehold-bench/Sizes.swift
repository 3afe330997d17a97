/// How much is measured.
struct Sizes {
    /// Networks that are created and served.
    let created: Int
    /// Networks that a restart finds.
    let restarted: Int
    /// Networks on which the baseline of the restart is measured before it is scaled.
    let restartedBaseline: Int
    /// Restarts, of which the median counts.
    let restarts: Int
    /// Seconds that a service has run when it is restarted: all that follows a start is over then.
    let secondsBeforeRestart: Double
    /// Ports of the networks on which one more is created.
    let ports: [Int]
    /// Ports created, one after the other, on each of those.
    let portSamples: Int
    /// Seconds for which each rate is measured.
    let rateSeconds: Double

    /// Ports in the store while requests are measured; how requests grow is told by the last two.
    let stored: [Int]
    /// Seconds for which each kind of request is measured.
    let requestSeconds: Double

    /// Hosts of the network on which servers are compared, exchange by exchange.
    let hosts: [Int]
    /// Exchanges under way at a time.
    let window = 32
    /// Seconds of load before, and while, CPU is counted.
    let exchangeWarmUp: Double
    let exchangeSeconds: Double
    /// How often the native server and its ceiling take turns; the medians count, of their ratio too.
    let exchangeTurns: Int
    /// Machines that boot at once.
    let stormHosts: Int
    let storms: Int
    /// Networks that one process serves, and hosts on each.
    let networks: Int
    let hostsPerNetwork: Int

    static let full = Sizes(
        created: 200, restarted: 1000, restartedBaseline: 100, restarts: 5, secondsBeforeRestart: 3,
        ports: [10, 1000, 10000],
        portSamples: 60, rateSeconds: 3, stored: [10, 10_000, 1_000_000], requestSeconds: 2,
        hosts: [10, 1000, 10000], exchangeWarmUp: 0.25, exchangeSeconds: 1, exchangeTurns: 9,
        stormHosts: 1000, storms: 5, networks: 1000, hostsPerNetwork: 20)
    static let quick = Sizes(
        created: 10, restarted: 20, restartedBaseline: 5, restarts: 2, secondsBeforeRestart: 1.5,
        ports: [10, 100, 1000],
        portSamples: 8, rateSeconds: 0.5, stored: [10, 100, 1000], requestSeconds: 0.3,
        hosts: [10, 100, 1000], exchangeWarmUp: 0.1, exchangeSeconds: 0.3, exchangeTurns: 3,
        stormHosts: 100, storms: 2, networks: 20, hostsPerNetwork: 5)

    static func of(_ options: Options) -> Sizes { options.isQuick ? .quick : .full }
}
