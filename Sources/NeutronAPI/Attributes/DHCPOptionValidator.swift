import Addressing
import DHCPMessages
import NetworkModel

extension Validator where Value == [ExtraDHCPOptionRequest] {
    /// `[{"opt_name": …, "opt_value": …, "ip_version": 4}]`; a null value deletes the option on update.
    ///
    /// Beyond Neutron's checks of form the registry judges name and value: dnsmasq would take a bad one
    /// silently and not send the option.
    static let extraDHCPOptions = Validator(
        accepts: .set(
            of: .named(
                "DHCPOptionChange",
                .object(
                    ["opt_name": .string(max: 64), "opt_value": .string(max: 255).orNull],
                    optional: ["ip_version": .ipVersionInAnyForm]))
        ).orNull
    ) { (data) throws(InvalidValue) in
        if data == .null { return [] }
        guard case .array(let elements) = data else {
            throw .operation("'\(data.pythonText)' is not a list")
        }
        if let duplicates = duplicates(of: elements) {
            throw .operation(
                "Duplicate items in the list: '\(duplicates.map(\.pythonText).joined(separator: ", "))'")
        }
        var options: [ExtraDHCPOptionRequest] = []
        for element in elements { options.append(try extraDHCPOption(element)) }
        return options
    }
}

private let optionKeys: Set<String> = ["opt_name", "opt_value", "ip_version"]

private func extraDHCPOption(_ data: JSONValue) throws(InvalidValue) -> ExtraDHCPOptionRequest {
    let refusal = InvalidValue.operation("No valid key specs matched for: \(data.pythonText)")
    guard case .object(let object) = data, object.keys.allSatisfy(optionKeys.contains),
        case .string(let name)? = object["opt_name"], let value = object["opt_value"]
    else { throw refusal }
    var version = IPVersion.v4
    if let given = object["ip_version"] {
        guard let number = try? convertToInteger(given), let parsed = IPVersion(rawValue: number) else {
            throw refusal
        }
        version = parsed
    }
    let text: String?
    switch value {
    case .null: text = nil
    case .string(let given): text = given
    default: throw refusal
    }
    let request = ExtraDHCPOptionRequest(name: name, value: text, ipVersion: version)
    guard request.isWellFormed else { throw refusal }
    let protocolVersion: DHCPVersion = version == .v4 ? .v4 : .v6
    do throws(DHCPOptionError) {
        if let text {
            try DHCPOptionRegistry.validate(name: name, value: text, protocolVersion)
        } else {
            _ = try DHCPOptionRegistry.lookup(name, protocolVersion)
        }
    } catch {
        guard let text, isOfOtherVersion(text, of: name, protocolVersion) else {
            throw .operation(error.description)
        }
    }
    return request
}

/// Whether an option of addresses was given addresses of the other IP version.
///
/// Clients that fill in one list of options for subnets of either version do so, OpenStack's own API tests among
/// them, without saying `ip_version`. The port's `leasehold:status_detail` says that it cannot be sent.
private func isOfOtherVersion(_ value: String, of name: String, _ version: DHCPVersion) -> Bool {
    guard let option = try? DHCPOptionRegistry.lookup(name, version), option.definition?.format == .addresses
    else { return false }
    return value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
        IPAddress(String(item)).map { $0.version.rawValue != version.rawValue } ?? false
    }
}
