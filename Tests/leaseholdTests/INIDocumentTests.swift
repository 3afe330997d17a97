import Testing

@testable import leasehold

@Suite struct INIDocumentTests {
    private func entries(_ text: String) -> [String] {
        INIDocument(text: text).entries.map { "\($0.line) [\($0.section)] \($0.key)=\($0.value)" }
    }

    private func errors(_ text: String) -> [String] {
        INIDocument(text: text).remarks.filter { $0.severity == .error }.map { "\($0.line): \($0.message)" }
    }

    @Test(arguments: [
        ("[DEFAULT]\na = 1", ["2 [DEFAULT] a=1"]),
        ("[DEFAULT]\na=1\nb: 2\n", ["2 [DEFAULT] a=1", "3 [DEFAULT] b=2"]),
        // The separator that comes first counts.
        ("[s]\na = b:c", ["2 [s] a=b:c"]),
        ("[s]\na: b=c", ["2 [s] a=b=c"]),
        ("[s]\na =", ["2 [s] a="]),
        ("[s]\r\na = 1\r\nb = 2\r\n", ["2 [s] a=1", "3 [s] b=2"]),
        ("[s]\ra = 1\rb = 2", ["2 [s] a=1", "3 [s] b=2"]),
        ("\u{FEFF}[s]\na = 1", ["2 [s] a=1"]),
        // Comments begin at the start of a line only.
        ("# c\n[s]\n; d\na = 1 # not a comment", ["4 [s] a=1 # not a comment"]),
        ("[s]\na = 1   \n", ["2 [s] a=1"]),
        ("[a b]\nk-x_1 = v", ["2 [a b] k-x_1=v"]),
    ])
    func `assignments are read`(text: String, expected: [String]) {
        #expect(entries(text) == expected)
        #expect(errors(text).isEmpty)
    }

    @Test(arguments: [
        ("[s]\na = 1\n  2\n\t3\nb = 4", ["2 [s] a=1\n2\n3", "5 [s] b=4"]),
        ("[s]\na =\n  1,\n  2", ["2 [s] a=\n1,\n2"]),
        ("[s]\na = 1\n\nb = 2", ["2 [s] a=1", "4 [s] b=2"]),
    ])
    func `indented lines continue the value above`(text: String, expected: [String]) {
        #expect(entries(text) == expected)
    }

    @Test(arguments: [
        (#"a = "b c""#, "b c"), (#"a = 'b c'"#, "b c"), (#"a = "b'"#, #""b'"#), (#"a = " b ""#, " b "),
        (#"a = "b" c"#, #""b" c"#), (#"a = """#, ""), (#"a = b"c"#, #"b"c"#), (#"a = ""b"""#, #""b""#),
    ])
    func `one pair of quotes is dropped`(line: String, value: String) {
        #expect(INIDocument(text: "[s]\n\(line)").entries.first?.value == value)
    }

    @Test func `a repeated key is there as often as it was written`() {
        #expect(entries("[s]\na = 1\na = 2\n[t]\n[s]\na = 3") == ["2 [s] a=1", "3 [s] a=2", "6 [s] a=3"])
    }

    @Test(arguments: [
        ("a = 1", "1: a is set before any section; put it below [DEFAULT]"),
        ("[s\na = 1", "1: a section header must end with ']': [s"),
        ("[]", "1: the section has no name: []"),
        ("[s]\n\nnonsense", "3: expected 'key = value', found: nonsense"),
        ("[s]\n= 1", "2: there is no key before '=': = 1"),
        ("[s]\n  a = 1", "2: an indented line continues a value, but there is none above it: a = 1"),
        ("[s]\na = 1\n\n  2", "4: an indented line continues a value, but there is none above it: 2"),
    ])
    func `a line that is no part of the dialect is named`(text: String, message: String) {
        #expect(errors(text).first == message)
    }

    @Test func `what follows an error is read all the same`() {
        #expect(entries("[s]\nnonsense\na = 1") == ["3 [s] a=1"])
    }

    @Test func `nothing is taken into the section before a broken header`() {
        let document = INIDocument(text: "[s]\n[broken\na = 1")
        #expect(document.entries.isEmpty)
        #expect(document.remarks.map(\.line) == [2, 3])
    }

    @Test func `an indented comment is part of the value and remarked on`() {
        let document = INIDocument(text: "[s]\na = 1\n  # not a comment")
        #expect(document.entries.map(\.value) == ["1\n# not a comment"])
        #expect(document.remarks.map(\.severity) == [.warning])
        #expect(document.remarks.map(\.line) == [3])
    }

    @Test func `an indented comment with no value above is just a comment`() {
        #expect(INIDocument(text: "[s]\n  # comment\na = 1").remarks.isEmpty)
    }
}
