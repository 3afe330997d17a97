import Locks
public import NetworkModel

/// One thing that the agent did or found, for people.
public struct JournalEntry: Hashable, Sendable {
    /// Counts up from 1 over the life of the agent; tells entries of one moment apart.
    public let number: UInt64
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64
    /// The network that it is about, or nil for the agent as a whole.
    public let network: ResourceID?
    /// What happened, such as `started dnsmasq`.
    public let what: String
    /// Why, such as `tap4f3a9c1b-2d is missing`; empty where there is nothing to say.
    public let why: String
    /// Whether it is a failure.
    public let isTrouble: Bool

    /// When it happened, in whole seconds.
    public var time: Timestamp { Timestamp(secondsSinceEpoch: milliseconds / 1000) }
}

extension JournalEntry: CustomStringConvertible {
    public var description: String { why.isEmpty ? what : "\(what): \(why)" }
}

/// The last entries, of the agent and of each network, in bounded rings.
final class Journal: Sendable {
    private struct State {
        var number: UInt64 = 0
        var all: Ring<JournalEntry>
        var byNetwork: [ResourceID: Ring<JournalEntry>] = [:]
    }

    private let state: Mutex<State>
    private let capacityPerNetwork: Int

    /// - Parameters:
    ///   - capacity: how many entries are kept in all.
    ///   - capacityPerNetwork: how many entries are kept of each network that is served.
    init(capacity: Int, capacityPerNetwork: Int) {
        state = Mutex(State(all: Ring(capacity: capacity)))
        self.capacityPerNetwork = capacityPerNetwork
    }

    /// Keeps an entry and returns it with its number.
    @discardableResult
    func record(
        milliseconds: Int64, network: ResourceID?, what: String, why: String, isTrouble: Bool
    ) -> JournalEntry {
        state.withLock { state in
            state.number += 1
            let entry = JournalEntry(
                number: state.number, milliseconds: milliseconds, network: network, what: what, why: why,
                isTrouble: isTrouble)
            state.all.append(entry)
            if let network {
                state.byNetwork[network, default: Ring(capacity: capacityPerNetwork)].append(entry)
            }
            return entry
        }
    }

    /// The entries about one network, or all, oldest first.
    func entries(network: ResourceID?) -> [JournalEntry] {
        state.withLock { state in
            guard let network else { return state.all.elements }
            return state.byNetwork[network]?.elements ?? state.all.elements.filter { $0.network == network }
        }
    }

    /// Drops the ring of a network that is gone; what the agent's own ring holds of it stays.
    func forget(_ network: ResourceID) {
        state.withLock { state in state.byNetwork[network] = nil }
    }
}

/// The last elements of a sequence.
struct Ring<Element> {
    private let capacity: Int
    private var storage: [Element] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    mutating func append(_ element: Element) {
        if storage.count < capacity {
            storage.append(element)
        } else {
            storage[oldest] = element
            oldest = (oldest + 1) % capacity
        }
    }

    /// The elements, oldest first.
    var elements: [Element] { Array(storage[oldest...] + storage[..<oldest]) }
}
