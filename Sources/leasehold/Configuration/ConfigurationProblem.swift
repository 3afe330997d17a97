/// Something about the configuration that its author should know.
struct ConfigurationProblem: Hashable, Sendable {
    /// How bad it is.
    enum Severity: String, Hashable, Sendable {
        /// Accepted, but it has no effect.
        case note
        /// Probably not what was meant; the service starts all the same.
        case warning
        /// The service does not start.
        case error
    }

    var severity: Severity
    /// The file, as it was named; nil where no one file is to blame.
    var file: String?
    /// From 1.
    var line: Int?
    /// One sentence.
    var message: String
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `file:line: severity: message`, the form that editors jump to.
    var description: String {
        var place = ""
        if let file { place = line.map { "\(file):\($0): " } ?? "\(file): " }
        return "\(place)\(severity.rawValue): \(message)"
    }
}

/// A configuration that cannot be used; at least one of the problems is an error.
struct ConfigurationError: Error, Hashable, Sendable {
    var problems: [ConfigurationProblem]
}

extension ConfigurationError: CustomStringConvertible {
    var description: String { problems.map(\.description).joined(separator: "\n") }
}
