import Foundation
import NetworkModel
import Testing

@testable import NeutronAPI

private let now = Timestamp(secondsSinceEpoch: 1_795_356_000)

/// A directory of its own that is removed in the end.
private func withTokenFile<R>(_ body: (TokenFile) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokens-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(TokenFile(path: folder.appendingPathComponent("tokens.json").path))
}

private func make(
    _ name: String, project: String = "blue", role: APIToken.Role = .member, expiresAt: Timestamp? = nil
) -> (token: APIToken, secret: String) {
    APIToken.make(name: name, projectID: project, role: role, createdAt: now, expiresAt: expiresAt)
}

private func request(_ token: String?) throws -> APIRequest {
    try #require(
        APIRequest(
            method: "GET", target: "/v2.0/networks", headers: token.map { ["x-auth-token": $0] } ?? [:]))
}

private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

@Suite struct Digests {
    // FIPS 180-4's examples (NIST's "Examples with Intermediate Values"), and a million times `a`.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `SHA-256 gives what the standard says`(text: String, digest: String) {
        #expect(hexadecimal(sha256(text.utf8)) == digest)
        #expect(bytes(hexadecimal: digest) == sha256(text.utf8))
    }
}

@Suite struct TokenFiles {
    @Test func `tokens are kept with their digest alone, readable by their owner alone`() async throws {
        try await withTokenFile { file in
            #expect(try file.tokens().isEmpty)
            let (token, secret) = make("alice", expiresAt: Timestamp(secondsSinceEpoch: 1_800_000_000))
            try file.add(token)
            #expect(try file.tokens() == [token])
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            #expect(!text.contains(secret))
            #expect(!text.contains(secret.dropFirst("leasehold_".count)))
            #expect(text.contains(hexadecimal(sha256(secret.utf8))))
            #expect(try mode(file.path) == 0o600)
            #expect(try mode(file.path + ".lock") == 0o600)
            #expect(secret.count == "leasehold_".count + 64)
            #expect(!"\(token)".contains(secret))
        }
    }

    @Test func `names are unique, and tokens are removed by name or id`() async throws {
        try await withTokenFile { file in
            let (alice, bob) = (make("alice").token, make("bob").token)
            try file.add(alice)
            try file.add(bob)
            #expect(throws: TokenFile.Failure.self) { try file.add(make("alice").token) }
            #expect(try file.remove("alice") == alice)
            #expect(try file.remove(bob.id.description) == bob)
            let missing = #expect(throws: TokenFile.Failure.self) { try file.remove("bob") }
            #expect(missing?.description == "there is no token 'bob' in \(file.path)")
            #expect(try file.tokens().isEmpty)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o620, 0o666, 0o700])
    func `a file that others may read or write is refused with the remedy`(mode: Int) async throws {
        try await withTokenFile { file in
            try file.add(make("alice").token)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            let failure = #expect(throws: TokenFile.Failure.self) { try file.tokens() }
            #expect(
                failure?.description
                    == "the token file \(file.path) is open to others (mode \(String(mode, radix: 8))): run chmod 600 \(file.path)"
            )
            #expect(throws: TokenFile.Failure.self) { try file.add(make("bob").token) }
        }
    }

    @Test(arguments: ["", "{", "[]", #"{"tokens": [{}]}"#, #"{"tokens": [{"id": 1}]}"#])
    func `a damaged file is refused and stays as it is`(text: String) async throws {
        try await withTokenFile { file in
            try text.write(toFile: file.path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            #expect(throws: TokenFile.Failure.self) { try file.add(make("bob").token) }
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
        }
    }

    @Test func `a token for no project is neither added nor believed`() async throws {
        try await withTokenFile { file in
            #expect(throws: TokenFile.Failure.self) { try file.add(make("nobody", project: "").token) }
            let (token, secret) = make("nobody", project: "")
            try Data(TokenFile.serialize([token])).write(to: URL(fileURLWithPath: file.path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            #expect(throws: AuthenticationFailure.self) {
                try TokenAuthentication(file: file) { now }.caller(for: try request(secret))
            }
        }
    }

    @Test func `no token is lost when many are made at once`() async throws {
        try await withTokenFile { file in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 { group.addTask { try file.add(make("t\(index)").token) } }
                try await group.waitForAll()
            }
            #expect(Set(try file.tokens().map(\.name)).count == 20)
        }
    }
}

@Suite struct TokenCallers {
    @Test func `a token is good from when it is made until it is revoked`() async throws {
        try await withTokenFile { file in
            let authentication = TokenAuthentication(file: file) { now }
            let (token, secret) = make("alice", role: .reader)
            let refused = AuthenticationFailure(.unauthorized(challenge: nil))
            #expect(throws: refused) { try authentication.caller(for: try request(secret)) }
            try file.add(token)
            let caller = try authentication.caller(for: try request(secret))
            #expect(caller == Caller(projectID: "blue", userID: token.id.description, roles: [.reader]))
            for wrong in [nil, "", String(secret.dropLast()), secret + "0", secret.uppercased()] {
                #expect(throws: refused) { try authentication.caller(for: try request(wrong)) }
            }
            _ = try file.remove("alice")
            #expect(throws: refused) { try authentication.caller(for: try request(secret)) }
        }
    }

    @Test func `roles imply those below them, and X-Project-Id changes nothing`() async throws {
        try await withTokenFile { file in
            let authentication = TokenAuthentication(file: file) { now }
            for (role, roles) in [
                (APIToken.Role.admin, [.admin, .manager, .member, .reader] as Caller.Roles),
                (.member, [.member, .reader]), (.reader, [.reader]),
            ] {
                let (token, secret) = make(role.rawValue, role: role)
                try file.add(token)
                var request = try request(secret)
                request.headers["x-project-id"] = "red"
                request.headers["x-roles"] = "admin"
                let caller = try authentication.caller(for: request)
                #expect(caller.roles == roles)
                #expect(caller.projectID == "blue")
            }
        }
    }

    @Test func `an expired token is refused`() async throws {
        try await withTokenFile { file in
            let (token, secret) = make("alice", expiresAt: now)
            try file.add(token)
            let before = Timestamp(secondsSinceEpoch: now.secondsSinceEpoch - 1)
            #expect(throws: Never.self) {
                try TokenAuthentication(file: file) { before }.caller(for: try request(secret))
            }
            #expect(throws: AuthenticationFailure.self) {
                try TokenAuthentication(file: file) { now }.caller(for: try request(secret))
            }
        }
    }

    @Test func `while the file is open to others nobody gets in`() async throws {
        try await withTokenFile { file in
            let authentication = TokenAuthentication(file: file) { now }
            let (token, secret) = make("alice")
            try file.add(token)
            _ = try authentication.caller(for: try request(secret))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            let failure = #expect(throws: AuthenticationFailure.self) {
                try authentication.caller(for: try request(secret))
            }
            #expect(failure?.answer == .unavailable)
            #expect(failure?.logged?.contains("chmod 600") == true)
        }
    }

    @Test func `the administrator's token of the configuration works beside the file`() async throws {
        try await withTokenFile { file in
            let authentication = TokenAuthentication(file: file, adminToken: AdminToken("hush")) { now }
            let caller = try authentication.caller(for: try request("hush"))
            #expect(caller.isAdmin)
            #expect(caller.projectID == NoAuthentication.defaultProjectID)
            #expect(throws: AuthenticationFailure.self) {
                try authentication.caller(for: try request("hush!"))
            }
        }
    }
}
