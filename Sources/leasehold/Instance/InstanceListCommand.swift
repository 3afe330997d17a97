import Addressing
import ArgumentParser
import LinuxKernel
import NeutronAPI

/// `leasehold instance list`.
struct InstanceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the instances with their addresses.",
        discussion: """
            EXAMPLES
              leasehold instance list
              leasehold instance list -f value -c Name -c Address
            """)

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (ports, networks, statePath) = try await endpoint.withClient { api in
            var names: [String: String] = [:]
            let ports = try await api.instancePorts()
            for network in try await api.list("networks", key: "networks") {
                if let id = network["id"]?.string { names[id] = network["name"]?.string ?? id }
            }
            return (ports, names, try await api.statePath())
        }
        let text = try output.list(
            ["Name", "State", "Network", "MAC", "Address", "Port"],
            ports.map { port in
                let isRunning = Machine(name: port.deviceID, statePath: statePath).pid != nil
                return [
                    Cell(.string(port.deviceID)), Cell(.string(isRunning ? "running" : "not here")),
                    Cell(.string(networks[port.networkID] ?? port.networkID)),
                    Cell(.string(port.macAddress.description)),
                    Cell(.string(port.addresses.map(\.description).joined(separator: ", "))),
                    Cell(.string(port.id)),
                ]
            })
        if !text.isEmpty { print(text) }
    }
}
