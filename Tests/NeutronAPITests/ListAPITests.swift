import NetworkModel
import NetworkStore
import ProcessorTime
import Testing

@testable import NeutronAPI

@Suite struct Pages {
    /// Follows the links of one relation to the end; returns the names of each page.
    private func follow(_ api: Harness, _ target: String, _ relation: String) async throws -> [[String]] {
        var pages: [[String]] = []
        var next: String? = target
        while let target = next {
            let answer = try await api.send("GET", target)
            #expect(answer.status == 200, "\(answer.message ?? "")")
            pages.append(try #require(answer.json["networks"]?.array).compactMap { $0["name"]?.string })
            let link = answer.json["networks_links"]?.array?.first { $0["rel"] == .string(relation) }
            next = link?["href"]?.string.map { String($0.dropFirst("http://127.0.0.1:9696".count)) }
            #expect(pages.count < 20)
        }
        return pages
    }

    private func networks(_ api: Harness, _ names: [String]) async throws {
        let items = names.map { "{\"name\": \"\($0)\"}" }.joined(separator: ",")
        #expect(try await api.send("POST", "/v2.0/networks", "{\"networks\": [\(items)]}").status == 201)
    }

    @Test(arguments: [
        "", "&sort_key=id&sort_dir=asc", "&sort_key=id&sort_dir=desc", "&sort_key=name&sort_dir=desc",
    ])
    func `following next and then previous links gives every resource once, in the order of the whole list`(
        order: String
    ) async throws {
        try await withAPI { api in
            try await networks(api, (0..<7).map { "n\($0)" })
            let whole = try await api.list("networks", "limit=0\(order)")
            let forward = try await follow(api, "/v2.0/networks?limit=3\(order)", "next")
            #expect(forward.flatMap { $0 } == whole)
            #expect(forward.map(\.count) == [3, 3, 1])
            let backward = try await follow(
                api, "/v2.0/networks?limit=3&page_reverse=True\(order)", "previous")
            #expect(backward.reversed().flatMap { $0 } == whole)
            #expect(backward.map(\.count) == [3, 3, 1])
        }
    }

    @Test func `a full last page has a next link to an empty page`() async throws {
        try await withAPI { api in
            try await networks(api, ["a", "b"])
            #expect(try await follow(api, "/v2.0/networks?limit=2", "next").map(\.count) == [2, 0])
            let empty = try await api.send("GET", "/v2.0/networks?limit=2&name=x")
            #expect(
                empty.json["networks_links"]?.array?.compactMap { $0["href"]?.string }
                    == ["http://127.0.0.1:9696/v2.0/networks?limit=2&name=x&page_reverse=True"])
        }
    }

    @Test func `a page goes on after its marker though the marker passes no filter any more`() async throws {
        try await withAPI { api in
            try await networks(api, (0..<6).map { "n\($0)" })
            let order = "sort_key=name&sort_dir=asc&admin_state_up=true"
            let first = try await api.send("GET", "/v2.0/networks?\(order)&limit=2")
            let marker = try #require(first.json["networks"]?.array?.last?["id"]?.string)
            #expect(
                try await api.send(
                    "PUT", "/v2.0/networks/\(marker)", #"{"network": {"admin_state_up": false}}"#
                ).status == 200)
            try await networks(api, ["n00", "n30"])
            #expect(
                try await api.list("networks", "\(order)&limit=10&marker=\(marker)")
                    == ["n2", "n3", "n30", "n4", "n5"])
            #expect(
                try await api.list("networks", "\(order)&limit=10&page_reverse=true&marker=\(marker)")
                    == ["n0", "n00"])
            #expect(try await api.send("DELETE", "/v2.0/networks/\(marker)").status == 204)
            let gone = try await api.send("GET", "/v2.0/networks?\(order)&limit=2&marker=\(marker)")
            #expect(gone.status == 404)
            #expect(gone.message == "Network \(marker) could not be found.")
        }
    }

    @Test func `links repeat the query as a form, in its order`() async throws {
        try await withAPI { api in
            try await networks(api, ["a b&c", "a b&c"])
            let target = "/v2.0/networks?fields=id&name=a%20b%26c&limit=1&fields=name"
            let answer = try await api.send("GET", target)
            let id = try #require(answer.json["networks"]?.array?.first?["id"]?.string)
            let query = "fields=id&name=a+b%26c&limit=1&fields=name&marker=\(id)"
            #expect(
                answer.json["networks_links"]?.array?.compactMap { $0["href"]?.string } == [
                    "http://127.0.0.1:9696/v2.0/networks?\(query)",
                    "http://127.0.0.1:9696/v2.0/networks?\(query)&page_reverse=True",
                ])
        }
    }

    @Test func `texts are sorted without regard to case, and then with regard to it`() async throws {
        try await withAPI { api in
            try await networks(api, ["b", "a", "B", "A", "c"])
            let ascending = try await api.list("networks", "sort_key=name&sort_dir=asc")
            #expect(ascending == ["A", "a", "B", "b", "c"])
            #expect(
                try await api.list("networks", "sort_key=name&sort_dir=desc") == ascending.reversed())
        }
    }

    @Test func `a server may have its own limit of a page`() async throws {
        var limits = NeutronAPI.Limits()
        limits.pageLength = 3
        try await withAPI(limits: limits) { api in
            try await networks(api, (0..<7).map { "n\($0)" })
            for (query, sizes) in [
                ("", [3, 3, 1]), ("?limit=0", [3, 3, 1]), ("?limit=100", [3, 3, 1]),
                ("?limit=2", [2, 2, 2, 1]),
            ] {
                let pages = try await follow(api, "/v2.0/networks\(query)", "next")
                #expect(pages.map(\.count) == sizes, "\(query)")
                #expect(Set(pages.joined()).count == 7)
            }
        }
    }

    @Test(arguments: [
        (nil, "http"), ("https", "https"), ("HTTPS", "https"), ("http", "http"), ("javascript", "http"),
    ])
    func `links have the scheme that a proxy says it was called with`(
        forwarded: String?, scheme: String
    ) async throws {
        try await withAPI { api in
            try await networks(api, ["a"])
            let answer = try await api.send(
                "GET", "/v2.0/networks?limit=1", headers: forwarded.map { ["x-forwarded-proto": $0] } ?? [:])
            let links = try #require(answer.json["networks_links"]?.array).compactMap { $0["href"]?.string }
            #expect(links.count == 2)
            #expect(links.allSatisfy { $0.hasPrefix("\(scheme)://127.0.0.1:9696/v2.0/networks?") })
        }
    }

    @Test(arguments: [
        ("limit=-1", "Bad limit request: Limit must be an integer 0 or greater and not '-1'."),
        ("limit=x", "Bad limit request: Limit must be an integer 0 or greater and not 'x'."),
        ("sort_key=name", "The number of sort_keys and sort_dirs must be same"),
        ("sort_key=hat&sort_dir=asc", "['hat'] is invalid attribute for sort_keys"),
        (
            "sort_key=name&sort_dir=up",
            "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"
        ),
        ("hat=1&shoe=2&name=x&hat=3", "['hat', 'shoe'] is invalid attribute for filtering"),
        (
            "admin_state_up=maybe",
            "Invalid input for operation: 'maybe' cannot be converted to boolean."
        ),
        ("mtu=x", "Invalid input for operation: 'x' is not an integer."),
    ])
    func `queries that make no list are refused`(query: String, message: String) async throws {
        try await withAPI { api in
            let answer = try await api.send("GET", "/v2.0/networks?\(query)")
            #expect(answer.status == 400)
            #expect(answer.message == message)
        }
    }

    @Test func `paths take a final slash and json as their end`() async throws {
        try await withAPI { api in
            let id = try await api.id(of: "network", #""name": "n""#)
            for target in ["networks.json", "networks/", "networks.json?name=n"] {
                #expect(try await api.send("GET", "/v2.0/\(target)").json["networks"]?.array?.count == 1)
            }
            #expect(try await api.send("GET", "/v2.0/networks/\(id).json").status == 200)
            #expect(try await api.send("PUT", "/v2.0/networks/\(id)/tags/a.json").status == 201)
            #expect(try await api.list("networks", "tags=a.json") == ["n"])
        }
    }
}

@Suite struct Filters {
    @Test func `ports are filtered by every form of fixed_ips`() async throws {
        try await withAPI { api in
            let (network, subnet) = try await api.networkWithSubnet()
            let (other, second) = try await api.networkWithSubnet(cidr: "10.1.0.0/24")
            // Neutron asks for the address and for the subnet independently of each other.
            let twin = try await api.id(
                of: "subnet", "\"network_id\": \"\(network)\", \"cidr\": \"10.2.0.0/24\", \"ip_version\": 4")
            _ = try await api.create(
                "port",
                "\"network_id\": \"\(network)\", \"name\": \"twin\", \"fixed_ips\": "
                    + "[{\"ip_address\": \"10.0.0.9\"}, {\"ip_address\": \"10.2.0.9\"}]")
            for (name, network, address) in [
                ("a", network, "10.0.0.5"), ("b", network, "10.0.0.51"), ("c", other, "10.1.0.5"),
            ] {
                _ = try await api.create(
                    "port",
                    "\"network_id\": \"\(network)\", \"name\": \"\(name)\", "
                        + "\"fixed_ips\": [{\"ip_address\": \"\(address)\"}]")
            }
            _ = try await api.create(
                "port", "\"network_id\": \"\(other)\", \"name\": \"none\", \"fixed_ips\": []")
            for (query, names) in [
                ("fixed_ips=ip_address%3D10.0.0.5", ["a"]),
                ("fixed_ips=ip_address=10.0.0.5&fixed_ips=ip_address=10.1.0.5", ["a", "c"]),
                ("fixed_ips=subnet_id=\(subnet)", ["a", "b", "twin"]),
                ("fixed_ips=subnet_id=\(subnet)&fixed_ips=subnet_id=\(second)", ["a", "b", "c", "twin"]),
                ("fixed_ips=subnet_id=\(subnet)&fixed_ips=ip_address=10.0.0.51", ["b"]),
                ("fixed_ips=subnet_id=\(second)&fixed_ips=ip_address=10.0.0.51", []),
                ("fixed_ips=subnet_id=\(twin)&fixed_ips=ip_address=10.0.0.9", ["twin"]),
                ("fixed_ips=ip_address_substr=0.0.5", ["a", "b"]),
                ("fixed_ips=ip_address_substr=.51&fixed_ips=ip_address_substr=.1.", ["b", "c"]),
                ("fixed_ips=ip_address_substr=0.5&fixed_ips=subnet_id=\(second)", ["c"]),
                ("fixed_ips=ip_address=10.0.0.5&network_id=\(other)", []),
                ("fixed_ips=ip_address=10.0.0.5&network_id=\(network)", ["a"]),
                ("fixed_ips=ip_address=nonsense", []),
                ("ip_allocation=none", ["none"]),
            ] {
                #expect(try await api.list("ports", query).sorted() == names, "\(query)")
            }
            for (query, message) in [
                ("fixed_ips=10.0.0.5", "'10.0.0.5' is not of the form <key>=[value]"),
                ("fixed_ips==x", "'=x' is not of the form <key>=[value]"),
            ] {
                let answer = try await api.send("GET", "/v2.0/ports?\(query)")
                #expect(answer.status == 400)
                #expect(answer.message == "Invalid input for operation: \(message).")
            }
        }
    }

    @Test func `one key with several values is any of them, several keys are all of them`() async throws {
        try await withAPI { api in
            for (name, mtu, state) in [("a", 1400, true), ("b", 1450, false), ("c", 1500, true)] {
                _ = try await api.create(
                    "network", "\"name\": \"\(name)\", \"mtu\": \(mtu), \"admin_state_up\": \(state)")
            }
            for (query, names) in [
                ("name=a&name=b&name=x", ["a", "b"]), ("name=a&name=b&admin_state_up=True", ["a"]),
                ("admin_state_up=1", ["a", "c"]), ("admin_state_up=0", ["b"]),
                ("admin_state_up=yes&admin_state_up=no", ["a", "b", "c"]), ("mtu=1450&mtu=1500", ["b", "c"]),
                ("shared=False", ["a", "b", "c"]), ("router:external=true", []), ("name=", []),
                ("description=", ["a", "b", "c"]), ("status=ACTIVE", ["a", "b", "c"]),
                ("status=active", ["a", "b", "c"]),
                ("provider:network_type=local", ["a", "b", "c"]), ("revision_number=1", ["a", "b", "c"]),
                ("project_id=00000000000000000000000000000000&name=c", ["c"]), ("tenant_id=x", []),
                ("id=x", []), ("is_default=false&port_security_enabled=true&name=a", ["a"]),
            ] {
                #expect(try await api.list("networks", query).sorted() == names, "\(query)")
            }
        }
    }

    @Test func `subnets are filtered by their block however it is written`() async throws {
        try await withAPI { api in
            _ = try await api.networkWithSubnet(cidr: "2001:db8::/64")
            _ = try await api.networkWithSubnet()
            for (query, blocks) in [
                ("cidr=2001:0db8:0::/64", ["2001:db8::/64"]), ("cidr=10.0.0.0/24", ["10.0.0.0/24"]),
                ("gateway_ip=10.0.0.1", ["10.0.0.0/24"]), ("ip_version=6", ["2001:db8::/64"]),
                ("enable_dhcp=true&ip_version=4", ["10.0.0.0/24"]), ("shared=true", []), ("segment_id=x", []),
                ("cidr=10.0.0.0/25", []),
            ] {
                #expect(try await api.list("subnets", query, field: "cidr") == blocks, "\(query)")
            }
            let wrong = try await api.send("GET", "/v2.0/subnets?cidr=x")
            #expect(wrong.status == 400)
            #expect(wrong.message == "Invalid input for operation: x is not in a CIDR format.")
        }
    }

    @Test func `fields limit answers, and unknown ones are ignored`() async throws {
        try await withAPI { api in
            let id = try await api.id(of: "network", #""name": "n""#)
            let query = "fields=id&fields=name&fields=hat"
            let list = try await api.send("GET", "/v2.0/networks?\(query)")
            #expect(list.json["networks"]?.array?.first?.object?.keys.sorted() == ["id", "name"])
            let one = try await api.send("GET", "/v2.0/networks/\(id)?\(query)")
            #expect(one.json["network"]?.object?.keys.sorted() == ["id", "name"])
        }
    }
}

@Suite struct ListsOfOneProject {
    @Test func `an index of what a project sees gives what a look at everything gives`() async throws {
        try await withAPI { api in
            var seen: [String: Set<String>] = ["networks": [], "subnets": [], "ports": []]
            for (project, fields, isVisible) in [
                ("p1", "", true), ("p2", "", false), ("p2", #", "shared": true"#, true),
                ("p2", #", "router:external": true"#, true),
            ] {
                let network = try await api.id(of: "network", "\"project_id\": \"\(project)\"\(fields)")
                let subnet = try await api.id(
                    of: "subnet",
                    "\"network_id\": \"\(network)\", \"project_id\": \"\(project)\", "
                        + "\"cidr\": \"10.0.0.0/24\", \"ip_version\": 4")
                if isVisible {
                    seen["networks"]?.insert(network)
                    seen["subnets"]?.insert(subnet)
                }
                for owner in ["p1", "p2"] {
                    let port = try await api.id(
                        of: "port", "\"network_id\": \"\(network)\", \"project_id\": \"\(owner)\"")
                    if project == "p1" || owner == "p1" { seen["ports"]?.insert(port) }
                }
            }
            let caller = Caller(projectID: "p1", roles: Caller.Roles(names: ["member"]).withImplied)
            let rendering = Rendering(
                state: api.index.present, now: api.clock.now, policy: ModelPolicy(), caller: caller)
            for query in ["", "?limit=100", "?sort_key=id&sort_dir=desc"] {
                for (collection, ids) in seen {
                    let request = try #require(
                        APIRequest(method: "GET", target: "/v2.0/\(collection)\(query)"))
                    let listed =
                        switch collection {
                        case "networks": try networkHandler.page(request, rendering).resources.map(\.id)
                        case "subnets": try subnetHandler.page(request, rendering).resources.map(\.id)
                        default: try portHandler.page(request, rendering).resources.map(\.id)
                        }
                    #expect(Set(listed.map(\.description)) == ids, "\(collection)")
                }
            }
        }
    }
}

@Suite struct ListsOfMany {
    private func networks(_ count: Int) -> [Network] {
        (1...count).map { number in
            let name = String((number * 7919) % (count + 1))
            return Network(
                id: ResourceID(rawValue: UInt128(number)),
                standard: StandardAttributes(
                    projectID: "", name: name, createdAt: Timestamp(secondsSinceEpoch: 0)))
        }
    }

    private func select(_ query: String, of networks: [Network]) throws -> [Network] {
        let request = try #require(APIRequest(method: "GET", target: "/v2.0/networks?\(query)"))
        let rendering = Rendering(
            state: NetworkState(), now: Timestamp(secondsSinceEpoch: 0), policy: ModelPolicy(),
            caller: Caller(projectID: "", roles: .admin))
        let source = SortedResources(networks)
        return try ListQuery(request, table: networkTable) { _ in .unknownPath }
            .select(from: source.source, rendering, find: source.find) { _ in .unknownPath }
    }

    @Test func `a page of a sorted list is its part of the whole, however long it is`() throws {
        let networks = networks(100)
        for direction in ["asc", "desc"] {
            let order = "sort_key=name&sort_dir=\(direction)"
            let whole = try select(order, of: networks)
            #expect(Set(whole) == Set(networks) && whole != networks)
            for limit in [1, 2, 3, 7, 49, 50, 51, 99, 100, 101, 1000, Int.max] {
                #expect(try select("\(order)&limit=\(limit)", of: networks) == Array(whole.prefix(limit)))
                #expect(
                    try select("\(order)&limit=\(limit)&page_reverse=true", of: networks)
                        == Array(whole.suffix(limit)))
                let rest = try select("\(order)&limit=\(limit)&marker=\(whole[9].id)", of: networks)
                #expect(rest == Array(whole[10...].prefix(limit)))
            }
        }
    }

    @Test func `a long page of a sorted list is not made by moving what it holds again and again`() throws {
        func cost(_ count: Int) throws -> UInt64 {
            let networks = networks(count)
            return try processorTime {
                _ = try select("sort_key=name&sort_dir=asc&limit=\(count / 2)", of: networks)
            }
        }
        // 32 times as many; a thousand times as much where each moves half of the page.
        let ratio = try costRatio(of: { try cost(32_000) }, to: { try cost(1000) }, below: 100)
        #expect(ratio < 100)
    }

    @Test func `the indexes tell what these parameters select`() async throws {
        try await withAPI { api in
            let plain = try await api.id(of: "network", #""name": "plain""#)
            let shared = try await api.id(of: "network", #""shared": true"#)
            let external = try await api.id(of: "network", #""router:external": true"#)
            let pool = try await api.id(
                of: "subnetpool", #""name": "pool", "prefixes": ["10.0.0.0/16"], "default_prefixlen": 24"#)
            _ = try await api.id(of: "subnetpool", #""name": "other", "prefixes": ["10.1.0.0/16"]"#)
            let cut = try await api.id(
                of: "subnet",
                "\"network_id\": \"\(plain)\", \"subnetpool_id\": \"\(pool)\", \"ip_version\": 4")
            let other = try await api.id(
                of: "subnet",
                "\"network_id\": \"\(shared)\", \"cidr\": \"192.0.2.0/24\", \"ip_version\": 4")
            let state = api.index.present
            func told<Resource: Identifiable, Request>(
                _ handler: ResourceHandler<Resource, Request>, _ query: String
            ) throws -> Set<String>? where Resource.ID == ResourceID {
                let request = try #require(APIRequest(method: "GET", target: "/v2.0/x?\(query)"))
                return handler.narrowing.source(state, request).map { source in
                    Set(source.after(nil).map(\.id.description))
                }
            }
            // What is open is shared or external; the filter tells which.
            for name in ["shared", "router:external"] {
                #expect(try told(networkHandler, "\(name)=True") == [shared, external])
                #expect(try told(networkHandler, "\(name)=False") == nil)
                #expect(try told(networkHandler, "\(name)=True&\(name)=False") == nil)
            }
            #expect(try await api.list("networks", "shared=yes", field: "id") == [shared])
            #expect(try await api.list("networks", "router:external=1", field: "id") == [external])
            #expect(try told(subnetHandler, "subnetpool_id=\(pool)") == [cut])
            #expect(try told(subnetHandler, "cidr=192.0.2.0/24") == [other])
            #expect(try told(subnetHandler, "cidr=192.0.2.0/24&cidr=10.0.0.0/24") == [cut, other])
            #expect(try await api.list("subnets", "cidr=192.0.2.0/24", field: "id") == [other])
            #expect(try await api.list("subnets", "subnetpool_id=\(pool)", field: "id") == [cut])
            #expect(try told(subnetPoolHandler, "name=pool") == [pool])
            #expect(try await api.list("subnetpools", "name=pool", field: "id") == [pool])
            let renamed = #"{"subnetpool": {"name": "new"}}"#
            #expect(try await api.send("PUT", "/v2.0/subnetpools/\(pool)", renamed).status == 200)
            #expect(try await api.list("subnetpools", "name=new", field: "id") == [pool])
            #expect(try await api.list("subnetpools", "name=pool", field: "id") == [])
        }
    }
}
