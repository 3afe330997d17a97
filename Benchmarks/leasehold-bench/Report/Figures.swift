import FoundationEssentials

/// The raw figures of one phase, by name; they go from the lab to the outside through a file.
struct Figures {
    private(set) var values: [String: Double] = [:]

    subscript(_ name: String) -> Double? {
        get { values[name] }
        set { values[name] = newValue }
    }

    init() {}

    /// Reads what ``write(to:)`` wrote.
    init(readingFrom path: String) throws {
        values = try JSONDecoder().decode([String: Double].self, from: Data(try readFile(path).utf8))
    }

    func write(to path: String) throws {
        try writeFile(path, String(decoding: try JSONEncoder().encode(values), as: UTF8.self))
    }
}
