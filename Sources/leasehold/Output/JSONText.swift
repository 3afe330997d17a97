import NeutronAPI

extension JSONValue {
    /// The value as JSON with two spaces of indentation, as Python's `json.dump` lays it out.
    func prettyJSON(indentation: Int = 0) -> String {
        let inner = String(repeating: " ", count: indentation + 2)
        let outer = String(repeating: " ", count: indentation)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.prettyJSON(indentation: indentation + 2) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let object) where !object.isEmpty:
            let lines = object.members.map {
                "\(inner)\(JSONValue.string($0.key).compactJSON): \($0.value.prettyJSON(indentation: indentation + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        default: return compactJSON
        }
    }

    /// The value as JSON without white space.
    var compactJSON: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
