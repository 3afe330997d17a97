import Testing

@testable import NeutronAPI

@Suite struct BindingsOverTheAPI {
    private func binding(_ port: JSONValue?) -> [JSONValue?] {
        [port?["binding:vif_type"], port?["binding:vif_details"]]
    }

    @Test func `a port is bound to a bridge on the host of an agent, and nowhere else`() async throws {
        try await withAPI { api in
            try await api.agent("h1")
            let network = try await api.id(of: "network", "")
            let unbound = try await api.create("port", "\"network_id\": \"\(network)\"")
            #expect(binding(unbound) == [.string("unbound"), .object(JSONObject())])
            let bound = try await api.create(
                "port", "\"network_id\": \"\(network)\", \"binding:host_id\": \"h1\"")
            #expect(bound["binding:vif_type"] == .string("bridge"))
            #expect(bound["binding:vif_details"]?["connectivity"] == .string("l2"))
            #expect(bound["binding:vif_details"]?["port_filter"] == .bool(false))
            for fields in [
                #""binding:host_id": "h9""#, #""binding:host_id": "h1", "binding:vnic_type": "direct""#,
            ] {
                let failed = try await api.create("port", "\"network_id\": \"\(network)\", \(fields)")
                #expect(binding(failed) == [.string("binding_failed"), .object(JSONObject())])
            }
            #expect(
                try await api.list("ports", "binding:vif_type=bridge", field: "binding:host_id") == ["h1"])
            let id = try #require(bound["id"]?.string)
            let freed = try await api.send(
                "PUT", "/v2.0/ports/\(id)", #"{"port": {"binding:host_id": null}}"#)
            #expect(binding(freed.json["port"]) == [.string("unbound"), .object(JSONObject())])
        }
    }

    @Test func `there are no security groups: none may be named`() async throws {
        try await withAPI { api in
            let network = try await api.id(of: "network", "")
            for groups in ["[]", "null"] {
                let port = try await api.create(
                    "port", "\"network_id\": \"\(network)\", \"security_groups\": \(groups)")
                #expect(port["security_groups"] == .array([]))
            }
            let id = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"
            for (groups, status, message) in [
                ("[\"\(id)\"]", 404, "Security group \(id) does not exist"),
                ("[\"web\"]", 400, "Invalid input for security_groups. Reason: 'web' is not a valid UUID."),
                ("\"web\"", 400, "Invalid input for security_groups. Reason: 'web' is not a list."),
            ] {
                let answer = try await api.send(
                    "POST", "/v2.0/ports",
                    "{\"port\": {\"network_id\": \"\(network)\", \"security_groups\": \(groups)}}")
                #expect(answer.status == status)
                #expect(answer.message == message)
            }
        }
    }

    @Test(arguments: [
        (#"{"ip_address": "224.0.0.1"}"#, "IP 224.0.0.1 is a multicast address, which is not supported."),
        (#"{"ip_address": "ff02::1"}"#, "IP ff02::1 is a multicast address, which is not supported."),
        (
            #"{"ip_address": "224.0.0.0/8"}"#,
            "Subnet 224.0.0.0/8 overlaps with multicast range 224.0.0.0/4, which is not supported."
        ),
        (
            #"{"ip_address": "10.0.0.9", "mac_address": "01:00:5e:00:00:01"}"#,
            "MAC address 01:00:5e:00:00:01 is a multicast address, which is not supported."
        ),
    ])
    func `multicast addresses are no address pairs`(pair: String, message: String) async throws {
        try await withAPI { api in
            let network = try await api.id(of: "network", "")
            let answer = try await api.send(
                "POST", "/v2.0/ports",
                "{\"port\": {\"network_id\": \"\(network)\", \"allowed_address_pairs\": [\(pair)]}}")
            #expect(answer.status == 400)
            #expect(answer.message == message)
        }
    }
}
