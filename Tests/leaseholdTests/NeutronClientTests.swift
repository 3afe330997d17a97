import ArgumentParser
import Locks
import NeutronAPI
import Testing

@testable import leasehold

/// Answers requests from a table and remembers them.
private final class ScriptedTransport: HTTPTransport {
    private let answers: [String: (Int, String)]
    private let failure: TransportError?
    private let log = Mutex<[ClientRequest]>([])

    init(_ answers: [String: (Int, String)] = [:], failure: TransportError? = nil) {
        self.answers = answers
        self.failure = failure
    }

    func send(_ request: ClientRequest) async throws(TransportError) -> ClientResponse {
        log.withLock { $0.append(request) }
        if let failure { throw failure }
        let key = "\(request.method) \(request.url.dropFirst("http://s".count))"
        guard let (status, body) = answers[key] else {
            let missing =
                #"{"NeutronError":{"type":"HTTPNotFound","message":"nothing at \#(key)","detail":""}}"#
            return ClientResponse(status: 404, body: Array(missing.utf8))
        }
        return ClientResponse(status: status, body: Array(body.utf8))
    }

    var requests: [ClientRequest] { log.withLock { $0 } }

    var lines: [String] {
        requests.map { request in
            let body = request.body.map { " " + String(decoding: $0, as: UTF8.self) } ?? ""
            return "\(request.method) \(request.url.dropFirst("http://s".count))\(body)"
        }
    }
}

@Suite struct NeutronClientTests {
    private let id = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"

    private func client(_ transport: ScriptedTransport, token: String? = nil) throws -> NeutronClient {
        NeutronClient(endpoint: try #require(Endpoint("http://s")), token: token, transport: transport)
    }

    private func message(_ work: () async throws -> Void) async -> String {
        do {
            try await work()
            return "no error"
        } catch let failure as CommandFailure {
            return "\(failure.status) \(failure.message)"
        } catch let refusal as NeutronClient.Refusal {
            return "\(refusal.status) \(refusal.type) \(refusal.message)"
        } catch {
            return "\(error)"
        }
    }

    // MARK: leases

    @Test(arguments: [
        ("list", "GET /v2.0/leasehold/leases"),
        ("list --network ID", "GET /v2.0/leasehold/leases?network_id=ID"),
        ("list --port ID", "GET /v2.0/leasehold/leases?port_id=ID"),
        ("show 10.0.0.5", "GET /v2.0/leasehold/leases?ip_address=10.0.0.5"),
        ("show 2001:DB8::5", "GET /v2.0/leasehold/leases?ip_address=2001%3Adb8%3A%3A5"),
        ("show ID", "GET /v2.0/leasehold/leases?port_id=ID"),
        ("show ID --network ID", "GET /v2.0/leasehold/leases?network_id=ID&port_id=ID"),
    ])
    func `lease commands ask with filters`(line: String, request: String) async throws {
        let lease = #"{"leases":[{"ip_address":"10.0.0.5","expires_at":null,"mac_address":null}]}"#
        let wanted = request.replacing("ID", with: id)
        let transport = ScriptedTransport([
            wanted: (200, lease), "GET /v2.0/networks/\(id)": (200, #"{"network":{"id":"\#(id)"}}"#),
            "GET /v2.0/ports/\(id)": (200, #"{"port":{"id":"\#(id)"}}"#),
        ])
        let words = line.replacing("ID", with: id).split(separator: " ").map(String.init)
        let command = try #require(try LeaseCommand.parseAsRoot(words) as? any ResourceCommand)
        let text = try #require(try await command.execute(try client(transport)))
        #expect(transport.lines.last == wanted)
        #expect(text.contains("10.0.0.5") && text.contains("never"))
    }

    @Test func `without a lease the command says so, and another service is told apart`() async throws {
        let show = try LeaseCommand.Show.parse(["10.0.0.5"])
        let none = ScriptedTransport([
            "GET /v2.0/leasehold/leases?ip_address=10.0.0.5": (200, #"{"leases":[]}"#)
        ])
        #expect(
            await message { _ = try await show.execute(try client(none)) }
                == "1 no client was told an address of 10.0.0.5 yet")
        #expect(
            await message { _ = try await show.execute(try client(ScriptedTransport())) }
                == "69 what answers at http://s is no Leasehold service")
    }

    @Test func `an outcome is a sentence`() throws {
        func words(_ text: String) throws -> String {
            LogsCommand.words(try JSONParser(maximumDepth: 8).parse(Array(text.utf8)))
        }
        #expect(
            try words(
                #"{"request":"DHCPDISCOVER","reply":"DHCPOFFER","mac_address":"fa:16:3e:00:00:09","ip_address":"10.0.0.5","port_id":"p"}"#
            ) == "DHCPDISCOVER from fa:16:3e:00:00:09 (port p): DHCPOFFER 10.0.0.5")
        #expect(
            try words(#"{"request":null,"drop":"truncated","ip_address":"fe80::1"}"#)
                == "a packet from fe80::1: dropped, truncated")
    }

    // MARK: names

    @Test func `an id is asked for as an id`() async throws {
        let transport = ScriptedTransport(["GET /v2.0/networks/\(id)": (200, #"{"network":{"id":"\#(id)"}}"#)]
        )
        #expect(try await client(transport).id(of: .network, id) == id)
        #expect(transport.lines == ["GET /v2.0/networks/\(id)"])
    }

    @Test func `a name is asked for as a name`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/ports?name=a%20b%2F%26%C3%A9": (200, #"{"ports":[{"id":"1"}]}"#)
        ])
        #expect(try await client(transport).id(of: .port, "a b/&é") == "1")
        #expect(transport.requests.count == 1)
    }

    @Test func `what looks like an id may be a name`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/networks?name=\(id)": (200, #"{"networks":[{"id":"1"}]}"#)
        ])
        #expect(try await client(transport).id(of: .network, id) == "1")
        #expect(transport.requests.count == 2)
    }

    @Test func `an agent is found by its host`() async throws {
        let transport = ScriptedTransport(["GET /v2.0/agents?host=h1": (200, #"{"agents":[{"id":"1"}]}"#)])
        #expect(try await client(transport).id(of: .agent, "h1") == "1")
    }

    @Test func `a name that nothing has is an error`() async throws {
        let transport = ScriptedTransport(["GET /v2.0/subnets?name=x": (200, #"{"subnets":[]}"#)])
        let client = try client(transport)
        #expect(await message { _ = try await client.find(.subnet, "x") } == "1 subnet 'x' does not exist")
    }

    @Test func `a name that several have is an error with their ids`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/networks?name=x": (200, #"{"networks":[{"id":"2"},{"id":"1"}]}"#)
        ])
        let client = try client(transport)
        #expect(
            await message { _ = try await client.find(.network, "x") }
                == "1 network 'x' is not unique; use one of the ids: 1, 2")
    }

    @Test func `each name is asked for once`() async throws {
        let transport = ScriptedTransport(["GET /v2.0/subnets?name=s": (200, #"{"subnets":[{"id":"1"}]}"#)])
        #expect(try await client(transport).ids(of: .subnet, ["s", "s"]) == ["s": "1"])
        #expect(transport.requests.count == 1)
    }

    // MARK: answers

    @Test func `pages are put together at our own endpoint`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/ports": (
                200,
                #"{"ports":[{"id":"1"}],"ports_links":[{"rel":"next","href":"http://inner:9/v2.0/ports?marker=1"}]}"#
            ),
            "GET /v2.0/ports?marker=1": (
                200,
                #"{"ports":[{"id":"2"}],"ports_links":[{"rel":"previous","href":"http://inner:9/v2.0/ports?x=1"}]}"#
            ),
        ])
        let ports = try await client(transport).list("ports", key: "ports")
        #expect(ports.map { $0["id"]?.string } == ["1", "2"])
    }

    @Test func `a next page that was there already ends the list`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/ports?marker=1": (
                200,
                #"{"ports":[{"id":"1"}],"ports_links":[{"rel":"next","href":"http://s/v2.0/ports?marker=1"}]}"#
            )
        ])
        let ports = try await client(transport).list("ports", key: "ports", query: [QueryItem("marker", "1")])
        #expect(ports.count == 1)
    }

    @Test(arguments: [
        (
            409, #"{"NeutronError":{"type":"NetworkInUse","message":"in use","detail":""}}"#,
            "409 NetworkInUse in use"
        ),
        (500, #"{"NeutronError":"old style"}"#, "500  old style"), (503, "{}", "503  HTTP status 503"),
        (401, "", "1 the service at http://s wants a token: set OS_TOKEN"),
        (404, "<html>", "1 what answers at http://s is no Neutron API: HTTP status 404"),
        (200, "<html>", "1 what answers at http://s is no Neutron API: its answer is not JSON"),
        (200, "{}", "1 http://s answered without 'networks': is that a Neutron API?"),
    ])
    func `refusals are told in the service's words`(status: Int, body: String, expected: String) async throws
    {
        let client = try client(ScriptedTransport(["GET /v2.0/networks": (status, body)]))
        #expect(await message { _ = try await client.list("networks", key: "networks") } == expected)
    }

    @Test func `a wrong token is told apart from none`() async throws {
        let client = try client(ScriptedTransport(["GET /v2.0/networks": (401, "")]), token: "t")
        #expect(
            await message { _ = try await client.get("networks") }
                == "1 the service at http://s wants a token: OS_TOKEN is not it")
    }

    @Test func `a service that is down has its own status`() async throws {
        let client = try client(ScriptedTransport(failure: .unreachable("refused")))
        #expect(
            await message { _ = try await client.get("networks") }
                == "69 no service answers at http://s: start it with `leasehold serve`, or name another with --endpoint"
        )
    }

    @Test func `headers are those of an API client`() async throws {
        let transport = ScriptedTransport(["POST /v2.0/networks": (201, "{}")])
        _ = try await client(transport, token: "t").post("networks", body: JSONObject())
        #expect(
            transport.requests.first?.headers == [
                "Accept": "application/json", "Content-Type": "application/json", "User-Agent": "leasehold",
                "X-Auth-Token": "t",
            ])
    }

    // MARK: whole commands

    @Test func `create sets tags in a second request and shows the result`() async throws {
        let transport = ScriptedTransport([
            "POST /v2.0/networks": (201, #"{"network":{"id":"1","name":"n","tags":[]}}"#),
            "PUT /v2.0/networks/1/tags": (200, #"{"tags":["a"]}"#),
            "GET /v2.0/networks/1": (200, #"{"network":{"id":"1","name":"n","tags":["a"]}}"#),
        ])
        let command = try NetworkCommand.Create.parse(["--tag", "a", "n", "-f", "value", "-c", "tags"])
        #expect(try await command.execute(client(transport)) == "['a']")
        #expect(
            transport.lines == [
                #"POST /v2.0/networks {"network":{"name":"n","admin_state_up":true}}"#,
                #"PUT /v2.0/networks/1/tags {"tags":["a"]}"#, "GET /v2.0/networks/1",
            ])
    }

    @Test func `set without a change sends nothing`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/networks?name=n": (200, #"{"networks":[{"id":"1","tags":["a"]}]}"#)
        ])
        let command = try NetworkCommand.Update.parse(["--tag", "a", "n"])
        #expect(try await command.execute(client(transport)) == nil)
        #expect(transport.requests.count == 1)
    }

    @Test func `port create resolves the network and each subnet`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/networks?name=n": (200, #"{"networks":[{"id":"N"}]}"#),
            "GET /v2.0/subnets?name=s": (200, #"{"subnets":[{"id":"S"}]}"#),
            "POST /v2.0/ports": (201, #"{"port":{"id":"P"}}"#),
        ])
        let command = try PortCommand.Create.parse([
            "--network", "n", "--fixed-ip", "subnet=s", "p", "-f", "value",
        ])
        #expect(try await command.execute(client(transport)) == "P")
        #expect(
            transport.lines.last
                == #"POST /v2.0/ports {"port":{"name":"p","network_id":"N","admin_state_up":true,"fixed_ips":[{"subnet_id":"S"}]}}"#
        )
    }

    @Test func `delete goes on after a failure and counts`() async throws {
        let transport = ScriptedTransport([
            "GET /v2.0/networks?name=a": (200, #"{"networks":[{"id":"1"}]}"#),
            "DELETE /v2.0/networks/1": (
                409, #"{"NeutronError":{"type":"NetworkInUse","message":"in use","detail":""}}"#
            ),
            "GET /v2.0/networks?name=b": (200, #"{"networks":[]}"#),
            "GET /v2.0/networks?name=c": (200, #"{"networks":[{"id":"3"}]}"#),
            "DELETE /v2.0/networks/3": (204, ""),
        ])
        let client = try client(transport)
        let command = try NetworkCommand.Delete.parse(["a", "b", "c"])
        #expect(
            await message { _ = try await command.execute(client) } == "1 2 of 3 networks failed to delete.")
        #expect(transport.lines.last == "DELETE /v2.0/networks/3")
    }

    @Test func `delete stops where the service is gone`() async throws {
        let transport = ScriptedTransport(failure: .unreachable("refused"))
        let client = try client(transport)
        let command = try PortCommand.Delete.parse(["a", "b"])
        #expect(await message { _ = try await command.execute(client) }.hasPrefix("69 "))
        #expect(transport.requests.count == 1)
    }

    @Test func `list and show read the answer's fields`() async throws {
        let port =
            #"{"id":"1","name":"p","mac_address":"m","fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.5"}],"status":"DOWN","tenant_id":"t","project_id":"t","binding:host_id":"h"}"#
        let transport = ScriptedTransport([
            "GET /v2.0/ports": (200, #"{"ports":[\#(port)]}"#),
            // Asked again by its id, for lists leave leases out.
            "GET /v2.0/ports/1": (200, #"{"port":\#(port)}"#),
            "GET /v2.0/ports?name=p": (200, #"{"ports":[\#(port)]}"#),
        ])
        let list = try PortCommand.List.parse(["-c", "MAC Address", "-c", "Fixed IP Addresses"])
        #expect(
            try await list.execute(client(transport)) == """
                +-------------+--------------------------------------+
                | MAC Address | Fixed IP Addresses                   |
                +-------------+--------------------------------------+
                | m           | ip_address='10.0.0.5', subnet_id='s' |
                +-------------+--------------------------------------+
                """)
        let show = try PortCommand.Show.parse(["p", "-f", "json"])
        #expect(
            try await show.execute(client(transport)) == """
                {
                  "binding_host_id": "h",
                  "fixed_ips": [
                    {
                      "subnet_id": "s",
                      "ip_address": "10.0.0.5"
                    }
                  ],
                  "id": "1",
                  "mac_address": "m",
                  "name": "p",
                  "project_id": "t",
                  "status": "DOWN"
                }
                """)
    }

    // MARK: endpoints

    @Test(arguments: [
        ("http://127.0.0.1:9696", "http://127.0.0.1:9696"),
        ("http://127.0.0.1:9696/", "http://127.0.0.1:9696"),
        ("http://h/v2.0", "http://h"), ("https://h:1/net/v2.0//", "https://h:1/net"),
        ("http://[::1]:9696", "http://[::1]:9696"),
    ])
    func `an endpoint is a URL without its version`(text: String, url: String) {
        #expect(Endpoint(text)?.url == url)
    }

    @Test(arguments: [
        "", "h:9696", "ftp://h", "http://", "http://:1", "http://a b", "http://h?x=1", "http:///x",
    ])
    func `anything else is no endpoint`(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test(
        arguments: [
            (
                ["--endpoint", "http://o"], ["LEASEHOLD_ENDPOINT": "http://l", "OS_ENDPOINT": "http://e"],
                "http://o"
            ),
            ([], ["LEASEHOLD_ENDPOINT": "http://l", "OS_ENDPOINT": "http://e"], "http://l"),
            ([], ["OS_ENDPOINT": "http://e"], "http://e"), ([], [:], "http://127.0.0.1:9696"),
        ] as [([String], [String: String], String)])
    func `the option goes before the environment`(
        arguments: [String], environment: [String: String], url: String
    ) throws {
        let options = try EndpointOptions.parse(arguments)
        #expect(try options.resolved { environment[$0] }.url == url)
    }

    @Test func `a variable that is no URL is named`() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try EndpointOptions.parse([]).resolved { $0 == "OS_ENDPOINT" ? "nonsense" : nil }
        }
        #expect(failure?.message == "OS_ENDPOINT 'nonsense' is not a URL such as http://127.0.0.1:9696")
    }
}
