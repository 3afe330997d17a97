import ArgumentParser
import LinuxKernel
import NeutronAPI

/// `leasehold instance delete`.
struct InstanceDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete instances: their machines, links and ports.",
        discussion: """
            EXAMPLES
              leasehold instance delete vm1 vm2
            """)

    @Argument(help: "The instances' names.") var names: [String]

    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        try await endpoint.withClient { api in
            let statePath = try await api.statePath()
            var failures = 0
            for name in names {
                do {
                    try await delete(name, api, statePath)
                } catch {
                    failures += 1
                    StandardError.print("Error: \(error)")
                }
            }
            if failures > 0 {
                throw CommandFailure("\(failures) of \(names.count) instances failed to delete")
            }
        }
    }

    private func delete(_ name: String, _ api: NeutronClient, _ statePath: String) async throws {
        try Instance.validate(name: name)
        let ports = try await api.instancePorts(name: name)
        let machine = Machine(name: name, statePath: statePath)
        let wiring = try MachineWiring()
        guard try !ports.isEmpty || wiring.hasNamespace(machine.namespace) else {
            throw CommandFailure("instance '\(name)' does not exist")
        }
        machine.stop()
        wiring.remove(namespace: machine.namespace, link: ports.first.map { "tap\($0.id.prefix(11))" })
        try removeTree(path: machine.directory)
        for port in ports { try await api.delete("ports", port.id) }
    }
}
