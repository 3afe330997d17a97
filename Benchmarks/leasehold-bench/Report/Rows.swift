/// The figures of the phases, made into rows with ratios.
struct Rows {
    let results: [Phase: Figures]
    let sizes: Sizes

    private let ours = "Leasehold"

    func of(_ group: Group) -> [Measurement] {
        switch group {
        case .create: create
        case .restart: restart
        case .latency: latency
        case .api: api
        case .requests: requests
        case .memory: memory
        case .exchange: exchange
        case .storm: storm
        case .many: many
        }
    }

    private var create: [Measurement] {
        let served = results[.createServed]
        var rows: [Measurement] = []
        let name = "create \(sizes.created) networks"
        for (key, what) in [("wall", "time"), ("cpu", "CPU")] {
            let baseline = best(key, of: .createForking, .createForkingParallel)
            rows += row("\(name): \(what)", served?[key], "ms/net", scale: 1000, over: baseline)
            if key == "cpu", let dnsmasq = served?["cpu.dnsmasq"] {
                rows.append(.init("\(name): \(what)", "of it, in dnsmasq", dnsmasq * 1000, "ms/net"))
            }
            if let baseline {
                rows.append(.init("\(name): \(what)", baseline.subject, baseline.value * 1000, "ms/net"))
            }
        }
        return rows
    }

    private var restart: [Measurement] {
        let standing = results[.standing]
        let count = Double(sizes.restarted)
        let name = "restart, \(sizes.restarted) networks"
        var rows: [Measurement] = []
        let target = 0.5
        let wall = best("wall", of: .restartForking, .restartForkingParallel)?.times(count)
        rows += row("\(name): time", standing?["wall"], "s", over: wall).map { $0.below(target) }
        if let worst = standing?["wall.worst"] {
            rows.append(.init("\(name): time", "the worst of \(sizes.restarts)", worst, "s"))
        }
        if let reported = standing?["reported"] {
            rows.append(Measurement("\(name): time", "the same by its own log", reported, "s").below(target))
        }
        if let wall { rows.append(.init("\(name): time", scaled(wall.subject), wall.value, "s")) }
        let cpu = best("cpu", of: .restartForking, .restartForkingParallel)?.times(count)
        rows += row("\(name): CPU", standing?["cpu"], "s", over: cpu)
        if let cpu { rows.append(.init("\(name): CPU", scaled(cpu.subject), cpu.value, "s")) }
        return rows
    }

    private var latency: [Measurement] {
        let served = results[.latencyServed]
        let native = results[.latencyNative]
        let forking = results[.latencyForking]
        var rows: [Measurement] = []
        for size in sizes.ports {
            for (key, what) in [("median", "median"), ("p95", "p95")] {
                let name = "port served, of \(size): \(what)"
                let baseline = forking?["\(key).\(size)"]
                rows += row(
                    name, served?["\(key).\(size)"], "ms", scale: 1000,
                    over: baseline.map { Baseline(subject: "", value: $0) })
                if key == "median", let answered = served?["answered.\(size)"] {
                    rows.append(.init(name, "of it, until the API answers", answered * 1000, "ms"))
                }
                rows += row(
                    name, native?["\(key).\(size)"], "ms", scale: 1000,
                    over: baseline.map { Baseline(subject: "", value: $0) }, subject: "Leasehold, native")
                if key == "median", let answered = native?["answered.\(size)"] {
                    rows.append(.init(name, "of it, until the API answers", answered * 1000, "ms"))
                }
                if let baseline { rows.append(.init(name, "3 files + SIGHUP", baseline * 1000, "ms")) }
            }
        }
        for (figures, subject) in [(served, ours), (native, "Leasehold, native")] {
            guard let asked = figures?["asked"], let right = figures?["right"] else { continue }
            rows.append(
                Measurement("ACTIVE means served, of \(Int(asked))", subject, 100 * right / asked, "%")
                    .atLeast(100))
        }
        return rows
    }

    private var api: [Measurement] {
        let served = results[.rates]
        let commits = results[.commits]
        var rows: [Measurement] = []
        for (medium, place) in [("disk", "disk"), ("memory", "tmpfs")] {
            let floor = commits?[medium]
            for (kind, text) in [("plain", "no DHCP"), ("dhcp", "DHCP")] {
                for connections in RatePhase.connections {
                    let key = "\(medium).\(kind).\(connections)"
                    guard let rate = served?["\(key).rate"] else { continue }
                    let subject = "\(ours), \(connections) conn."
                    rows.append(
                        .init(
                            "ports created, \(place), \(text)", subject, rate, "per s",
                            ratio: floor.map { rate / $0 }))
                    if kind == "plain", connections != 1, let cpu = served?["\(key).cpu"] {
                        rows.append(
                            .init("ports created, \(place), \(text)", "its CPU", cpu * 1e6, "µs/port"))
                    }
                    if connections != 1, let lag = served?["\(key).catchup"] {
                        rows.append(
                            .init("ports created, \(place), \(text)", "then until all are ACTIVE", lag, "s"))
                    }
                }
            }
            if let floor {
                rows.append(.init("single durable commits, \(place)", "SQLite alone", floor, "per s"))
            }
        }
        return rows
    }

    private var memory: [Measurement] {
        guard let standing = results[.standing], let empty = standing["memory.empty"],
            let full = standing["memory.full"], let adopted = standing["memory.adopted"],
            let dnsmasq = standing["memory.dnsmasq"]
        else { return [] }
        let count = Double(sizes.restarted)
        let name = "memory"
        return [
            .init("\(name), no networks", ours, empty / 1e6, "MB"),
            .init("\(name), \(sizes.restarted) networks created", ours, full / 1e6, "MB"),
            .init("\(name), \(sizes.restarted) networks adopted", ours, adopted / 1e6, "MB"),
            .init("\(name) per network, created", ours, (full - empty) / count / 1e3, "kB"),
            .init("\(name) per network, adopted", ours, (adopted - empty) / count / 1e3, "kB"),
            .init("\(name) per network, created", "dnsmasq (PSS)", dnsmasq / 1e3, "kB"),
        ]
    }

    /// What Leasehold is compared with.
    private struct Baseline {
        var subject: String
        var value: Double

        func times(_ factor: Double) -> Baseline { Baseline(subject: subject, value: value * factor) }
    }

    /// The better of the baseline with one worker and with four.
    private func best(_ key: String, of one: Phase, _ four: Phase) -> Baseline? {
        let candidates = [(one, "1 worker"), (four, "4 workers")].compactMap { phase, workers in
            results[phase]?[key].map { Baseline(subject: "forks, \(workers)", value: $0) }
        }
        return candidates.min { $0.value < $1.value }
    }

    /// Leasehold's row, where it was measured.
    private func row(
        _ name: String, _ value: Double?, _ unit: String, scale: Double = 1, over baseline: Baseline?,
        subject: String? = nil
    ) -> [Measurement] {
        guard let value else { return [] }
        return [.init(name, subject ?? ours, value * scale, unit, ratio: baseline.map { $0.value / value })]
    }

    private func scaled(_ subject: String) -> String { "\(subject), of \(sizes.restartedBaseline)" }
}
