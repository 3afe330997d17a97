import Testing

@testable import NeutronAPI

@Suite struct AbsentResourceTests {
    @Test(arguments: ["routers", "floatingips", "security-groups", "security-group-rules"])
    func `who cleans up a project finds none, and can make none`(_ path: String) async throws {
        try await withAPI { api in
            let key = path.replacing("-", with: "_")
            for query in ["", "?project_id=p&limit=10&sort_key=name&sort_dir=asc", "?fields=id&name=x"] {
                let answer = try await api.send("GET", "/v2.0/\(path)\(query)")
                #expect(answer.status == 200)
                #expect(answer.json[key] == .array([]))
            }
            #expect(try await api.send("GET", "/v2.0/\(path)?nonsense=1").status == 400)
            let id = "7a3c6f1e-0000-4000-8000-000000000001"
            #expect(try await api.send("GET", "/v2.0/\(path)/\(id)").status == 404)
            #expect(try await api.send("DELETE", "/v2.0/\(path)/\(id)").status == 404)
            #expect(try await api.send("POST", "/v2.0/\(path)", "{}").status == 405)
        }
    }
}
