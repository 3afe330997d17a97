/// Judges actions by ``PolicyTable``.
enum Policy {
    /// Whether the caller may do it to the target.
    static func allows(_ action: String, _ caller: Caller, _ target: PolicyTarget = PolicyTarget()) -> Bool {
        (PolicyTable.rule(action) ?? PolicyTable.fallback).allows(caller, target)
    }

    /// Refuses with 403 what the caller may not do.
    static func enforce(
        _ action: String, _ caller: Caller, _ target: PolicyTarget = PolicyTarget()
    ) throws(APIError) {
        guard allows(action, caller, target) else { throw .disallowed("rule:\(action)") }
    }

    /// Refuses with 403 an action together with what it asks for.
    static func enforce(_ check: PolicyCheck, _ caller: Caller, _ target: PolicyTarget) throws(APIError) {
        guard check.allows(caller, target) else { throw .disallowed(check.description) }
    }
}

/// An action together with the guarded attributes that a request names.
struct PolicyCheck: CustomStringConvertible {
    private let actions: [String]
    /// The actions as Neutron nests and prints them.
    let description: String

    /// The check of a request.
    ///
    /// - Parameters:
    ///   - action: such as `create_port`.
    ///   - isNew: whether standard values are as good as none, as when something is created.
    init(_ action: String, _ guarded: [GuardedAttribute], in fields: JSONObject, isNew: Bool) {
        var actions = [action]
        var text = "rule:\(action)"
        for attribute in guarded {
            guard let value = fields[attribute.name], !isNew || attribute.isAsked(value) else { continue }
            let name = "\(action):\(attribute.name)"
            let parts = (value.array ?? []).compactMap(\.object).flatMap(\.keys).map { "\(name):\($0)" }
            actions += [name] + parts
            var rule = "rule:\(name)"
            if !parts.isEmpty {
                rule = "(\(rule) and (\(parts.map { "rule:\($0)" }.joined(separator: " and "))))"
            }
            text = "(\(text) and \(rule))"
        }
        self.actions = actions
        description = text
    }

    func allows(_ caller: Caller, _ target: PolicyTarget) -> Bool {
        actions.allSatisfy { Policy.allows($0, caller, target) }
    }
}

extension APIError {
    /// 403 in Neutron's words; the rule is printed as oslo.policy does.
    static func disallowed(_ rule: String) -> APIError {
        APIError(status: 403, type: "PolicyNotAuthorized", message: "\(rule) is disallowed by policy")
    }
}
