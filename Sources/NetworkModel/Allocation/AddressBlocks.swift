import Addressing

/// A set of addresses of one version, as the fewest ranges that make it up.
struct AddressBlocks {
    let version: IPVersion
    /// In order, with addresses between them that are not of the set.
    private(set) var ranges: [ClosedRange<UInt128>] = []

    /// The addresses of all the prefixes; those of another version are left out.
    init(_ prefixes: some Sequence<IPPrefix>, version: IPVersion) {
        self.version = version
        let sorted = prefixes.lazy.filter { $0.version == version }
            .map { $0.first.number...$0.last.number }.sorted { $0.lowerBound < $1.lowerBound }
        for range in sorted {
            guard let last = ranges.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1
            else {
                ranges.append(range)
                continue
            }
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
    }

    /// The set as the fewest prefixes, in order.
    var prefixes: [IPPrefix] { ranges.flatMap { Self.prefixes($0, version) } }

    /// Whether all addresses of the prefix are of the set.
    func contains(_ prefix: IPPrefix) -> Bool {
        guard prefix.version == version else { return false }
        // The ranges from `low` on begin after the prefix.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].lowerBound <= prefix.first.number { low = middle + 1 } else { high = middle }
        }
        return low > 0 && prefix.last.number <= ranges[low - 1].upperBound
    }

    /// Takes the prefixes, which do not overlap and come in order, out of the set.
    mutating func subtract(_ taken: some Sequence<IPPrefix>) {
        var left: [ClosedRange<UInt128>] = []
        left.reserveCapacity(ranges.count)
        var taken = taken.makeIterator()
        var next = taken.next()
        for range in ranges {
            // What is left of the range; nil when its last address is gone.
            var start: UInt128? = range.lowerBound
            while let block = next, let first = start, block.first.number <= range.upperBound {
                if block.last.number >= first {
                    if block.first.number > first { left.append(first...(block.first.number - 1)) }
                    start = block.last.number < range.upperBound ? block.last.number + 1 : nil
                }
                // The rest of a block that goes on behind the range matters to the next one.
                if block.last.number > range.upperBound { break }
                next = taken.next()
            }
            if let start { left.append(start...range.upperBound) }
        }
        ranges = left
    }

    /// The first block of the length in the smallest prefix of the set that has room for it; the lowest of
    /// several that are equally small.
    func block(length: Int) -> IPPrefix? {
        var best: IPPrefix?
        for range in ranges {
            for prefix in Self.prefixes(range, version)
            where prefix.length <= length && prefix.length > best?.length ?? -1 {
                best = prefix
            }
        }
        return best.flatMap { IPPrefix($0.first, length: length) }
    }

    /// The fewest prefixes that make up a range.
    private static func prefixes(_ range: ClosedRange<UInt128>, _ version: IPVersion) -> [IPPrefix] {
        var result: [IPPrefix] = []
        var start = range.lowerBound
        while true {
            // As large as the start is aligned and the rest is long.
            let rest = range.upperBound - start
            let fitting = rest == .max ? 128 : 127 - (rest + 1).leadingZeroBitCount
            let bits = min(start.trailingZeroBitCount, fitting, version.bitWidth)
            let last = start + (bits == 128 ? .max : (1 << UInt128(bits)) - 1)
            if let prefix = IPPrefix(
                IPAddress(number: start, version: version), length: version.bitWidth - bits)
            {
                result.append(prefix)
            }
            if last >= range.upperBound { return result }
            start = last + 1
        }
    }
}
