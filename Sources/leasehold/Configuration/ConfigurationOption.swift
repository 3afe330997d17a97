/// The place of an option in a file.
struct OptionName: Hashable, Sendable, CustomStringConvertible {
    /// As Neutron writes it; all but DEFAULT match in any case.
    var section: String
    var name: String

    init(_ section: String, _ name: String) {
        self.section = section
        self.name = name
    }

    var description: String { "[\(section)] \(name)" }

    /// The same place with the section in the form in which sections are compared.
    var normalized: OptionName { OptionName(Self.normalized(section: section), name) }

    /// oslo.config compares sections in lower case, but for DEFAULT, which must be written so.
    static func normalized(section: String) -> String {
        section == "DEFAULT" ? section : section.lowercased()
    }
}

/// One option: the row from which the parser, the errors and docs/configuration.md come.
struct ConfigurationOption: Sendable {
    /// Whose the option is.
    enum Origin: String, Hashable, Sendable {
        case neutron = "Neutron"
        case leasehold = "Leasehold"
    }

    /// What setting the option does.
    enum Effect: Sendable {
        /// Reads the value into the settings; remarks go into the array.
        case sets(@Sendable (inout Settings, String, inout [String]) throws(MalformedValue) -> Void)
        /// Nothing, and why; `alarming` says whether a value asks for something that is then missing.
        case none(because: String, alarming: @Sendable (String) -> Bool)
    }

    let name: OptionName
    /// Other places where the option may stand; `name` goes before them within one file.
    let aliases: [OptionName]
    let origin: Origin
    /// Completes "expected …"; empty for an option without effect.
    let expected: String
    /// The default in the form in which files write it; references are not resolved.
    let defaultText: String
    /// What stands in the reference in place of the default where that depends on the host.
    let shownDefault: String?
    /// Whether the value must not be shown.
    let isSecret: Bool
    /// What it does, in one sentence or two; empty for an option without effect.
    let documentation: String
    let effect: Effect
    /// The value in settings, in the form in which files write it; empty for an option without effect.
    private let rendering: @Sendable (Settings) -> String

    /// An option that sets one property.
    init<Value>(
        _ origin: Origin, _ section: String, _ name: String, _ form: ValueForm<Value>,
        _ property: any WritableKeyPath<Settings, Value> & Sendable, aliases: [OptionName] = [],
        shownDefault: String? = nil, isSecret: Bool = false, _ documentation: String
    ) {
        self.name = OptionName(section, name)
        self.aliases = aliases
        self.origin = origin
        self.expected = form.expected
        self.defaultText = form.render(Settings.declared[keyPath: property])
        self.shownDefault = shownDefault
        self.isSecret = isSecret
        self.documentation = documentation
        self.effect = .sets { (settings, text, remarks) throws(MalformedValue) in
            settings[keyPath: property] = try form.parse(text, &remarks)
        }
        self.rendering = { form.render($0[keyPath: property]) }
    }

    /// An option of Neutron's that files may hold and that does nothing here.
    init(
        unused section: String, _ name: String, because reason: String,
        alarming: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.name = OptionName(section, name)
        self.aliases = []
        self.origin = .neutron
        self.expected = ""
        self.defaultText = ""
        self.shownDefault = nil
        self.isSecret = false
        self.documentation = ""
        self.effect = .none(because: reason, alarming: alarming)
        self.rendering = { _ in "" }
    }

    /// The value in the settings, in the form in which files write it.
    func text(in settings: Settings) -> String { rendering(settings) }

    /// Whether setting it does anything.
    var hasEffect: Bool {
        if case .sets = effect { true } else { false }
    }

    /// Every place where the option may stand, the preferred one first.
    var names: [OptionName] { [name] + aliases }
}

extension ConfigurationOption {
    /// Every option that may stand in a file.
    static let all: [ConfigurationOption] = effective + unused

    /// All options by every place they may stand, sections normalized.
    static let byName: [OptionName: ConfigurationOption] = {
        var map: [OptionName: ConfigurationOption] = [:]
        for option in all {
            for name in option.names { map[name.normalized] = option }
        }
        return map
    }()

    /// Sections in which some option is known, as Neutron writes them.
    static let sections: [String] = {
        var seen: Set<String> = []
        return all.flatMap(\.names).map(\.section).filter {
            seen.insert(OptionName.normalized(section: $0)).inserted
        }
    }()
}
