import FoundationEssentials

/// What the phases ask of the API, over one connection at a time, in Neutron's v2.0 dialect.
struct NeutronClient {
    private let connection: RenewedConnection

    init(_ place: ServicePlace) throws(Failure) {
        connection = try RenewedConnection(port: place.port)
    }

    /// A connection that is opened again where it was idle for so long that the service may close it.
    private final class RenewedConnection {
        private static let patience = 30.0

        private let port: UInt16
        private var connection: HTTPConnection
        private var lastUse = now()

        init(port: UInt16) throws(Failure) {
            self.port = port
            connection = try HTTPConnection(port: port)
        }

        func perform(_ request: HTTPRequest) throws(Failure) -> HTTPResponse {
            if now() - lastUse > Self.patience { connection = try HTTPConnection(port: port) }
            defer { lastUse = now() }
            return try connection.perform(request)
        }
    }

    /// What is read of networks, subnets and ports.
    struct Resource: Decodable {
        var id: String
        var network: String?
        var owner: String?
        var status: String?
        var mac: String?
        var addresses: [Address]?

        struct Address: Decodable {
            var address: String
            enum CodingKeys: String, CodingKey { case address = "ip_address" }
        }

        enum CodingKeys: String, CodingKey {
            case id, status
            case network = "network_id"
            case owner = "device_owner"
            case mac = "mac_address"
            case addresses = "fixed_ips"
        }
    }

    func network(_ name: String) throws -> Resource {
        try create("network", Request.network(name))
    }

    /// The id of the network of that name.
    func networkID(_ name: String) throws -> String {
        let response = try connection.perform(.get("/v2.0/networks?name=\(name)&fields=id"))
        try Self.check(response, 200, "list networks")
        guard let id = try Self.decode([String: [Resource]].self, response)["networks"]?.first?.id else {
            throw Failure("there is no network \(name)")
        }
        return id
    }

    func subnet(_ network: String, _ cidr: String, dhcp: Bool = true) throws -> Resource {
        try create("subnet", Request.subnet(network, cidr, dhcp: dhcp))
    }

    func port(_ network: String, name: String) throws -> Resource {
        try create("port", Request.port(network, name))
    }

    /// Creates ports of one network in batches, as `POST /v2.0/ports` with `{"ports": […]}`.
    func ports(_ network: String, count: Int, batch: Int = 500) throws {
        var left = count
        while left > 0 {
            let some = min(batch, left)
            let names = (0..<some).map { "port-\(left - $0)" }
            let response = try connection.perform(Request.ports(network, names))
            try Self.check(response, 201, "create \(some) ports")
            left -= some
        }
    }

    /// All ports of all networks, with their machines.
    func allPorts() throws -> [Resource] {
        let fields = ["id", "network_id", "device_owner", "mac_address", "fixed_ips"]
        let query = fields.map { "fields=\($0)" }.joined(separator: "&")
        let response = try connection.perform(.get("/v2.0/ports?\(query)"))
        try Self.check(response, 200, "list ports")
        return try Self.decode([String: [Resource]].self, response)["ports"] ?? []
    }

    func delete(_ port: String) throws {
        let response = try connection.perform(
            HTTPRequest(method: "DELETE", path: "/v2.0/ports/\(port)", body: nil))
        try Self.check(response, 204, "delete port \(port)")
    }

    /// Whether the port's status is ACTIVE.
    func isActive(_ port: String) throws -> Bool {
        let response = try connection.perform(.get("/v2.0/ports/\(port)?fields=status"))
        try Self.check(response, 200, "show port \(port)")
        return response.contains("\"ACTIVE\"")
    }

    /// How many ports that bear our owner are ACTIVE, in one network or in all.
    func activePorts(network: String? = nil) throws -> Int {
        let query =
            "device_owner=\(Request.owner)&status=ACTIVE&fields=id"
            + (network.map { "&network_id=\($0)" } ?? "")
        let response = try connection.perform(.get("/v2.0/ports?\(query)"))
        try Self.check(response, 200, "list ports")
        return try Self.decode([String: [Resource]].self, response)["ports"]?.count ?? 0
    }

    /// The ports of a network that the DHCP agent made for itself.
    func dhcpPorts(_ network: String) throws -> [Resource] {
        let query = "network_id=\(network)&device_owner=network:dhcp"
        let response = try connection.perform(.get("/v2.0/ports?\(query)"))
        try Self.check(response, 200, "list ports")
        return try Self.decode([String: [Resource]].self, response)["ports"] ?? []
    }

    private func create(_ kind: String, _ request: HTTPRequest) throws -> Resource {
        let response = try connection.perform(request)
        return try Self.created(kind, response)
    }

    /// The resource in the answer to its creation.
    static func created(_ kind: String, _ response: HTTPResponse) throws -> Resource {
        try check(response, 201, "create a \(kind)")
        guard let resource = try decode([String: Resource].self, response)[kind] else {
            throw Failure("create a \(kind): no '\(kind)' in the answer: \(response.text)")
        }
        return resource
    }

    static func check(_ response: HTTPResponse, _ status: Int, _ what: String) throws(Failure) {
        guard response.status == status else {
            throw Failure("\(what): status \(response.status), expected \(status): \(response.text)")
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse) throws -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw Failure("cannot read an answer: \(error): \(response.text)")
        }
    }
}

/// The bodies of creations.
enum Request {
    /// Marks our ports, beside those that the agent makes for itself.
    static let owner = "compute:bench"

    static func network(_ name: String) -> HTTPRequest {
        .post("/v2.0/networks", "{\"network\":{\"name\":\"\(name)\"}}")
    }

    static func subnet(_ network: String, _ cidr: String, dhcp: Bool = true) -> HTTPRequest {
        .post(
            "/v2.0/subnets",
            "{\"subnet\":{\"network_id\":\"\(network)\",\"ip_version\":4,\"cidr\":\"\(cidr)\","
                + "\"enable_dhcp\":\(dhcp)}}")
    }

    static func port(_ network: String, _ name: String) -> HTTPRequest {
        .post("/v2.0/ports", "{\"port\":\(portAttributes(network, name))}")
    }

    /// Several ports of one network in one request.
    static func ports(_ network: String, _ names: [String]) -> HTTPRequest {
        let items = names.map { portAttributes(network, $0) }
        return .post("/v2.0/ports", "{\"ports\":[\(items.joined(separator: ","))]}")
    }

    private static func portAttributes(_ network: String, _ name: String) -> String {
        "{\"network_id\":\"\(network)\",\"name\":\"\(name)\",\"device_owner\":\"\(owner)\"}"
    }
}
