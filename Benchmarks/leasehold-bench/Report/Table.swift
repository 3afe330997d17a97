/// The result as people read it: at most 100 columns.
enum Table {
    /// The lines of the table; a blank line between groups.
    static func lines(_ groups: [[Measurement]]) -> [String] {
        let header = ["", "subject", "value", "unit", "ratio", "target", "met"]
        let rows = groups.map { $0.map(cells) }
        var widths = header.map(\.count)
        for row in rows.joined() {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        func line(_ cells: [String]) -> String {
            var text = cells[0].padded(to: widths[0])
            for (column, cell) in cells.enumerated().dropFirst() {
                // Numbers stand right, words left.
                let isNumber = [2, 4, 5].contains(column)
                text +=
                    "  "
                    + (isNumber ? cell.rightAligned(in: widths[column]) : cell.padded(to: widths[column]))
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        let head = line(header)
        var lines = [head, String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))]
        for (index, group) in rows.enumerated() {
            if index > 0 { lines.append("") }
            var last: String?
            for row in group {
                var row = row
                // A name is printed once for all its subjects.
                if row[0] == last { row[0] = "" } else { last = row[0] }
                lines.append(line(row))
            }
        }
        return lines
    }

    private static func cells(_ row: Measurement) -> [String] {
        [
            row.name, row.subject, number(row.value), row.unit,
            row.ratio.map { number($0) + "×" } ?? "", row.target.map(number) ?? "",
            row.met.map { $0 ? "yes" : "MISSED" } ?? "",
        ]
    }

    /// A number with three significant digits and no exponent.
    static func number(_ value: Double) -> String {
        let rounded = value.magnitude >= 1000 ? value.rounded() : value.significant(3)
        if rounded == rounded.rounded(), rounded.magnitude < 1e15 { return "\(Int(rounded))" }
        if rounded.magnitude >= 0.001 { return "\(rounded)" }
        // Description switches to an exponent here.
        let millionths = Int((rounded * 1e6).rounded())
        return "0." + String(repeating: "0", count: max(0, 6 - "\(millionths)".count)) + "\(millionths)"
    }
}
