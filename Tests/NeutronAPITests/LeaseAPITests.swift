import Addressing
import Locks
import NetworkModel
import Testing

@testable import NeutronAPI

/// A record of leases that a test fills.
private final class FakeLeases: LeaseSource {
    private let state = Mutex<(leases: [Lease], asked: [Set<ResourceID>?])>(([], []))

    /// Which networks were asked for at once, nil for all.
    var asked: [Set<ResourceID>?] { state.withLock { $0.asked } }

    func add(_ lease: Lease) { state.withLock { $0.leases.append(lease) } }

    func leases(of networks: Set<ResourceID>?) async -> [Lease] {
        state.withLock { state in
            state.asked.append(networks)
            return state.leases.filter { networks?.contains($0.networkID) != false }
        }
    }

    func leases(of port: ResourceID, on network: ResourceID) async -> [Lease] {
        state.withLock { state in
            state.asked.append([network])
            return state.leases.filter { $0.networkID == network && ($0.portID ?? port) == port }
        }
    }
}

@Suite struct LeasesOverTheAPI {
    /// A network with two ports, and a lease of the first.
    private struct Scene {
        let network: String
        let port: String
        let other: String
        let address: String
        let mac: String
    }

    private func scene(_ api: Harness, _ leases: FakeLeases, knowsPort: Bool = true) async throws -> Scene {
        let (network, _) = try await api.networkWithSubnet()
        let port = try await api.create("port", "\"network_id\": \"\(network)\"")
        let other = try await api.create("port", "\"network_id\": \"\(network)\"")
        let scene = Scene(
            network: network, port: try #require(port["id"]?.string),
            other: try #require(other["id"]?.string),
            address: try #require(port["fixed_ips"]?.array?.first?["ip_address"]?.string),
            mac: try #require(port["mac_address"]?.string))
        leases.add(
            Lease(
                networkID: try #require(ResourceID(network)),
                portID: knowsPort ? ResourceID(scene.port) : nil,
                address: try #require(IPAddress(scene.address)),
                macAddress: try #require(port["mac_address"]?.string.flatMap { MACAddress($0) }),
                clientIdentifier: [1, 0xAB], hostname: "vm",
                vendorClass: "udhcp", message: .ack, server: IPAddress("10.0.0.2"),
                givenAt: Timestamp(secondsSinceEpoch: 1_795_356_000), expiresAt: nil))
        return scene
    }

    @Test func `a lease says who was told what and when`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases)
            let answer = try await api.send("GET", "/v2.0/leasehold/leases")
            let lease = try #require(answer.json["leases"]?.array?.first)
            #expect(lease["network_id"] == .string(scene.network))
            #expect(lease["port_id"] == .string(scene.port))
            #expect(lease["ip_address"] == .string(scene.address))
            #expect(lease["mac_address"] == .string(scene.mac))
            #expect(lease["client_id"] == .string("01:ab"))
            #expect(lease["hostname"] == .string("vm"))
            #expect(lease["vendor_class"] == .string("udhcp"))
            #expect(lease["given_at"] == .string("2026-11-22T14:00:00Z"))
            #expect(lease["expires_at"] == .null)
            #expect(lease["iaid"] == .null)
            #expect(lease["message"] == .string("ACK"))
            #expect(lease["server"] == .string("10.0.0.2"))
            #expect(leases.asked == [nil])
        }
    }

    @Test func `filters select leases, and limit whom is asked`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases)
            func count(_ query: String) async throws -> Int? {
                try await api.send("GET", "/v2.0/leasehold/leases?\(query)").json["leases"]?.array?.count
            }
            #expect(try await count("network_id=\(scene.network)") == 1)
            #expect(try await count("port_id=\(scene.port)") == 1)
            let network = try #require(ResourceID(scene.network))
            #expect(leases.asked == [[network], [network]])
            #expect(try await count("port_id=\(scene.other)") == 0)
            #expect(try await count("ip_address=\(scene.address)&mac_address=\(scene.mac.uppercased())") == 1)
            // An address that no subnet has: the ports' are random.
            #expect(try await count("ip_address=192.0.2.250") == 0)
            #expect(try await count("hostname=vm&message=REPLY") == 0)
            let refused = try await api.send("GET", "/v2.0/leasehold/leases?colour=red")
            #expect(refused.status == 400)
            #expect(refused.message == "['colour'] is invalid attribute for filtering")
            #expect(try await api.send("POST", "/v2.0/leasehold/leases", "{}").status == 405)
        }
    }

    @Test func `leases are sorted, limited to fields and given in pages`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            for last in [9, 100, 20] {
                leases.add(
                    Lease(
                        networkID: ResourceID(rawValue: 1), portID: nil,
                        address: .v4(IPv4Address(10, 0, 0, UInt8(last))), message: .ack, givenAt: nil,
                        expiresAt: nil))
            }
            func addresses(_ query: String) async throws -> [String] {
                try await api.list("leasehold/leases", query, field: "ip_address", key: "leases")
            }
            #expect(try await addresses("") == ["10.0.0.9", "10.0.0.20", "10.0.0.100"])
            #expect(
                try await addresses("sort_key=ip_address&sort_dir=desc&fields=ip_address")
                    == ["10.0.0.100", "10.0.0.20", "10.0.0.9"])
            let first = try await api.send("GET", "/v2.0/leasehold/leases?limit=2")
            let links = try #require(first.json["leases_links"]?.array)
            let next = try #require(links.first { $0["rel"]?.string == "next" }?["href"]?.string)
            let target = try #require(next.firstRange(of: "/v2.0")).lowerBound
            let second = try await api.send("GET", String(next[target...]))
            #expect(second.json["leases"]?.array?.compactMap { $0["ip_address"]?.string } == ["10.0.0.100"])
        }
    }

    @Test func `a port's own answer has its leases, lists have them where they ask`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases)
            let shown = try await api.send("GET", "/v2.0/ports/\(scene.port)").json["port"]
            #expect(shown?["leasehold:leases"]?.array?.first?["ip_address"] == .string(scene.address))
            #expect(shown?["leasehold:leases"]?.array?.first?["network_id"] == nil)
            let other = try await api.send("GET", "/v2.0/ports/\(scene.other)").json["port"]
            #expect(other?["leasehold:leases"] == .array([]))
            let asked = leases.asked.count
            let plain = try await api.send("GET", "/v2.0/ports").json["ports"]?.array
            #expect(plain?.allSatisfy { $0["leasehold:leases"] == nil } == true)
            let named = try await api.send("GET", "/v2.0/ports/\(scene.port)?fields=id").json["port"]
            #expect(named?.object?.keys == ["id"])
            #expect(leases.asked.count == asked, "who does not want leases does not wait for them")
            let list = try await api.send(
                "GET", "/v2.0/ports?fields=id&fields=leasehold:leases&id=\(scene.port)")
            #expect(
                list.json["ports"]?.array?.first?["leasehold:leases"]?.array?.first?["hostname"]
                    == .string("vm"))
            #expect(try await api.send("GET", "/v2.0/ports/none").status == 404)
        }
    }

    @Test func `a record that knows addresses alone is joined with the ports`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases, knowsPort: false)
            let lease = try await api.send("GET", "/v2.0/leasehold/leases").json["leases"]?.array?.first
            #expect(lease?["port_id"] == .string(scene.port))
        }
    }

    @Test func `who has an address now does not see what its former holder was told`() async throws {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases, knowsPort: false)
            #expect(try await api.send("DELETE", "/v2.0/ports/\(scene.port)").status == 204)
            let next = try await api.id(
                of: "port",
                "\"network_id\": \"\(scene.network)\", "
                    + "\"fixed_ips\": [{\"ip_address\": \"\(scene.address)\"}]")
            let shown = try await api.send("GET", "/v2.0/ports/\(next)").json["port"]
            #expect(shown?["leasehold:leases"] == .array([]))
            let lease = try await api.send("GET", "/v2.0/leasehold/leases").json["leases"]?.array?.first
            #expect(lease?["ip_address"] == .string(scene.address))
            #expect(lease?["port_id"] == .null)
        }
    }

    @Test func `leases are read for the ports of a page, and for nobody who may not see the port`()
        async throws
    {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases)
            let (elsewhere, _) = try await api.networkWithSubnet(cidr: "10.1.0.0/24")
            _ = try await api.id(of: "port", "\"network_id\": \"\(elsewhere)\"")
            let network = try #require(ResourceID(scene.network))
            let order = "fields=leasehold:leases&network_id=\(scene.network)"
            for (query, asked) in [("&limit=1", [network]), ("", [network]), ("&name=none", [])] {
                let before = leases.asked.count
                #expect(try await api.send("GET", "/v2.0/ports?\(order)\(query)").status == 200)
                #expect(leases.asked[before...].map { $0 } == (asked.isEmpty ? [] : [Set(asked)]))
            }
            let before = leases.asked.count
            let whole = try await api.send("GET", "/v2.0/ports?fields=id&fields=leasehold:leases")
            #expect(
                whole.json["ports"]?.array?.count { $0["leasehold:leases"] != .array([]) } == 1)
            #expect(leases.asked.count == before + 1, "all networks at once")
            let foreign = try await api.send(
                "GET", "/v2.0/ports/\(scene.port)",
                headers: ["x-project-id": "blue", "x-roles": "member,reader"])
            #expect(foreign.status == 404)
            #expect(leases.asked.count == before + 1)
        }
    }

    @Test func `without a record there is no such path, and ports have no leases`() async throws {
        try await withAPI { api in
            #expect(try await api.send("GET", "/v2.0/leasehold/leases").status == 404)
            let (network, _) = try await api.networkWithSubnet()
            let port = try await api.create("port", "\"network_id\": \"\(network)\"")
            // An answer to POST has the keys that one to GET has.
            #expect(port["leasehold:leases"] == .array([]))
            let shown = try await api.send("GET", "/v2.0/ports/\(try #require(port["id"]?.string))")
            #expect(shown.json["port"]?["leasehold:leases"] == .array([]))
        }
    }

    @Test func `drivers are asked only for networks that exist and whose leases the caller may see`()
        async throws
    {
        let leases = FakeLeases()
        try await withAPI(leases: leases) { api in
            let scene = try await scene(api, leases)
            let own = ["x-project-id": "blue", "x-roles": "member,reader"]
            let made = try await api.send("POST", "/v2.0/networks", #"{"network": {}}"#, headers: own)
            let mine = try #require(made.json["network"]?["id"]?.string.flatMap { ResourceID($0) })
            let foreign = try #require(ResourceID(scene.network))
            _ = try await api.create("port", "\"network_id\": \"\(mine)\", \"project_id\": \"blue\"")
            let unknown = "00000000-0000-0000-0000-00000000dead"
            let paths = ["/v2.0/leasehold/leases?", "/v2.0/ports?fields=leasehold:leases&"]
            for path in paths {
                let before = leases.asked.count
                func asked(
                    _ query: String, _ headers: [String: String]
                ) async throws -> [Set<ResourceID>?] {
                    let before = leases.asked.count
                    #expect(try await api.send("GET", path + query, headers: headers).status == 200)
                    return Array(leases.asked[before...])
                }
                #expect(try await asked("network_id=\(unknown)", [:]) == [])
                #expect(try await asked("network_id=\(unknown)", own) == [])
                #expect(try await asked("network_id=\(foreign)", own) == [])
                #expect(try await asked("network_id=\(mine)", own) == [[mine]])
                #expect(try await asked("", own) == [[mine]])
                #expect(try await asked("", ["x-project-id": "blue", "x-roles": "guest"]) == [])
                #expect(leases.asked.count == before + 2)
            }
            // A port on the network of another project makes its leases of interest.
            _ = try await api.create(
                "port", "\"network_id\": \"\(foreign)\", \"project_id\": \"blue\"")
            for path in paths {
                let before = leases.asked.count
                _ = try await api.send("GET", path, headers: own)
                #expect(Array(leases.asked[before...]) == [[mine, foreign]])
            }
        }
    }

    @Test func `a network's driver is chosen, taken back, and refused where there is none such`() async throws
    {
        try await withAPI { api in
            let network = try await api.create("network", #""leasehold:dhcp_driver": "native""#)
            let path = "/v2.0/networks/\(try #require(network["id"]?.string))"
            #expect(network["leasehold:dhcp_driver"] == .string("native"))
            func put(_ value: String) async throws -> Harness.Answer {
                try await api.send("PUT", path, #"{"network": {"leasehold:dhcp_driver": \#(value)}}"#)
            }
            #expect(
                try await put(#""dnsmasq""#).json["network"]?["leasehold:dhcp_driver"] == .string("dnsmasq"))
            let other = try await api.send("PUT", path, #"{"network": {"name": "x"}}"#)
            #expect(other.json["network"]?["leasehold:dhcp_driver"] == .string("dnsmasq"))
            #expect(try await put("null").json["network"]?["leasehold:dhcp_driver"] == .null)
            let refused = try await put(#""kea""#)
            #expect(refused.status == 400)
            #expect(
                refused.message
                    == "Invalid input for leasehold:dhcp_driver. Reason: 'kea' is not in ['dnsmasq', 'native']."
            )
            #expect(try await api.list("networks", "leasehold:dhcp_driver=native", field: "id") == [])
        }
    }
}
