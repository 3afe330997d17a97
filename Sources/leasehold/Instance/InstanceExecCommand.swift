import ArgumentParser

/// `leasehold instance exec`.
struct InstanceExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command inside an instance; its exit status is this one's.",
        discussion: """
            EXAMPLES
              leasehold instance exec vm1 -- ip address
              leasehold instance exec vm1 -- sh
            """)

    @Argument(help: "The instance's name.") var name: String

    @Argument(parsing: .postTerminator, help: "The command, after `--`.") var command: [String]

    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        try Instance.validate(name: name)
        guard !command.isEmpty else {
            throw CommandFailure("what to run in \(name)? Write it after `--`", status: ExitStatus.usage)
        }
        let statePath = try await endpoint.withClient { try await $0.statePath() }
        let words = try Machine(name: name, statePath: statePath).entering(command)
        throw ExitCode(
            try ForegroundProcess.run(words, environment: ForegroundProcess.inheritedEnvironment))
    }
}
