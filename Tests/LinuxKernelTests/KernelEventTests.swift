import KernelPlan
import KernelScenarios
import LinuxKernel
import Testing

/// What the kernel tells of itself.
extension KernelTests {
    @Test func wiringChangesTellOfOurDevices() async throws {
        try await withWiring { wiring in
            let events = try bench.linux.wiringChanges()
            let wanted: Set<WiringChange> = [.link(wiring.outerDevice)]
            let seen = try await heard(wanted, in: events, lost: .anything) { round in
                try bench.meddle(.setMTU(wiring.outer, 1400 - round))
            }
            #expect(seen == wanted)
        }
    }

    /// As after a restart: the wiring stands already.
    @Test func wiringChangesTellOfWhatIsInsideOnceItWasLookedAt() async throws {
        try await withWiring { wiring in
            let fresh = try LinuxKernel(thread: bench.thread)
            let events = try fresh.wiringChanges()
            _ = try fresh.observe(wiring)
            let wanted: Set<WiringChange> = [.link(wiring.outerDevice), .namespace(wiring.namespace)]
            let seen = try await heard(wanted, in: events, lost: .anything) { round in
                try bench.meddle(
                    .setMTU(wiring.outer, 1400 - round),
                    .addAddress(try prefix("10.20.0.\(77 + round)/24"), wiring.inner))
            }
            #expect(seen == wanted)
        }
    }

    /// What of the wanted events is heard of after changes that bring all of them, once for each round.
    ///
    /// Other tests make events by the thousand. Where that many wait to be heard some are lost, which is told: then
    /// there is another round.
    private func heard<Event: Hashable & Sendable>(
        _ wanted: Set<Event>, in events: AsyncStream<Event>, lost: Event,
        after change: @escaping @Sendable (_ round: Int) throws -> Void
    ) async throws -> Set<Event> {
        try change(0)
        return try await withThrowingTaskGroup(of: Set<Event>.self) { group in
            group.addTask {
                var (seen, round): (Set<Event>, Int) = ([], 0)
                for await event in events {
                    if wanted.contains(event) { seen.insert(event) }
                    if seen == wanted { break }
                    if event == lost {
                        round += 1
                        try change(round % 100)
                    }
                }
                return seen
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(120))
                return []
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}

/// What events mean for the wiring.
@Suite struct KernelEventTests {
    private static let namespace = "qdhcp-0f3c2e7a-3a55-4a3c-8f0b-5a7b1c2d3e4f"

    @Test(arguments: [
        (KernelEvent.lost, WiringChange.anything),
        (.changed(.namespace(namespace), link: nil), .namespace(namespace)),
        (.changed(.namespace(namespace), link: "ns-0f3c2e7a-3a"), .namespace(namespace)),
        (.changed(.root, link: "brq0f3c2e7a-3a"), .link("brq0f3c2e7a-3a")),
        (.changed(.root, link: "tap0f3c2e7a-3a"), .link("tap0f3c2e7a-3a")),
        (.changed(.root, link: "vxlan-77"), .link("vxlan-77")),
        (.changed(.root, link: "eth1"), .link("eth1")),
        (.changed(.unknown, link: "ns-0f3c2e7a-3a"), .link("ns-0f3c2e7a-3a")),
    ])
    func eventsThatMayTouchTheWiringSayWhat(event: KernelEvent, change: WiringChange) {
        #expect(event.wiringChange(uplinks: ["eth1"]) == change)
    }

    @Test(arguments: [
        KernelEvent.changed(.root, link: "eth0"), .changed(.root, link: "veth7c1f2d3"),
        .changed(.root, link: nil), .changed(.namespace("cni-1234"), link: "eth0"),
        .changed(.namespace("cni-1234"), link: nil), .changed(.unknown, link: "eth0"),
        .changed(.unknown, link: nil),
    ])
    func eventsOfOthersDoNot(event: KernelEvent) {
        #expect(event.wiringChange(uplinks: ["eth1"]) == nil)
    }
}
