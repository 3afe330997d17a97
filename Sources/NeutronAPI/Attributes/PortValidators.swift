import Addressing
import DHCPMessages
import NetworkModel

extension Validator where Value == [FixedIPRequest] {
    /// `[{"subnet_id": …, "ip_address": …}]`, either key or both; on update also `delete_subnet`.
    static let fixedIPs = Validator(
        accepts: .array(
            of: .named(
                "FixedIPChange",
                .object(
                    [:],
                    optional: [
                        "ip_address": .ipAddress, "subnet_id": .uuidInAnyForm,
                        "delete_subnet": .booleanInAnyForm,
                    ])))
    ) { (data) throws(InvalidValue) in
        guard case .array(let elements) = data else {
            throw .reason("Invalid data format for fixed IP: '\(data.pythonText)'")
        }
        var requests: [FixedIPRequest] = []
        var addresses = Set<IPAddress>()
        for element in elements {
            guard case .object(let object) = element else {
                throw .reason("Invalid data format for fixed IP: '\(element.pythonText)'")
            }
            if let unknown = object.keys.first(where: { !fixedIPKeys.contains($0) }) {
                throw .reason("Unexpected keys supplied: \(unknown)")
            }
            var request = FixedIPRequest()
            if let address = object["ip_address"] {
                let parsed = try Validator<IPAddress>.ipAddress.parse(address)
                guard addresses.insert(parsed).inserted else {
                    throw .reason("Duplicate IP address '\(address.pythonText)'")
                }
                request.address = parsed
            }
            if let subnet = object["subnet_id"] {
                request.subnetID = try Validator<ResourceID>.uuid.parse(subnet)
            }
            if let delete = object["delete_subnet"] {
                request.deleteSubnet = try Validator<Bool>.boolean.parse(delete)
            }
            if request.address == nil && request.subnetID == nil {
                throw .model(ModelError.invalidInput("IP allocation requires subnet_id or ip_address"))
            }
            requests.append(request)
        }
        return requests
    }
}

private let fixedIPKeys: Set<String> = ["ip_address", "subnet_id", "delete_subnet"]

extension Validator where Value == [AllowedAddressPair] {
    /// `[{"ip_address": …, "mac_address": …}]`; a MAC of zeros stands for the port's own.
    static let allowedAddressPairs = Validator(
        accepts: .array(
            of: .named(
                "AllowedAddressPairChange",
                .object(
                    ["ip_address": .any(of: [.ipAddress, .cidr])],
                    optional: ["mac_address": .macAddressInAnyForm.orNull])),
            max: 10
        ).orNull
    ) { (data) throws(InvalidValue) in
        if data == .null { return [] }
        guard case .array(let elements) = data else {
            throw .request("Allowed address pairs must be a list.")
        }
        if elements.count > 10 {
            throw .model(.addressPairsExhausted(limit: 10))
        }
        var pairs: [AllowedAddressPair] = []
        for element in elements {
            let pair = try allowedAddressPair(element)
            if pairs.contains(pair) { throw .model(.duplicateAddressPair(pair)) }
            pairs.append(pair)
        }
        return pairs
    }
}

private func allowedAddressPair(_ data: JSONValue) throws(InvalidValue) -> AllowedAddressPair {
    guard case .object(let object) = data else { throw .reason("'\(data.pythonText)' is not a dictionary") }
    let unknown = object.keys.filter { $0 != "mac_address" && $0 != "ip_address" }
    if !unknown.isEmpty { throw .request("Unrecognized attribute(s) '\(unknown.joined(separator: ", "))'") }
    guard let address = object["ip_address"] else {
        throw .model(
            ModelError(
                .badRequest, "AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address"))
    }
    do throws(InvalidValue) {
        var mac = MACAddress(rawValue: 0)
        if let given = object["mac_address"], given != .null {
            mac = try Validator<MACAddress>.macAddress.parse(given)
            // IEEE 802: the lowest bit of the first octet.
            if mac.rawValue >> 40 & 1 == 1 {
                throw .reason(
                    "MAC address \(given.pythonText) is a multicast address, which is not supported.")
            }
        }
        if address.string?.contains("/") == true {
            let prefix = try Validator<IPPrefix>.cidr.parse(address)
            // 0.0.0.0/0, any address, is what everybody writes; ::/0 is refused, as in Neutron.
            let isAny = prefix.version == .v4 && prefix.length == 0
            if !isAny, let group = multicastBlock(prefix.version), group.overlaps(prefix) {
                throw .reason(
                    "Subnet \(address.pythonText) overlaps with multicast range \(group), "
                        + "which is not supported.")
            }
        } else {
            let single = try Validator<IPAddress>.ipAddress.parse(address)
            if multicastBlock(single.version)?.contains(single) == true {
                throw .reason(
                    "IP \(address.pythonText) is a multicast address, which is not supported.")
            }
        }
        return AllowedAddressPair(ipAddress: address.pythonText, macAddress: mac)
    } catch {
        guard case .reason(let reason) = error else { throw error }
        throw .request(reason)
    }
}

/// RFC 5771 section 3, RFC 4291 section 2.7.
private func multicastBlock(_ version: IPVersion) -> IPPrefix? {
    version == .v4 ? IPPrefix("224.0.0.0/4") : IPPrefix("ff00::/8")
}

extension Validator where Value == String {
    /// A name; the model judges its form and its domain.
    static let dnsName = Validator(accepts: .string) { (data) throws(InvalidValue) in
        guard case .string(let text) = data else {
            throw .operation("Input value \(data.pythonText) must be string type")
        }
        return text
    }

    /// A JSON object, kept as its text; null is an empty one.
    static let jsonObject = Validator(accepts: .object.orNull) { (data) throws(InvalidValue) in
        if data == .null { return "{}" }
        guard case .object = data else { throw .reason("'\(data.pythonText)' is not a dictionary") }
        var writer = JSONWriter()
        writer.value(data)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
