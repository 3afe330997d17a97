/// Sorts the entries of one file: values of options, and what to say about the rest.
struct ConfigurationFileReader {
    let file: String
    /// The values, by the option's preferred place, sections normalized.
    private(set) var given: [OptionName: GivenValue] = [:]
    private(set) var problems: [ConfigurationProblem] = []
    /// Sections about which something was said already.
    private var mentioned: Set<String> = []

    init(file: String) { self.file = file }

    /// Takes the file in.
    mutating func read(_ document: INIDocument) {
        for remark in document.remarks {
            say(remark.severity == .error ? .error : .warning, remark.line, remark.message)
        }
        for header in document.headers where !Self.isKnown(section: header.name) {
            guard mentioned.insert(header.name).inserted else { continue }
            var message = "there is no section [\(header.name)]"
            if let near = Self.section(near: header.name) { message += "; did you mean [\(near)]?" }
            say(.warning, header.line, message)
        }
        for entry in document.entries { read(entry) }
    }

    private mutating func read(_ entry: INIEntry) {
        let written = OptionName(entry.section, entry.key)
        let value = GivenValue(text: entry.value, file: file, line: entry.line, written: written)
        if let option = ConfigurationOption.byName[written.normalized] {
            read(value, of: option)
            return
        }
        // Other values may refer to it even so.
        given[written.normalized] = value
        if let section = UnusedSection.byName[OptionName.normalized(section: entry.section)] {
            guard mentioned.insert(section.name).inserted else { return }
            say(.note, entry.line, "[\(entry.section)] has no effect: \(section.reason)")
        } else if Self.isKnown(section: entry.section) {
            say(.warning, entry.line, "\(written) is not an option\(Self.hint(for: written))")
        } else {
            say(.warning, entry.line, "\(written) is ignored with its section\(Self.hint(for: written))")
        }
    }

    private mutating func read(_ value: GivenValue, of option: ConfigurationOption) {
        if case .none(let reason, let alarming) = option.effect {
            say(
                alarming(value.text) ? .warning : .note, value.line,
                "\(value.written) has no effect: \(reason)")
        }
        let key = option.name.normalized
        if let earlier = given[key] {
            let isAlias = earlier.written.normalized != value.written.normalized
            // The preferred place goes before the others, and below one place the last line counts.
            let keepsEarlier = isAlias && earlier.written.normalized == key
            let (used, dropped) = keepsEarlier ? (earlier, value) : (value, earlier)
            say(
                .warning, dropped.line,
                "\(dropped.written) is set again as \(used.written) in line \(used.line), and that counts")
            given[key] = used
        } else {
            given[key] = value
        }
    }

    private mutating func say(_ severity: ConfigurationProblem.Severity, _ line: Int, _ message: String) {
        problems.append(ConfigurationProblem(severity: severity, file: file, line: line, message: message))
    }

    private static let knownSections: Set<String> = Set(
        (ConfigurationOption.sections + UnusedSection.all.map(\.name)).map(OptionName.normalized(section:)))

    private static func isKnown(section: String) -> Bool {
        knownSections.contains(OptionName.normalized(section: section))
    }

    private static func section(near name: String) -> String? {
        let known = ConfigurationOption.sections + UnusedSection.all.map(\.name)
        let trimmed = name.trimmed
        return known.first { $0.lowercased() == trimmed.lowercased() }
            ?? NearestName.of(trimmed, among: known)
    }

    /// `; did you mean …?` or `; it belongs in …`, or nothing.
    private static func hint(for written: OptionName) -> String {
        let section = OptionName.normalized(section: written.section)
        let places = ConfigurationOption.all.flatMap(\.names)
        // Options with effect first: what has none was hardly meant elsewhere.
        if let place = places.first(where: { $0.name == written.name }) {
            return "; it belongs in [\(place.section)]"
        }
        for options in [ConfigurationOption.effective, ConfigurationOption.unused] {
            let here = options.flatMap(\.names).filter { $0.normalized.section == section }.map(\.name)
            if let near = NearestName.of(written.name, among: here) { return "; did you mean \(near)?" }
        }
        if let near = NearestName.of(written.name, among: places.map(\.name)),
            let place = places.first(where: { $0.name == near })
        {
            return "; did you mean \(place)?"
        }
        return ""
    }
}
