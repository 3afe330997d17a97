extension NetworkState {
    /// What an operator set for the project, or nil.
    public func quota(ofProject id: String) -> ProjectQuota? {
        index.project(id).quota.flatMap { quotas[$0]?.value }
    }

    /// How many resources of each kind the project has.
    public func usage(ofProject id: String) -> ResourceCounts { index.project(id).usage }

    /// How many the project may have of the resource; negative for no limit.
    public func limit(_ resource: QuotaResource, ofProject id: String, policy: ModelPolicy) -> Int {
        quota(ofProject: id)?.limits[resource] ?? policy.defaultQuotas[resource] ?? -1
    }

    /// Sets limits of a project; what is not named stays.
    ///
    /// - Parameter force: whether a limit may be below what the project has.
    /// - Throws: 400 for a limit below -1, or below what the project has.
    public func updateQuota(
        _ projectID: String, _ changes: [QuotaResource: Int], force: Bool = false, in context: DecisionContext
    ) throws(ModelError) -> Decision<ProjectQuota> {
        try TextLimits.check(projectID, "project_id")
        let old = quota(ofProject: projectID)
        var quota = old ?? ProjectQuota(projectID: projectID, limits: [:])
        var draft = Draft(self, context)
        let usage = usage(ofProject: projectID)
        for resource in QuotaResource.allCases {
            guard let limit = changes[resource] else { continue }
            guard limit >= -1 else {
                throw .invalidAttribute(resource.rawValue, "'\(limit)' is not a valid limit")
            }
            if !force && limit >= 0 {
                if usage[resource] > limit {
                    throw .quotaBelowUse(resource, limit: limit, used: usage[resource])
                }
                draft.require(.atMost(limit, resource, project: projectID))
            }
            quota.limits[resource] = limit
        }
        if quota == old || old == nil && changes.isEmpty { return Decision(quota) }
        draft.requireAsItIs(.quota(quota.id))
        draft.put(.quota(quota))
        return Decision(quota, commit: draft.commit)
    }

    /// Takes back what was set for a project, so that the defaults hold again.
    ///
    /// - Throws: 404 if nothing was set.
    public func deleteQuota(
        _ projectID: String, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        guard let quota = quota(ofProject: projectID) else { throw .quotaNotFound(project: projectID) }
        var draft = Draft(self, context)
        draft.delete(.quota(quota.id))
        return Decision((), commit: draft.commit)
    }
}

extension Draft {
    /// Throws 409 unless each project may have as many more of the resource as it is named; nil means the
    /// caller's.
    ///
    /// Others may create at the same time as long as there is room for all.
    mutating func requireRoom(for resource: QuotaResource, projects: [String?]) throws(ModelError) {
        // Nearly always there is one.
        guard let first = projects.first else { return }
        if projects.count == 1 {
            return try requireRoom(for: resource, project: first ?? context.projectID, count: 1)
        }
        let counts = projects.reduce(into: [:]) { $0[$1 ?? context.projectID, default: 0] += 1 }
        for (project, count) in counts.sorted(by: { $0.key < $1.key }) {
            try requireRoom(for: resource, project: project, count: count)
        }
    }

    private mutating func requireRoom(
        for resource: QuotaResource, project: String, count: Int
    ) throws(ModelError) {
        // Also where there is no limit: one may be set at this moment.
        requireAsItIs(.quota(ProjectQuota(projectID: project, limits: [:]).id))
        let limit = base.limit(resource, ofProject: project, policy: context.policy)
        guard limit >= 0 else { return }
        guard base.usage(ofProject: project)[resource] + count <= limit else {
            throw .overQuota([resource])
        }
        require(.atMost(limit - count, resource, project: project))
    }
}
