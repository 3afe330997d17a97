import Addressing
import ArgumentParser
import Glibc
import LinuxKernel
import NeutronAPI

/// `leasehold instance boot`: a port, a machine, a client, and the proof that it got its address.
struct InstanceBootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boot",
        abstract: "Boot a small machine whose DHCP client gets a port's address.",
        discussion: """
            Creates a port, waits until it is ACTIVE, plugs a machine into the network's bridge, runs a \
            real DHCP client in it, prints the exchange as it happens, and checks that the address is the \
            port's. The client goes on running and renews its lease.

            EXAMPLES
              leasehold instance boot vm1 --network net1
              leasehold instance boot vm2 --network net1 --fixed-ip ip-address=172.16.1.103
              leasehold instance boot vm3 --network net1 --client dhcpcd
              leasehold instance boot vm4 --network net1 --port port4
            """)

    @Argument(help: "The machine's name: letters, digits, '-', '_', '.'.")
    var name: String

    @Option(help: ArgumentHelp("The network to plug into.", valueName: "network"))
    var network: String

    @Option(help: ArgumentHelp("An existing port instead of a new one.", valueName: "port"))
    var port: String?

    @Option(
        name: .customLong("fixed-ip"),
        help: ArgumentHelp("An address to ask for: ip-address=ADDRESS.", valueName: "ip-address=address"))
    var fixedIP: [String] = []

    @Option(help: "The DHCP client: auto, udhcpc, dhclient, dhclient-6, dhcpcd or none.")
    var client = InstanceClient.auto

    @Option(help: ArgumentHelp("Seconds until the client is given up.", valueName: "seconds"))
    var timeout = 40

    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        try await endpoint.withClient { api in try await boot(api) }
    }

    private func boot(_ api: NeutronClient) async throws {
        try Instance.validate(name: name)
        let client = try self.client.resolved()
        if let shortcoming = PrivilegeCheck.current().shortcoming {
            throw CommandFailure(
                "cannot make a machine: \(shortcoming). Run it as root, or in a lab (leasehold lab).",
                status: 77)
        }
        let wiring = try MachineWiring()
        guard try !wiring.hasNamespace(Instance.namespace(name)) else {
            throw CommandFailure(
                "instance \(name) exists already: `leasehold instance delete \(name)` removes it")
        }
        let networkID = try await api.id(of: .network, network)
        let instancePort = try await claimPort(api, networkID: networkID, wiring)
        do {
            try await plugAndRun(api, instancePort, client, wiring)
        } catch let failure as BootFailure {
            // The machine stays, for a look inside.
            throw CommandFailure(failure.text)
        } catch {
            if port == nil { try? await api.delete("ports", instancePort.id) }
            throw error
        }
    }

    /// Creates the port, or takes the one that was named.
    private func claimPort(
        _ api: NeutronClient, networkID: String, _ wiring: MachineWiring
    ) async throws -> InstancePort {
        var members: [JSONObject.Member] = []
        func set(_ key: String, _ value: String) { members.append(.init(key: key, value: .string(value))) }
        set("device_owner", Instance.deviceOwner)
        set("device_id", name)
        if let port {
            let found = try await api.find(.port, port)
            let id = try NeutronClient.id(found, .port)
            try checkClaim(of: found, networkID: networkID)
            try wiring.checkFree(tap: "tap\(id.prefix(11))")
            let body = JSONObject(members: [
                .init(key: "port", value: .object(JSONObject(members: members)))
            ])
            return try InstancePort(try await api.put("ports", id, body: body)["port"])
        }
        set("network_id", networkID)
        set("name", name)
        if !fixedIP.isEmpty {
            let wanted = try fixedIP.map { text in
                let address = text.hasPrefix("ip-address=") ? String(text.dropFirst(11)) : text
                guard IPAddress(address) != nil else {
                    throw CommandFailure("--fixed-ip \(text): expected ip-address=ADDRESS", status: 64)
                }
                return JSONValue.object(
                    JSONObject(members: [.init(key: "ip_address", value: .string(address))]))
            }
            members.append(.init(key: "fixed_ips", value: .array(wanted)))
        }
        let body = JSONObject(members: [.init(key: "port", value: .object(JSONObject(members: members)))])
        return try InstancePort(try await api.post("ports", body: body)["port"])
    }

    /// Refuses a port that is not on the network or belongs to something else.
    private func checkClaim(of port: JSONObject, networkID: String) throws(CommandFailure) {
        let called = self.port ?? ""
        guard port["network_id"]?.string == networkID else {
            throw CommandFailure("port '\(called)' is not on network '\(network)'")
        }
        let owner = port["device_owner"]?.string ?? ""
        guard owner.isEmpty else {
            let device = port["device_id"]?.string ?? ""
            throw CommandFailure("port '\(called)' is in use: it belongs to \(owner) \(device)")
        }
    }

    private func plugAndRun(
        _ api: NeutronClient, _ port: InstancePort, _ client: InstanceClient, _ wiring: MachineWiring
    ) async throws {
        print("port \(port.id)")
        print("  \(port.macAddress)  \(port.addresses.map(\.description).joined(separator: ", "))")
        let mtu = try await api.get("networks", port.networkID)["network"]?["mtu"]
        let active = try await waitUntilActive(api, port.id)
        print("  ACTIVE: the DHCP server serves it\(active)")

        let machine = Machine(name: name, statePath: try await api.statePath())
        try machine.prepare()
        let tap = "tap\(port.id.prefix(11))"
        var bytes = 1500
        if case .integer(let value)? = mtu { bytes = value }
        try wiring.plug(
            namespace: machine.namespace, tap: tap, bridge: "brq\(port.networkID.prefix(11))",
            macAddress: port.macAddress, mtu: bytes)
        print("  plugged: \(tap) on brq\(port.networkID.prefix(11)), eth0 in \(machine.namespace)")
        do {
            let capture = try ExchangeCapture(link: tap, client: port.macAddress)
            try await machine.start(client: client, thread: wiring.thread)
            if client == .none {
                _ = try follow(machine, capture, wiring)
                return
            }
            try report(try follow(machine, capture, wiring), client, port, machine, wiring)
        } catch let failure as BootFailure {
            throw failure
        } catch {
            wiring.remove(namespace: machine.namespace, link: tap)
            throw error
        }
    }

    /// Waits until the DHCP server serves the port; what it says if it does not.
    private func waitUntilActive(_ api: NeutronClient, _ id: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(timeout)
        var detail = ""
        while ContinuousClock.now < deadline {
            let port = try await api.get("ports", id)["port"]
            if port?["status"]?.string == "ACTIVE" { return "" }
            detail = port?["leasehold:status_detail"]?.string ?? detail
            if port?["status"]?.string == "ERROR" {
                throw CommandFailure("the DHCP server cannot serve the port: \(detail)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CommandFailure(
            "the port did not turn ACTIVE within \(timeout) s"
                + (detail.isEmpty ? ": is DHCP enabled on its subnet? See `leasehold status`" : ": \(detail)")
        )
    }

    /// Prints the exchange until the client has its lease or gives up; the client's exit status.
    private func follow(
        _ machine: Machine, _ capture: ExchangeCapture, _ wiring: MachineWiring
    ) throws -> Int32? {
        let deadline = ContinuousClock.now + .seconds(timeout)
        var status: Int32?
        repeat {
            status = machine.clientStatus
            for message in capture.messages(waiting: 50) {
                print("  \(message.line)")
                fflush(nil)
            }
        } while status == nil && ContinuousClock.now < deadline
        return status
    }

    private func report(
        _ status: Int32?, _ client: InstanceClient, _ port: InstancePort, _ machine: Machine,
        _ wiring: MachineWiring
    ) throws {
        let found = try wiring.addresses(namespace: machine.namespace)
        let version: IPVersion = client == .dhclientV6 ? .v6 : .v4
        let wanted = port.addresses.filter { $0.version == version }
        if let address = wanted.first(where: { found.contains($0) }) {
            print("\(name) has \(address), exactly what its port was given (\(client.rawValue))")
            return
        }
        let has = found.isEmpty ? "no address" : found.map(\.description).joined(separator: ", ")
        let end = status.map { "exit status \($0)" } ?? "no lease after \(timeout) s"
        throw BootFailure(
            """
            \(name) has \(has) instead of \(wanted.map(\.description).joined(separator: ", ")): \
            \(client.rawValue) ended with \(end).
            Its words are in \(machine.log); `leasehold instance exec \(name) -- ip address` looks inside.
            """)
    }
}

/// A boot that failed after the machine was made: it stays for a look inside.
private struct BootFailure: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
