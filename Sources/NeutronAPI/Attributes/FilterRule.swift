import Addressing
import NetworkModel

/// Whether a resource is part of a list.
typealias Predicate<Resource> = @Sendable (Resource, Rendering) -> Bool

/// How a query parameter that is named like an attribute selects resources.
///
/// A rule turns the parameter's values (any of them may match) into a predicate.
struct FilterRule<Resource: Sendable>: Sendable {
    /// What a value of the parameter looks like; others are refused, or match nothing.
    let accepts: Schema
    let predicate: @Sendable ([String]) throws(APIError) -> Predicate<Resource>
    /// What lists are ordered by, where the attribute can be a `sort_key`.
    private(set) var sortKey: (@Sendable (Resource, Rendering) -> SortValue)?
    /// Whether the attribute can be a query parameter, or only a `sort_key`.
    private(set) var isFilter = true

    init(
        accepts: Schema, sortKey: (@Sendable (Resource, Rendering) -> SortValue)? = nil,
        _ predicate: @escaping @Sendable ([String]) throws(APIError) -> Predicate<Resource>
    ) {
        self.accepts = accepts
        self.predicate = predicate
        self.sortKey = sortKey
    }

    /// The rule, for filtering only.
    var withoutSorting: FilterRule {
        var rule = self
        rule.sortKey = nil
        return rule
    }

    /// The rule, for sorting only.
    var onlyForSorting: FilterRule {
        var rule = self
        rule.isFilter = false
        return rule
    }

    /// The attribute equals one of the values.
    static func text(_ read: @escaping @Sendable (Resource) -> String) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { resource, _ in .inAnyCase(read(resource)) }) { values in
            let values = Set(values)
            return { resource, _ in values.contains(read(resource)) }
        }
    }

    /// What is made of the resource and more equals one of the values.
    static func derivedText(_ read: @escaping @Sendable (Resource, Rendering) -> String) -> FilterRule {
        FilterRule(
            accepts: .string, sortKey: { resource, rendering in .inAnyCase(read(resource, rendering)) }
        ) { values in
            let values = Set(values)
            return { resource, rendering in values.contains(read(resource, rendering)) }
        }
    }

    /// The attribute equals one of the values but for case, as MySQL compares.
    static func textInAnyCase(_ read: @escaping @Sendable (Resource) -> String) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { resource, _ in .inAnyCase(read(resource)) }) { values in
            let values = Set(values.map { $0.lowercased() })
            return { resource, _ in values.contains(read(resource).lowercased()) }
        }
    }

    /// The attribute is one of the identifiers; what is no UUID matches nothing.
    static func id(_ read: @escaping @Sendable (Resource) -> ResourceID?) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { resource, _ in .text(read(resource)?.description ?? "") }) {
            values in
            let ids = Set(values.compactMap(parseUUID))
            return { resource, _ in read(resource).map(ids.contains) ?? false }
        }
    }

    /// The attribute equals one of the booleans.
    static func boolean(_ read: @escaping @Sendable (Resource, Rendering) -> Bool) -> FilterRule {
        FilterRule(
            accepts: .booleanText,
            sortKey: { resource, rendering in .number(read(resource, rendering) ? 1 : 0) }
        ) {
            (values) throws(APIError) in
            var wanted = Set<Bool>()
            for value in values {
                guard let boolean = parseBoolean(value) else {
                    throw APIError(ModelError.invalidInput("'\(value)' cannot be converted to boolean"))
                }
                wanted.insert(boolean)
            }
            return { [wanted] resource, rendering in wanted.contains(read(resource, rendering)) }
        }
    }

    /// The attribute equals one of the numbers.
    static func integer(_ read: @escaping @Sendable (Resource) -> Int?) -> FilterRule {
        FilterRule(accepts: .integerText, sortKey: { resource, _ in .number(read(resource) ?? .min) }) {
            (values) throws(APIError) in
            var wanted = Set<Int>()
            for value in values {
                guard let number = parseInteger(value) else {
                    throw APIError(ModelError.invalidInput("'\(value)' is not an integer"))
                }
                wanted.insert(number)
            }
            return { [wanted] resource, _ in read(resource).map(wanted.contains) ?? false }
        }
    }

    /// The block is one of the values, however they are written.
    static func cidr(_ read: @escaping @Sendable (Resource) -> IPPrefix) -> FilterRule {
        FilterRule(accepts: .cidr, sortKey: { resource, _ in .text(read(resource).description) }) {
            (values) throws(APIError) in
            var wanted = Set<IPPrefix>()
            for value in values {
                guard let block = parseBlock(value) else {
                    throw APIError(ModelError.invalidInput("\(value) is not in a CIDR format"))
                }
                wanted.insert(block)
            }
            return { [wanted] resource, _ in wanted.contains(read(resource)) }
        }
    }

    /// One of the attribute's elements equals one of the values.
    static func anyElement(_ read: @escaping @Sendable (Resource) -> [String]) -> FilterRule {
        FilterRule(accepts: .string) { values in
            let values = Set(values)
            return { resource, _ in read(resource).contains(where: values.contains) }
        }
    }

    /// The moment equals one of the values.
    static func timestamp(_ read: @escaping @Sendable (Resource) -> Timestamp) -> FilterRule {
        FilterRule(
            accepts: .string, sortKey: { resource, _ in .number(Int(read(resource).secondsSinceEpoch)) }
        ) { values in
            let moments = Set(values.compactMap { Timestamp(iso8601: $0) })
            return { resource, _ in moments.contains(read(resource)) }
        }
    }
}

/// A block of addresses, or the one of a single address.
func parseBlock(_ text: String) -> IPPrefix? {
    IPPrefix(text) ?? IPAddress(text).map { IPPrefix(host: $0) }
}

/// A value that lists are ordered by.
enum SortValue: Comparable, Sendable {
    case number(Int)
    case text(String)
    /// Text in capitals, and as it is for those that are equal so.
    case cased(String, exactly: String)

    /// Text that people wrote: databases order it without regard to case.
    static func inAnyCase(_ text: String) -> SortValue { .cased(text.uppercased(), exactly: text) }
}
