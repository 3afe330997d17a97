/// The text of docs/configuration.md, made from the option table.
enum ConfigurationReference {
    /// The whole document, Markdown.
    static var markdown: String {
        var lines = introduction
        lines += ["", "## Options", ""]
        for section in effectiveSections {
            lines += ["### `[\(section)]`", ""]
            lines += ["| option | default | value | what it does |", "| --- | --- | --- | --- |"]
            for option in ConfigurationOption.effective where option.name.section == section {
                lines.append(row(option))
            }
            lines.append("")
        }
        lines += withoutEffect
        return lines.joined(separator: "\n") + "\n"
    }

    private static let introduction = [
        "# Configuration",
        "",
        "<!-- Made from the option table by a test; do not edit. LEASEHOLD_UPDATE_DOCS=1 writes it anew. -->",
        "",
        "Leasehold reads Neutron's own files, with Neutron's option names:",
        "",
        "```",
        "leasehold serve --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/dhcp_agent.ini",
        "```",
        "",
        "No file is needed: everything has a default. Of several files, a later one goes before an earlier one, option by option. `--config-dir` reads the `*.conf` files of a directory in the order of their names, after the `--config-file` ones. `leasehold config check` tells what is wrong with files without starting anything; `leasehold config show` prints the values that hold.",
        "",
        "## The files",
        "",
        "The dialect is that of oslo.config:",
        "",
        "- `key = value` or `key: value` below a `[section]`. `[DEFAULT]` is written so; other sections match in any case.",
        "- `#` and `;` begin a comment at the start of a line only.",
        "- An indented line continues the value above it. A blank line ends it.",
        "- One pair of quotes around a value is dropped.",
        "- Where a key is repeated, the last one counts.",
        "- Lists are separated by commas, mappings are lists of `name:value`.",
        "- Booleans are `true`, `1`, `on`, `yes` and `false`, `0`, `off`, `no`, in any case.",
        "- `$name` or `${name}` stands for the value of another option of the section or of `[DEFAULT]`, `${section.name}` for one of another section, `$$` for a dollar sign.",
        "",
        "## What is said about them",
        "",
        "Every message names the file and the line.",
        "",
        "- An **error** ends the command with status 78 (EX_CONFIG): a file that cannot be read, a line that is no assignment, a value that is none of the option's.",
        "- A **warning** is about what is probably not meant: an option or section that does not exist (with the nearest one that does), a value that asks for something that is missing here.",
        "- A **note** is about options of Neutron's that are accepted without effect.",
    ]

    private static var effectiveSections: [String] {
        var seen: Set<String> = []
        return ConfigurationOption.effective.map(\.name.section).filter { seen.insert($0).inserted }
    }

    private static func row(_ option: ConfigurationOption) -> String {
        let value = option.shownDefault ?? (option.defaultText.isEmpty ? "" : "`\(option.defaultText)`")
        let ours = option.origin == .leasehold ? " (Leasehold's own)" : ""
        return
            "| `\(option.name.name)`\(ours) | \(value) | \(escaped(option.expected)) | \(escaped(option.documentation)) |"
    }

    private static var withoutEffect: [String] {
        var lines = [
            "## Accepted without effect",
            "",
            "These are options of stock OpenStack files. They may stay where they are; each is answered with a note.",
            "",
            "| section | options | why they have no effect |",
            "| --- | --- | --- |",
        ]
        for (section, reason, names) in grouped {
            let list = names.map { "`\($0)`" }.joined(separator: ", ")
            lines.append("| `[\(section)]` | \(list) | \(escaped(reason)) |")
        }
        for section in UnusedSection.all {
            lines.append("| `[\(section.name)]` | all | \(escaped(section.reason)) |")
        }
        return lines
    }

    /// The options without effect, those of one section and reason together, in the order of the table.
    private static var grouped: [(section: String, reason: String, names: [String])] {
        var groups: [(section: String, reason: String, names: [String])] = []
        for option in ConfigurationOption.unused {
            guard case .none(let reason, _) = option.effect else { continue }
            if let index = groups.firstIndex(where: {
                $0.section == option.name.section && $0.reason == reason
            }) {
                groups[index].names.append(option.name.name)
            } else {
                groups.append((option.name.section, reason, [option.name.name]))
            }
        }
        return groups
    }

    private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
