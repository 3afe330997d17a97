import Addressing
import DHCPDrivers
import DHCPMessages
import Glibc
import LinuxKernel
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite(
    "Whose dnsmasq it is, and whether it can be trusted", .serialized,
    .enabled(if: mayUseNamespaces, "needs root and dnsmasq"))
struct LiveOwnershipTests {
    private let nine = Fixture.port("9", "fa:16:3e:00:00:09", [("1", "10.7.0.9"), ("2", "2001:db8:7::9")])
    private let ten = Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.7.0.10")])

    private func pid(_ driver: DnsmasqDriver, _ network: ResourceID) async -> Int32? {
        if case .running(let pid) = await driver.status(of: network) { pid } else { nil }
    }

    private func isRunning(_ pid: Int32) -> Bool { (try? ProcessWatch(pid: pid))?.isRunning == true }

    @Test("only networks with our mark are listed, and what is applied gets it")
    func ownership() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            _ = try await old.apply(network.service([nine]), change: .anything)
            let ours = network.driver { $0.owner = "ours" }
            let others = network.driver { $0.owner = "others" }
            #expect(try await old.existingNetworks() == [network.id])
            #expect(try await ours.existingNetworks().isEmpty)
            #expect(try await ours.apply(network.service([nine]), change: .anything) == .unchanged)
            #expect(try await ours.existingNetworks() == [network.id])
            #expect(try await others.existingNetworks().isEmpty)
            // Who applies it takes it over.
            #expect(try await others.apply(network.service([nine, ten]), change: .anything) == .reloaded)
            #expect(try await others.existingNetworks() == [network.id])
            #expect(try await ours.existingNetworks().isEmpty)
            try await others.remove(network.id)
            #expect(try await ours.apply(network.service([nine]), change: .anything) == .started)
            #expect(try await ours.existingNetworks() == [network.id])
        }
    }

    @Test("the same network's dnsmasq of another state directory is neither taken nor ended")
    func otherDirectory() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([nine]), change: .anything)
            let running = try #require(await pid(driver, network.id))
            let copy = "\(network.confs)/copy"
            try createDirectory(path: "\(copy)/\(network.id)")
            for file in ["pid", "interface"] {
                let bytes = try readFile(path: "\(network.directory)/\(file)")
                try atomicReplace(path: "\(copy)/\(network.id)/\(file)", contents: bytes)
            }
            let stranger = network.driver { $0.dhcpConfs = copy }
            #expect(await stranger.status(of: network.id) == .stopped)
            try await stranger.remove(network.id)
            #expect(isRunning(running))
            // The same directory by another path is the same.
            let same = network.driver { $0.dhcpConfs = "/tmp/../\(network.confs)/" }
            #expect(await pid(same, network.id) == running)
        }
    }

    @Test("where it cannot be told whether dnsmasq runs, nothing is written and nothing started")
    func unknown() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            _ = try await old.apply(network.service([nine]), change: .anything)
            let running = try #require(await pid(old, network.id))
            try removeFile(path: "\(network.directory)/pid")
            // Can be opened but not read: as with too many open files, that says nothing of a process.
            try createDirectory(path: "\(network.directory)/pid")
            let leases = "\(network.directory)/leases"
            var before = stat()
            try #require(stat(leases, &before) == 0)
            let new = network.driver()
            let error = await #expect(throws: DHCPDriverError.self) {
                try await new.apply(network.service([nine, ten]), change: .anything)
            }
            #expect(error?.kind == .file)
            var after = stat()
            try #require(stat(leases, &after) == 0)
            #expect(before.st_ino == after.st_ino)
            #expect(isRunning(running))
            rmdir("\(network.directory)/pid")
            #expect(try await new.apply(network.service([nine, ten]), change: .anything) == .reloaded)
            #expect(await pid(old, network.id) == running)
        }
    }

    @Test("a dnsmasq in a namespace that was deleted and made anew is started again, with its leases")
    func deadNamespace() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            _ = try await old.apply(network.service([nine]), change: .anything)
            #expect(await network.leaseV6(iaid: 77)?.count == 1)
            #expect(try await network.leases { $0.v6.map(\.iaid) == [77] })
            let before = try #require(await pid(old, network.id))
            #expect(ProcessTable.isIn(namespace: network.namespace, pid: before) == true)
            try await network.ip("-n", network.clients, "link", "del", "cl-test")
            try await network.ip("netns", "del", network.namespace)
            #expect(ProcessTable.isIn(namespace: network.namespace, pid: before) == false)
            try await network.wire([network.namespace])
            #expect(ProcessTable.isIn(namespace: network.namespace, pid: before) == false)

            let new = network.driver()
            #expect(try await new.apply(network.service([nine]), change: .anything) == .restarted)
            #expect(!isRunning(before))
            #expect(try await network.lease("fa:16:3e:00:00:09") != nil)
            #expect(try await network.leases { $0.v6.map(\.iaid) == [77] })
            #expect(try await new.apply(network.service([nine]), change: .anything) == .unchanged)
        }
    }

    @Test("another content of the operator's extra file restarts, once, when the driver does")
    func extraFile() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let file = "\(network.confs)/extra.conf"
            try atomicReplace(path: file, contents: "dhcp-option=6,192.0.2.53\n")
            let old = network.driver { $0.configFile = file }
            #expect(try await old.apply(network.service([nine]), change: .anything) == .started)
            let same = network.driver { $0.configFile = file }
            #expect(try await same.apply(network.service([nine]), change: .anything) == .unchanged)
            try atomicReplace(path: file, contents: "dhcp-option=6,192.0.2.54\n")
            // A reload in between does not make the process know more.
            #expect(try await old.apply(network.service([nine, ten]), change: .anything) == .reloaded)
            let new = network.driver { $0.configFile = file }
            #expect(try await new.apply(network.service([nine, ten]), change: .anything) == .restarted)
            #expect(try await new.apply(network.service([nine, ten]), change: .anything) == .unchanged)
        }
    }

    @Test("where dnsmasq does not hear that a lease is released, a restart frees the address")
    func deafToReleases() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([ten]), change: .anything)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
            try await network.nft(
                "add table inet deaf; add chain inet deaf in { type filter hook input priority 0; }; "
                    + "add rule inet deaf in udp dport 67 drop")
            let heir = Fixture.port("b", "fa:16:3e:00:00:0b", [("1", "10.7.0.10")])
            #expect(
                try await driver.apply(network.service([heir]), change: .ports([ten.id, heir.id]))
                    == .restarted)
            try await network.nft("delete table inet deaf")
            let ack = try #require(try await network.lease("fa:16:3e:00:00:0b"))
            #expect(ack.yiaddr.octets == [10, 7, 0, 10])
        }
    }

    @Test(
        "a dnsmasq that was confirmed only at the second try is followed too",
        .enabled(if: dnsmasqChangesUser))
    func secondTry() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            // Long enough for starting it on a busy machine.
            let driver = network.driver { $0.confirmTimeout = .seconds(10) }
            chmod(network.confs, 0o700)
            await #expect(throws: DHCPDriverError.self) {
                try await driver.apply(network.service([nine]), change: .anything)
            }
            chmod(network.confs, 0o755)
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .reloaded)
            kill(try #require(await pid(driver, network.id)), SIGKILL)
            let deaths = driver.deaths
            let heard = await withTaskGroup(of: ResourceID?.self) { group in
                group.addTask { await deaths.first { _ in true } }
                group.addTask {
                    try? await Task.sleep(for: LiveNetwork.patience)
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            #expect(heard == network.id)
        }
    }
}
