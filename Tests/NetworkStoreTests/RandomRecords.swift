import Addressing
import Foundation
import NetworkModel

@testable import NetworkStore

/// Records of every kind with all that their fields may hold, and their JSON in other forms.
struct RandomRecords {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func record() -> NetworkModel.Record {
        record(RecordKind.allCases.randomElement(using: &generator) ?? .ports)
    }

    /// - Parameter isFull: whether every value that may be missing is there.
    mutating func record(_ kind: RecordKind, isFull: Bool = false) -> NetworkModel.Record {
        switch kind {
        case .networks: .network(network(isFull))
        case .subnets: .subnet(subnet(isFull))
        case .ports: .port(port(isFull))
        case .agents: .agent(agent())
        case .subnetpools: .subnetPool(subnetPool(isFull))
        case .quotas: .quota(quota(isFull))
        }
    }

    // MARK: Resources

    private mutating func network(_ isFull: Bool) -> Network {
        Network(
            id: id(), standard: standard(), adminStateUp: bool(), shared: bool(), mtu: number(),
            segment: NetworkSegment(
                type: one(of: NetworkType.allCases) ?? .local,
                physicalNetwork: isFull || bool() ? name() : nil,
                segmentationID: isFull || bool() ? number() : nil),
            dnsDomain: text(), portSecurityEnabled: bool(), isExternal: bool(), isDefault: bool(),
            availabilityZoneHints: texts(),
            dhcpDriver: isFull ? .native : bool() ? one(of: DHCPDriverName.allCases) : nil,
            dhcpAgentIDs: isFull || bool() ? several { $0.id() } : nil)
    }

    private mutating func subnet(_ isFull: Bool) -> Subnet {
        Subnet(
            id: id(), networkID: id(), standard: standard(), cidr: prefix(),
            gatewayIP: isFull || bool() ? address() : nil, allocationPools: several { $0.prefix().range },
            dnsNameservers: several { $0.address() },
            hostRoutes: several { HostRoute(destination: $0.prefix(), nexthop: $0.address()) },
            enableDHCP: bool(), ipv6RAMode: isFull ? .slaac : bool() ? one(of: IPv6Mode.allCases) : nil,
            ipv6AddressMode: isFull ? .slaac : bool() ? one(of: IPv6Mode.allCases) : nil,
            serviceTypes: texts(), subnetpoolID: isFull || bool() ? id() : nil, dnsPublishFixedIP: bool())
    }

    private mutating func port(_ isFull: Bool) -> NetworkModel.Port {
        NetworkModel.Port(
            id: id(), networkID: id(), standard: standard(), adminStateUp: bool(), macAddress: mac(),
            fixedIPs: several { FixedIP(subnetID: $0.id(), address: $0.address()) }, deviceID: text(),
            deviceOwner: text(), status: one(of: [.active, .down, .build, .error]) ?? .down,
            statusDetail: text(),
            extraDHCPOptions: several {
                ExtraDHCPOption(name: $0.text(), value: $0.text(), ipVersion: $0.bool() ? .v4 : .v6)
            }, dnsName: text(), dnsDomain: text(),
            allowedAddressPairs: several {
                AllowedAddressPair(ipAddress: $0.prefix().description, macAddress: $0.mac())
            }, portSecurityEnabled: bool(), securityGroups: texts(),
            ipAllocation: one(of: [.immediate, .deferred, .none]) ?? .none, bindingHostID: text(),
            bindingVNICType: text(), bindingProfile: #"{"a/b": ["\#(text())", 1]}"#)
    }

    private mutating func agent() -> Agent {
        Agent(
            id: id(), agentType: name(), binary: text(), topic: text(), host: name(), adminStateUp: bool(),
            description: text(), availabilityZone: text(), createdAt: moment(), startedAt: moment(),
            heartbeatAt: moment(),
            configurations: AgentConfigurations(
                dhcpDriver: text(), dhcpLeaseDuration: bool() ? -1 : number(), logAgentHeartbeats: bool(),
                networks: number(), subnets: number(), ports: number(), problems: texts()))
    }

    private mutating func subnetPool(_ isFull: Bool) -> SubnetPool {
        SubnetPool(
            id: id(), standard: standard(), prefixes: several { $0.prefix() }, minPrefixLength: number(),
            maxPrefixLength: number(), defaultPrefixLength: number(),
            defaultQuota: isFull || bool() ? number() : nil, shared: bool(), isDefault: bool(),
            ipVersion: bool() ? .v4 : .v6)
    }

    private mutating func quota(_ isFull: Bool) -> ProjectQuota {
        var limits: [QuotaResource: Int] = [:]
        for resource in QuotaResource.allCases where isFull || bool() { limits[resource] = number() }
        return ProjectQuota(projectID: text(), limits: limits)
    }

    private mutating func standard() -> StandardAttributes {
        StandardAttributes(
            projectID: text(), name: text(), description: text(), tags: texts(), createdAt: moment(),
            updatedAt: moment(), revisionNumber: number())
    }

    // MARK: Values

    private mutating func bool() -> Bool { Bool.random(using: &generator) }

    private mutating func one<Value>(of values: [Value]) -> Value? { values.randomElement(using: &generator) }

    private mutating func several<Value>(_ make: (inout RandomRecords) -> Value) -> [Value] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in make(&self) }
    }

    private mutating func number() -> Int {
        let digits = Int.random(in: 0...17, using: &generator)
        let bound = (0..<digits).reduce(1) { product, _ in product * 10 }
        return Int.random(in: -bound...bound, using: &generator)
    }

    private mutating func moment() -> Timestamp { Timestamp(secondsSinceEpoch: Int64(number())) }

    private mutating func id() -> ResourceID {
        ResourceID(
            rawValue: UInt128(generator.next()) << 64 | UInt128(bool() ? generator.next() : 0))
    }

    private mutating func mac() -> MACAddress { MACAddress(rawValue: generator.next()) }

    private mutating func address() -> IPAddress {
        let number = UInt128(generator.next()) << 64 | UInt128(generator.next())
        return IPAddress(number: bool() ? number : number >> 112, version: bool() ? .v4 : .v6)
    }

    private mutating func prefix() -> IPPrefix {
        let address = address()
        let length = Int.random(in: 0...address.version.bitWidth, using: &generator)
        return IPPrefix(address, length: length) ?? IPPrefix(host: address)
    }

    private mutating func texts() -> [String] { several { $0.text() } }

    private mutating func text() -> String {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return ""
        case 1: return id().description
        case 2...4:
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x20..<0x7F, using: &generator) }
            return String(decoding: bytes, as: UTF8.self)
        default:
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...20, using: &generator) {
                let code: UInt32 =
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0: .random(in: 0..<0x20, using: &generator)
                    case 1: .random(in: 0x20..<0x100, using: &generator)
                    case 2: .random(in: 0x300..<0x370, using: &generator)
                    case 3: .random(in: 0x2000..<0x2070, using: &generator)
                    case 4: .random(in: 0..<0x11_0000, using: &generator)
                    default: one(of: "\"\\/{}[],: \u{FEFF}\u{FFFF}".unicodeScalars.map(\.value)) ?? 0
                    }
                if let scalar = Unicode.Scalar(code) { text.append(scalar) }
            }
            return String(text)
        }
    }

    /// A text that a claim may hold: SQLite is given those only up to a NUL.
    private mutating func name() -> String { text().replacing("\0", with: "") }

    // MARK: Other forms

    /// The JSON value with its keys in any order, white space, keys that nobody knows, and characters
    /// written by their numbers.
    mutating func form(of value: JSONValue) -> String {
        switch value {
        case .object(let object):
            // Not in the dictionary's order, which differs from one run to the next.
            var members = object.sorted { $0.key < $1.key }.map {
                (form(of: .string($0.key)), form(of: $0.value))
            }
            if bool() { members.append((#""unknown""#, #"{"id":[null,1.5e3,true,"\u0022"]}"#)) }
            members.shuffle(using: &generator)
            let texts = members.map { "\(space())\($0.0)\(space()):\(space())\($0.1)\(space())" }
            return "{" + texts.joined(separator: ",") + "}"
        case .array(let array):
            return "[" + array.map { "\(space())\(form(of: $0))\(space())" }.joined(separator: ",") + "]"
        case .string(let text): return "\"" + text.utf16.map { form(of: $0) }.joined() + "\""
        case .number(let number): return "\(number)"
        case .bool(let bool): return "\(bool)"
        }
    }

    private mutating func form(of unit: UInt16) -> String {
        if 0x20..<0x7F ~= unit, unit != 0x22, unit != 0x5C, bool() {
            return String(Character(Unicode.Scalar(UInt8(unit))))
        }
        let digits = String(unit, radix: 16, uppercase: bool())
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private mutating func space() -> String { one(of: ["", "", " ", "\n", "\t ", "\r\n"]) ?? "" }

    /// The text with an octet or two changed, taken out, put in or moved.
    mutating func altered(_ body: [UInt8]) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...2, using: &generator) where !body.isEmpty {
            let index = Int.random(in: 0..<body.count, using: &generator)
            let other = Int.random(in: 0..<body.count, using: &generator)
            let likely = one(of: Array("\"\\/{}[],:0159afAF.-+eE u\u{E9}".utf8)) ?? 0
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: body[index] = UInt8.random(in: .min ... .max, using: &generator)
            case 1: body[index] = likely
            case 2: body.insert(likely, at: index)
            case 3: body.remove(at: index)
            case 4: body.swapAt(index, other)
            default: body.replaceSubrange(index..<index, with: body[min(index, other)..<max(index, other)])
            }
        }
        return body
    }
}

/// What the JSON of a record consists of.
enum JSONValue: Decodable {
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}
