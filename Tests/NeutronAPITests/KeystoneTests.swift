import Locks
import NetworkModel
import Testing

@testable import NeutronAPI

/// A Keystone of a few lines: tokens by their text, and a log of what it was asked.
private final class FakeKeystone: KeystoneTransport {
    struct Content {
        var tokens: [String: (project: String?, roles: [String], expires: String)] = [:]
        var password = "secret"
        /// What answers to everything instead, as long as it is set.
        var failure: KeystoneUnreachable?
        var status: Int?
        var asked: [KeystoneRequest] = []
        var serviceTokens = 0
        var ownExpires = "2026-11-22T15:00:00.000000Z"
        /// Whether answers wait until that is taken back.
        var isHeld = false
    }

    let content = Mutex(Content())

    func send(_ request: KeystoneRequest) async throws(KeystoneUnreachable) -> KeystoneResponse {
        while content.withLock({ $0.isHeld }) { try? await Task.sleep(for: .milliseconds(2)) }
        let result: Result<KeystoneResponse, KeystoneUnreachable> = content.withLock { content in
            content.asked.append(request)
            if let failure = content.failure { return .failure(failure) }
            if let status = content.status { return .success(KeystoneResponse(status: status)) }
            return .success(Self.answer(request, &content))
        }
        return try result.get()
    }

    private static func answer(_ request: KeystoneRequest, _ content: inout Content) -> KeystoneResponse {
        if request.method == "POST" {
            let user = (try? JSONParser().parse(request.body ?? []))?["auth"]?["identity"]?["password"]?[
                "user"]
            guard user?["name"] == .string("neutron"), user?["password"]?.string == content.password else {
                return KeystoneResponse(status: 401)
            }
            content.serviceTokens += 1
            let text = "own\(content.serviceTokens)"
            content.tokens[text] = ("services", ["service"], content.ownExpires)
            return KeystoneResponse(
                status: 201, headers: ["x-subject-token": text],
                body: body("services", ["service"], content.ownExpires))
        }
        guard let own = request.headers["X-Auth-Token"], content.tokens[own] != nil else {
            return KeystoneResponse(status: 401)
        }
        guard let token = request.headers["X-Subject-Token"].flatMap({ content.tokens[$0] }) else {
            return KeystoneResponse(status: 404)
        }
        return KeystoneResponse(status: 200, body: body(token.project, token.roles, token.expires))
    }

    private static func body(_ project: String?, _ roles: [String], _ expires: String) -> [UInt8] {
        let scope =
            project.map { #", "project": {"id": "\#($0)", "name": "p"}"# } ?? #", "system": {"all": true}"#
        let list = roles.map { #"{"id": "r", "name": "\#($0)"}"# }.joined(separator: ", ")
        return Array(
            #"{"token": {"user": {"id": "u1", "name": "n"}, "roles": [\#(list)], "expires_at": "\#(expires)"\#(scope)}}"#
                .utf8)
    }

    /// How often tokens were validated.
    var validations: Int { content.withLock { $0.asked.count { $0.method == "GET" } } }
}

private struct Fixture {
    let keystone = FakeKeystone()
    let clock = Harness.Clock()
    let authentication: KeystoneAuthentication

    init(_ change: (inout KeystoneConfiguration) -> Void = { _ in }) {
        var configuration = KeystoneConfiguration()
        configuration.authURL = "http://keystone:5000"
        configuration.publicURL = "https://keystone.example.org/v3"
        configuration.username = "neutron"
        configuration.password = "secret"
        configuration.projectName = "service"
        configuration.retries = 1
        change(&configuration)
        clock.now = Timestamp(secondsSinceEpoch: 1_795_356_000)  // 2026-11-22T14:00:00Z
        let clock = clock
        authentication = KeystoneAuthentication(configuration, transport: keystone) { clock.now }
        keystone.content.withLock {
            $0.tokens = [
                "alice": ("blue", ["member", "reader"], "2026-11-22T15:00:00.000000Z"),
                "ops": ("admins", ["Admin", "member", "reader"], "2026-11-22T15:00:00.000000Z"),
                "system": (nil, ["admin", "member", "reader"], "2026-11-22T15:00:00.000000Z"),
                "empty": ("", ["admin", "member", "reader"], "2026-11-22T15:00:00.000000Z"),
                "nova": ("services", ["service"], "2026-11-22T15:00:00.000000Z"),
                "late": ("blue", ["member"], "2026-11-22T13:00:00.000000Z"),
            ]
        }
    }

    func caller(_ token: String?, service: String? = nil) async throws(AuthenticationFailure) -> Caller {
        var headers = token.map { ["x-auth-token": $0] } ?? [:]
        headers["x-service-token"] = service
        guard let request = APIRequest(method: "GET", target: "/v2.0/networks", headers: headers) else {
            preconditionFailure("the target is well-formed")
        }
        return try await authentication.caller(for: request)
    }

    func advance(_ seconds: Int64) {
        clock.now = Timestamp(secondsSinceEpoch: clock.now.secondsSinceEpoch + seconds)
    }

    static let refused = AuthenticationFailure(
        .unauthorized(challenge: "Keystone uri=\"https://keystone.example.org/v3\""))
}

@Suite struct KeystoneCallers {
    @Test func `Keystone says whose a token is`() async throws {
        let fixture = Fixture()
        #expect(
            try await fixture.caller("alice")
                == Caller(projectID: "blue", userID: "u1", roles: [.member, .reader]))
        #expect(try await fixture.caller("ops").isAdmin)
        #expect(try await fixture.caller("nova").roles == [.service])
        let asked = fixture.keystone.content.withLock { $0.asked }
        #expect(asked.map(\.url).first == "http://keystone:5000/v3/auth/tokens?nocatalog")
        #expect(asked.count { $0.method == "POST" } == 1)
    }

    @Test(arguments: ["system", "empty"])
    func `a token for the system or for no project is answered 403`(token: String) async throws {
        let fixture = Fixture()
        let failure = await #expect(throws: AuthenticationFailure.self) { try await fixture.caller(token) }
        #expect(failure?.answer == .withoutProject)
        try await withAPI(authenticator: fixture.authentication) { api in
            let answer = try await api.send("GET", "/v2.0/networks", headers: ["x-auth-token": token])
            #expect(answer.status == 403)
            #expect(answer.errorType == "InvalidScope")
        }
    }

    @Test func `a token that is missing, unknown or expired is answered 401 with where to get one`()
        async throws
    {
        let fixture = Fixture()
        for token in [nil, "", "mallory", "late"] {
            await #expect(throws: Fixture.refused) { try await fixture.caller(token) }
        }
        try await withAPI(authenticator: fixture.authentication) { api in
            let answer = try await api.send("GET", "/v2.0/networks")
            #expect(answer.status == 401)
            #expect(answer.headers["WWW-Authenticate"] == "Keystone uri=\"https://keystone.example.org/v3\"")
            #expect(try await api.send("GET", "/").status == 200)
        }
    }

    @Test func `what cannot be a token is refused without a question`() async throws {
        let fixture = Fixture()
        let long = String(repeating: "a", count: 8193)
        for text in [long, "a b", "a\u{7F}", "a\tb", "é", "a\r\nX-Auth-Token: b"] {
            await #expect(throws: Fixture.refused) { try await fixture.caller(text) }
            await #expect(throws: Fixture.refused) { try await fixture.caller("alice", service: text) }
        }
        #expect(fixture.keystone.content.withLock { $0.asked.isEmpty })
        await #expect(throws: Fixture.refused) { try await fixture.caller(String(long.dropLast())) }
        #expect(fixture.keystone.validations == 1)
    }

    @Test(.timeLimit(.minutes(20))) func `Keystone is asked only so much at a time`() async throws {
        let fixture = Fixture()
        fixture.keystone.content.withLock { $0.isHeld = true }
        let refused = 300 - KeystoneAuthentication.maximumQuestions
        let answers = await withTaskGroup(of: AuthenticationFailure.Answer?.self) { group in
            for number in 0..<300 {
                group.addTask {
                    do throws(AuthenticationFailure) {
                        _ = try await fixture.caller("t\(number)")
                        return nil
                    } catch {
                        return error.answer
                    }
                }
            }
            // Who is refused is refused at once; the others wait for Keystone.
            var answers: [AuthenticationFailure.Answer?] = []
            for await answer in group {
                answers.append(answer)
                if answers.count == refused { fixture.keystone.content.withLock { $0.isHeld = false } }
            }
            return answers
        }
        #expect(answers.prefix(refused).allSatisfy { $0 == .unavailable })
        #expect(answers.count { $0 == .unavailable } == refused)
        #expect(fixture.keystone.validations == KeystoneAuthentication.maximumQuestions)
        _ = try await fixture.caller("alice")
    }

    @Test func `a verdict counts for the cache time, and then a revocation is noticed`() async throws {
        let fixture = Fixture { $0.tokenCacheTime = 60 }
        for _ in 0..<5 { _ = try await fixture.caller("alice") }
        #expect(fixture.keystone.validations == 1)
        fixture.keystone.content.withLock { $0.tokens["alice"] = nil }
        fixture.advance(59)
        _ = try await fixture.caller("alice")
        fixture.advance(1)
        await #expect(throws: Fixture.refused) { try await fixture.caller("alice") }
        #expect(fixture.keystone.validations == 2)
    }

    @Test func `a token that expires while it is remembered is refused`() async throws {
        let fixture = Fixture { $0.tokenCacheTime = 7200 }
        _ = try await fixture.caller("alice")
        fixture.advance(3600)
        await #expect(throws: Fixture.refused) { try await fixture.caller("alice") }
    }

    @Test func `a refused token is refused again for ten seconds without a question`() async throws {
        let fixture = Fixture()
        for _ in 0..<3 { await #expect(throws: Fixture.refused) { try await fixture.caller("new") } }
        #expect(fixture.keystone.validations == 1)
        fixture.keystone.content.withLock { $0.tokens["new"] = $0.tokens["alice"] }
        fixture.advance(10)
        _ = try await fixture.caller("new")
    }

    @Test(arguments: [-1, 0])
    func `without a cache every request asks`(time: Int) async throws {
        let fixture = Fixture { $0.tokenCacheTime = time }
        for _ in 0..<3 { _ = try await fixture.caller("alice") }
        #expect(fixture.keystone.validations == 3)
    }

    @Test func `many requests with one token ask once`() async throws {
        let fixture = Fixture()
        fixture.keystone.content.withLock { $0.isHeld = true }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await fixture.caller("alice") } }
            // Most of them wait by then; who comes later finds the verdict.
            try await Task.sleep(for: .milliseconds(50))
            fixture.keystone.content.withLock { $0.isHeld = false }
            try await group.waitForAll()
        }
        #expect(fixture.keystone.validations == 1)
        #expect(fixture.keystone.content.withLock { $0.serviceTokens } == 1)
    }

    @Test func `the service's own token is renewed before it expires, and after it was revoked`() async throws
    {
        let fixture = Fixture { $0.tokenCacheTime = -1 }
        _ = try await fixture.caller("alice")
        fixture.keystone.content.withLock {
            $0.tokens["alice"]?.expires = "2026-11-22T20:00:00.000000Z"
            $0.ownExpires = "2026-11-22T20:00:00.000000Z"
        }
        fixture.advance(3571)
        _ = try await fixture.caller("alice")
        #expect(fixture.keystone.content.withLock { $0.serviceTokens } == 2)
        fixture.keystone.content.withLock { $0.tokens["own2"] = nil }
        _ = try await fixture.caller("alice")
        #expect(fixture.keystone.content.withLock { $0.serviceTokens } == 3)
    }

    @Test func `Keystone down, broken or refusing us is 503, and the log says what to do`() async throws {
        let cases: [(change: @Sendable (inout FakeKeystone.Content) -> Void, cause: String)] = [
            (
                { $0.failure = KeystoneUnreachable("connection refused") },
                "Keystone at http://keystone:5000 cannot be reached: connection refused"
            ),
            ({ $0.status = 500 }, "Keystone at http://keystone:5000 cannot be reached: it answers 500"),
            (
                { $0.password = "changed" },
                "Keystone at http://keystone:5000 refuses the credentials of the user 'neutron': look at [keystone_authtoken] username, password, project_name and the domains"
            ),
            (
                { $0.status = 200 },
                "Keystone at http://keystone:5000 answered 200 to the request for a token; is auth_url right?"
            ),
        ]
        for (change, cause) in cases {
            let fixture = Fixture()
            fixture.keystone.content.withLock { change(&$0) }
            let failure = await #expect(throws: AuthenticationFailure.self) {
                try await fixture.caller("alice")
            }
            #expect(failure?.answer == .unavailable)
            #expect(failure?.logged == cause)
            #expect(failure?.logged?.contains("secret") == false)
            try await withAPI(authenticator: fixture.authentication) { api in
                let answer = try await api.send("GET", "/v2.0/networks", headers: ["x-auth-token": "alice"])
                #expect(answer.status == 503)
                #expect(answer.errorType == "HTTPServiceUnavailable")
            }
        }
    }

    @Test func `what is known goes on while Keystone is down, and all is well when it is back`() async throws
    {
        let fixture = Fixture()
        _ = try await fixture.caller("alice")
        fixture.keystone.content.withLock { $0.failure = KeystoneUnreachable("down") }
        _ = try await fixture.caller("alice")
        await #expect(throws: AuthenticationFailure.self) { try await fixture.caller("ops") }
        fixture.keystone.content.withLock { $0.failure = nil }
        _ = try await fixture.caller("ops")
    }

    @Test func `another service may finish what began while the user's token was good`() async throws {
        let fixture = Fixture()
        let caller = try await fixture.caller("late", service: "nova")
        #expect(caller.projectID == "blue")
        await #expect(throws: Fixture.refused) { try await fixture.caller("late", service: "alice") }
        await #expect(throws: Fixture.refused) { try await fixture.caller("late", service: "mallory") }
        await #expect(throws: Fixture.refused) { try await fixture.caller("late") }
        _ = try await fixture.caller("alice", service: "ops")
        let strict = Fixture { $0.serviceTokenRolesRequired = true }
        await #expect(throws: Fixture.refused) { try await strict.caller("alice", service: "ops") }
    }

    @Test(arguments: [
        "http://k:5000", "http://k:5000/", "http://k:5000/v3", "http://k:5000/v3/", "http://k:5000/v2.0",
    ])
    func `the URL may name a version or none`(url: String) {
        var configuration = KeystoneConfiguration()
        configuration.authURL = url
        #expect(configuration.url("auth/tokens") == "http://k:5000/v3/auth/tokens")
    }
}

@Suite struct VerdictCaches {
    @Test func `a cache is bounded, and keeps what is asked for`() {
        var cache = VerdictCache(capacity: 10)
        let now = Timestamp(secondsSinceEpoch: 0)
        let verdict = VerdictCache.Verdict(token: nil, expiresAt: Timestamp(secondsSinceEpoch: 10))
        cache.insert(verdict, [0])
        for index in 1..<100 {
            cache.insert(verdict, [UInt8(index)])
            #expect(cache.verdict([0], at: now) != nil)
            #expect(cache.count <= 20)
        }
        #expect(cache.verdict([1], at: now) == nil)
        #expect(cache.verdict([99], at: Timestamp(secondsSinceEpoch: 10)) == nil)
    }
}
