import Addressing
import Glibc
import KernelPlan
import LinuxKernel
import Testing

@Suite(.enabled(if: Privilege.shouldRun, "needs CAP_NET_ADMIN and CAP_SYS_ADMIN"), .serialized)
struct NeighbourTests {
    let bench: RealWorkbench
    let name: String

    init() throws {
        bench = try RealWorkbench()
        name = "lhk-\(bench.tag)"
    }

    /// Runs the body with a socket inside a namespace and the indexes of two devices in it.
    private func withDevices(
        _ body: (consuming NeighbourSocket, _ one: Int32, _ two: Int32) throws -> Void
    ) async throws {
        try bench.linux.createNamespace(name)
        do {
            for arguments in [
                ["link", "add", "lhk-a", "type", "veth", "peer", "name", "lhk-b"],
                ["link", "set", "lhk-a", "up"], ["link", "set", "lhk-b", "up"],
                ["address", "add", "10.6.0.1/16", "dev", "lhk-a"],
            ] {
                let result = try await spawnAndWait(
                    Command("ip", ["-n", name] + arguments), in: nil, using: bench.thread)
                try #require(result.isSuccess, "\(result.errorText)")
            }
            let (number, one, two) = try await bench.thread.run(in: name) {
                (
                    try NeighbourSocket.open(), Int32(bitPattern: if_nametoindex("lhk-a")),
                    Int32(bitPattern: if_nametoindex("lhk-b"))
                )
            }
            try body(try NeighbourSocket(descriptor: number), one, two)
        } catch {
            try? bench.linux.deleteNamespace(name)
            throw error
        }
        try bench.linux.deleteNamespace(name)
        #expect(try bench.leftovers().isEmpty)
    }

    private static func neighbour(_ number: Int, mac: UInt64 = 0x0200_0000_0000) -> Neighbour {
        Neighbour(
            .v4(IPv4Address(rawValue: 0x0A06_1000 + UInt32(number))),
            MACAddress(rawValue: mac + UInt64(number)))
    }

    @Test func thousandsOfEntriesComeChangeAndGo() async throws {
        try await withDevices { (socket: consuming NeighbourSocket, one: Int32, two: Int32) throws in
            var socket = socket
            let all = (0..<5000).map { Self.neighbour($0) }
            #expect(try socket.apply(all.map { .add($0) }, device: one).isEmpty)
            #expect(try socket.wrong(among: all, device: one).isEmpty)
            #expect(Set(try socket.permanent(.v4, device: one)) == Set(all))
            #expect(try socket.permanent(.v4, device: two).isEmpty)

            let changed = (100..<200).map { Self.neighbour($0, mac: 0x0600_0000_0000) }
            #expect(try socket.wrong(among: changed, device: one) == changed)
            #expect(try socket.apply(changed.map { .add($0) }, device: one).isEmpty)
            #expect(try socket.wrong(among: changed, device: one).isEmpty)
            #expect(try socket.wrong(among: all, device: one) == Array(all[100..<200]))

            // Twice: what is gone already is no failure.
            for _ in 0..<2 {
                #expect(try socket.apply(all.map { .remove($0.address) }, device: one).isEmpty)
            }
            #expect(try socket.permanent(.v4, device: one).isEmpty)
            #expect(try socket.wrong(among: all, device: one) == all)
        }
    }

    @Test func whatTheKernelRefusesIsToldOneByOne() async throws {
        try await withDevices { (socket: consuming NeighbourSocket, one: Int32, _: Int32) throws in
            var socket = socket
            let list = (0..<150).map { NeighbourChange.add(Self.neighbour($0)) }
            let failures = try socket.apply(list, device: 99_999)
            #expect(failures.map(\.place) == Array(0..<150))
            #expect(failures.allSatisfy { $0.errno == ENODEV })
            #expect(try socket.apply(list, device: one).isEmpty)
            #expect(try socket.apply([], device: one).isEmpty)
        }
    }

    @Test func neighboursOfBothVersionsAreLookedUp() async throws {
        try await withDevices { (socket: consuming NeighbourSocket, one: Int32, two: Int32) throws in
            var socket = socket
            let (v4, v6) = (IPAddress("10.6.0.7"), IPAddress("fe80::7"))
            let mac = try #require(MACAddress("02:00:00:00:00:07"))
            for address in try [#require(v4), #require(v6)] {
                #expect(try socket.state(of: address, device: one) == nil)
                #expect(try socket.apply([.add(Neighbour(address, mac))], device: one).isEmpty)
                #expect(try socket.state(of: address, device: one) == .known(mac))
                #expect(try socket.state(of: address, device: two) == nil)
            }
            // Nobody has this address: the kernel asks three times, a second apart.
            let nobody = try #require(IPAddress("10.6.0.8"))
            var state: NeighbourState?
            // Who is held up for those seconds finds that it has failed already: the kernel begins anew then.
            for _ in 0..<20 where state != .unresolved {
                try socket.discover(nobody, device: one)
                state = try socket.state(of: nobody, device: one)
            }
            #expect(state == .unresolved)
            for _ in 0..<600 where state == .unresolved {
                usleep(100_000)
                state = try socket.state(of: nobody, device: one)
            }
            #expect(state == .failed || state == nil)
            do {
                try socket.discover(nobody, device: 99_999)
                Issue.record("a device that is not there was asked")
            } catch let error as KernelError {
                #expect(error.errno == ENODEV)
            }
        }
    }
}
