import Addressing
import NetworkModel

extension Validator where Value == [ExtraDHCPOptionRequest] {
    /// `[{"opt_name": …, "opt_value": …, "ip_version": 4}]`; a null value deletes the option on update.
    ///
    /// As in Neutron the form counts alone. What of it cannot be sent is said by the DHCP server, in the port's
    /// `leasehold:status_detail`.
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
private let mayBeBlank: Set<String> = ["router", "classless-static-route"]

private func extraDHCPOption(_ data: JSONValue) throws(InvalidValue) -> ExtraDHCPOptionRequest {
    let refusal = InvalidValue.operation("No valid key specs matched for: \(data.pythonText)")
    guard case .object(let object) = data, object.keys.allSatisfy(optionKeys.contains),
        case .string(let name)? = object["opt_name"], let value = object["opt_value"],
        isOneLine(name, max: 64)
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
    case .string(let given):
        guard isOneLine(given, max: 255) || mayBeBlank.contains(name) && given.unicodeScalars.count <= 255
        else { throw refusal }
        text = given
    default: throw refusal
    }
    return ExtraDHCPOptionRequest(name: name, value: text, ipVersion: version)
}

/// Whether the text is not blank, has one line and at most so many characters.
private func isOneLine(_ text: String, max: Int) -> Bool {
    text.unicodeScalars.count <= max && !text.contains(where: \.isNewline)
        && !text.allSatisfy(\.isWhitespace)
}
