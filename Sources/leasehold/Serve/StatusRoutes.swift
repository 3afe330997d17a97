import Addressing
import DHCPAgent
import DHCPDrivers
import DnsmasqDriver
import NativeDriver
import NetworkModel
import NetworkStore
import NeutronAPI

/// What `leasehold status`, `leasehold logs` and the instance commands ask the service, beside Neutron's
/// dialect: `GET /v2.0/leasehold/status` and `GET /v2.0/leasehold/networks/{id}`.
struct StatusRoutes: Sendable {
    let agent: DHCPAgent
    let drivers: Drivers
    let index: StateIndex
    let settings: Settings
    let version: String

    /// The routes, for ``NeutronAPI``.
    var routes: [ExtraRoute] {
        [
            ExtraRoute(
                "GET", "/v2.0/leasehold/status", id: "show_service_status",
                summary: "Shows how the service and its networks are.", answer: .serviceStatus
            ) { _, _ in .json(200) { self.writeStatus(to: &$0) } },
            ExtraRoute(
                "GET", "/v2.0/leasehold/networks/{network_id}", id: "show_network_status",
                summary: "Shows how a network is served, and what became of its latest packets.",
                parameters: [.uuid], answer: .servedNetwork, refusals: [404]
            ) { _, parameters in
                let id = parameters[0]
                guard let network = ResourceID(id).flatMap({ self.index.present.network($0) }) else {
                    throw ModelError(.notFound, "NetworkNotFound", "Network \(id) could not be found.")
                }
                let status = await self.status(of: network.id)
                return .json(200) { self.writeNetwork(network, status, to: &$0) }
            },
        ]
    }

    private func writeStatus(to writer: inout JSONWriter) {
        let status = agent.status()
        let state = index.present
        writer.object { writer in
            writer.key("version")
            writer.string(version)
            writer.key("state_path")
            writer.string(settings.statePath)
            writer.key("database")
            writer.string(settings.database)
            writer.key("host")
            writer.string(status.host)
            writer.key("dhcp_driver")
            writer.string(status.driver)
            writer.key("start")
            if let start = status.start { writer.string(start.description) } else { writer.null() }
            writer.key("busy_networks")
            writer.integer(status.busyNetworks)
            writer.key("problems")
            writer.array(status.problems + remarks(state)) { problem, writer in writer.string(problem) }
            writer.key("networks")
            writer.array(status.networks) { network, writer in
                write(network, name: state.network(network.id)?.standard.name ?? "", to: &writer)
            }
        }
    }

    /// What people asked for and may have forgotten: the reasons why something is not served on purpose.
    private func remarks(_ state: NetworkState) -> [String] {
        var remarks: [String] = []
        if let row = state.agent(type: Agent.dhcpType, host: settings.host), !row.adminStateUp {
            remarks.append("the agent is administratively down: `leasehold agent set --enable \(row.host)`")
        }
        for network in state.networks.lazy.map(\.value) where !network.adminStateUp {
            remarks.append(
                "network \(network.id) is administratively down: `leasehold network set --enable`")
        }
        return remarks
    }

    private func write(_ network: NetworkStatus, name: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.string(network.id.description)
            writer.key("name")
            writer.string(name)
            writer.key("served_revision")
            if let revision = network.servedRevision {
                writer.integer(Int(revision.rawValue))
            } else {
                writer.null()
            }
            writer.key("server")
            switch network.server {
            case .running(pid: let pid): writer.string(pid.map { "running, process \($0)" } ?? "running")
            case .stopped: writer.string("stopped")
            }
            writer.key("dhcp_driver")
            writer.string(network.driver)
            writer.key("subnets")
            writer.integer(network.subnets)
            writer.key("ports")
            writer.integer(network.ports)
            writer.key("last_error")
            if let error = network.lastError { writer.string(error) } else { writer.null() }
        }
    }

    /// What the agent last said of a network; nothing of one that it does not see to.
    private func status(of network: ResourceID) async -> (NetworkStatus?, driver: String) {
        let status = agent.status().networks.first { $0.id == network }
        return (status, await drivers.all.servingDriver(of: network))
    }

    private func writeNetwork(
        _ network: Network, _ serving: (status: NetworkStatus?, driver: String), to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("id")
            writer.string(network.id.description)
            writer.key("name")
            writer.string(network.standard.name)
            writer.key("status")
            if let status = serving.status {
                write(status, name: network.standard.name, to: &writer)
            } else {
                writer.null()
            }
            writer.key("remarks")
            writer.array(serving.status?.remarks ?? []) { $1.string($0) }
            writer.key("log")
            if serving.driver == drivers.native.name {
                writeNative(network.id, to: &writer)
            } else {
                write(logLocation(of: serving.status, network.id), to: &writer)
            }
            writer.key("journal")
            writer.array(agent.journal(network: network.id)) { entry, writer in
                writer.object { writer in
                    writer.key("time")
                    writer.string(entry.time.iso8601)
                    writer.key("what")
                    writer.string(entry.what)
                    writer.key("why")
                    writer.string(entry.why)
                    writer.key("is_trouble")
                    writer.bool(entry.isTrouble)
                }
            }
        }
    }

    /// The log file where there is one, and in any case what became of the latest packets.
    private func writeNative(_ network: ResourceID, to writer: inout JSONWriter) {
        writer.object { writer in
            if let file = drivers.native.logFile(of: network) {
                writer.key("file")
                writer.string(file)
            }
            writer.key("outcomes")
            writer.array(drivers.native.outcomes(of: network)) { $0.write(to: &$1) }
            writer.key("counters")
            if let counters = drivers.native.counters(of: network) {
                counters.write(to: &writer)
            } else {
                writer.null()
            }
        }
    }

    private func logLocation(of status: NetworkStatus?, _ network: ResourceID) -> LogLocation {
        var pid: Int32?
        if case .running(pid: let running)? = status?.server { pid = running }
        return .of(network, drivers.dnsmasq.configuration, pid: pid)
    }

    private func write(_ location: LogLocation, to writer: inout JSONWriter) {
        writer.object { writer in
            switch location {
            case .file(let path):
                writer.key("file")
                writer.string(path)
            case .systemLog(let identifiers, let pid):
                writer.key("identifiers")
                writer.array(identifiers) { identifier, writer in writer.string(identifier) }
                writer.key("pid")
                if let pid { writer.integer(Int(pid)) } else { writer.null() }
            }
        }
    }
}

extension Schema {
    fileprivate static let serviceStatus = named(
        "ServiceStatus",
        object([
            "version": .string, "state_path": .string, "database": .string, "host": .string,
            "dhcp_driver": .string, "start": .string.orNull, "busy_networks": .integer,
            "problems": .array(of: .string), "networks": .array(of: .networkStatus),
        ]))
    fileprivate static let networkStatus = named(
        "NetworkStatus",
        object([
            "id": .uuid, "name": .string, "served_revision": .integer.orNull, "server": .string,
            "dhcp_driver": .string, "subnets": .integer, "ports": .integer, "last_error": .string.orNull,
        ]))
    fileprivate static let servedNetwork = named(
        "ServedNetwork",
        object([
            "id": .uuid, "name": .string, "status": .networkStatus.orNull, "remarks": .array(of: .string),
            "log": .networkLog,
            "journal": .array(
                of: .named(
                    "JournalEntry",
                    .object(["time": .moment, "what": .string, "why": .string, "is_trouble": .boolean]))),
        ]))
    /// Where to read on: what the native driver knows itself, a file, or the system's log.
    fileprivate static let networkLog = any(of: [
        object(
            ["outcomes": .array(of: .outcome), "counters": NetworkCounters.schema.orNull],
            optional: ["file": .string]),
        object(["file": .string]),
        object(["identifiers": .array(of: .string), "pid": .integer.orNull]),
    ])
    fileprivate static let outcome = OutcomeRecord.schema
}
