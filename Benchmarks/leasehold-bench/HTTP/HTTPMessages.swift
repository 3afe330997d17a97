/// A request to the API.
struct HTTPRequest {
    var method: String
    var path: String
    /// A JSON document.
    var body: String?

    static func get(_ path: String) -> HTTPRequest { HTTPRequest(method: "GET", path: path, body: nil) }
    static func post(_ path: String, _ body: String) -> HTTPRequest {
        HTTPRequest(method: "POST", path: path, body: body)
    }

    /// The request as it goes over the wire (RFC 9112).
    var bytes: [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        if let body {
            head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        return Array((head + "\r\n" + (body ?? "")).utf8)
    }
}

/// An answer of the API.
struct HTTPResponse {
    var status: Int
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the body holds the bytes.
    func contains(_ needle: StaticString) -> Bool {
        needle.withUTF8Buffer { needle in
            guard let first = needle.first, body.count >= needle.count else { return false }
            for start in 0...(body.count - needle.count) where body[start] == first {
                if body[start..<start + needle.count].elementsEqual(needle) { return true }
            }
            return false
        }
    }
}

/// Takes whole responses off the front of a stream of bytes (RFC 9112, sections 6 and 7.1).
struct HTTPResponseParser {
    private var bytes: [UInt8] = []

    mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

    /// The next response, or nil while it is not complete.
    mutating func next() throws(Failure) -> HTTPResponse? {
        guard let end = headEnd else { return nil }
        // HTTP/1.1 201 Created
        let digits = bytes.dropFirst(9).prefix(3)
        guard bytes.starts(with: "HTTP/1.".utf8), digits.count == 3, let status = Self.number(digits) else {
            throw Failure("the service does not answer in HTTP/1.1")
        }
        var length = 0
        var isChunked = false
        var start = (lineEnd(from: 0) ?? end) + 2
        while start < end {
            let line = lineEnd(from: start) ?? end
            if let value = Self.value(of: "content-length", in: bytes[start..<line]) {
                guard let number = Self.number(value) else {
                    throw Failure("a Content-Length that is no number")
                }
                length = number
            } else if let value = Self.value(of: "transfer-encoding", in: bytes[start..<line]) {
                isChunked = value.elementsEqual("chunked".utf8)
            }
            start = line + 2
        }
        start = end + 4
        if isChunked { return try chunked(from: start, status: status) }
        // 204 and 304 have no body, whatever the head says.
        if status == 204 || status == 304 { length = 0 }
        guard bytes.count >= start + length else { return nil }
        let body = Array(bytes[start..<start + length])
        bytes.removeFirst(start + length)
        return HTTPResponse(status: status, body: body)
    }

    /// The value of a header line if the line bears that name; the name is given in small letters.
    private static func value(of name: StaticString, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let count = name.utf8CodeUnitCount
        guard line.count > count, line[line.startIndex + count] == UInt8(ascii: ":") else { return nil }
        let matches = name.withUTF8Buffer { name in
            // Header names are letters and hyphens, for which bit 5 is the case.
            name.elementsEqual(line.prefix(count)) { $0 == $1 | 0x20 }
        }
        return matches ? line.dropFirst(count + 1).drop { $0 == UInt8(ascii: " ") } : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit), number < 1 << 40 else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return digits.isEmpty ? nil : number
    }

    private mutating func chunked(from start: Int, status: Int) throws(Failure) -> HTTPResponse? {
        var body: [UInt8] = []
        var position = start
        while let line = lineEnd(from: position) {
            let digits = String(decoding: bytes[position..<line], as: UTF8.self)
            guard let size = Int(digits.prefix { $0 != ";" }, radix: 16) else {
                throw Failure("a chunk of size '\(digits)'")
            }
            position = line + 2
            guard bytes.count >= position + size + 2 else { return nil }
            body += bytes[position..<position + size]
            position += size + 2
            if size == 0 {
                bytes.removeFirst(position)
                return HTTPResponse(status: status, body: body)
            }
        }
        return nil
    }

    /// Where the empty line that ends the head begins.
    private var headEnd: Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 0x0D && bytes[index + 1] == 0x0A && bytes[index + 2] == 0x0D
            && bytes[index + 3] == 0x0A
        {
            return index
        }
        return nil
    }

    private func lineEnd(from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == 0x0D && bytes[index + 1] == 0x0A { return index }
            index += 1
        }
        return nil
    }
}
