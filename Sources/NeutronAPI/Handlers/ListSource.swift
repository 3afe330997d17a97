import NetworkModel

/// What a list is taken from: resources in the order of their ids, read lazily from any place on, so that a
/// page costs what it holds and not what there is.
struct ListSource<Resource: Sendable>: Sendable {
    /// The resources after the id, in order; all for nil.
    let after: @Sendable (ResourceID?) -> AnyIterator<Resource>
    /// The resources before the id, the last first; all for nil.
    let before: @Sendable (ResourceID?) -> AnyIterator<Resource>
}

extension ListSource {
    /// The resources with these ids that still exist.
    init(_ ids: OrderedIDs, _ find: @escaping @Sendable (ResourceID) -> Resource?) {
        self.init(
            after: { id in AnyIterator(ids.after(id).lazy.compactMap(find).makeIterator()) },
            before: { id in AnyIterator(ids.before(id).lazy.compactMap(find).makeIterator()) })
    }
}

extension ListSource {
    /// What each of the resources is made into; ids stay.
    func map<Other>(_ make: @escaping @Sendable (Resource) -> Other) -> ListSource<Other> {
        let (after, before) = (after, before)
        return ListSource<Other>(
            after: { id in AnyIterator(after(id).lazy.map(make).makeIterator()) },
            before: { id in AnyIterator(before(id).lazy.map(make).makeIterator()) })
    }
}

extension ListSource where Resource: Hashable {
    /// All resources of a table.
    init(_ table: RecordTable<Resource>) {
        self.init(
            after: { id in AnyIterator(table.after(id).lazy.map(\.value).makeIterator()) },
            before: { id in AnyIterator(table.before(id).lazy.map(\.value).makeIterator()) })
    }
}

/// Resources that are in no table, in the order of their ids; each id is asked for once, as it may have to be
/// worked out.
struct SortedResources<Resource: Sendable & Identifiable>: Sendable where Resource.ID == ResourceID {
    private let ids: [ResourceID]
    private let resources: [Resource]

    /// Sorts resources; of several with one id one counts.
    init(_ resources: [Resource]) {
        var ids: [ResourceID] = []
        var sorted: [Resource] = []
        for (id, resource) in resources.map({ ($0.id, $0) }).sorted(by: { $0.0 < $1.0 }) where id != ids.last
        {
            ids.append(id)
            sorted.append(resource)
        }
        self.ids = ids
        self.resources = sorted
    }

    /// The resource with the id.
    func find(_ id: ResourceID) -> Resource? {
        let index = firstIndex { $0 >= id }
        return index < ids.count && ids[index] == id ? resources[index] : nil
    }

    /// All of them.
    var source: ListSource<Resource> {
        ListSource(
            after: { id in
                let start = id.map { id in firstIndex { $0 > id } } ?? 0
                return AnyIterator(resources[start...].makeIterator())
            },
            before: { id in
                let end = id.map { id in firstIndex { $0 >= id } } ?? ids.count
                return AnyIterator(resources[..<end].reversed().makeIterator())
            })
    }

    /// Where the ids begin that are as the predicate says, as all after them are.
    private func firstIndex(where predicate: (ResourceID) -> Bool) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(ids[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Which of the state's indexes a query can use.
struct Narrowing<Resource: Sendable>: Sendable {
    /// The ids that the query's parameters select in an index, and perhaps more; nil where the index cannot
    /// tell. Every filter is applied to what it gives.
    typealias Rule = @Sendable (NetworkState, APIRequest) -> OrderedIDs?

    let find: @Sendable (NetworkState, ResourceID) -> Resource?
    let rules: [Rule]
    /// What members of a project can see at most; nil where only a look at each resource tells.
    var visible: (@Sendable (NetworkState, String) -> OrderedIDs)?

    /// What a query has to be answered from, or nil for everything: of all indexes that can tell, the one
    /// that leaves the least.
    ///
    /// - Parameter project: of whose resources the list is, where the caller sees not more.
    func source(
        _ state: NetworkState, _ request: APIRequest, ofProject project: String? = nil
    ) -> ListSource<Resource>? {
        var found = request.query.isEmpty ? [] : rules.compactMap { $0(state, request) }
        if let project, let visible { found.append(visible(state, project)) }
        return found.min { $0.count < $1.count }.map { ids in ListSource(ids) { find(state, $0) } }
    }

    /// By the parameter `id`.
    static func byID(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
        identifiers(request, "id").map { OrderedIDs($0) }
    }

    /// By a parameter that holds ids of other resources.
    static func byID(
        _ name: String, _ ids: @escaping @Sendable (NetworkState, ResourceID) -> OrderedIDs
    ) -> Rule {
        { state, request in
            identifiers(request, name).map { OrderedIDs(union: $0.map { ids(state, $0) }) }
        }
    }

    /// By parameters that hold texts; the index does not know the empty one.
    static func byText(
        _ names: [String], _ ids: @escaping @Sendable (NetworkState, ListKey) -> OrderedIDs,
        _ key: @escaping @Sendable (String) -> ListKey
    ) -> Rule {
        byValue(names, ids) { $0.isEmpty ? nil : [key($0)] }
    }

    /// By parameters of each of whose values the keys are known; nil where they are not.
    static func byValue(
        _ names: [String], _ ids: @escaping @Sendable (NetworkState, ListKey) -> OrderedIDs,
        _ keys: @escaping @Sendable (String) -> [ListKey]?
    ) -> Rule {
        { state, request in
            for name in names {
                let values = Set(request.values(of: name))
                let known = values.compactMap(keys)
                if known.isEmpty || known.count < values.count { continue }
                return OrderedIDs(union: Set(known.joined()).map { ids(state, $0) })
            }
            return nil
        }
    }

    /// By a parameter that asks for resources with a property, of which the ids are known.
    static func byFlag(_ name: String, _ ids: @escaping @Sendable (NetworkState) -> OrderedIDs) -> Rule {
        { state, request in
            let values = request.values(of: name)
            return values.isEmpty || !values.allSatisfy { parseBoolean($0) == true } ? nil : ids(state)
        }
    }

    /// By `tags`, all of which a resource has, and `tags-any`.
    static func byTags(_ ids: @escaping @Sendable (NetworkState, ListKey) -> OrderedIDs) -> [Rule] {
        [
            { state, request in
                tags(request.values(of: "tags")).map { ids(state, .tag($0)) }.min { $0.count < $1.count }
            },
            { state, request in
                let wanted = tags(request.values(of: "tags-any"))
                return wanted.isEmpty ? nil : OrderedIDs(union: wanted.map { ids(state, .tag($0)) })
            },
        ]
    }

    /// By what networks, subnets, ports and subnet pools have in common.
    static func byStandardAttributes(
        _ ids: @escaping @Sendable (NetworkState, ListKey) -> OrderedIDs
    ) -> [Rule] {
        [
            byID, byText(["name"], ids) { .name($0) }, byText(["description"], ids) { .description($0) },
            byText(projectParameters, ids) { .project($0) },
        ] + byTags(ids)
    }
}

/// The tags that the values of a parameter name, separated by commas.
func tags(_ values: [String]) -> Set<String> {
    Set(values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
}

/// The identifiers among a parameter's values; nil where the parameter is absent.
func identifiers(_ request: APIRequest, _ name: String) -> [ResourceID]? {
    let values = request.values(of: name)
    return values.isEmpty ? nil : Array(Set(values.compactMap(parseUUID)))
}
