import ArgumentParser
import NeutronAPI

/// The tags that a command sets.
struct TagOptions: ParsableArguments {
    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("Add this tag; may be repeated.", valueName: "tag"))
    var added: [String] = []

    @Flag(name: .customLong("no-tag"), help: "Remove all tags that are not added by --tag.")
    var clears = false

    /// The tags that there should be afterwards, or nil for no change.
    func tags(from present: [String]) -> [String]? {
        guard clears || !added.isEmpty else { return nil }
        var tags = clears ? [] : present
        for tag in added where !tags.contains(tag) { tags.append(tag) }
        return tags
    }

    /// The body of a PUT of tags.
    static func body(_ tags: [String]) -> JSONObject {
        JSONObject(members: [.init(key: "tags", value: .array(tags.map(JSONValue.string)))])
    }
}

/// Filters of lists by tags; each is a list separated by commas.
struct TagFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("List what has all of these tags.", valueName: "tag,tag"))
    var tags: String?
    @Option(help: ArgumentHelp("List what has one of these tags.", valueName: "tag,tag"))
    var anyTags: String?
    @Option(help: ArgumentHelp("List what lacks one of these tags.", valueName: "tag,tag"))
    var notTags: String?
    @Option(help: ArgumentHelp("List what has none of these tags.", valueName: "tag,tag"))
    var notAnyTags: String?

    /// The filters as a query.
    var query: [QueryItem] {
        [("tags", tags), ("tags-any", anyTags), ("not-tags", notTags), ("not-tags-any", notAnyTags)]
            .compactMap { name, value in value.map { QueryItem(name, $0) } }
    }
}

/// `--enable` and `--disable`.
enum AdminState: String, EnumerableFlag, Sendable {
    case enable, disable

    static func help(for value: AdminState) -> ArgumentHelp? {
        value == .enable ? "Set it administratively up." : "Set it administratively down."
    }

    /// The value of `admin_state_up`.
    var isUp: Bool { self == .enable }
}

/// The text of a boolean in a query.
extension Bool {
    var queryText: String { self ? "True" : "False" }
}
