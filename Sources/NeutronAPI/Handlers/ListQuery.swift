import NetworkModel

/// What a list request asks for: filters, fields, order and page.
struct ListQuery<Resource: Sendable, Request>: Sendable {
    let predicates: [Predicate<Resource>]
    let order: [Order]
    let page: Page?

    /// One `sort_key` with its direction.
    struct Order: Sendable {
        let name: String
        let key: @Sendable (Resource, Rendering) -> SortValue
        let isAscending: Bool
    }

    /// At most so many resources after, or in reverse before, the marker.
    struct Page: Sendable {
        let limit: Int
        let marker: ResourceID?
        let isReverse: Bool
    }

    /// Reads the query; refuses what lists of the table cannot be filtered or sorted by.
    ///
    /// - Parameters:
    ///   - defaultOrder: the attributes that lists are ordered by where the request names none; ids break
    ///     ties, and order lists where this is empty.
    ///   - longestPage: how many resources a page has at most; nil for as many as the request asks for.
    ///   - shows: whether the caller may see an attribute: filters and orders would tell what answers hide.
    init(
        _ request: APIRequest, table: ResourceTable<Resource, Request>, defaultOrder: [String] = [],
        longestPage: Int? = nil, shows: (String) -> Bool = { _ in true }, notFound: (String) -> APIError
    ) throws(APIError) {
        var names: [String] = []
        var seen = reservedParameters
        for item in request.query where seen.insert(item.name).inserted { names.append(item.name) }
        let unknown = names.filter { !shows($0) || table.attribute($0)?.filter?.isFilter != true }
        if !unknown.isEmpty {
            throw .badRequest("\(JSONValue.pythonList(unknown)) is invalid attribute for filtering")
        }
        var predicates: [Predicate<Resource>] = []
        for name in names {
            guard let rule = table.attribute(name)?.filter else { continue }
            predicates.append(try rule.predicate(request.values(of: name)))
        }
        self.predicates = predicates
        order = try Self.order(request, table, defaultOrder, shows)
        page = try Self.page(request, longestPage, notFound)
    }

    private static func order(
        _ request: APIRequest, _ table: ResourceTable<Resource, Request>, _ defaultOrder: [String],
        _ shows: (String) -> Bool
    ) throws(APIError) -> [Order] {
        var keys = request.values(of: "sort_key").filter { !$0.isEmpty }
        var directions = request.values(of: "sort_dir").filter { !$0.isEmpty }
        if keys.isEmpty && directions.isEmpty {
            keys = defaultOrder
            directions = defaultOrder.map { _ in "asc" }
        }
        guard keys.count == directions.count else {
            throw .badRequest("The number of sort_keys and sort_dirs must be same")
        }
        let unknown = keys.filter { !shows($0) || table.attribute($0)?.filter?.sortKey == nil }
        if !unknown.isEmpty {
            throw .badRequest("\(JSONValue.pythonList(unknown)) is invalid attribute for sort_keys")
        }
        let invalid = directions.filter { $0 != "asc" && $0 != "desc" }
        if !invalid.isEmpty {
            throw .badRequest(
                "\(JSONValue.pythonList(invalid)) is invalid value for sort_dirs, "
                    + "valid value is 'asc' and 'desc'")
        }
        return zip(keys, directions).compactMap { name, direction in
            table.attribute(name)?.filter?.sortKey.map {
                Order(name: name, key: $0, isAscending: direction == "asc")
            }
        }
    }

    private static func page(
        _ request: APIRequest, _ longest: Int?, _ notFound: (String) -> APIError
    ) throws(APIError) -> Page? {
        var limit = 0
        if let text = request.values(of: "limit").last {
            guard let number = parseInteger(text), number >= 0 else {
                throw APIError(
                    status: 400, type: "BadRequest",
                    message: "Bad limit request: Limit must be an integer 0 or greater and not '\(text)'.")
            }
            limit = number
        }
        if let longest { limit = limit == 0 ? longest : min(limit, longest) }
        if limit == 0 { return nil }
        var marker: ResourceID?
        if let text = request.values(of: "marker").last, !text.isEmpty {
            guard let id = parseUUID(text) else { throw notFound(text) }
            marker = id
        }
        let reverse = request.values(of: "page_reverse").last?.lowercased() == "true"
        return Page(limit: limit, marker: marker, isReverse: reverse)
    }

    /// Whether the resource passes every filter.
    func selects(_ resource: Resource, _ rendering: Rendering) -> Bool {
        predicates.allSatisfy { $0(resource, rendering) }
    }
}

/// Query parameters that are no filters.
private let reservedParameters: Set<String> = [
    "fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse",
]

extension ListQuery where Resource: Identifiable, Resource.ID == ResourceID {
    /// Appends `<collection>_links`: where the next and the previous page are.
    func writeLinks(
        to page: [Resource], _ request: APIRequest, _ table: ResourceTable<Resource, Request>,
        _ writer: inout JSONWriter
    ) {
        guard let asked = self.page else { return }
        writer.key("\(table.collection)_links")
        let isShort = page.count < asked.limit
        writer.array { writer in
            if !isShort || asked.isReverse {
                writeLink("next", marker: page.last?.id, reverse: false, request, &writer)
            }
            if !isShort || !asked.isReverse {
                writeLink("previous", marker: page.first?.id, reverse: true, request, &writer)
            }
        }
    }

    private func writeLink(
        _ relation: String, marker: ResourceID?, reverse: Bool, _ request: APIRequest,
        _ writer: inout JSONWriter
    ) {
        var query = request.query.filter { $0.name != "marker" && $0.name != "page_reverse" }
        if let marker { query.append(.init(name: "marker", value: marker.description)) }
        if reverse { query.append(.init(name: "page_reverse", value: "True")) }
        let text = query.map { "\(formEncode($0.name))=\(formEncode($0.value))" }
        let path = request.path.map(percentEncode).joined(separator: "/")
        writer.object { writer in
            writer.key("rel")
            writer.string(relation)
            writer.key("href")
            writer.string("\(request.baseURL)/\(path)?\(text.joined(separator: "&"))")
        }
    }
}

/// As forms are encoded: like a part of a path, with `+` for a blank.
private func formEncode(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { percentEncode(String($0)) }
        .joined(separator: "+")
}
