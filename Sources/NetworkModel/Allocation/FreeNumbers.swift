/// The numbers of some ranges that nobody has taken: addresses of pools, VLAN ids, VNIs, MACs.
///
/// Only taken numbers use memory, and every question is answered by descending the tree of taken ones:
/// the cost is O(log taken) for each range, however full or large the ranges are. Numbers outside of the
/// ranges may be taken as well and do not count.
struct FreeNumbers<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    /// Where to choose from, in this order; without overlap.
    var ranges: [ClosedRange<Number>]
    /// The taken numbers, each with who holds it.
    var taken: SortedMap<Number, ResourceID>

    /// How many numbers are free. Of a range of all numbers one less than there are is counted.
    var count: Number {
        ranges.reduce(0) { sum, range in
            let (total, overflow) = sum.addingReportingOverflow(count(in: range))
            return overflow ? .max : total
        }
    }

    /// The first free number, or nil.
    func first() -> Number? {
        for range in ranges where count(in: range) > 0 { return number(at: 0, in: range) }
        return nil
    }

    /// A random number among the first `window` free ones of the first range that has any, or nil.
    func random(window: Number, using generator: inout some RandomNumberGenerator) -> Number? {
        for range in ranges {
            let free = min(count(in: range, upTo: window), window)
            if free > 0 {
                return number(at: Number.random(in: 0..<free, using: &generator), in: range)
            }
        }
        return nil
    }

    /// A random number among all free ones of all ranges, each as likely as the others; or nil.
    func random(using generator: inout some RandomNumberGenerator) -> Number? {
        // Where few are taken, one that is drawn from all is free, and as likely as any: that spares counting.
        if ranges.count == 1, let range = ranges.first {
            for _ in 0..<2 {
                let drawn = Number.random(in: range, using: &generator)
                if taken[drawn] == nil { return drawn }
            }
        }
        let free = count
        guard free > 0 else { return nil }
        var rank = Number.random(in: 0..<free, using: &generator)
        for range in ranges {
            let here = count(in: range)
            if rank < here { return number(at: rank, in: range) }
            rank -= here
        }
        return nil
    }

    /// How many numbers of the range are free, or any number from `enough` up if at least so many are.
    private func count(in range: ClosedRange<Number>, upTo enough: Number) -> Number {
        // Whatever is taken may lie in the range, but no more than that.
        let (size, taken) = (range.upperBound - range.lowerBound, Number(clamping: taken.count))
        if size > taken, size - taken >= enough { return enough }
        return count(in: range)
    }

    /// How many numbers of the range are free.
    ///
    /// - Parameter probe: called for each taken number that is looked at, which is what the cost grows with.
    func count(in range: ClosedRange<Number>, probe: () -> Void = {}) -> Number {
        let (size, overflow) = (range.upperBound - range.lowerBound).addingReportingOverflow(1)
        let before = rank(of: range.lowerBound, probe: probe)
        let through = taken.firstRank { number, _ in
            probe()
            return number > range.upperBound
        }
        return (overflow ? .max : size) - Number(through - before)
    }

    /// The free number of the range that has `rank` free ones of the range before it; the rank must be
    /// less than ``count(in:probe:)``.
    ///
    /// The number of free ones before a taken one never falls from one taken number to the next, so the
    /// first taken number with more than `rank` free ones before it is found by bisection, and the wanted
    /// number is as far from the range's start as the rank and the taken ones passed over say.
    func number(at rank: Number, in range: ClosedRange<Number>, probe: () -> Void = {}) -> Number {
        let before = self.rank(of: range.lowerBound, probe: probe)
        let next = taken.firstRank { number, position in
            probe()
            return number >= range.lowerBound
                && number - range.lowerBound - Number(position - before) > rank
        }
        return range.lowerBound + rank + Number(next - before)
    }

    private func rank(of number: Number, probe: () -> Void) -> Int {
        taken.firstRank { candidate, _ in
            probe()
            return candidate >= number
        }
    }
}
