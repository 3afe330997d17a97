import NetworkModel
import NetworkStore

/// `/v2.0/quotas`: how many resources a project may have.
let quotaRoutes = [
    // The projects for which something was set.
    Route(
        "GET", "quotas",
        Operation(
            "list_quotas", "Lists the quotas of projects for which something was set.",
            answer: .ok(
                .object(["quotas": .array(of: .limits(["project_id": .string, "tenant_id": .string]))])),
            refusals: [403])
    ) { call in
        try call.enforce("get_quota")
        let rendering = call.rendering
        return .json(200) { writer in
            writer.object { writer in
                writer.key("quotas")
                writer.array(rendering.state.quotas.lazy.map(\.value)) { quota, writer in
                    rendering.writeLimits(ofProject: quota.projectID, named: true, &writer)
                }
            }
        }
    },
    whoAmI("project"), whoAmI("tenant"),
    Route(
        "GET", "quotas/{project_id}",
        Operation(
            "show_quota", "Shows how many resources a project may have.", path: [.string],
            answer: .ok(.quota), refusals: [403])
    ) { call in
        try call.enforceQuota("get_quota")
        return call.quota { $0.writeLimits(ofProject: call.parameters[0], &$1) }
    },
    Route(
        "GET", "quotas/{project_id}/default",
        Operation(
            "show_default_quota", "Shows how many resources projects may have unless something else is set.",
            path: [.string], answer: .ok(.object(["quota": .limits([:])])), refusals: [403])
    ) { call in
        try call.enforceQuota("get_quota")
        return call.quota { rendering, writer in
            writer.object { writer in
                for resource in QuotaResource.allCases {
                    writer.key(resource.rawValue)
                    writer.integer(rendering.policy.defaultQuotas[resource] ?? -1)
                }
            }
        }
    },
    Route(
        "GET", "quotas/{project_id}/details",
        Operation(
            "show_quota_details", "Shows how many resources a project may have, and has.", path: [.string],
            answer: .ok(
                .object([
                    "quota": .perResource(
                        .object(["used": .integer, "limit": .integer, "reserved": .integer]))
                ])), refusals: [403])
    ) { call in
        try call.enforceQuota("get_quota")
        return call.quota { $0.writeDetails(ofProject: call.parameters[0], &$1) }
    },
    Route(
        "PUT", "quotas/{project_id}",
        Operation(
            "update_quota", "Sets how many resources a project may have.", path: [.string(max: 255)],
            body: .object(
                [
                    "quota": .object(
                        required: [],
                        optional: QuotaResource.allCases.map { ($0.rawValue, QuotaChange.limit.accepts) }
                            + [("force", .anything), ("check_limit", .anything)])
                ], isOpen: true), answer: .ok(.quota), refusals: [403, 409, 413])
    ) { call in
        try call.enforce("update_quota")
        let change = try QuotaChange(try call.body())
        let (project, context) = (call.parameters[0], call.context)
        _ = try await call.service.index.perform { (state) throws(ModelError) in
            try state.updateQuota(project, change.limits, force: change.force, in: context)
        }
        return call.quota { $0.writeLimits(ofProject: project, &$1) }
    },
    Route(
        "DELETE", "quotas/{project_id}",
        Operation(
            "delete_quota", "Sets back how many resources a project may have.", path: [.string],
            answer: .noContent, refusals: [403, 404])
    ) { call in
        try call.enforce("delete_quota")
        if !call.request.body.isEmpty {
            throw APIError.badRequest("Request body is not supported in DELETE.")
        }
        let (project, context) = (call.parameters[0], call.context)
        try await call.service.index.perform { (state) throws(ModelError) in
            try state.deleteQuota(project, in: context)
        }
        return APIResponse(status: 204)
    },
]

/// `/v2.0/quotas/project`: whose quota `GET /v2.0/quotas/{project_id}` of the caller's own would be.
private func whoAmI(_ name: String) -> Route {
    Route(
        "GET", "quotas/\(name)",
        Operation(
            "show_own_\(name)", "Shows whose quota the caller's own is.",
            answer: .ok(
                .object(
                    required: [(name, .object(required: [("\(name)_id", .string)], optional: []))],
                    optional: [])))
    ) { call in
        .json(200) { writer in
            writer.object { writer in
                writer.key(name)
                writer.object { writer in
                    writer.key("\(name)_id")
                    writer.string(call.caller.projectID)
                }
            }
        }
    }
}

/// What the body of a PUT asks for.
private struct QuotaChange {
    private(set) var limits: [QuotaResource: Int] = [:]
    /// Whether a limit may be below what is in use.
    private(set) var force = false

    init(_ body: JSONValue?) throws(APIError) {
        guard case .object(let envelope)? = body, !envelope.isEmpty else {
            throw .badRequest(
                body == nil || body == .null || body == .object(JSONObject())
                    ? "Resource body required" : "Body contains invalid data")
        }
        guard let fields = envelope["quota"], fields != .null else {
            throw .badRequest("Unable to find 'quota' in request body")
        }
        guard case .object(let members) = fields else {
            throw .badRequest("Object 'quota' contains invalid data")
        }
        let unknown = members.keys.filter { QuotaResource(rawValue: $0) == nil && !Self.others.contains($0) }
        if !unknown.isEmpty {
            throw .badRequest("Unrecognized attribute(s) '\(unknown.joined(separator: ", "))'")
        }
        if let owner = ["project_id", "tenant_id"].first(where: { members[$0] != nil }) {
            throw .badRequest("Cannot update read-only attribute \(owner)")
        }
        force = members["force"] == .bool(true)
        for resource in QuotaResource.allCases {
            guard let value = members[resource.rawValue] else { continue }
            limits[resource] = try refusing(resource.rawValue) { () throws(InvalidValue) in
                try Self.limit.parse(value)
            }
        }
    }

    /// Neutron's column has 32 bits.
    static let limit = Validator<Int>.integer(min: -1, max: Int(Int32.max))

    /// `check_limit` asks for what is done anyway.
    private static let others: Set<String> = ["force", "check_limit", "project_id", "tenant_id"]
}

extension Schema {
    /// A member for each kind of resource.
    fileprivate static func perResource(_ value: Schema, and more: [(String, Schema)] = []) -> Schema {
        .object(required: QuotaResource.allCases.map { ($0.rawValue, value) } + more, optional: [])
    }

    fileprivate static func limits(_ more: KeyValuePairs<String, Schema>) -> Schema {
        perResource(.integer, and: more.map { ($0, $1) })
    }

    fileprivate static let quota = object(["quota": .limits(["project_id": .string])])
}

extension APICall {
    /// Everybody may look at the quota of their own project.
    fileprivate func enforceQuota(_ action: String) throws(APIError) {
        if parameters[0] != caller.projectID { try enforce(action, PolicyTarget(projectID: parameters[0])) }
    }

    fileprivate func quota(_ write: (Rendering, inout JSONWriter) -> Void) -> APIResponse {
        let rendering = rendering
        return .json(200) { writer in
            writer.object { writer in
                writer.key("quota")
                write(rendering, &writer)
            }
        }
    }
}

extension Rendering {
    fileprivate func writeLimits(ofProject id: String, named: Bool = false, _ writer: inout JSONWriter) {
        writer.object { writer in
            for resource in QuotaResource.allCases {
                writer.key(resource.rawValue)
                writer.integer(state.limit(resource, ofProject: id, policy: policy))
            }
            for name in named ? projectParameters : ["project_id"] {
                writer.key(name)
                writer.string(id)
            }
        }
    }

    fileprivate func writeDetails(ofProject id: String, _ writer: inout JSONWriter) {
        let usage = state.usage(ofProject: id)
        writer.object { writer in
            for resource in QuotaResource.allCases {
                writer.key(resource.rawValue)
                writer.object { writer in
                    writer.key("used")
                    writer.integer(usage[resource])
                    writer.key("limit")
                    writer.integer(state.limit(resource, ofProject: id, policy: policy))
                    // Commits take effect at once: nothing is ever reserved.
                    writer.key("reserved")
                    writer.integer(0)
                }
            }
        }
    }
}
