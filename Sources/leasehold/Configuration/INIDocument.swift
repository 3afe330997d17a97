/// One assignment of a configuration file.
struct INIEntry: Hashable, Sendable {
    /// The section as written, without its brackets.
    var section: String
    var key: String
    /// The value without the quotes around it; continuation lines are joined by newlines.
    var value: String
    /// The line of the key, from 1.
    var line: Int
}

/// A section header of a configuration file.
struct INIHeader: Hashable, Sendable {
    var name: String
    /// From 1.
    var line: Int
}

/// A line that the dialect does not allow, or that does something other than it seems to.
struct INIRemark: Hashable, Sendable {
    enum Severity: Hashable, Sendable { case warning, error }
    var severity: Severity
    /// From 1.
    var line: Int
    var message: String
}

/// A file in the INI dialect of oslo.config, without any knowledge of options.
///
/// `key = value` or `key: value`, whichever separator comes first; `#` and `;` begin a comment at the
/// start of a line only; an indented line continues the value above; a blank line ends it; one pair of
/// quotes around a value is dropped; a key may be repeated.
struct INIDocument: Hashable, Sendable {
    private(set) var headers: [INIHeader] = []
    private(set) var entries: [INIEntry] = []
    private(set) var remarks: [INIRemark] = []

    private var section: String?
    private var open: (key: String, lines: [String], line: Int)?

    /// Reads the text; what cannot be read is in ``remarks``, and the rest is there all the same.
    init(text: String) {
        var number = 0
        for raw in Self.lines(of: text) {
            number += 1
            read(raw, number)
        }
        closeAssignment()
    }

    static func == (a: Self, b: Self) -> Bool {
        a.headers == b.headers && a.entries == b.entries && a.remarks == b.remarks
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(headers)
        hasher.combine(entries)
        hasher.combine(remarks)
    }

    private mutating func read(_ raw: Substring, _ number: Int) {
        let line = raw.trimmingSuffix(while: \.isWhitespace)
        guard let first = line.first else {
            closeAssignment()
            return
        }
        if first == " " || first == "\t" {
            readContinuation(line.drop(while: \.isWhitespace), number)
            return
        }
        closeAssignment()
        switch first {
        case "[": readHeader(line, number)
        case "#", ";": break
        default: readAssignment(line, number)
        }
    }

    private mutating func readContinuation(_ text: Substring, _ number: Int) {
        guard open != nil else {
            // oslo.config refuses this even for a comment; a comment cannot mean anything else, though.
            if text.first != "#" && text.first != ";" {
                refuse(number, "an indented line continues a value, but there is none above it: \(text)")
            }
            return
        }
        if text.first == "#" || text.first == ";" {
            remarks.append(
                INIRemark(
                    severity: .warning, line: number,
                    message:
                        "an indented line continues the value above it, even where it looks like a comment"))
        }
        open?.lines.append(String(text))
    }

    private mutating func readHeader(_ line: Substring, _ number: Int) {
        guard line.hasSuffix("]") else {
            refuse(number, "a section header must end with ']': \(line)")
            section = nil
            return
        }
        let name = line.dropFirst().dropLast()
        guard !name.isEmpty else {
            refuse(number, "the section has no name: \(line)")
            section = nil
            return
        }
        section = String(name)
        headers.append(INIHeader(name: String(name), line: number))
    }

    private mutating func readAssignment(_ line: Substring, _ number: Int) {
        guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            refuse(number, "expected 'key = value', found: \(line)")
            return
        }
        let key = line[..<separator].trimmingSuffix(while: \.isWhitespace)
        guard !key.isEmpty else {
            refuse(number, "there is no key before '\(line[separator])': \(line)")
            return
        }
        let value = line[line.index(after: separator)...].drop(while: \.isWhitespace)
        open = (String(key), [Self.withoutQuotes(value)], number)
    }

    private mutating func closeAssignment() {
        guard let (key, lines, number) = open else { return }
        open = nil
        guard let section else {
            refuse(number, "\(key) is set before any section; put it below [DEFAULT]")
            return
        }
        entries.append(
            INIEntry(section: section, key: key, value: lines.joined(separator: "\n"), line: number))
    }

    private mutating func refuse(_ line: Int, _ message: String) {
        remarks.append(INIRemark(severity: .error, line: line, message: message))
    }

    /// One pair of equal quotes around the first line of a value is dropped; a lone quote vanishes, as in
    /// oslo.config.
    private static func withoutQuotes(_ value: Substring) -> String {
        guard let first = value.first, first == "\"" || first == "'", value.last == first else {
            return String(value)
        }
        return String(value.dropFirst().dropLast())
    }

    /// The lines, ended by LF, CR LF or CR; a byte order mark at the start is not part of them.
    private static func lines(of text: String) -> [Substring] {
        var rest = Substring(text)
        if rest.unicodeScalars.first == "\u{FEFF}" { rest.unicodeScalars.removeFirst() }
        return rest.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }
}

extension Substring {
    /// The text without the characters at its end for which the predicate holds.
    func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !predicate($0) }) else { return prefix(0) }
        return self[...last]
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    var trimmed: String {
        String(Substring(self).drop(while: \.isWhitespace).trimmingSuffix(while: \.isWhitespace))
    }
}
