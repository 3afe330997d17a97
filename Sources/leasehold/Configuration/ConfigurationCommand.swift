import ArgumentParser

/// `leasehold config …`.
struct ConfigurationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at configuration files without starting anything.",
        discussion: """
            Files are in the form of Neutron's own, and Neutron's own may be used as they are.

            EXAMPLES
              leasehold config check --config-file /etc/neutron/neutron.conf \\
                  --config-file /etc/neutron/dhcp_agent.ini
              leasehold config show --config-file leasehold.conf
              leasehold config reference
            """,
        subcommands: [Check.self, Show.self, Reference.self])
}

extension ConfigurationCommand {
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say what is wrong with configuration files.",
            discussion: """
                Errors make the status 78, and with --strict warnings do too. Notes are about options of \
                Neutron's that have no effect here.

                EXAMPLES
                  leasehold config check --strict --config-file leasehold.conf
                """)

        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "Fail for warnings too.") var strict = false
        @Flag(help: "Say nothing about options without effect.") var quiet = false

        func run() throws {
            let configuration = try options.load(
                saying: quiet ? [.warning, .error] : [.note, .warning, .error])
            if strict, configuration.problems.contains(where: { $0.severity == .warning }) {
                throw ExitCode(ExitStatus.configuration)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print the values that hold, as a configuration file.",
            discussion: """
                References are resolved, and options that no file sets show their default in a comment.

                EXAMPLES
                  leasehold config show --config-file leasehold.conf
                """)

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            print(try options.load(saying: [.warning, .error]).effectiveText)
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reference", abstract: "Print the reference of all options, in Markdown.",
            discussion: """
                EXAMPLES
                  leasehold config reference | less
                """)

        func run() throws { print(ConfigurationReference.markdown, terminator: "") }
    }
}

extension Configuration {
    /// The values that hold, in the form of a file that gives the same ones.
    var effectiveText: String {
        var lines: [String] = []
        var section = ""
        let options = ConfigurationOption.effective.enumerated().sorted {
            let (a, b) = (Self.rank($0.element), Self.rank($1.element))
            return a == b ? $0.offset < $1.offset : a < b
        }
        for (_, option) in options {
            if option.name.section != section {
                section = option.name.section
                lines += lines.isEmpty ? ["[\(section)]"] : ["", "[\(section)]"]
            }
            let isGiven = given[option.name.normalized] != nil
            let text = option.isSecret && isGiven ? "…" : option.text(in: settings)
            // A dollar sign would be read as a reference.
            let value = text.replacing("$", with: "$$")
            lines.append("\(isGiven ? "" : "# ")\(option.name.name) = \(value)".trimmingTrailingSpace)
        }
        return lines.joined(separator: "\n")
    }

    /// Where the option's section comes in the table first.
    private static func rank(_ option: ConfigurationOption) -> Int {
        ConfigurationOption.sections.firstIndex(of: option.name.section) ?? .max
    }
}

extension String {
    fileprivate var trimmingTrailingSpace: String {
        String(Substring(self).trimmingSuffix(while: \.isWhitespace))
    }
}
