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

extension ListSource where Resource: Identifiable, Resource.ID == ResourceID {
    /// A few resources, in any order.
    init(_ resources: [Resource]) {
        let sorted = resources.sorted { $0.id < $1.id }
        self.init(
            after: { id in
                AnyIterator(
                    sorted.lazy.filter { resource in id.map { resource.id > $0 } ?? true }.makeIterator())
            },
            before: { id in
                AnyIterator(
                    sorted.reversed().lazy.filter { resource in id.map { resource.id < $0 } ?? true }
                        .makeIterator())
            })
    }
}

/// Which of the state's indexes a query can use.
struct Narrowing<Resource: Sendable>: Sendable {
    let find: @Sendable (NetworkState, ResourceID) -> Resource?
    /// The ids that the query's parameter selects in an index, or nil where the index cannot tell; the first
    /// rule that can is used, and every filter is applied to what it gives.
    let rules: [@Sendable (NetworkState, APIRequest) -> OrderedIDs?]
    /// What members of a project can see at most; nil where only a look at each resource tells.
    var visible: (@Sendable (NetworkState, String) -> OrderedIDs)?

    /// What a query has to be answered from, or nil for everything.
    ///
    /// - Parameter project: of whose resources the list is, where the caller sees not more.
    func source(
        _ state: NetworkState, _ request: APIRequest, ofProject project: String? = nil
    ) -> ListSource<Resource>? {
        if !request.query.isEmpty {
            for rule in rules {
                if let ids = rule(state, request) { return ListSource(ids) { find(state, $0) } }
            }
        }
        guard let project, let visible else { return nil }
        return ListSource(visible(state, project)) { find(state, $0) }
    }

    /// By the parameter `id`.
    static func byID(_ state: NetworkState, _ request: APIRequest) -> OrderedIDs? {
        identifiers(request, "id").map { OrderedIDs($0) }
    }

    /// By a parameter that holds ids of other resources.
    static func byID(
        _ name: String, _ ids: @escaping @Sendable (NetworkState, ResourceID) -> OrderedIDs
    ) -> @Sendable (NetworkState, APIRequest) -> OrderedIDs? {
        { state, request in
            identifiers(request, name).map { OrderedIDs(union: $0.map { ids(state, $0) }) }
        }
    }

    /// By a parameter that holds texts; the index does not know the empty one.
    static func byText(
        _ names: [String], _ ids: @escaping @Sendable (NetworkState, String) -> OrderedIDs
    ) -> @Sendable (NetworkState, APIRequest) -> OrderedIDs? {
        { state, request in
            for name in names {
                let values = Set(request.values(of: name))
                if values.isEmpty || values.contains("") { continue }
                return OrderedIDs(union: values.map { ids(state, $0) })
            }
            return nil
        }
    }
}

/// The identifiers among a parameter's values; nil where the parameter is absent.
func identifiers(_ request: APIRequest, _ name: String) -> [ResourceID]? {
    let values = request.values(of: name)
    return values.isEmpty ? nil : Array(Set(values.compactMap(parseUUID)))
}
