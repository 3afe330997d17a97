import Addressing
import NetworkModel

@testable import NeutronAPI

/// Whether JSON values have the form that the description of the API gives them: the keywords of JSON Schema that
/// it uses, and an error for any other.
struct SchemaCheck {
    /// The schemas that references name.
    let definitions: JSONObject

    init(_ document: JSONValue) {
        definitions = document["components"]?["schemas"]?.object ?? JSONObject()
    }

    /// What is wrong with the value, or nil.
    func problem(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> String? {
        guard case .object(let schema) = schema else { return "\(place): the schema is no object" }
        for member in schema.members {
            if let problem = problem(value, member, schema, place) { return problem }
        }
        return nil
    }

    private func problem(
        _ value: JSONValue, _ keyword: JSONObject.Member, _ schema: JSONObject, _ place: String
    ) -> String? {
        let text = value.pythonRepresentation
        func unless(_ isRight: Bool) -> String? {
            isRight ? nil : "\(place): \(text) breaks \(keyword.key) \(keyword.value.pythonRepresentation)"
        }
        switch keyword.key {
        case "description": return nil
        case "$ref":
            let name = String(keyword.value.string?.split(separator: "/").last ?? "")
            guard let definition = definitions[name] else { return "\(place): there is no schema \(name)" }
            return problem(value, definition, at: place)
        case "type":
            let types = keyword.value.array ?? [keyword.value]
            return unless(types.contains { $0.string.map { isOfType(value, $0) } ?? false })
        case "enum": return unless(keyword.value.array?.contains(value) ?? false)
        case "anyOf":
            let problems = (keyword.value.array ?? []).map { problem(value, $0, at: place) }
            return problems.contains(nil) ? nil : problems.compactMap { $0 }.joined(separator: "; ")
        case "properties":
            for member in keyword.value.object?.members ?? [] {
                guard let inner = value[member.key] else { continue }
                if let problem = problem(inner, member.value, at: "\(place).\(member.key)") { return problem }
            }
            return nil
        case "required":
            let missing = (keyword.value.array ?? []).compactMap(\.string).filter { value[$0] == nil }
            return unless(value.object == nil || missing.isEmpty)
        case "additionalProperties":
            let known = Set(schema["properties"]?.object?.keys ?? [])
            let others = (value.object?.members ?? []).filter { !known.contains($0.key) }
            if keyword.value == .bool(false) { return unless(others.isEmpty) }
            return others.lazy.compactMap {
                problem($0.value, keyword.value, at: "\(place).\($0.key)")
            }.first
        case "items":
            return (value.array ?? []).enumerated().lazy.compactMap {
                problem($1, keyword.value, at: "\(place)[\($0)]")
            }.first
        case "minItems": return unless((value.array?.count).map { $0 >= number(keyword.value) } ?? true)
        case "maxItems": return unless((value.array?.count).map { $0 <= number(keyword.value) } ?? true)
        case "uniqueItems": return unless(value.array.map { Set($0).count == $0.count } ?? true)
        case "minLength":
            return unless(value.string.map { $0.unicodeScalars.count >= number(keyword.value) } ?? true)
        case "maxLength":
            return unless(value.string.map { $0.unicodeScalars.count <= number(keyword.value) } ?? true)
        case "minimum": return unless(decimal(value).map { $0 >= Double(number(keyword.value)) } ?? true)
        case "maximum": return unless(decimal(value).map { $0 <= Double(number(keyword.value)) } ?? true)
        case "exclusiveMinimum":
            return unless(decimal(value).map { $0 > Double(number(keyword.value)) } ?? true)
        case "exclusiveMaximum":
            return unless(decimal(value).map { $0 < Double(number(keyword.value)) } ?? true)
        case "pattern":
            guard let pattern = keyword.value.string, let regex = try? Regex(pattern) else {
                return "\(place): \(keyword.value) is no regular expression"
            }
            return unless(value.string.map { $0.firstMatch(of: regex) != nil } ?? true)
        case "format":
            guard let string = value.string else { return nil }
            switch keyword.value.string {
            case "ipv4": return unless(IPv4Address(string) != nil)
            case "ipv6": return unless(IPv6Address(string) != nil)
            case "uuid": return unless(ResourceID(string) != nil)
            default: return "\(place): format \(keyword.value) is not known here"
            }
        default: return "\(place): keyword \(keyword.key) is not known here"
        }
    }

    private func isOfType(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        // What does not fit 64 bits: the addresses of an IPv6 subnet.
        case (.decimal(let text), "integer"): text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"),
            (.decimal, "number"), (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }

    private func number(_ value: JSONValue) -> Int {
        if case .integer(let number) = value { number } else { 0 }
    }

    private func decimal(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .decimal(let text): Double(text)
        default: nil
        }
    }
}

extension SchemaCheck {
    /// What is wrong with an answer, or nil: its status must be one that the description names for the operation,
    /// and its body of the form that it gives.
    func problem(of response: APIResponse, to route: Route, in document: JSONValue) -> String? {
        let operation = document["paths"]?[route.template]?[route.method.lowercased()]
        guard let described = operation?["responses"]?[String(response.status)] else {
            return "\(route.operation.id) answered \(response.status), which the description does not know"
        }
        let schema = described["content"]?["application/json"]?["schema"]
        guard let schema else {
            return response.body.isEmpty ? nil : "\(route.operation.id) answered with a body"
        }
        guard let value = try? JSONParser(maximumDepth: 64).parse(response.body) else {
            return "\(route.operation.id) answered with what is no JSON"
        }
        return problem(value, schema, at: route.operation.id)
    }
}
