import Testing

@testable import NeutronAPI

private let unknownID = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"

@Suite struct AddressAvailabilityOverTheAPI {
    @Test func `a network counts the addresses of its pools and those that ports hold`() async throws {
        try await withAPI { api in
            let (network, subnet) = try await api.networkWithSubnet(cidr: "10.0.0.0/28")
            _ = try await api.create(
                "subnet", "\"network_id\": \"\(network)\", \"cidr\": \"2001:db8::/64\", \"ip_version\": 6")
            for _ in 0..<3 { _ = try await api.create("port", "\"network_id\": \"\(network)\"") }
            let shown = try await api.send("GET", "/v2.0/network-ip-availabilities/\(network)")
            let availability = try #require(shown.json["network_ip_availability"])
            #expect(availability["network_id"] == .string(network))
            #expect(availability["network_name"] == .string("net"))
            #expect(availability["used_ips"] == .integer(6))
            // 13 of IPv4 and 2^64 - 1 of IPv6: more than 64 bits count.
            #expect(availability["total_ips"] == .decimal("18446744073709551628"))
            let subnets = try #require(availability["subnet_ip_availability"]?.array)
            let v4 = try #require(subnets.first { $0["ip_version"] == .integer(4) })
            #expect(v4["subnet_id"] == .string(subnet))
            #expect(v4["cidr"] == .string("10.0.0.0/28"))
            #expect(v4["total_ips"] == .integer(13))
            #expect(v4["used_ips"] == .integer(3))
            #expect(v4["subnet_name"] == .string(""))
        }
    }

    @Test func `lists are filtered by network, project and IP version`() async throws {
        try await withAPI { api in
            let (both, _) = try await api.networkWithSubnet()
            _ = try await api.create(
                "subnet", "\"network_id\": \"\(both)\", \"cidr\": \"2001:db8::/64\", \"ip_version\": 6")
            let empty = try await api.id(of: "network", #""name": "empty", "project_id": "p2""#)
            func networks(_ query: String) async throws -> Set<String> {
                Set(
                    try await api.list(
                        "network-ip-availabilities", query, field: "network_id",
                        key: "network_ip_availabilities"))
            }
            #expect(try await networks("") == [both, empty])
            #expect(try await networks("network_id=\(empty)") == [empty])
            #expect(try await networks("network_name=net") == [both])
            #expect(try await networks("project_id=p2") == [empty])
            #expect(try await networks("tenant_id=p2&ip_version=4") == [])
            #expect(try await networks("ip_version=4") == [both])
            #expect(try await networks("ip_version=4&ip_version=6") == [both])
            let six = try await api.send("GET", "/v2.0/network-ip-availabilities?ip_version=6")
            let only = try #require(six.json["network_ip_availabilities"]?.array?.first)
            #expect(only["subnet_ip_availability"]?.array?.count == 1)
            #expect(only["total_ips"] == .decimal("18446744073709551615"))

            let page = try await api.send("GET", "/v2.0/network-ip-availabilities?limit=1&fields=network_id")
            #expect(page.json["network_ip_availabilities"]?.array?.count == 1)
            #expect(page.json["network_ip_availabilities_links"]?.array?.count == 2)

            let unknown = try await api.send("GET", "/v2.0/network-ip-availabilities?host=x")
            #expect(unknown.message == "['host'] is invalid attribute for filtering")
            for id in [unknownID, "net"] {
                let answer = try await api.send("GET", "/v2.0/network-ip-availabilities/\(id)")
                #expect(answer.errorType == "NetworkNotFound")
            }
            #expect(try await api.send("POST", "/v2.0/network-ip-availabilities").status == 405)
        }
    }
}
