/// Domain names as labels (RFC 1035 section 3.1), uncompressed.
enum DomainLabels {
    /// The labels with their lengths, without the root; nil where one is empty or has more than 63 bytes. A
    /// dot at the end is optional.
    static func encode(_ name: String) -> [UInt8]? {
        let bare = name.hasSuffix(".") ? name.dropLast() : name[...]
        var bytes: [UInt8] = []
        for label in bare.utf8.split(separator: 0x2E, omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count) else { return nil }
            bytes.append(UInt8(label.count))
            bytes += label
        }
        return bytes
    }

    /// The names of a list that zeros pad; nil where a label leads outside.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [String]? {
        var names: [String] = []
        var labels: [String] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let end = at + 1 + Int(bytes[at])
            guard bytes[at] < 64, end <= bytes.endIndex else { return nil }
            if bytes[at] > 0 {
                labels.append(String(decoding: bytes[at + 1..<end], as: UTF8.self))
            } else if !labels.isEmpty {
                names.append(labels.joined(separator: "."))
                labels = []
            }
            at = end
        }
        return labels.isEmpty ? names : nil
    }
}
