/// What the description of the API says of a route.
struct Operation: Sendable {
    /// A parameter of the query, or a header.
    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        /// Whether it may be there several times.
        var isRepeated = false
        var isHeader = false
    }

    /// What a request is answered with where nothing is wrong.
    struct Answer: Sendable {
        let status: Int
        /// nil for an answer without a body.
        let schema: Schema?

        static func ok(_ schema: Schema) -> Answer { Answer(status: 200, schema: schema) }
        static func created(_ schema: Schema) -> Answer { Answer(status: 201, schema: schema) }
        static let createdWithoutBody = Answer(status: 201, schema: nil)
        static let noContent = Answer(status: 204, schema: nil)
    }

    /// Where to go on with what an answer has.
    struct Link: Sendable {
        let operation: String
        /// Names of path parameters, and where in the answer their values are: `/network/id`.
        let parameters: [(name: String, pointer: String)]
    }

    /// Unique among all operations: `list_networks`.
    let id: String
    /// What it does, for people.
    let summary: String
    /// What the parameters of the path look like, in order.
    let path: [Schema]
    /// What a body must look like; nil where there is none.
    let body: Schema?
    let parameters: [Parameter]
    let answer: Answer
    /// The statuses of refusals, beside those that every request may get.
    let refusals: [Int]
    private(set) var links: [Link] = []

    init(
        _ id: String, _ summary: String, path: [Schema] = [], body: Schema? = nil,
        parameters: [Parameter] = [], answer: Answer, refusals: [Int] = []
    ) {
        self.id = id
        self.summary = summary
        self.path = path
        self.body = body
        self.parameters = parameters
        self.answer = answer
        self.refusals = refusals
    }

    func linked(to links: [Link]) -> Operation {
        var operation = self
        operation.links = links
        return operation
    }
}

extension Operation.Parameter {
    /// The revision that a resource must have for a change.
    static let ifMatch = Operation.Parameter(
        name: "If-Match",
        schema: .string.described("revision_number=N: nothing is changed at any other revision"),
        isHeader: true)

    /// The attributes that an answer is limited to.
    static let fields = Operation.Parameter(name: "fields", schema: .string, isRepeated: true)
}

extension ResourceTable {
    /// The parameters of a list: filters, order, fields and pages.
    var listParameters: [Operation.Parameter] {
        let sortable = attributes.filter { $0.filter?.sortKey != nil }.map(\.name)
        return attributes.compactMap { row in
            row.filter.flatMap {
                $0.isFilter ? .init(name: row.name, schema: $0.accepts, isRepeated: true) : nil
            }
        } + [
            .fields,
            // Empty ones are left out.
            .init(name: "sort_key", schema: .oneOf(sortable + [""]), isRepeated: true),
            .init(name: "sort_dir", schema: .oneOf(["asc", "desc", ""]), isRepeated: true),
            .init(name: "limit", schema: .integer(min: 0)),
            .init(
                name: "marker",
                schema: .string.described(
                    "The id of the resource that a page comes after; empty for the first.")),
            // What is no boolean means "no".
            .init(name: "page_reverse", schema: .string),
        ]
    }

    /// The answer to a list, where it may be one page.
    var listAnswer: Schema {
        .object(
            required: [(collection, .array(of: shownFields))],
            optional: [("\(collection)_links", .array(of: .link))])
    }
}

extension Schema {
    /// A link of a page or of a version.
    static let link = named("Link", object(["rel": .string, "href": .string]))

    /// What every refusal is.
    static let neutronError = named(
        "NeutronError",
        object(["NeutronError": object(["type": .string, "message": .string, "detail": .string])]))
}
