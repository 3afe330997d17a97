/// Domain names as DNS labels (RFC 1035 section 3.1), with the pointers that RFC 3397 allows.
enum DomainNames {
    /// The names one after the other, or nil where one is no domain name.
    ///
    /// With `compressed`, a tail that an earlier name has is a pointer to it, counted from the first byte.
    static func encode(_ names: [String], compressed: Bool) -> [UInt8]? {
        guard !names.isEmpty else { return nil }
        var bytes: [UInt8] = []
        var known: [[Substring]: Int] = [:]
        for name in names {
            guard var labels = labels(name) else { return nil }
            var added: [([Substring], Int)] = []
            while !labels.isEmpty {
                if compressed, let at = known[labels] {
                    bytes += [0xC0 | UInt8(at >> 8), UInt8(at & 0xFF)]
                    break
                }
                if bytes.count < 0x3FFF { added.append((labels, bytes.count)) }
                let label = labels.removeFirst()
                bytes.append(UInt8(label.utf8.count))
                bytes += label.utf8
            }
            if labels.isEmpty { bytes.append(0) }
            for (tail, at) in added { known[tail] = at }
        }
        return bytes
    }

    /// The names in the bytes, or nil where they are malformed. Pointers may only lead backwards.
    static func decode(_ bytes: [UInt8]) -> [String]? {
        var names: [String] = []
        var at = 0
        while at < bytes.count {
            var labels: [String] = []
            var length = 1
            var cursor = at
            var end: Int?
            while true {
                guard cursor < bytes.count, labels.count <= 128 else { return nil }
                let count = Int(bytes[cursor])
                if count == 0 {
                    end = end ?? cursor + 1
                    break
                }
                if count & 0xC0 == 0xC0 {
                    guard cursor + 1 < bytes.count else { return nil }
                    let target = (count & 0x3F) << 8 | Int(bytes[cursor + 1])
                    guard target < cursor else { return nil }
                    end = end ?? cursor + 2
                    cursor = target
                    continue
                }
                guard count < 64, cursor + 1 + count <= bytes.count else { return nil }
                labels.append(String(decoding: bytes[cursor + 1..<cursor + 1 + count], as: UTF8.self))
                cursor += 1 + count
                length += 1 + count
            }
            // RFC 1035 section 2.3.4: 255 bytes with lengths; more could only be made of pointers.
            guard let end, length <= 255 else { return nil }
            names.append(labels.joined(separator: "."))
            at = end
        }
        return names
    }

    /// One uncompressed name, and whether it ends with the root; nil where it is malformed or more follows.
    static func decodePartial(_ bytes: [UInt8]) -> (name: String, isComplete: Bool)? {
        var labels: [String] = []
        var at = 0
        while at < bytes.count {
            let count = Int(bytes[at])
            if count == 0 {
                guard at + 1 == bytes.count else { return nil }
                return (labels.joined(separator: "."), true)
            }
            guard count < 64, at + 1 + count <= bytes.count else { return nil }
            labels.append(String(decoding: bytes[at + 1..<at + 1 + count], as: UTF8.self))
            at += 1 + count
        }
        return (labels.joined(separator: "."), false)
    }

    /// The labels of a name; a dot at its end is optional. nil where a label is empty or above 63 bytes.
    private static func labels(_ name: String) -> [Substring]? {
        let bare = name.hasSuffix(".") ? name.dropLast() : name[...]
        let labels = bare.split(separator: ".", omittingEmptySubsequences: false)
        guard bare.utf8.count <= 253,
            labels.allSatisfy({ label in
                (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isNameByte)
            })
        else { return nil }
        return labels
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == 0x2D || byte == 0x5F
    }
}
