import NetworkModel

/// How many resources each project has, as ``Condition/atMost(_:_:project:)`` asks.
struct ProjectUsage: Hashable, Sendable {
    private var counts: [String: ResourceCounts] = [:]

    init() {}

    subscript(project: String) -> ResourceCounts { counts[project] ?? ResourceCounts() }

    /// Counts more of the record's kind, or less.
    mutating func add(_ number: Int, _ record: Record) {
        guard let (resource, project) = record.quotaShare else { return }
        add(number, resource, project: project)
    }

    mutating func add(_ number: Int, _ resource: QuotaResource, project: String) {
        counts[project, default: ResourceCounts()][resource] += number
        if number < 0, counts[project]?.isZero == true { counts[project] = nil }
    }

    mutating func add(_ other: ProjectUsage) {
        for (project, more) in other.counts {
            for resource in QuotaResource.existing where more[resource] != 0 {
                add(more[resource], resource, project: project)
            }
        }
    }
}
