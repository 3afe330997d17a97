import ArgumentParser
import NeutronAPI

/// A command that talks to the service and has at most one text to write.
protocol ResourceCommand: AsyncParsableCommand {
    /// Which service.
    var service: EndpointOptions { get }

    /// Does the work; the result goes to standard output, nil or empty text writes nothing.
    func execute(_ client: NeutronClient) async throws -> String?
}

extension ResourceCommand {
    func run() async throws {
        let text = try await service.withClient { try await execute($0) }
        if let text, !text.isEmpty { print(text) }
    }
}

/// The body of a request under construction: keys in the order in which they are set.
struct RequestBody: Hashable, Sendable {
    private var members: [JSONObject.Member] = []

    /// Sets a key that is not set yet; nil leaves it out.
    mutating func set(_ key: String, _ value: JSONValue?) {
        if let value { members.append(.init(key: key, value: value)) }
    }

    mutating func set(_ key: String, _ value: String?) { set(key, value.map(JSONValue.string)) }

    mutating func set(_ key: String, _ value: Bool?) { set(key, value.map(JSONValue.bool)) }

    mutating func set(_ key: String, _ value: Int?) { set(key, value.map(JSONValue.integer)) }

    /// Sets a list unless it is empty.
    mutating func set(_ key: String, unlessEmpty values: [JSONValue]) {
        if !values.isEmpty { set(key, .array(values)) }
    }

    /// Whether nothing was set.
    var isEmpty: Bool { members.isEmpty }

    var object: JSONObject { JSONObject(members: members) }

    /// The body around it, as in `{"network": {…}}`.
    func wrapped(as kind: ResourceKind) -> JSONObject {
        JSONObject(members: [.init(key: kind.singular, value: .object(object))])
    }
}

extension JSONValue {
    /// An object of the pairs that have a value, in this order.
    static func members(_ pairs: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(
            JSONObject(
                members: pairs.compactMap { pair in pair.value.map { .init(key: pair.key, value: $0) } }))
    }
}

extension NeutronClient {
    /// Creates a resource with its tags, and returns it as it then is.
    func create(_ kind: ResourceKind, _ body: RequestBody, tags: TagOptions) async throws -> JSONObject {
        let answer = try await post(kind.plural, body: body.wrapped(as: kind))
        guard let created = answer[kind.singular]?.object else {
            throw CommandFailure("the service answered without a \(kind.singular)")
        }
        guard let wanted = tags.tags(from: []) else { return created }
        let id = try Self.id(created, kind)
        _ = try await put(kind.plural, id, "tags", body: TagOptions.body(wanted))
        return try await get(kind.plural, id)[kind.singular]?.object ?? created
    }

    /// Changes a resource and its tags; does nothing where nothing is to be changed.
    func update(
        _ kind: ResourceKind, _ resource: JSONObject, _ body: RequestBody, tags: TagOptions
    ) async throws {
        let id = try Self.id(resource, kind)
        if !body.isEmpty { _ = try await put(kind.plural, id, body: body.wrapped(as: kind)) }
        let present = resource["tags"]?.array?.compactMap(\.string) ?? []
        if let wanted = tags.tags(from: present), wanted != present {
            _ = try await put(kind.plural, id, "tags", body: TagOptions.body(wanted))
        }
    }

    /// Deletes resources one after the other; those that fail do not keep the others.
    func deleteAll(_ kind: ResourceKind, _ namesOrIDs: [String]) async throws {
        var failures = 0
        for name in namesOrIDs {
            do {
                try await delete(kind.plural, try await id(of: kind, name))
            } catch let refusal as Refusal {
                failures += 1
                StandardError.print("Failed to delete \(kind.singular) '\(name)': \(refusal.message)")
            } catch let failure as CommandFailure where failure.status == ExitStatus.failure {
                failures += 1
                StandardError.print("Failed to delete \(kind.singular) '\(name)': \(failure.message)")
            }
        }
        guard failures == 0 else {
            throw CommandFailure("\(failures) of \(namesOrIDs.count) \(kind.plural) failed to delete.")
        }
    }
}
