/// The operations on one kind of resource.
struct ResourceOperations<Resource: Sendable, Request> {
    private let table: ResourceTable<Resource, Request>

    init(_ table: ResourceTable<Resource, Request>) { self.table = table }

    var list: Operation {
        Operation(
            "list_\(table.collection)", "Lists \(table.collection).", parameters: table.listParameters,
            answer: .ok(table.listAnswer), refusals: [404])
    }

    var create: Operation {
        Operation(
            "create_\(table.name)", "Creates one or more \(table.collection): all or none.",
            body: table.createBody,
            answer: .created(
                .any(of: [
                    one(table.shown),
                    .object(required: [(table.collection, .array(of: table.shown))], optional: []),
                ])), refusals: [404, 409, 413]
        ).linked(
            to: ["show", "update", "delete"].map { verb in
                .init(operation: "\(verb)_\(table.name)", parameters: [("id", "/\(table.name)/id")])
            })
    }

    var show: Operation {
        Operation(
            "show_\(table.name)", "Shows one of \(table.collection).", path: [.uuidInAnyForm],
            parameters: [.fields], answer: .ok(one(table.shownFields)), refusals: [404])
    }

    var update: Operation {
        Operation(
            "update_\(table.name)", "Changes one of \(table.collection).", path: [.uuidInAnyForm],
            body: table.updateBody, parameters: [.ifMatch], answer: .ok(one(table.shown)),
            refusals: [404, 409, 412, 413])
    }

    var delete: Operation {
        Operation(
            "delete_\(table.name)", "Deletes one of \(table.collection).", path: [.uuidInAnyForm],
            parameters: [.ifMatch], answer: .noContent, refusals: [404, 409, 412])
    }

    private func one(_ schema: Schema) -> Schema { .object(required: [(table.name, schema)], optional: []) }
}

/// The operations on the tags of one kind of resource.
struct TagOperations<Resource: Sendable, Request> {
    private let table: ResourceTable<Resource, Request>
    private let tags = Schema.object(["tags": .array(of: .string)])
    private let body = Schema.object(["tags": Validator<[String]>.tags.accepts], isOpen: true)

    init(_ table: ResourceTable<Resource, Request>) { self.table = table }

    var list: Operation { read("list_tags", "Lists the tags of", answer: .ok(tags)) }

    var replace: Operation { change("replace_tags", "Replaces the tags of", body: body, answer: .ok(tags)) }

    var add: Operation { change("add_tags", "Adds tags to", body: body, answer: .ok(tags)) }

    var removeAll: Operation { change("delete_tags", "Removes all tags of", answer: .noContent) }

    var show: Operation {
        read("show_tag", "Finds out whether there is a tag on", ofOne: true, answer: .noContent)
    }

    var addOne: Operation { change("add_tag", "Adds a tag to", ofOne: true, answer: .createdWithoutBody) }

    var removeOne: Operation { change("delete_tag", "Removes a tag of", ofOne: true, answer: .noContent) }

    private func read(
        _ id: String, _ summary: String, ofOne: Bool = false, answer: Operation.Answer
    ) -> Operation {
        Operation(
            "\(id)_of_\(table.name)", "\(summary) one of \(table.collection).", path: path(ofOne),
            answer: answer,
            refusals: [404])
    }

    private func change(
        _ id: String, _ summary: String, body: Schema? = nil, ofOne: Bool = false, answer: Operation.Answer
    ) -> Operation {
        Operation(
            "\(id)_of_\(table.name)", "\(summary) one of \(table.collection).", path: path(ofOne), body: body,
            parameters: [.ifMatch], answer: answer, refusals: [404, 409, 412, 413])
    }

    private func path(_ ofOne: Bool) -> [Schema] { [.uuidInAnyForm] + (ofOne ? [.string(max: 255)] : []) }
}
