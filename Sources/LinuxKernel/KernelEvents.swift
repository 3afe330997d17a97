import CLinux
import Glibc
public import KernelPlan
import Locks

/// Something changed in the kernel's wiring, by us or by somebody else: a reason to look again.
package enum KernelEvent: Hashable, Sendable {
    /// A device, an address or a route; the device's name where the event tells it.
    case changed(EventPlace, link: String?)
    /// Events were lost because they came too fast: look at everything.
    case lost
}

extension KernelEvent {
    /// What it may mean for the wiring of networks; nil where it cannot concern any.
    ///
    /// Addresses and routes of the root namespace are none of ours, and other people's namespaces and
    /// devices come and go all day. Every namespace of ours is known by name.
    ///
    /// - Parameter uplinks: The host's interfaces that carry networks.
    package func wiringChange(uplinks: Set<String>) -> WiringChange? {
        switch self {
        case .lost: .anything
        case .changed(.namespace(let name), _): name.hasPrefix("qdhcp-") ? .namespace(name) : nil
        case .changed(.root, let link?): Self.isOurs(link) || uplinks.contains(link) ? .link(link) : nil
        case .changed(.unknown, let link?): Self.isOurs(link) ? .link(link) : nil
        case .changed(.root, nil), .changed(.unknown, nil): nil
        }
    }

    private static func isOurs(_ link: String) -> Bool {
        ["brq", "tap", "ns-", "vxlan-"].contains { link.hasPrefix($0) }
    }
}

/// Where an event happened.
package enum EventPlace: Hashable, Sendable {
    case root
    /// A namespace under /run/netns.
    case namespace(String)
    /// A namespace whose name is not known.
    case unknown
}

/// The names behind the ids by which the kernel marks events from other namespaces.
///
/// An id is known once a veth into its namespace was made or looked at here.
final class NamespaceIDs: Sendable {
    private let names = Mutex<[Int32: String]>([:])

    func remember(_ id: Int32, _ name: String) {
        if id >= 0 { names.withLock { $0[id] = name } }
    }

    func place(of id: Int32) -> EventPlace {
        id < 0 ? .root : names.withLock { $0[id] }.map { .namespace($0) } ?? .unknown
    }
}

extension LinuxKernel {
    /// The changes that may concern the wiring of networks, as they happen.
    ///
    /// The newest 4,096 that nobody has taken yet are kept, with ``KernelPlan/WiringChange/anything`` in
    /// front of a gap. Addresses and routes inside a namespace are told of once its wiring was made or looked
    /// at: to ask the kernel for the ids of a thousand namespaces takes it twenty milliseconds, while a start
    /// has better things to do. It ends when nobody listens any more.
    ///
    /// - Parameter uplinks: The host's interfaces that carry networks.
    public func wiringChanges(
        uplinks: Set<String> = []
    ) throws(KernelError) -> AsyncStream<WiringChange> {
        try EventSource(ids: state.withLock(\.namespaceIDs), thread: thread)
            .stream(buffering: 4096) { $0.wiringChange(uplinks: uplinks) }
    }
}

/// A netlink socket that listens, on the poller's thread.
private final class EventSource: Sendable {
    private let descriptor: OwnedDescriptor
    private let ids: NamespaceIDs
    private let token = Mutex<DescriptorPoller.Token?>(nil)

    init(ids: NamespaceIDs, thread: NamespaceThread) throws(KernelError) {
        self.ids = ids
        descriptor = OwnedDescriptor(
            try thread.enter(nil) { () throws(KernelError) in
                let number = cl_netlink_open(1)
                if number < 0 { throw KernelError("open", "netlink socket", errno) }
                return number
            })
        let groups = [
            RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
        ]
        _ = try bindNetlink(
            descriptor.number, groups: groups.reduce(0) { $0 | 1 << (UInt32($1.rawValue) - 1) })
        // Without it only the root namespace is heard, which is less but not wrong.
        _ = cl_netlink_option(descriptor.number, Int32(NETLINK_LISTEN_ALL_NSID), 1)
        var size: Int32 = 4 << 20
        setsockopt(descriptor.number, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The events that the filter lets through as what it makes of them; the newest are kept.
    func stream<Element: Sendable>(
        buffering count: Int, _ filter: @escaping @Sendable (KernelEvent) -> Element?
    ) throws(KernelError) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self, bufferingPolicy: .bufferingNewest(count))
        let poller = try DescriptorPoller.shared()
        let added = try poller.add(descriptor.number) {
            for event in self.read() {
                guard let element = filter(event) else { continue }
                // One that pushed another out is followed by the news of that.
                if case .dropped = continuation.yield(element), let lost = filter(.lost) {
                    continuation.yield(lost)
                }
            }
        }
        token.withLock { $0 = added }
        // Holds on to the source, and with it to the socket, until nobody listens.
        continuation.onTermination = { _ in
            if let token = self.token.withLock({ $0.take() }) { poller.remove(token) }
        }
        return stream
    }

    /// What one receive brought.
    private func read() -> [KernelEvent] {
        do throws(KernelError) {
            let (bytes, id) = try receiveNetlink(descriptor.number, "hear of", "changes")
            let place = ids.place(of: id)
            return try reading("hear of", "changes") { () throws(MalformedMessage) in
                try events(bytes, place)
            }
        } catch {
            // ENOBUFS: the kernel dropped some. Anything else unreadable is as good as lost, too.
            return error.errno == EAGAIN ? [] : [.lost]
        }
    }

    private func events(_ bytes: [UInt8], _ place: EventPlace) throws(MalformedMessage) -> [KernelEvent] {
        var events: [KernelEvent] = []
        for message in try Message.all(in: bytes) {
            switch Int(message.type) {
            case Int(RTM_NEWLINK), Int(RTM_DELLINK):
                events.append(.changed(place, link: try parseLink(message).link.name))
            case Int(RTM_NEWADDR), Int(RTM_DELADDR), Int(RTM_NEWROUTE), Int(RTM_DELROUTE):
                events.append(.changed(place, link: nil))
            default: break
            }
        }
        return events
    }
}
