import Addressing
import NeutronAPI

/// What an instance needs to know of its port.
struct InstancePort: Hashable, Sendable {
    let id: String
    /// The instance's name.
    let deviceID: String
    let networkID: String
    let macAddress: MACAddress
    let addresses: [IPAddress]
    let status: String

    /// Reads a port of a REST answer.
    init(_ value: JSONValue?) throws(CommandFailure) {
        guard let value, let id = value["id"]?.string, let network = value["network_id"]?.string,
            let text = value["mac_address"]?.string, let mac = MACAddress(text)
        else { throw CommandFailure("the service sent a port without id, network or MAC", status: 69) }
        self.id = id
        deviceID = value["device_id"]?.string ?? ""
        networkID = network
        macAddress = mac
        addresses = (value["fixed_ips"]?.array ?? []).compactMap { entry in
            entry["ip_address"]?.string.flatMap { IPAddress($0) }
        }
        status = value["status"]?.string ?? ""
    }
}

extension NeutronClient {
    /// The instances' ports, in the order of their names.
    func instancePorts(name: String? = nil) async throws -> [InstancePort] {
        var query = [QueryItem("device_owner", Instance.deviceOwner)]
        if let name { query.append(QueryItem("device_id", name)) }
        return try await list("ports", key: "ports", query: query)
            .map { try InstancePort(.object($0)) }.sorted { $0.deviceID < $1.deviceID }
    }

    /// The state directory of the service that answers.
    func statePath() async throws -> String {
        let status = try await serviceStatus()
        guard let path = status["state_path"]?.string else {
            throw CommandFailure(
                "the service at \(endpoint) is no Leasehold service: it does not tell its state directory",
                status: 69)
        }
        return path
    }
}
