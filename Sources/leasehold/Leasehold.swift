import ArgumentParser
import Glibc

/// `leasehold`: the one program.
@main
struct Leasehold: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "leasehold",
        abstract: "Tenant networks with DHCP, each in a namespace of its own, as Neutron makes them.",
        discussion: """
            The service:  leasehold serve           as root, on this host
                          leasehold lab             a private place with a service and a shell, no root
                          leasehold demo            the main job, shown
            Then:         leasehold network create net1
                          leasehold subnet create --network net1 --subnet-range 172.16.1.0/24 sub1
                          leasehold instance boot vm1 --network net1

            Completion of commands and options: leasehold --generate-completion-script bash|zsh|fish

            \(ExitStatus.help)
            """,
        version: version,
        subcommands: [
            ServeCommand.self, NetworkCommand.self, SubnetCommand.self, PortCommand.self, LeaseCommand.self,
            AgentCommand.self, AddressCommand.self, QuotaCommand.self, TokenCommand.self,
            InstanceCommand.self, StatusCommand.self, LogsCommand.self, ConfigurationCommand.self,
            LabCommand.self, DemoCommand.self,
        ])

    /// Runs the command line; every failure ends here, so that its status is the right one.
    static func main() async {
        // A reader that goes away, as `head` does, ends the output and not the program with a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            // Here is still one thread only.
            if command is ServeCommand { DescriptorTable.prepare() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            exit(withError: failure.reported())
        } catch {
            exit(withError: error)
        }
    }
}
