import ArgumentParser

/// Where the configuration comes from: `--config-file`, `--config-dir`.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config-file"),
        help: ArgumentHelp(
            "A file in the form of neutron.conf and dhcp_agent.ini; may be repeated, and a later one goes before.",
            valueName: "path"),
        completion: .file())
    var files: [String] = []

    @Option(
        name: .customLong("config-dir"),
        help: ArgumentHelp(
            "A directory whose *.conf files are read after those, by name; may be repeated.",
            valueName: "path"),
        completion: .directory)
    var directories: [String] = []

    /// The same options as words of a command line.
    var arguments: [String] {
        files.flatMap { ["--config-file", $0] } + directories.flatMap { ["--config-dir", $0] }
    }

    /// Reads the files and says on standard error what there is to say.
    ///
    /// A configuration that cannot be used ends the process with status 78 (EX_CONFIG).
    ///
    /// - Parameter severities: what is said; notes are many with stock files.
    func load(
        saying severities: Set<ConfigurationProblem.Severity> = [.note, .warning, .error]
    ) throws -> Configuration {
        do throws(ConfigurationError) {
            let configuration = try Configuration(files: files, directories: directories)
            Self.say(configuration.problems, severities)
            return configuration
        } catch {
            Self.say(error.problems, severities.union([.error]))
            throw ExitCode(ExitStatus.configuration)
        }
    }

    private static func say(
        _ problems: [ConfigurationProblem], _ severities: Set<ConfigurationProblem.Severity>
    ) {
        for problem in problems where severities.contains(problem.severity) {
            StandardError.print(problem.description)
        }
    }
}
