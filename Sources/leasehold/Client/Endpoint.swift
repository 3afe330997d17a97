/// Where the service's API is: scheme, host, port and perhaps a path, without `/v2.0`.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Without a slash at its end.
    let url: String

    /// Where `leasehold serve` listens by default.
    static let standard = Endpoint(unchecked: "http://127.0.0.1:9696")

    private init(unchecked url: String) { self.url = url }

    /// Reads a URL; slashes and `/v2.0` at its end are dropped. Nil unless it is http or https with a host.
    init?(_ text: String) {
        var url = Substring(text.trimmed)
        while url.hasSuffix("/") { url.removeLast() }
        if url.hasSuffix("/v2.0") { url.removeLast(5) }
        while url.hasSuffix("/") { url.removeLast() }
        guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            return nil
        }
        let rest = url.dropFirst(scheme.count)
        guard let first = rest.first, first != ":", first != "/",
            !rest.contains(where: { $0.isWhitespace || $0 == "?" || $0 == "#" })
        else { return nil }
        self.url = String(url)
    }

    var description: String { url }

    /// The URL of a path below `/v2.0`, each part percent-encoded, with a query.
    func url(_ path: [String], query: [QueryItem] = []) -> String {
        var url = url + "/v2.0"
        for part in path { url += "/" + PercentEncoding.encode(part) }
        if !query.isEmpty {
            url += "?"
            url += query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
                .joined(separator: "&")
        }
        return url
    }
}

/// A name and value of a query; names may come several times.
struct QueryItem: Hashable, Sendable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Percent-encoding of the parts of a URL (RFC 3986 section 2.1).
enum PercentEncoding {
    /// All but unreserved characters, as %XX of their UTF-8 bytes.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
