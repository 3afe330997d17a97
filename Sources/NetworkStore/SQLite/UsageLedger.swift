import NetworkModel

/// The count of what each project has, with what a transaction in progress may have to take back.
struct UsageLedger: Sendable {
    private(set) var present: ProjectUsage
    private var entries: [(number: Int, resource: QuotaResource, project: String)] = []

    init(_ usage: ProjectUsage) { present = usage }

    /// Where the ledger stands, for ``undo(to:)``.
    var mark: Int { entries.count }

    mutating func add(_ number: Int, _ resource: QuotaResource, project: String) {
        present.add(number, resource, project: project)
        entries.append((number, resource, project))
    }

    /// Takes back what was added since the mark.
    mutating func undo(to mark: Int) {
        while entries.count > mark, let last = entries.popLast() {
            present.add(-last.number, last.resource, project: last.project)
        }
    }

    /// Forgets how to take anything back.
    mutating func settle() { entries.removeAll(keepingCapacity: true) }
}
