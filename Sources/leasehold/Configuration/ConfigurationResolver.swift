/// A value that a file gives to an option.
struct GivenValue: Hashable, Sendable {
    var text: String
    /// The file, as it was named.
    var file: String
    /// From 1.
    var line: Int
    /// Where it stands: the section and key as written.
    var written: OptionName
}

/// Turns the texts that files give into settings: references first, then values.
struct ConfigurationResolver: Sendable {
    /// What files give, by the option's preferred place, sections normalized.
    ///
    /// Options that do nothing are here too, since others may refer to them.
    var given: [OptionName: GivenValue]

    /// The settings; an option whose value cannot be read keeps its default and adds an error.
    func settings(problems: inout [ConfigurationProblem]) -> Settings {
        var settings = Settings.declared
        for option in ConfigurationOption.effective {
            guard case .sets(let set) = option.effect else { continue }
            let value = given[option.name.normalized]
            // A declared value is its option's default already, unless it refers to others.
            guard value != nil || option.defaultText.contains("$") else { continue }
            var remarks: [String] = []
            do throws(MalformedValue) {
                let text = try resolve(
                    value?.text ?? option.defaultText, in: option.name.section, path: [option.name.normalized]
                )
                try set(&settings, text, &remarks)
            } catch {
                problems.append(problem(option, value, error))
            }
            for remark in remarks {
                problems.append(
                    ConfigurationProblem(
                        severity: .warning, file: value?.file, line: value?.line,
                        message: "\(value?.written ?? option.name): \(remark)"))
            }
        }
        return settings
    }

    private func problem(
        _ option: ConfigurationOption, _ value: GivenValue?, _ error: MalformedValue
    ) -> ConfigurationProblem {
        let text = option.isSecret ? "…" : value?.text ?? option.defaultText
        var message = "\(value?.written ?? option.name) = \(text.replacing("\n", with: " ")): "
        message += error.reason.map { "\($0); " } ?? ""
        message += "expected \(option.expected)"
        return ConfigurationProblem(
            severity: .error, file: value?.file, line: value?.line, message: message)
    }

    /// Replaces `$name`, `${name}`, `$section.name` and `${section.name}` by the value of the option;
    /// `$$` and `\$` stand for one `$`; a `$` before anything else is itself (Python's string.Template).
    private func resolve(_ text: String, in section: String, path: [OptionName]) throws(MalformedValue)
        -> String
    {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            var before = rest[..<dollar]
            let isEscaped = before.last == "\\"
            if isEscaped { before.removeLast() }
            result += before
            rest = rest[rest.index(after: dollar)...]
            if isEscaped {
                result += "$"
            } else if rest.first == "$" {
                result += "$"
                rest.removeFirst()
            } else if let (name, after) = Self.reference(at: rest) {
                result += try value(of: name, in: section, path: path)
                rest = after
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    private func value(of name: String, in section: String, path: [OptionName]) throws(MalformedValue)
        -> String
    {
        for candidate in Self.candidates(name, in: section) {
            let option = ConfigurationOption.byName[candidate]
            let key = option?.name.normalized ?? candidate
            let text: String
            if let value = given[key] {
                text = value.text
            } else if let option, option.hasEffect {
                text = key == OptionName("DEFAULT", "host") ? Settings.declared.host : option.defaultText
            } else {
                continue
            }
            guard !path.contains(key) else {
                let circle = (path + [key]).map(\.name).joined(separator: " → ")
                throw MalformedValue(reason: "the options refer to each other in a circle: \(circle)")
            }
            return try resolve(text, in: key.section, path: path + [key])
        }
        throw MalformedValue(reason: "$\(name) refers to an option that has no value")
    }

    /// Where a referenced name may stand: in the section it names, in the same one, or in DEFAULT.
    private static func candidates(_ name: String, in section: String) -> [OptionName] {
        var candidates: [OptionName] = []
        if let dot = name.firstIndex(of: ".") {
            candidates.append(OptionName(String(name[..<dot]), String(name[name.index(after: dot)...])))
        }
        candidates += [OptionName(section, name), OptionName("DEFAULT", name)]
        return candidates.map(\.normalized)
    }

    /// The name that a reference begins with, and what follows it.
    private static func reference(at text: Substring) -> (name: String, after: Substring)? {
        let isBraced = text.first == "{"
        let body = isBraced ? text.dropFirst() : text
        guard let first = body.first, first == "_" || first.isASCII && first.isLetter else { return nil }
        var name = body.prefix { $0 == "_" || $0 == "." || $0.isASCII && ($0.isLetter || $0.isNumber) }
        if isBraced {
            guard name.endIndex < text.endIndex, text[name.endIndex] == "}" else { return nil }
            return (String(name), text[text.index(after: name.endIndex)...])
        }
        // A full stop ends a sentence or a directory's name, not an option's.
        while name.last == "." { name.removeLast() }
        return (String(name), text[name.endIndex...])
    }
}
