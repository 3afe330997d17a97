import ArgumentParser
import NeutronAPI
import Testing

@testable import leasehold

@Suite struct TableTests {
    @Test func `a table is drawn as the openstack client does`() {
        let table = Table(["ID", "Name", "Subnets"], rows: [["1", "net1", ""], ["22", "n", "a, b"]])
        #expect(
            table.text() == """
                +----+------+---------+
                | ID | Name | Subnets |
                +----+------+---------+
                | 1  | net1 |         |
                | 22 | n    | a, b    |
                +----+------+---------+
                """)
    }

    @Test func `a cell may have several lines and a row may be short`() {
        #expect(
            Table(["A", "B", "C"], rows: [["1\n2", "x"]]).text() == """
                +---+---+---+
                | A | B | C |
                +---+---+---+
                | 1 | x |   |
                | 2 |   |   |
                +---+---+---+
                """)
    }

    @Test func `no rows make no table`() {
        #expect(Table(["A"]).text() == "")
    }

    @Test func `wide characters take two columns`() {
        #expect(
            Table(["Name"], rows: [["数据"], ["e\u{301}"], ["👩‍🔬"]]).text() == """
                +------+
                | Name |
                +------+
                | 数据 |
                | e\u{301}    |
                | 👩‍🔬   |
                +------+
                """)
    }

    @Test(arguments: [
        ("abc", 3), ("数据库", 6), ("ｆｕｌｌ", 8), ("é", 1), ("e\u{301}", 1), ("👍", 2), ("👍🏽", 2), ("❤️", 2),
        ("한국", 4),
        ("\u{200B}", 0), ("", 0), ("ñ", 1), ("🇩🇪", 2),
    ])
    func `the width of texts is that of terminals`(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test func `control characters and direction overrides are made visible`() {
        #expect(
            DisplayWidth.printable("a\u{1B}[2Jb\u{202E}c\nd\t") == #"a\u{1b}[2Jb\u{202e}c"# + "\nd"
                + #"\u{9}"#)
    }

    @Test func `cells are broken to fit`() {
        let text = Table(["ID", "Text"], rows: [["1", "one two three four"]]).text(fitting: 22)
        #expect(
            text == """
                +----+---------------+
                | ID | Text          |
                +----+---------------+
                | 1  | one two three |
                |    | four          |
                +----+---------------+
                """)
        #expect(text.split(separator: "\n").allSatisfy { DisplayWidth.of($0) == 22 })
    }

    @Test func `a word without spaces is broken anywhere and wide characters stay whole`() {
        let text = Table(["T"], rows: [["数据库数据库"]]).text(fitting: 12)
        #expect(text.split(separator: "\n")[3...4].map(String.init) == ["| 数据库数 |", "| 据库     |"])
    }

    // MARK: formats

    private func output(_ arguments: String...) throws -> OutputOptions { try OutputOptions.parse(arguments) }

    private var rows: [[Cell]] {
        [
            [
                Cell("1"), Cell(.bool(true), human: "UP"),
                Cell(.array([.string("a"), .string("b")]), human: "a, b"),
            ],
            [Cell("2"), Cell(.null), Cell(.array([]), human: "")],
        ]
    }

    @Test func `json has the machine's values under the titles`() throws {
        #expect(
            try output("-f", "json").list(["ID", "State", "Tags"], rows) == """
                [
                  {
                    "ID": "1",
                    "State": true,
                    "Tags": [
                      "a",
                      "b"
                    ]
                  },
                  {
                    "ID": "2",
                    "State": null,
                    "Tags": []
                  }
                ]
                """)
    }

    @Test func `value has Python's texts`() throws {
        #expect(
            try output("--format", "value").list(["ID", "State", "Tags"], rows)
                == "1 True ['a', 'b']\n2 None []")
        #expect(
            try output("-f", "value").object([
                ("a", Cell("x")), ("b", Cell(.members(["k": .integer(1), "l": .string("it's")]))),
            ]) == "x\n{'k': 1, 'l': \"it's\"}")
    }

    @Test func `columns are chosen in the order of the table, in any case`() throws {
        #expect(
            try output("-c", "tags", "-c", "ID", "-f", "value").list(["ID", "State", "Tags"], rows)
                == "1 ['a', 'b']\n2 []")
    }

    @Test func `an unknown column is refused with those that exist`() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try output("-c", "Nam").list(["ID", "Name"], [])
        }
        #expect(failure?.message == "there is no column 'Nam'; there are: ID, Name")
        #expect(failure?.status == 64)
    }

    @Test(arguments: [
        (FieldFormat.adminState, JSONValue.bool(true), "UP"), (.adminState, .bool(false), "DOWN"),
        (.aliveness, .bool(true), ":-)"), (.aliveness, .bool(false), "XXX"),
        (.routerType, .bool(true), "External"), (.routerType, .bool(false), "Internal"),
        (.list, .array([.string("b"), .string("a")]), "a, b"),
        (.orderedList, .array([.string("b"), .string("a")]), "b, a"),
        (.list, .null, "None"), (.plain, .bool(false), "False"), (.plain, .integer(5), "5"),
        (.dictionary, .members(["b": .string("x"), "a": .integer(1)]), "a='1', b='x'"),
        (
            .dictionaries, .array([.members(["b": .string("x")]), .members(["b": .string("y")])]),
            "b='x'\nb='y'"
        ),
        (
            .hostRoutes, .array([.members(["destination": .string("d"), "nexthop": .string("n")])]),
            "destination='d', gateway='n'"
        ),
        (.allocationPools, .array([.members(["end": .string("9"), "start": .string("1")])]), "1-9"),
    ])
    func `fields are shown as the openstack client shows them`(
        format: FieldFormat, value: JSONValue, human: String
    ) {
        #expect(format.cell(value).human == human)
        #expect(format.cell(value).machine == value)
    }
}
