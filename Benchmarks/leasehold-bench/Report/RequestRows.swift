/// The rows about requests to the API.
extension Rows {
    var requests: [Measurement] {
        guard let figures = results[.requests] else { return [] }
        var rows: [Measurement] = []
        for work in RequestPhase.Work.all {
            for size in sizes.stored { rows += self.rows(work, size, figures) }
            if let ceiling = figures["\(work.key).nginx"] {
                rows.append(.init("\(work.title)", "nginx, a file", ceiling, "per s"))
            }
            rows += growth(work, figures)
        }
        if let rate = figures["fill.rate"] {
            rows.append(.init("ports created, 500 a request", "Leasehold", rate, "per s"))
        }
        for size in sizes.stored {
            guard let memory = figures["memory.\(size)"] else { continue }
            rows.append(.init("memory with \(size) ports", "Leasehold", memory / 1e6, "MB"))
        }
        return rows
    }

    private func rows(_ work: RequestPhase.Work, _ size: Int, _ figures: Figures) -> [Measurement] {
        guard let rate = figures["\(work.key).\(size).rate"], let cpu = figures["\(work.key).\(size).cpu"],
            let time = figures["\(work.key).\(size).time"]
        else { return [] }
        let name = "\(work.title), of \(size)"
        var row = Measurement(
            name, "Leasehold", rate, "per s", ratio: figures["\(work.key).nginx"].map { rate / $0 })
        switch work {
        case .get: row = row.atLeast(5000)
        case .create: row = row.atLeast(3000)
        case .list(1000): row = row.atLeast(100)
        case .list, .update, .find, .findMAC, .findErrors, .page: break
        }
        return [
            row, .init(name, "its CPU", cpu * 1e6, "µs"), .init(name, "alone, median", time * 1e6, "µs"),
        ]
    }

    /// How much slower a request is with a hundred times as many ports.
    private func growth(_ work: RequestPhase.Work, _ figures: Figures) -> [Measurement] {
        let (some, most) = (sizes.stored[sizes.stored.count - 2], sizes.stored[sizes.stored.count - 1])
        guard let before = figures["\(work.key).\(some).time"],
            let after = figures["\(work.key).\(most).time"]
        else { return [] }
        return [
            Measurement("\(work.title)", "alone, of \(most) ÷ of \(some)", after / before, "").atMost(2)
        ]
    }
}
