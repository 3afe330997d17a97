import Addressing
import ArgumentParser
import LinuxKernel
import NeutronAPI

extension PortCommand {
    /// `leasehold port plug`: the port's tap on the network's bridge, for a VM of yours.
    struct Plug: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plug",
            abstract: "Make a port's tap device on the network's bridge, for QEMU, Firecracker or libvirt.",
            discussion: """
                The device is `tap` and the first 11 characters of the port's id; the guest must use the \
                port's MAC. Prints both, so that a script can use them. Needs root or a lab.

                `leasehold port unplug` takes it away again.

                EXAMPLES
                  leasehold port plug port1 --tap
                  leasehold port plug port1 --tap -f value -c tap
                """)

        @Argument(help: "The port's name or id.") var port: String
        @Flag(help: "A tap device, the kind that virtual machine monitors use.") var tap = false
        @OptionGroup(title: "Output") var output: OutputOptions
        @OptionGroup(title: "Service") var endpoint: EndpointOptions

        func run() async throws {
            guard tap else {
                throw CommandFailure("what kind of device? Say --tap", status: ExitStatus.usage)
            }
            if let shortcoming = PrivilegeCheck.current().shortcoming {
                throw CommandFailure(
                    "cannot make a tap: \(shortcoming). Run it as root, or in a lab.", status: 77)
            }
            let named = port
            let (found, mtu): (InstancePort, JSONValue?) = try await endpoint.withClient { api in
                let found = try InstancePort(.object(try await api.find(.port, named)))
                return (found, try await api.get("networks", found.networkID)["network"]?["mtu"])
            }
            var bytes = 1500
            if case .integer(let value)? = mtu { bytes = value }
            let device = "tap\(found.id.prefix(11))"
            try MachineWiring().plugTAP(device, bridge: "brq\(found.networkID.prefix(11))", mtu: bytes)
            let addresses = found.addresses.map(\.description).joined(separator: ", ")
            print(
                try output.object([
                    ("tap", Cell(.string(device))),
                    ("mac_address", Cell(.string(found.macAddress.description))),
                    ("fixed_ips", Cell(.string(addresses))), ("mtu", Cell(.integer(bytes))),
                ]))
        }
    }

    /// `leasehold port unplug`: takes the tap away that ``Plug`` made.
    struct Unplug: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unplug",
            abstract: "Delete the tap device that `port plug` made; before the port, whose id names it.",
            discussion: """
                EXAMPLES
                  leasehold port unplug port1
                """)

        @Argument(help: "The port's name or id.") var port: String
        @OptionGroup(title: "Service") var endpoint: EndpointOptions

        func run() async throws {
            if let shortcoming = PrivilegeCheck.current().shortcoming {
                throw CommandFailure(
                    "cannot delete a tap: \(shortcoming). Run it as root, or in a lab.",
                    status: ExitStatus.permission)
            }
            let id = try await endpoint.withClient { try await $0.id(of: .port, port) }
            try MachineWiring().unplugTAP("tap\(id.prefix(11))")
        }
    }
}
