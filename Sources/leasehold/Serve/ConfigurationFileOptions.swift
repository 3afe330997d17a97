import ArgumentParser

/// `--config-file`, as Neutron's services take it.
struct ConfigurationFileOptions: ParsableArguments {
    @Option(
        name: .customLong("config-file"),
        help: ArgumentHelp(
            "A configuration file in Neutron's format; may be given several times, later ones win.",
            valueName: "file"),
        completion: .file(extensions: ["ini", "conf"]))
    var configFile: [String] = []

    @Option(
        name: .customLong("config-dir"),
        help: ArgumentHelp("A directory whose *.conf files are read after the files.", valueName: "directory"),
        completion: .directory)
    var configDir: [String] = []

    /// The same options as words of a command line.
    var arguments: [String] {
        configFile.flatMap { ["--config-file", $0] } + configDir.flatMap { ["--config-dir", $0] }
    }

    /// Reads the files; warnings and notes are for the caller to report.
    func load() throws -> Configuration {
        do {
            return try Configuration(files: configFile, directories: configDir)
        } catch {
            // sysexits.h: EX_CONFIG.
            throw CommandFailure("the configuration is wrong:\n\(error)", status: 78)
        }
    }
}
