import ArgumentParser
import NeutronAPI

/// `leasehold status`: is the service well, and which network is not?
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the service and every network's DHCP server are doing.",
        discussion: """
            The exit status is 0 if everything is served and 1 if something is not.

            EXAMPLES
              leasehold status
              leasehold status -f json
              leasehold status -f value -c Network -c State
              leasehold status blue                        one network, with what became of its packets
            """)

    @Argument(help: "A network's name or id: shows it alone, with what became of its packets.")
    var network: String?

    @OptionGroup var endpoint: EndpointOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let network { return try await show(network) }
        let status = try await endpoint.withClient { try await $0.serviceStatus() }
        let networks = status["networks"]?.array ?? []
        let problems = (status["problems"]?.array ?? []).compactMap(\.string)
        if output.format == .table {
            func line(_ title: String, _ key: String) {
                guard let text = status[key]?.string else { return }
                print(title + String(repeating: " ", count: 11 - title.count) + text)
            }
            line("Host", "host")
            line("Driver", "dhcp_driver")
            line("State", "state_path")
            line("Start", "start")
            print("Problems   \(problems.isEmpty ? "none" : "\(problems.count)")")
            for problem in problems { print("  \(problem)") }
        }
        let text = try output.list(
            ["Network", "Name", "Driver", "State", "Subnets", "Ports", "Error"],
            networks.map { network in
                [
                    Cell(network["id"] ?? .null), Cell(network["name"] ?? .null),
                    Cell(network["dhcp_driver"] ?? .string("")), Cell(network["server"] ?? .null),
                    Cell(network["subnets"] ?? .null),
                    Cell(network["ports"] ?? .null), Cell(network["last_error"] ?? .string("")),
                ]
            })
        if !text.isEmpty { print(text) }
        if !problems.isEmpty { throw ExitCode(ExitStatus.failure) }
    }

    private func show(_ network: String) async throws {
        let answer = try await endpoint.withClient { api in
            try await api.get("leasehold", "networks", try await api.id(of: .network, network))
        }
        let status = answer["status"] ?? .null
        var fields: [(name: String, cell: Cell)] = [
            ("network", Cell(answer["id"] ?? .null)), ("name", Cell(answer["name"] ?? .null)),
            ("driver", Cell(status["dhcp_driver"] ?? .null)), ("state", Cell(status["server"] ?? .null)),
            ("subnets", Cell(status["subnets"] ?? .null)), ("ports", Cell(status["ports"] ?? .null)),
            ("error", FieldFormat.unknown.cell(status["last_error"])),
            ("remarks", FieldFormat.lines.cell(answer["remarks"])),
        ]
        if let counters = answer["log"]?["counters"]?.object {
            for group in counters.members {
                fields += (group.value.object?.members ?? []).map {
                    ("\(group.key) \($0.key)", Cell($0.value))
                }
            }
        }
        print(try output.object(fields))
        if status["last_error"]?.string != nil { throw ExitCode(ExitStatus.failure) }
    }
}

extension NeutronClient {
    /// What the service says of itself beside Neutron's dialect.
    func serviceStatus() async throws -> JSONValue {
        do {
            return try await get("leasehold", "status")
        } catch let refusal as Refusal where refusal.status == 404 {
            throw CommandFailure(
                "what answers at \(endpoint) is no Leasehold service", status: ExitStatus.unavailable)
        }
    }
}
