import ArgumentParser

/// `leasehold instance`: small machines with real DHCP clients.
struct InstanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance",
        abstract: "Boot, list, enter and delete small machines on networks of this host.",
        discussion: """
            A machine is a namespace `vm-NAME` with an interface eth0 that bears its port's MAC and is \
            plugged into the network's bridge, as nova-compute does it for a VM, and with files of its own \
            where DHCP clients write. Needs root or a lab, and the service.

            EXAMPLES
              leasehold instance boot vm1 --network net1
              leasehold instance exec vm1 -- ip address
              leasehold instance delete vm1
            """,
        subcommands: [
            InstanceBootCommand.self, InstanceListCommand.self, InstanceExecCommand.self,
            InstanceDeleteCommand.self,
        ])
}

/// Words that all instance commands share.
enum Instance {
    /// The device owner of an instance's port.
    static let deviceOwner = "compute:leasehold"

    /// The namespace of an instance.
    static func namespace(_ name: String) -> String { "vm-\(name)" }

    /// Checks a name that becomes part of a namespace's and a directory's name.
    static func validate(name: String) throws(CommandFailure) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard allowed, (1...63).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw CommandFailure(
                "'\(name)' cannot be an instance's name: use 1 to 63 letters, digits, '-', '_' or '.'")
        }
    }
}
