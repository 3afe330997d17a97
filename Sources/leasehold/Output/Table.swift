/// A table of text as the openstack client draws it; a cell may have several lines.
struct Table: Hashable, Sendable {
    /// The headings.
    var columns: [String]
    /// The cells; a row that is too short is filled with empty ones.
    var rows: [[String]]

    init(_ columns: [String], rows: [[String]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// Draws the table, without a newline at its end; a table without rows is empty.
    ///
    /// - Parameter width: the columns of the terminal that the table should fit into, if it can: cells
    ///   are then broken into lines, down to 8 columns each.
    func text(fitting width: Int? = nil) -> String {
        guard !rows.isEmpty else { return "" }
        var cells = ([columns] + rows).map { row in
            columns.indices.map { lines(row.indices.contains($0) ? row[$0] : "") }
        }
        var widths = columns.indices.map { column in cells.map { widest($0[column]) }.max() ?? 0 }
        if let width {
            widths = Self.shrunk(widths, to: width - 3 * widths.count - 1)
            cells = cells.map { row in zip(row, widths).map { Self.wrapped($0, width: $1) } }
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) + "+" }.joined()
        var drawn = [rule] + draw(cells[0], widths) + [rule]
        for row in cells.dropFirst() { drawn += draw(row, widths) }
        return (drawn + [rule]).joined(separator: "\n")
    }

    private func lines(_ cell: String) -> [String] {
        DisplayWidth.printable(cell).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func widest(_ lines: [String]) -> Int { lines.map(DisplayWidth.of).max() ?? 0 }

    private func draw(_ row: [[String]], _ widths: [Int]) -> [String] {
        let height = row.map(\.count).max() ?? 0
        return (0..<height).map { index in
            "|"
                + zip(row, widths).map { lines, width in
                    let line = index < lines.count ? lines[index] : ""
                    let padding = String(repeating: " ", count: width - DisplayWidth.of(line))
                    return " \(line)\(padding) |"
                }.joined()
        }
    }

    /// Takes columns from the widest cells until all fit, or none has more than 8.
    private static func shrunk(_ widths: [Int], to available: Int) -> [Int] {
        var widths = widths
        var excess = widths.reduce(0, +) - available
        while excess > 0 {
            guard let index = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[index] > 8 else {
                break
            }
            widths[index] -= 1
            excess -= 1
        }
        return widths
    }

    /// Breaks lines that are too wide, at the last space where there is one.
    private static func wrapped(_ lines: [String], width: Int) -> [String] {
        var result: [String] = []
        for line in lines {
            var rest = Substring(line)
            while DisplayWidth.of(rest) > width {
                var end = rest.startIndex
                var used = 0
                while end < rest.endIndex, used + DisplayWidth.of(rest[end]) <= width || used == 0 {
                    used += DisplayWidth.of(rest[end])
                    rest.formIndex(after: &end)
                }
                if let space = rest[...end].lastIndex(of: " "), space > rest.startIndex {
                    result.append(String(rest[..<space]))
                    rest = rest[rest.index(after: space)...]
                } else {
                    result.append(String(rest[..<end]))
                    rest = rest[end...]
                }
            }
            result.append(String(rest))
        }
        return result
    }
}
