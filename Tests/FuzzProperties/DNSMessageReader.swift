/// A strict reader of DNS messages of its own, so that the engine is not judged by itself (RFC 1035
/// section 4.1).
enum DNSMessageReader {
    /// Throws unless the counts of the header are right, all names end, and the last record ends the message.
    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        try require(bytes.count >= 12, "a header of \(bytes.count) bytes")
        func count(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
        var at = 12
        for _ in 0..<count(4) {
            at = try endOfName(bytes, at) + 4
            try require(at <= bytes.count, "a question leads outside")
        }
        for _ in 0..<(count(6) + count(8) + count(10)) {
            at = try endOfName(bytes, at) + 10
            try require(at <= bytes.count, "a record leads outside")
            at += count(at - 2)
            try require(at <= bytes.count, "a record's data leads outside")
        }
        try require(at == bytes.count, "\(bytes.count - at) bytes follow the last record")
    }

    private static func endOfName(_ bytes: [UInt8], _ start: Int) throws(PropertyFailure) -> Int {
        var at = start
        var end: Int?
        var length = 0
        while true {
            try require(at < bytes.count, "a name leads outside")
            let count = Int(bytes[at])
            if count == 0 { return end ?? at + 1 }
            if count >= 0xC0 {
                try require(at + 1 < bytes.count, "a pointer leads outside")
                let target = (count & 0x3F) << 8 | Int(bytes[at + 1])
                try require(target < at, "a pointer leads forward")
                end = end ?? at + 2
                at = target
            } else {
                try require(count < 64, "a label has \(count) bytes")
                at += 1 + count
                length += 1 + count
                try require(length <= 254, "a name is too long")
            }
        }
    }
}
