public import NetworkModel

extension Timestamp {
    /// `2026-11-22T14:00:00Z`, as resources carry it.
    public var iso8601: String { text(separator: "T") + "Z" }

    /// `2026-11-22 14:00:00`, as agents carry it.
    var agentText: String { text(separator: " ") }

    /// Parses `YYYY-MM-DDTHH:MM:SS` with or without a final `Z`, or returns nil.
    public init?(iso8601 text: String) {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: "Z") { bytes.removeLast() }
        guard bytes.count == 19 else { return nil }
        let pattern = Array("dddd-dd-ddTdd:dd:dd".utf8)
        var fields = [0]
        for (byte, expected) in zip(bytes, pattern) {
            if expected == UInt8(ascii: "d") {
                guard (0x30...0x39).contains(byte) else { return nil }
                fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte - 0x30)
            } else {
                guard byte == expected else { return nil }
                fields.append(0)
            }
        }
        guard (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24, fields[4] < 60,
            fields[5] <= 60
        else { return nil }
        let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
        self.init(
            secondsSinceEpoch: Int64(days * 86_400 + fields[3] * 3_600 + fields[4] * 60 + fields[5]))
    }

    private func text(separator: String) -> String {
        let days = Int(secondsSinceEpoch.floorDivided(by: 86_400))
        let seconds = Int(secondsSinceEpoch) - days * 86_400
        let date = Self.date(days: days)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let year = String(repeating: "0", count: max(0, 4 - String(date.year).count)) + String(date.year)
        return "\(year)-\(two(date.month))-\(two(date.day))\(separator)"
            + "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    // The proleptic Gregorian calendar in eras of 400 years (146,097 days) that begin in March.

    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension FixedWidthInteger {
    /// The quotient rounded towards negative infinity.
    fileprivate func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
