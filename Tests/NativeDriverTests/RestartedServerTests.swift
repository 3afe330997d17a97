import Addressing
import DHCPDrivers
import Dispatch
import Glibc
import LinuxKernel
import Locks
import NetworkModel
import Testing

@testable import NativeDriver

/// A network that an earlier process served: what its clients wait for comes first.
@Suite(.enabled(if: mayUseNamespaces, "needs network namespaces"), .timeLimit(.minutes(20)))
struct RestartedServerTests {
    /// Serves the network with a driver that is gone afterwards.
    private func serveBefore(_ network: NativeNetwork, _ port: Port) async throws {
        _ = try await network.driver().apply(network.service([port]), change: .anything)
    }

    /// Applies the service while other work stands in the driver's line, and says which addresses had their DNS
    /// when that had returned and nothing else been done.
    private func applyInLine(
        _ network: NativeNetwork, _ driver: NativeDriver, _ port: Port
    ) async throws -> [IPAddress] {
        #expect(try await driver.existingNetworks() == [network.id])
        let server = try driver.server(of: network.id)
        let before = DispatchSemaphore(value: 0)
        let after = DispatchSemaphore(value: 0)
        server.loop.work.submit { before.wait() }
        // Until the thread is in it.
        while server.loop.work.isBusy { try await Task.sleep(for: .milliseconds(1)) }
        async let outcome = driver.apply(network.service([port]), change: .anything)
        while !server.loop.work.isBusy { try await Task.sleep(for: .milliseconds(1)) }
        server.loop.work.submit { after.wait() }
        before.signal()
        #expect(try await outcome == .started)
        let served = server.control.withLock { $0.dns?.addresses ?? [] }
        after.signal()
        return served
    }

    @Test func whereOthersWaitForTheirDHCPTheDNSComesLater() async throws {
        try await NativeNetwork.with { network in
            var port = network.port(50)
            port.status = .active
            try await serveBefore(network, port)
            let next = network.driver()
            #expect(try await applyInLine(network, next, port) == [])
            #expect(try await network.answers([50], from: 1) == [50: 50])
            let server = try next.server(of: network.id)
            while server.control.withLock({ $0.dns?.addresses.isEmpty ?? true }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            let answer = try await network.run(
                "dig", "+short", "+time=30", "@10.7.0.2", "host-10-7-0-50.openstacklocal")
            #expect(answer == ["10.7.0.50"])
            // A second look finds nothing to do.
            #expect(try await next.apply(network.service([port]), change: .anything) == .unchanged)
        }
    }

    @Test func aPortThatIsToBeReportedReadyHasItsDNSToo() async throws {
        try await NativeNetwork.with { network in
            try await serveBefore(network, network.port(50))
            let next = network.driver()
            #expect(try await !applyInLine(network, next, network.port(50)).isEmpty)
        }
    }

    @Test func aDNSThatCannotStartIsLookedAtAgain() async throws {
        try await NativeNetwork.with { network in
            var port = network.port(50)
            port.status = .active
            try await serveBefore(network, port)
            // Somebody else has the port.
            let thief = try network.namespaces.runBlocking(in: network.namespace) {
                try DNSSockets.open([.v4(IPv4Address(rawValue: 0x0A07_0002))])
            }
            let next = network.driver()
            #expect(try await applyInLine(network, next, port) == [])
            var deaths = next.deaths.makeAsyncIterator()
            #expect(await deaths.next() == network.id)
            for sockets in thief { sockets.close() }
            _ = try await next.apply(network.service([port]), change: .anything)
            let served = try next.server(of: network.id).control.withLock { $0.dns?.addresses ?? [] }
            #expect(!served.isEmpty)
        }
    }
}
