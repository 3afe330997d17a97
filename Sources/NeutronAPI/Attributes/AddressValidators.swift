import Addressing
import NetworkModel

extension Validator where Value == IPAddress {
    /// An address of either version; an IPv4 one without leading zeros.
    static let ipAddress = Validator(accepts: .ipAddress) { (data) throws(InvalidValue) in
        let text = data.pythonText
        if case .string = data, let address = IPAddress(text) { return address }
        if case .string = data, let address = withoutLeadingZeros(text) {
            throw .reason("'\(text)' is not an accepted IP address, '\(address)' is recommended")
        }
        throw .reason("'\(text)' is not a valid IP address")
    }
}

/// What an IPv4 address with leading zeros may have meant.
private func withoutLeadingZeros(_ text: String) -> IPv4Address? {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    guard octets.count == 4, octets.allSatisfy({ !$0.isEmpty && $0.isDecimal })
    else { return nil }
    return IPv4Address(octets.map { String($0.drop { $0 == "0" }).ifEmpty("0") }.joined(separator: "."))
}

extension String {
    fileprivate func ifEmpty(_ other: String) -> String { isEmpty ? other : self }
}

extension Validator where Value == IPPrefix {
    /// An address with a prefix length; host bits may be set.
    static let cidr = Validator(accepts: .cidr) { (data) throws(InvalidValue) in
        let text = data.pythonText
        guard case .string = data else { throw .reason("'\(text)' is not a valid IP subnet") }
        if let prefix = IPPrefix(text) { return prefix }
        if let address = IPAddress(text) {
            throw .reason(notRecognized(text, IPPrefix(host: address)))
        }
        if let prefix = withNetmask(text) { throw .reason(notRecognized(text, prefix)) }
        throw .reason("'\(text)' is not a valid IP subnet")
    }
}

extension Validator where Value == IPPrefix {
    /// As ``cidr``, for the `cidr` of a subnet: Neutron refuses what is no block at all in words of its own.
    static let subnetCIDR = Validator(accepts: .cidr) { (data) throws(InvalidValue) in
        guard case .string(let text) = data,
            IPPrefix(text) != nil || IPAddress(text) != nil || withNetmask(text) != nil
        else { throw .operation("\(data.pythonText) is not in a CIDR format") }
        return try cidr.parse(data)
    }

    /// A block of addresses, without the canonical form of a subnet's `cidr`.
    static let subnet = Validator(accepts: .cidr) { (data) throws(InvalidValue) in
        guard case .string(let text) = data, let prefix = IPPrefix(text) else {
            throw .reason("'\(data.pythonText)' is not a valid IP subnet")
        }
        return prefix
    }
}

private func notRecognized(_ text: String, _ prefix: IPPrefix) -> String {
    "'\(text)' isn't a recognized IP subnet cidr, '\(prefix.network)' is recommended"
}

/// The prefix that `10.0.0.0/255.255.255.0` means.
private func withNetmask(_ text: String) -> IPPrefix? {
    guard let slash = text.lastIndex(of: "/"), let address = IPv4Address(text[..<slash]),
        let mask = IPv4Address(text[text.index(after: slash)...]),
        (~mask.rawValue) & (~mask.rawValue &+ 1) == 0
    else { return nil }
    return IPPrefix(.v4(address), length: mask.rawValue.nonzeroBitCount)
}

extension Validator where Value == MACAddress {
    /// A MAC in one of the usual forms, neither all zeros nor broadcast.
    static let macAddress = Validator(accepts: .macAddressInAnyForm) { (data) throws(InvalidValue) in
        guard case .string(let text) = data, let mac = parseMAC(text), mac.rawValue != 0,
            mac.rawValue != 0xFFFF_FFFF_FFFF
        else { throw .reason("'\(data.pythonText)' is not a valid MAC address") }
        return mac
    }
}

/// `fa:16:3e:00:00:01`, `fa-16-3e-00-00-01`, `fa16.3e00.0001` or `fa163e000001`.
func parseMAC(_ text: String) -> MACAddress? {
    if let mac = MACAddress(text) { return mac }
    let groups = text.split(separator: ".", omittingEmptySubsequences: false)
    guard groups.count == 1 || groups.count == 3 && groups.allSatisfy({ $0.utf8.count == 4 }) else {
        return nil
    }
    let digits = groups.joined()
    guard digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit) else { return nil }
    return UInt64(digits, radix: 16).map { MACAddress(rawValue: $0) }
}

extension Validator where Value == [AddressRange] {
    /// `[{"start": …, "end": …}]`; a reversed or mixed pair is Neutron's `InvalidAllocationPool`.
    static let allocationPools = Validator(accepts: .array(of: .allocationPool)) {
        (data) throws(InvalidValue) in
        guard case .array(let elements) = data else {
            throw .operation("Invalid data format for allocation pools")
        }
        var pools: [AddressRange] = []
        for element in elements {
            guard case .object = element else { throw .operation("Invalid data format for allocation pools") }
            let pool = try requireKeys(["start", "end"], of: element)
            let start = try Validator<IPAddress>.ipAddress.parse(pool["start"] ?? .null)
            let end = try Validator<IPAddress>.ipAddress.parse(pool["end"] ?? .null)
            guard let range = AddressRange(start, end) else {
                throw .model(.invalidAllocationPool("\(start)-\(end)"))
            }
            pools.append(range)
        }
        return pools
    }
}

extension Validator where Value == [IPAddress] {
    /// Addresses without duplicates; null is none.
    static let nameservers = Validator(accepts: .array(of: .ipAddress).orNull) {
        (data) throws(InvalidValue) in
        if data == .null { return [] }
        guard case .array(let elements) = data else {
            throw .reason("Invalid data format for nameserver: '\(data.pythonText)'")
        }
        var servers: [IPAddress] = []
        var seen = Set<IPAddress>()
        for element in elements {
            let server: IPAddress
            do throws(InvalidValue) {
                server = try Validator<IPAddress>.ipAddress.parse(element)
            } catch {
                guard case .reason(let reason) = error else { throw error }
                throw .reason("'\(element.pythonText)' is not a valid nameserver. \(reason)")
            }
            guard seen.insert(server).inserted else {
                throw .reason("Duplicate nameserver '\(element.pythonText)'")
            }
            servers.append(server)
        }
        return servers
    }
}

extension Validator where Value == [HostRoute] {
    /// `[{"destination": …, "nexthop": …}]` without duplicates; null is none.
    static let hostRoutes = Validator(accepts: .array(of: .hostRoute).orNull) { (data) throws(InvalidValue) in
        if data == .null { return [] }
        guard case .array(let elements) = data else {
            throw .reason("Invalid data format for hostroute: '\(data.pythonText)'")
        }
        var routes: [HostRoute] = []
        var seen = Set<HostRoute>()
        for element in elements {
            let object = try requireKeys(["destination", "nexthop"], of: element)
            let destination = try Validator<IPPrefix>.cidr.parse(object["destination"] ?? .null)
            guard destination == destination.network else {
                throw .reason("'\(object["destination"]?.pythonText ?? "")' is not a valid CIDR")
            }
            let route = HostRoute(
                destination: destination,
                nexthop: try Validator<IPAddress>.ipAddress.parse(object["nexthop"] ?? .null))
            guard seen.insert(route).inserted else {
                throw .reason("Duplicate hostroute '\(element.pythonText)'")
            }
            routes.append(route)
        }
        return routes
    }
}
