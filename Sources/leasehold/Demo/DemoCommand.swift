import ArgumentParser
import NetworkModel

/// `leasehold demo`: the main job, shown with real namespaces, a real DHCP server and real clients.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job in a lab: two tenants with one address plan.",
        discussion: """
            Makes a lab (see `leasehold help lab`), starts the service in it, creates two tenants that both \
            use 172.16.1.0/24, boots instances with real DHCP clients, and shows what was wired and who \
            can reach whom. Needs no root; leaves nothing behind. The exit status is 0 only if every \
            claim that it prints was checked and true.

            EXAMPLES
              leasehold demo
              leasehold demo --client dhcpcd
              leasehold demo --driver native
            """)

    @Option(
        help: "The DHCP driver that serves the networks: dnsmasq or native.",
        transform: { text in
            guard let driver = DHCPDriverName(rawValue: text) else {
                throw ValidationError("'\(text)' is not dnsmasq or native.")
            }
            return driver
        })
    var driver = DHCPDriverName.dnsmasq

    @Option(help: "The DHCP client of the instances: auto, udhcpc, dhclient or dhcpcd.")
    var client = "auto"

    @Flag(help: .hidden) var inside = false

    func run() throws {
        guard inside else {
            let arguments = ["demo", "--inside", "--driver", driver.rawValue, "--client", client]
            throw ExitCode(try LabNamespaces.run(arguments))
        }
        try LabNamespaces.checkInside()
        var demo = try Demo(driver: driver, client: client)
        let ok = try demo.tell()
        throw ExitCode(ok ? 0 : 1)
    }
}
