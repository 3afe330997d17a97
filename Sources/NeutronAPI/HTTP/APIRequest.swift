/// A request as handlers see it: decoded path and query, the few headers that matter, the body.
public struct APIRequest: Sendable {
    /// The verb in capitals.
    public var method: String
    /// The decoded parts of the path; a final slash gives an empty last part.
    public var path: [String]
    /// The query's pairs in order, decoded.
    public var query: [QueryItem]
    /// Headers by their name in lower case.
    public var headers: [String: String]
    public var body: [UInt8]
    /// Whether it came over TLS.
    public var isSecure = false

    /// A pair of a query.
    public struct QueryItem: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Creates a request from a request target such as `/v2.0/ports?fields=id`; nil where its
    /// percent-encoding is malformed or does not decode to UTF-8.
    public init?(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.headers = headers
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for part in (parts.first ?? "").dropPrefix("/").split(
            separator: "/", omittingEmptySubsequences: false)
        {
            guard let decoded = percentDecode(part, plusIsBlank: false) else { return nil }
            path.append(decoded)
        }
        self.path = path == [""] ? [] : path
        query = []
        for pair in parts.dropFirst().joined().split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecode(sides[0], plusIsBlank: true),
                let value = percentDecode(sides.count > 1 ? sides[1] : "", plusIsBlank: true)
            else { return nil }
            query.append(QueryItem(name: name, value: value))
        }
    }

    /// All values of a query parameter, in order.
    public func values(of name: String) -> [String] {
        query.filter { $0.name == name }.map(\.value)
    }

    /// Where clients reach this server: for links. The host is from the Host header; a proxy that speaks TLS in
    /// this server's place says so in X-Forwarded-Proto.
    var baseURL: String {
        let forwarded = headers["x-forwarded-proto"]?.lowercased()
        let scheme =
            forwarded == "https" || forwarded == "http" ? forwarded : isSecure ? "https" : "http"
        return "\(scheme ?? "http")://\(headers["host"] ?? "127.0.0.1")"
    }
}

/// What goes back.
public struct APIResponse: Sendable {
    public var status: Int
    /// Without a body there is no content type either.
    public var body: [UInt8]
    public var contentType: String
    /// Further headers.
    public var headers: [String: String] = [:]

    public init(status: Int, body: [UInt8] = [], contentType: String = "application/json") {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    /// An answer of JSON.
    public static func json(_ status: Int, _ write: (inout JSONWriter) -> Void) -> APIResponse {
        var writer = JSONWriter()
        write(&writer)
        return APIResponse(status: status, body: writer.bytes)
    }
}

extension Substring {
    fileprivate func dropPrefix(_ prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self
    }
}

/// RFC 3986 section 2.1; nil where an escape is malformed or the bytes are no UTF-8.
func percentDecode(_ text: Substring, plusIsBlank: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

/// Encodes all but RFC 3986's unreserved characters.
func percentEncode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            encoded.append("%")
            encoded.append(digits[Int(byte >> 4)])
            encoded.append(digits[Int(byte & 15)])
        }
    }
    return encoded
}
