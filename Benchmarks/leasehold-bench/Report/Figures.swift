import FoundationEssentials

/// The raw figures of one phase, by name; they go from the lab to the outside through a file.
struct Figures: Codable {
    private(set) var values: [String: Double] = [:]
    /// Why some subjects of the phase could not be measured.
    var failures: [String] = []

    subscript(_ name: String) -> Double? {
        get { values[name] }
        set { values[name] = newValue }
    }

    init() {}

    /// Reads what ``write(to:)`` wrote.
    init(readingFrom path: String) throws {
        self = try JSONDecoder().decode(Figures.self, from: Data(try readFile(path).utf8))
    }

    /// Measures one subject of several: if that fails, the others are measured all the same.
    mutating func attempt(_ subject: String, _ body: (inout Figures) throws -> Void) {
        var attempt = self
        do {
            try body(&attempt)
            self = attempt
        } catch {
            failures.append("\(subject): \(error)")
            say("      \(subject): failed: \(error)")
        }
    }

    func write(to path: String) throws {
        try writeFile(path, String(decoding: try JSONEncoder().encode(self), as: UTF8.self))
    }
}
