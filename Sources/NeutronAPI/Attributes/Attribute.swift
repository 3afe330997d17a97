import NetworkModel

/// What a resource is written from: the state it was read in, and what else its fields derive from.
struct Rendering: Sendable {
    let state: NetworkState
    let now: Timestamp
    let policy: ModelPolicy
    /// On whose behalf it is written.
    let caller: Caller
    /// How many resources a page of a list has at most; nil for no limit.
    var longestPage: Int?
    /// What DHCP servers told the clients of ports, where it was asked for.
    var leases: [ResourceID: [Lease]] = [:]
}

/// One row of a resource's attribute table: what clients may set, how it is checked, how it is
/// written, and how lists are filtered and sorted by it.
///
/// A missing column means "no": without `set` the attribute is read-only, without `write` it is not
/// part of answers, without `filter` lists cannot be filtered by it. Defaults are not here: an
/// attribute that was not said stays nil in the request and the model decides.
struct Attribute<Resource: Sendable, Request>: Sendable {
    /// Whether a request to create may or must name the attribute.
    enum Post: Sendable { case no, optional, required }

    let name: String
    let post: Post
    /// Whether a request to change may name the attribute.
    let put: Bool
    /// Checks the value and puts it into the request.
    let set: (@Sendable (inout Request, JSONValue) throws(InvalidValue) -> Void)?
    /// What a request may set it to; nil where only the server sets it.
    let accepts: Schema?
    /// What the value looks like in answers; nil where they don't have it.
    let shows: Schema?
    /// Appends the value to an answer.
    let write: (@Sendable (Resource, Rendering, inout JSONWriter) -> Void)?
    /// Where an answer has the attribute at all; nil for everywhere.
    private(set) var isPresent: (@Sendable (Resource) -> Bool)?
    /// Whether it is only in answers about one resource that was read or made, and where it is asked for by name.
    private(set) var isDetail = false
    let filter: FilterRule<Resource>?
    /// The name as a JSON key, ready to be written.
    let key: [UInt8]

    /// An attribute that a client sets: `assign` receives what the validator made of the value.
    init<Value>(
        _ name: String, post: Post = .no, put: Bool = false,
        _ validator: Validator<Value>, _ assign: @escaping @Sendable (inout Request, Value) -> Void,
        filter: FilterRule<Resource>? = nil, shows: Schema,
        write: @escaping @Sendable (Resource, Rendering, inout JSONWriter) -> Void
    ) {
        self.init(
            name, post, put, accepts: validator.accepts,
            set: { (request, data) throws(InvalidValue) in assign(&request, try validator.parse(data)) },
            filter, shows: shows, write)
    }

    /// An attribute that a client sets and no answer has.
    init<Value>(
        writeOnly name: String, post: Post = .no, put: Bool = false,
        _ validator: Validator<Value>, _ assign: @escaping @Sendable (inout Request, Value) -> Void,
        filter: FilterRule<Resource>? = nil
    ) {
        self.init(
            name, post, put, accepts: validator.accepts,
            set: { (request, data) throws(InvalidValue) in assign(&request, try validator.parse(data)) },
            filter, shows: nil, nil)
    }

    /// An attribute that only the server sets.
    init(
        readOnly name: String, filter: FilterRule<Resource>? = nil, shows: Schema,
        write: @escaping @Sendable (Resource, Rendering, inout JSONWriter) -> Void
    ) {
        self.init(name, .no, false, accepts: nil, set: nil, filter, shows: shows, write)
    }

    /// Something that lists are only filtered by.
    init(queryOnly name: String, filter: FilterRule<Resource>) {
        self.init(name, .no, false, accepts: nil, set: nil, filter, shows: nil, nil)
    }

    private init(
        _ name: String, _ post: Post, _ put: Bool, accepts: Schema?,
        set: (@Sendable (inout Request, JSONValue) throws(InvalidValue) -> Void)?,
        _ filter: FilterRule<Resource>?, shows: Schema?,
        _ write: (@Sendable (Resource, Rendering, inout JSONWriter) -> Void)?
    ) {
        self.name = name
        self.post = post
        self.put = put
        self.accepts = accepts
        self.set = set
        self.filter = filter
        self.shows = shows
        self.write = write
        isPresent = nil
        key = JSONWriter.preparedKey(name)
    }
}

extension Attribute {
    /// The attribute, in answers only for resources that have it.
    func only(where isPresent: @escaping @Sendable (Resource) -> Bool) -> Attribute {
        var row = self
        row.isPresent = isPresent
        return row
    }

    /// The attribute, in answers about one resource that was read or made and where it is asked for by name: it
    /// takes some effort.
    var onlyInDetail: Attribute {
        var row = self
        row.isDetail = true
        return row
    }
}

/// A kind of resource: its names and its table.
struct ResourceTable<Resource: Sendable, Request>: Sendable {
    /// As in `network`.
    let name: String
    /// As in `networks`.
    let collection: String
    let attributes: [Attribute<Resource, Request>]

    init(
        _ name: String, _ collection: String,
        @AttributeRows<Resource, Request> rows: () -> [Attribute<Resource, Request>]
    ) {
        self.name = name
        self.collection = collection
        attributes = rows()
    }

    /// The row of that name.
    func attribute(_ name: String) -> Attribute<Resource, Request>? {
        attributes.first { $0.name == name }
    }

    /// The rows that an answer has; with fields asked for, only those (unknown ones are ignored).
    func visible(fields: [String], inDetail: Bool = false) -> [Attribute<Resource, Request>] {
        attributes.filter { row in
            row.write != nil
                && (fields.isEmpty ? inDetail || !row.isDetail : fields.contains(row.name))
        }
    }

    /// The answer that holds resources under the collection's name.
    ///
    /// - Parameter writeMore: appends what stands beside them.
    func answer(
        _ resources: [Resource], _ rendering: Rendering, as rows: [Attribute<Resource, Request>],
        status: Int = 200, beside writeMore: (inout JSONWriter) -> Void = { _ in }
    ) -> APIResponse {
        var writer = JSONWriter(capacity: 128 + resources.count * rows.count * 48)
        writer.object { writer in
            writer.key(collection)
            writer.array(resources) { Self.write($0, rendering, as: rows, to: &$1) }
            writeMore(&writer)
        }
        return APIResponse(status: status, body: writer.bytes)
    }

    /// Appends one resource.
    static func write(
        _ resource: Resource, _ rendering: Rendering, as rows: [Attribute<Resource, Request>],
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            for row in rows {
                guard let write = row.write, row.isPresent?(resource) != false else { continue }
                writer.prepared(key: row.key)
                let before = writer.bytes.count
                write(resource, rendering, &writer)
                assert(writer.bytes.count > before, "\(row.name) wrote no value")
            }
        }
    }
}

/// Lets a table be written row by row; each row is type-checked on its own.
@resultBuilder
enum AttributeRows<Resource: Sendable, Request> {
    typealias Row = Attribute<Resource, Request>

    static func buildExpression(_ row: Row) -> [Row] { [row] }
    static func buildExpression(_ rows: [Row]) -> [Row] { rows }
    static func buildBlock(_ rows: [Row]...) -> [Row] { rows.flatMap { $0 } }
}
