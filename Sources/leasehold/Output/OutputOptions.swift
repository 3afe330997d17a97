import ArgumentParser
import Glibc
import NeutronAPI

/// The forms of output, as in the openstack client.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json, value
}

/// How a command writes its result: `-f`, `-c`, `--fit-width`.
struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("f"), .long], help: "How to write the result: table, json or value.")
    var format = OutputFormat.table

    @Option(
        name: [.customShort("c"), .customLong("column")],
        help: ArgumentHelp("Write only this column; may be repeated.", valueName: "column"))
    var columns: [String] = []

    @Flag(name: .long, help: "Break the cells of a table so that it fits the terminal.")
    var fitWidth = false

    /// The text of a list, a row per element.
    func list(_ columns: [String], _ rows: [[Cell]]) throws(CommandFailure) -> String {
        let chosen = try indices(in: columns)
        let titles = chosen.map { columns[$0] }
        let cells = rows.map { row in chosen.map { row[$0] } }
        switch format {
        case .table:
            return Table(titles, rows: cells.map { $0.map(\.human) }).text(fitting: width)
        case .json:
            return JSONValue.array(
                cells.map { row in
                    .object(JSONObject(members: zip(titles, row).map { .init(key: $0, value: $1.machine) }))
                }
            ).prettyJSON()
        case .value:
            return cells.map { $0.map(Self.line).joined(separator: " ") }.joined(separator: "\n")
        }
    }

    /// The text of one object, a row per field.
    func object(_ fields: [(name: String, cell: Cell)]) throws(CommandFailure) -> String {
        let chosen = try indices(in: fields.map(\.name)).map { fields[$0] }
        switch format {
        case .table:
            return Table(["Field", "Value"], rows: chosen.map { [$0.name, $0.cell.human] }).text(
                fitting: width)
        case .json:
            return JSONValue.object(
                JSONObject(members: chosen.map { .init(key: $0.name, value: $0.cell.machine) })
            ).prettyJSON()
        case .value:
            return chosen.map { Self.line($0.cell) }.joined(separator: "\n")
        }
    }

    /// A value for scripts; control characters are made visible where a terminal would obey them.
    private static func line(_ cell: Cell) -> String {
        isatty(STDOUT_FILENO) == 1
            ? DisplayWidth.printable(cell.machine.pythonText) : cell.machine.pythonText
    }

    private var width: Int? {
        guard fitWidth else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return getenv("COLUMNS").flatMap { Int(String(cString: $0)) }
        }
        return Int(size.ws_col)
    }

    /// The columns asked for, in the order of the table; all if none was asked for.
    private func indices(in names: [String]) throws(CommandFailure) -> [Int] {
        guard !columns.isEmpty else { return Array(names.indices) }
        var chosen: Set<Int> = []
        for column in columns {
            guard
                let index = names.firstIndex(of: column)
                    ?? names.firstIndex(where: { $0.lowercased() == column.lowercased() })
            else {
                throw CommandFailure(
                    "there is no column '\(column)'; there are: \(names.joined(separator: ", "))",
                    status: ExitStatus.usage)
            }
            chosen.insert(index)
        }
        return chosen.sorted()
    }
}
