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
    /// Ports of the networks on which one more is created.
    let ports: [Int]
    /// Ports created, one after the other, on each of those.
    let portSamples: Int
    /// Seconds for which each rate is measured.
    let rateSeconds: Double

    static let full = Sizes(
        created: 200, restarted: 1000, restartedBaseline: 100, restarts: 5, ports: [10, 1000, 10000],
        portSamples: 60, rateSeconds: 3)
    static let quick = Sizes(
        created: 10, restarted: 20, restartedBaseline: 5, restarts: 2, ports: [10, 100, 1000],
        portSamples: 8, rateSeconds: 0.5)

    static func of(_ options: Options) -> Sizes { options.isQuick ? .quick : .full }
}
