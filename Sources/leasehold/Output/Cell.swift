import NeutronAPI

/// One value of the output in both of its forms.
struct Cell: Hashable, Sendable {
    /// What tables show.
    let human: String
    /// What `json` and `value` show.
    let machine: JSONValue

    /// A value that is shown as it is.
    init(_ value: JSONValue) {
        self.init(value, human: value.pythonText)
    }

    init(_ value: JSONValue, human: String) {
        self.human = human
        self.machine = value
    }

    init(_ text: String) { self.init(.string(text), human: text) }
}

/// How a field of the API is shown.
enum FieldFormat: Sendable {
    case plain
    /// `UP` or `DOWN`.
    case adminState
    /// `:-)` or `XXX`.
    case aliveness
    /// `External` or `Internal`.
    case routerType
    /// The elements with commas, sorted.
    case list
    /// The elements with commas, in the order that they have.
    case orderedList
    /// `key='value'` pairs.
    case dictionary
    /// A line of `key='value'` pairs for each element.
    case dictionaries
    /// As `dictionaries`, with `nexthop` called `gateway` as on the command line.
    case hostRoutes
    /// `start-end`, with commas.
    case allocationPools
    /// An element to a line.
    case lines
    /// A moment, or `never`.
    case expiry
    /// The value, or nothing where it is not known.
    case unknown

    /// The cell of a value; nil is a field that the service did not send.
    func cell(_ value: JSONValue?) -> Cell {
        let value = value ?? .null
        return Cell(value, human: human(value) ?? value.pythonText)
    }

    private func human(_ value: JSONValue) -> String? {
        switch (self, value) {
        case (.adminState, .bool(let up)): up ? "UP" : "DOWN"
        case (.aliveness, .bool(let alive)): alive ? ":-)" : "XXX"
        case (.routerType, .bool(let external)): external ? "External" : "Internal"
        case (.list, .array(let elements)): elements.map(\.pythonText).sorted().joined(separator: ", ")
        case (.orderedList, .array(let elements)): elements.map(\.pythonText).joined(separator: ", ")
        case (.dictionary, .object(let object)): Self.pairs(object)
        case (.dictionaries, .array(let elements)):
            elements.compactMap(\.object).map { Self.pairs($0) }.joined(separator: "\n")
        case (.hostRoutes, .array(let elements)):
            elements.compactMap(\.object).map { Self.pairs($0, renaming: ["nexthop": "gateway"]) }
                .joined(separator: "\n")
        case (.allocationPools, .array(let elements)):
            elements.map { "\($0["start"]?.pythonText ?? "")-\($0["end"]?.pythonText ?? "")" }
                .joined(separator: ",")
        case (.lines, .array(let elements)): elements.map(\.pythonText).joined(separator: "\n")
        case (.expiry, .null): "never"
        case (.unknown, .null): ""
        default: nil
        }
    }

    private static func pairs(_ object: JSONObject, renaming: [String: String] = [:]) -> String {
        object.members.map { (key: renaming[$0.key] ?? $0.key, value: $0.value) }.sorted { $0.key < $1.key }
            .map { "\($0.key)='\($0.value.pythonText)'" }.joined(separator: ", ")
    }
}
