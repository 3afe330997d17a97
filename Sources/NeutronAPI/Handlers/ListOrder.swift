import NetworkModel

// Which resources a page holds. Resources follow each other by the sort keys, and those that are equal there
// by id; a page begins at the place where its marker stands, whether or not the marker passes the filters.
// So pages neither repeat nor lose what was there all the time while other resources come and go.
extension ListQuery where Resource: Identifiable, Resource.ID == ResourceID {
    /// The resources that the request asks for, in order.
    ///
    /// - Parameters:
    ///   - isVisible: whether the caller may see a resource; nil where all may be seen.
    ///   - find: the resource with an id; a marker that nothing has, or that the caller may not see, is
    ///     refused with `notFound`.
    func select(
        from source: ListSource<Resource>, _ rendering: Rendering,
        isVisible: ((Resource) -> Bool)? = nil, find: (ResourceID) -> Resource?,
        notFound: (String) -> APIError
    ) throws(APIError) -> [Resource] {
        var marker: Resource?
        if let id = page?.marker {
            guard let found = find(id), isVisible?(found) != false else {
                throw notFound(id.description)
            }
            marker = found
        }
        let passes: (Resource) -> Bool = { isVisible?($0) != false && selects($0, rendering) }
        if let isAscending = orderOfIDs { return walk(source, isAscending: isAscending, where: passes) }
        return sort(source, after: marker, rendering, find: find, where: passes)
    }

    /// The direction of a list that goes by id alone, or nil for any other.
    private var orderOfIDs: Bool? {
        guard let first = order.first else { return true }
        return first.name == "id" ? first.isAscending : nil
    }

    /// Reads the source in its own order until the page is full.
    private func walk(
        _ source: ListSource<Resource>, isAscending: Bool, where passes: @escaping (Resource) -> Bool
    ) -> [Resource] {
        let isReverse = page?.isReverse ?? false
        let resources =
            isAscending != isReverse ? source.after(page?.marker) : source.before(page?.marker)
        let limit = page?.limit ?? .max
        var found: [Resource] = []
        while found.count < limit, let resource = resources.next() {
            if passes(resource) { found.append(resource) }
        }
        return isReverse ? found.reversed() : found
    }

    /// What a resource is sorted by. Not the resource itself: places are moved many times, and resources are large.
    private struct Place {
        let id: ResourceID
        let keys: [SortValue]
    }

    private func place(_ resource: Resource, _ rendering: Rendering) -> Place {
        Place(id: resource.id, keys: order.map { $0.key(resource, rendering) })
    }

    private func isBefore(_ a: Place, _ b: Place) -> Bool {
        for (index, order) in order.enumerated() where a.keys[index] != b.keys[index] {
            return (a.keys[index] < b.keys[index]) == order.isAscending
        }
        return a.id < b.id
    }

    /// Looks at everything, but never holds the places of more than two pages.
    private func sort(
        _ source: ListSource<Resource>, after marker: Resource?, _ rendering: Rendering,
        find: (ResourceID) -> Resource?, where passes: @escaping (Resource) -> Bool
    ) -> [Resource] {
        let isReverse = page?.isReverse ?? false
        let comesFirst: (Place, Place) -> Bool = { isReverse ? isBefore($1, $0) : isBefore($0, $1) }
        let start = marker.map { place($0, rendering) }
        let selected = IteratorSequence(source.after(nil)).lazy.filter(passes).map { place($0, rendering) }
            .filter { candidate in start.map { comesFirst($0, candidate) } ?? true }
        var places =
            page.map { first($0.limit, of: selected, by: comesFirst) } ?? selected.sorted(by: comesFirst)
        if isReverse { places.reverse() }
        return places.compactMap { find($0.id) }
    }

    /// The first of them in order, at most so many.
    ///
    /// They are sorted whenever twice as many have come together and the second half is given up, so that each
    /// costs O(log limit), as in a heap.
    private func first(
        _ limit: Int, of places: some Sequence<Place>, by comesFirst: (Place, Place) -> Bool
    ) -> [Place] {
        let (most, isEndless) = limit.multipliedReportingOverflow(by: 2)
        var kept: [Place] = []
        var last: Place?
        for place in places {
            if let last, comesFirst(last, place) { continue }
            kept.append(place)
            if isEndless || kept.count < most { continue }
            kept.sort(by: comesFirst)
            kept.removeLast(kept.count - limit)
            last = kept.last
        }
        kept.sort(by: comesFirst)
        return Array(kept.prefix(limit))
    }
}
