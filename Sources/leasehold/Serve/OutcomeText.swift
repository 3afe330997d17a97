import Addressing
import DHCPEngine
import DHCPMessages
import NativeDriver
import NetworkModel
import NeutronAPI

extension OutcomeRecord {
    /// What ``write(to:)`` writes.
    static let schema = Schema.named(
        "Outcome",
        .object([
            "time": .string, "request": .string.orNull, "reply": .string.orNull, "drop": .string.orNull,
            "mac_address": .macAddress.orNull, "ip_address": .ipAddress.orNull, "port_id": .uuid.orNull,
        ]))

    /// The words of the exchange: request and reply, nil where there was none or none that could be read.
    private var words: (request: String?, reply: String?) {
        switch exchange {
        case .v4(let request, let reply): (request.map { "DHCP\($0)" }, reply.map { "DHCP\($0)" })
        case .v6(let request, let reply): (request.map { "DHCPv6 \($0)" }, reply.map { "DHCPv6 \($0)" })
        }
    }

    func write(to writer: inout JSONWriter) {
        let (request, reply) = words
        writer.object { writer in
            writer.key("time")
            let seconds = Timestamp(secondsSinceEpoch: Int64(time / 1_000_000))
            let fraction = String(time % 1_000_000 + 1_000_000).dropFirst()
            writer.string("\(seconds.iso8601.dropLast()).\(fraction)Z")
            writer.key("request")
            writer.string(orNull: request)
            writer.key("reply")
            writer.string(orNull: reply)
            writer.key("drop")
            writer.string(orNull: drop?.rawValue)
            writer.key("mac_address")
            writer.string(orNull: mac?.description)
            writer.key("ip_address")
            writer.string(orNull: address?.description)
            writer.key("port_id")
            writer.string(orNull: port.map { ResourceID(rawValue: $0.rawValue).description })
        }
    }
}

extension NetworkCounters {
    /// What ``write(to:)`` writes.
    static let schema = Schema.named(
        "Counters",
        .object([
            "requests": .map(of: .integer), "replies": .map(of: .integer), "drops": .map(of: .integer),
            "others": .map(of: .integer),
        ]))

    func write(to writer: inout JSONWriter) {
        func table(_ name: String, _ counts: [String: UInt64], _ writer: inout JSONWriter) {
            writer.key(name)
            writer.object { writer in
                for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
                    writer.key(key)
                    writer.integer(Int(clamping: count))
                }
            }
        }
        var requests: [String: UInt64] = [:]
        var replies: [String: UInt64] = [:]
        for (type, count) in requestsV4 { requests["DHCP\(type)"] = count }
        for (type, count) in requestsV6 { requests["DHCPv6 \(type)"] = count }
        for (type, count) in repliesV4 { replies["DHCP\(type)"] = count }
        for (type, count) in repliesV6 { replies["DHCPv6 \(type)"] = count }
        if repliesBOOTP > 0 { replies["BOOTP"] = repliesBOOTP }
        writer.object { writer in
            table("requests", requests, &writer)
            table("replies", replies, &writer)
            table(
                "drops", Dictionary(uniqueKeysWithValues: drops.map { ($0.key.rawValue, $0.value) }), &writer)
            table(
                "others",
                [
                    "foreign-sources": foreignSources, "router-advertisements": advertisements,
                    "fallback-broadcasts": fallbackBroadcasts,
                ], &writer)
        }
    }
}
