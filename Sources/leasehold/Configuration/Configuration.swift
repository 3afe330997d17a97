/// The configuration as files and defaults give it, with everything worth saying about it.
struct Configuration: Sendable {
    var settings = Settings.defaults
    /// Notes and warnings, in the order of files and lines.
    var problems: [ConfigurationProblem] = []
    /// The files that were read, in order.
    var files: [String] = []
    /// Where each option that a file sets was set last, by the option's preferred place.
    var given: [OptionName: GivenValue] = [:]

    /// The configuration without files.
    init() {}

    /// Reads the files, of which a later one goes before an earlier one, option by option.
    ///
    /// Throws all problems together, notes and warnings included, if one of them is an error.
    init(files: [String], directories: [String] = []) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        var texts: [(file: String, text: String)] = []
        var paths = files
        for directory in directories {
            do throws(TextFileError) {
                paths += try TextFile.list(directory, suffix: ".conf")
            } catch {
                problems.append(Self.unreadable(error, what: "the configuration directory"))
            }
        }
        for path in paths {
            do throws(TextFileError) {
                texts.append((path, try TextFile.read(path)))
            } catch {
                problems.append(Self.unreadable(error, what: "the configuration file"))
            }
        }
        try self.init(texts: texts, problems: problems)
    }

    /// Reads texts that were files; the names are for the messages.
    init(
        texts: [(file: String, text: String)], problems earlier: [ConfigurationProblem] = []
    ) throws(ConfigurationError) {
        var problems = earlier
        var merged: [OptionName: GivenValue] = [:]
        for (file, text) in texts {
            var reader = ConfigurationFileReader(file: file)
            reader.read(INIDocument(text: text))
            problems += reader.problems
            merged.merge(reader.given) { _, later in later }
        }
        settings = ConfigurationResolver(given: merged).settings(problems: &problems)
        given = merged
        files = texts.map(\.file)
        if !problems.contains(where: { $0.severity == .error }) {
            problems += checks()
        }
        let order = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let place = { (problem: ConfigurationProblem) in
            (problem.file.flatMap { order[$0] } ?? .max, problem.line ?? 0)
        }
        self.problems = problems.enumerated().sorted { a, b in
            place(a.element) == place(b.element) ? a.offset < b.offset : place(a.element) < place(b.element)
        }.map(\.element)
        if self.problems.contains(where: { $0.severity == .error }) {
            throw ConfigurationError(problems: self.problems)
        }
    }

    private static func unreadable(_ error: TextFileError, what: String) -> ConfigurationProblem {
        ConfigurationProblem(
            severity: .error, file: nil, line: nil,
            message: "\(what) \(error.path) cannot be read: \(error.cause)")
    }
}
