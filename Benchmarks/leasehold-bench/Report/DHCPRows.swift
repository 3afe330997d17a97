/// The rows about DHCP itself: one server beside the other, on the same wires.
extension Rows {
    private typealias Subject = OneNetwork.Subject

    /// Our own server first, then the ceiling, then what it replaces.
    private static let order: [Subject] = [.native, .echo, .kea, .keaAsPackaged, .dnsmasq]

    var exchange: [Measurement] {
        let phases: [Phase] = [.exchangeFew, .exchangeSome, .exchangeMany]
        var rows: [Measurement] = []
        for (phase, hosts) in zip(phases, sizes.hosts) {
            guard let figures = results[phase] else { continue }
            for manner in DHCPLoad.Manner.allCases {
                let name = "exchange, \(hosts) hosts, \(manner.rawValue)"
                rows += cpu(name, figures, manner)
                rows += list("\(name): rate", "per s") { figures["\($0).\(manner.rawValue).rate"] }
                // What a client waits for with so many at once is told by one manner.
                guard manner == .broadcast else { continue }
                rows += list("\(name): p99", "ms", scale: 1000) { figures["\($0).\(manner.rawValue).p99"] }
            }
            let unanswered = Self.order.flatMap { subject in
                DHCPLoad.Manner.allCases.compactMap { manner -> Measurement? in
                    let count = figures["\(subject.rawValue).\(manner.rawValue).timeouts"] ?? 0
                    guard count > 0 else { return nil }
                    return Measurement(
                        "exchange, \(hosts) hosts, \(manner.rawValue): unanswered", subject.name, count,
                        "msgs")
                }
            }
            rows += unanswered
        }
        return rows
    }

    /// Processor time per exchange: ours, how it stands to the ceiling and to Kea, and theirs.
    ///
    /// - Parameter isTargeted: whether the target of the ceiling was set for this row.
    private func cpu(
        _ name: String, _ figures: Figures, _ manner: DHCPLoad.Manner, isTargeted: Bool = true
    ) -> [Measurement] {
        func value(_ subject: Subject) -> Double? { figures["\(subject.rawValue).\(manner.rawValue).cpu"] }
        let title = "\(name): CPU"
        var rows: [Measurement] = []
        if let native = value(.native) {
            rows.append(
                .init(
                    title, Subject.native.name, native * 1e6, "µs",
                    ratio: value(.dnsmasq).map { $0 / native }))
            if let echo = value(.echo) {
                // Where the two took turns it is the median of the turns' own ratios.
                let ratio = figures["native.\(manner.rawValue).ceiling"] ?? native / echo
                let row = Measurement(title, "native ÷ C echo", ratio, "")
                rows.append(isTargeted ? row.atMost(1.2) : row)
            }
            if let kea = value(.kea) {
                rows.append(Measurement(title, "Kea, quiet ÷ native", kea / native, "").atLeast(15))
            }
            if let kea = value(.keaAsPackaged) {
                rows.append(Measurement(title, "Kea, as packaged ÷ native", kea / native, ""))
            }
        }
        if let echo = value(.echo), let kea = value(.kea) {
            // How far a server over UDP sockets could get at best.
            rows.append(.init(title, "Kea, quiet ÷ C echo", kea / echo, ""))
        }
        for subject in Self.order.dropFirst() {
            if let value = value(subject) { rows.append(.init(title, subject.name, value * 1e6, "µs")) }
        }
        return rows
    }

    /// One figure of all subjects that have it.
    private func list(
        _ name: String, _ unit: String, scale: Double = 1, _ value: (String) -> Double?
    ) -> [Measurement] {
        Self.order.compactMap { subject in
            value(subject.rawValue).map { Measurement(name, subject.name, $0 * scale, unit) }
        }
    }

    var storm: [Measurement] {
        guard let figures = results[.storm] else { return [] }
        let order: [Subject] = [.native, .echo, .kea, .dnsmasq]
        let name = "storm of \(sizes.stormHosts)"
        let subjects = order.flatMap { subject in
            let isOurs = subject == .native || subject == .echo
            return [(subject.rawValue, subject.name)]
                + (isOurs ? [] : [("\(subject.rawValue).buffer", "\(subject.name), 4 MB buffer")])
        }
        var rows: [Measurement] = []
        for (key, subject) in subjects {
            guard let share = figures["\(key).share"] else { continue }
            let row = Measurement("\(name): served at first try", subject, share * 100, "%")
            rows.append(key == Subject.native.rawValue ? row.atLeast(100) : row)
        }
        for (key, subject) in subjects {
            guard let timeouts = figures["\(key).timeouts"] else { continue }
            let row = Measurement("\(name) × \(sizes.storms): timeouts", subject, timeouts, "")
            rows.append(key == Subject.native.rawValue ? row.atMost(0) : row)
        }
        for (key, subject) in subjects {
            guard let time = figures["\(key).time"] else { continue }
            rows.append(.init("\(name): all served after", subject, time * 1000, "ms"))
        }
        return rows
    }

    var many: [Measurement] {
        guard let figures = results[.many] else { return [] }
        let name = "\(sizes.networks) networks × \(sizes.hostsPerNetwork)"
        var rows: [Measurement] = []
        for manner in DHCPLoad.Manner.allCases {
            rows += cpu("\(name), \(manner.rawValue)", figures, manner, isTargeted: false)
            rows += list("\(name), \(manner.rawValue): rate", "per s") {
                figures["\($0).\(manner.rawValue).rate"]
            }
        }
        rows += start(name, figures) + memory(name, figures) + changes(figures)
        return rows
    }

    private func start(_ name: String, _ figures: Figures) -> [Measurement] {
        let title = "\(name): start until all answer"
        func row(_ subject: String, _ key: String) -> [Measurement] {
            figures[key].map { [.init(title, subject, $0 * 1000, "ms")] } ?? []
        }
        return row("the service", "start.all").map { $0.atMost(200) }
            + row("the service, worst of \(sizes.restarts)", "start.worst")
            + row("the service's CPU", "start.cpu")
            + row("the driver alone", "alone.start").map { $0.atMost(100) }
            + row("the driver, worst of \(sizes.restarts)", "alone.start.worst")
            + row("the driver's CPU", "alone.start.cpu")
    }

    private func memory(_ name: String, _ figures: Figures) -> [Measurement] {
        let title = "\(name): memory of the service"
        var rows: [Measurement] = []
        if let empty = figures["memory.empty"], let created = figures["memory.created"] {
            let count = Double(sizes.networks)
            rows.append(.init(title, "created (PSS)", created / 1e6, "MB"))
            rows.append(.init(title, "per network, created", (created - empty) / count / 1e3, "kB"))
            if let adopted = figures["memory.adopted"] {
                rows.append(.init(title, "per network, adopted", (adopted - empty) / count / 1e3, "kB"))
            }
        }
        let few = results[.exchangeFew]?["memory"]
        let most = results[.exchangeMany]?["memory"]
        if let few, let most, let fewest = sizes.hosts.first, let greatest = sizes.hosts.last {
            rows.append(
                .init(title, "per host, of \(greatest)", (most - few) / Double(greatest - fewest), "B"))
        }
        let alone = "\(name): memory of the driver alone"
        if let network = figures["alone.memory.network"], let host = figures["alone.memory.host"] {
            rows.append(Measurement(alone, "per network", network / 1e3, "kB").atMost(5))
            rows.append(Measurement(alone, "per host", host, "B").atMost(200))
        }
        return rows
    }

    /// What a port that comes or goes costs the driver.
    private func changes(_ figures: Figures) -> [Measurement] {
        sizes.ports.flatMap { size -> [Measurement] in
            guard let time = figures["alone.change.\(size).time"],
                let cpu = figures["alone.change.\(size).cpu"]
            else { return [] }
            let title = "port change taken in, of \(size)"
            return [
                Measurement(title, "the driver's CPU", cpu * 1e6, "µs").atMost(50),
                .init(title, "time", time * 1e6, "µs"),
            ]
        }
    }
}
