import Testing

@testable import NeutronAPI

private let unknownID = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"

@Suite struct SchedulingOverTheAPI {
    @Test func `a network is taken from an agent and given back, with the SDK's body on DELETE`() async throws
    {
        try await withAPI { api in
            let first = try await api.agent("h1")
            let second = try await api.agent("h2")
            let (network, _) = try await api.networkWithSubnet()
            func hosts() async throws -> [String] {
                try await api.list("networks/\(network)/dhcp-agents", field: "host", key: "agents").sorted()
            }
            #expect(try await hosts() == ["h1", "h2"])
            let networks = "/v2.0/agents/\(first)/dhcp-networks"
            let served = try await api.send("GET", networks).json["networks"]?.array
            #expect(served?.compactMap { $0["id"]?.string } == [network])

            let removed = try await api.send(
                "DELETE", "\(networks)/\(network)", "{\"network_id\": \"\(network)\"}")
            #expect(removed.status == 204)
            #expect(try await hosts() == ["h2"])
            let again = try await api.send("DELETE", "\(networks)/\(network)")
            #expect(again.status == 409)
            #expect(again.errorType == "NetworkNotHostedByDhcpAgent")
            #expect(
                again.message
                    == "The network \(network) is not hosted by the DHCP agent \(first).")

            let added = try await api.send("POST", networks, "{\"network_id\": \"\(network)\"}")
            #expect(added.status == 201)
            #expect(added.json == .null)
            #expect(try await hosts() == ["h1", "h2"])
            let twice = try await api.send("POST", networks, "{\"network_id\": \"\(network)\"}")
            #expect(twice.status == 409)
            #expect(twice.errorType == "NetworkHostedByDHCPAgent")
            #expect(second != first)
        }
    }

    @Test func `agents and networks that do not exist are 404, and a disabled agent gets nothing`()
        async throws
    {
        try await withAPI { api in
            let agent = try await api.agent("h1")
            let (network, _) = try await api.networkWithSubnet()
            for (method, target, body, type) in [
                ("GET", "agents/\(unknownID)/dhcp-networks", "", "AgentNotFound"),
                ("GET", "agents/h1/dhcp-networks", "", "AgentNotFound"),
                (
                    "POST", "agents/\(unknownID)/dhcp-networks", "{\"network_id\": \"\(network)\"}",
                    "AgentNotFound"
                ),
                (
                    "POST", "agents/\(agent)/dhcp-networks", "{\"network_id\": \"\(unknownID)\"}",
                    "NetworkNotFound"
                ),
                ("POST", "agents/\(agent)/dhcp-networks", "{\"network_id\": 7}", "NetworkNotFound"),
                ("DELETE", "agents/\(unknownID)/dhcp-networks/\(network)", "", "AgentNotFound"),
            ] {
                let answer = try await api.send(method, "/v2.0/\(target)", body)
                #expect(answer.status == 404, "\(method) \(target)")
                #expect(answer.errorType == type, "\(method) \(target)")
            }
            for body in ["", "{}"] {
                #expect(try await api.send("POST", "/v2.0/agents/\(agent)/dhcp-networks", body).status == 400)
            }
            #expect(try await api.list("networks/\(unknownID)/dhcp-agents", key: "agents") == [])
            #expect(try await api.send("PUT", "/v2.0/agents/\(agent)/dhcp-networks").status == 405)

            let disable = #"{"agent": {"admin_state_up": false}}"#
            #expect(try await api.send("PUT", "/v2.0/agents/\(agent)", disable).status == 200)
            #expect(try await api.list("agents/\(agent)/dhcp-networks", key: "networks") == [])
            let refused = try await api.send(
                "POST", "/v2.0/agents/\(agent)/dhcp-networks", "{\"network_id\": \"\(network)\"}")
            #expect(refused.status == 404)
            #expect(refused.errorType == "InvalidDHCPAgent")
        }
    }
}

@Suite struct ZonesOverTheAPI {
    @Test func `zones are those of DHCP agents, available while one of the agents is in service`()
        async throws
    {
        try await withAPI { api in
            #expect(try await api.list("availability_zones") == [])
            try await api.agent("h1", zone: "nova")
            let second = try await api.agent("h2", zone: "attic")
            #expect(try await api.list("availability_zones") == ["attic", "nova"])
            let disable = #"{"agent": {"admin_state_up": false}}"#
            #expect(try await api.send("PUT", "/v2.0/agents/\(second)", disable).status == 200)
            let zones = try await api.send("GET", "/v2.0/availability_zones").json["availability_zones"]
            let attic = try #require(zones?.array?.first)
            #expect(attic["state"] == .string("unavailable"))
            #expect(attic["resource"] == .string("network"))
            #expect(try await api.list("availability_zones", "state=available") == ["nova"])
            #expect(try await api.list("availability_zones", "name=attic&name=x") == ["attic"])
            #expect(try await api.list("availability_zones", "resource=router") == [])
            #expect(try await api.send("GET", "/v2.0/availability_zones?host=h1").status == 400)
            try await api.agent("h3", zone: "attic")
            #expect(try await api.list("availability_zones", "state=available") == ["attic", "nova"])
        }
    }

    @Test func `hints name zones that exist, and limit where the network is served`() async throws {
        try await withAPI { api in
            try await api.agent("h1", zone: "nova")
            try await api.agent("h2", zone: "attic")
            let network = try await api.id(of: "network", #""availability_zone_hints": ["attic"]"#)
            _ = try await api.create(
                "subnet", "\"network_id\": \"\(network)\", \"cidr\": \"10.0.0.0/24\", \"ip_version\": 4")
            #expect(
                try await api.list("networks/\(network)/dhcp-agents", field: "host", key: "agents") == ["h2"])
            let unknown = try await api.send(
                "POST", "/v2.0/networks", #"{"network": {"availability_zone_hints": ["attic", "cellar"]}}"#)
            #expect(unknown.status == 404)
            #expect(unknown.errorType == "AvailabilityZoneNotFound")
            #expect(unknown.message == "AvailabilityZone cellar could not be found.")
            let put = try await api.send(
                "PUT", "/v2.0/networks/\(network)", #"{"network": {"availability_zone_hints": []}}"#)
            #expect(put.message == "Cannot update read-only attribute availability_zone_hints")
        }
    }
}
