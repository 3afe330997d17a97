import Addressing
import DHCPDrivers
import DHCPMessages
import Glibc
import LinuxKernel
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite(
    "A real dnsmasq in a real namespace", .serialized,
    .enabled(if: mayUseNamespaces, "needs root and dnsmasq"))
struct LiveDnsmasqTests {
    private let nine = Fixture.port("9", "fa:16:3e:00:00:09", [("1", "10.7.0.9"), ("2", "2001:db8:7::9")])
    private let ten = Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.7.0.10")])
    private let boot = Fixture.port(
        "c", "fa:16:3e:00:00:0c", [("1", "10.7.0.12")],
        options: [.init(name: "bootfile-name", value: "a #\"b\\")])

    private func pid(_ driver: DnsmasqDriver, _ network: ResourceID) async -> Int32? {
        if case .running(let pid) = await driver.status(of: network) { pid } else { nil }
    }

    private func isRunning(_ pid: Int32) -> Bool { (try? ProcessWatch(pid: pid))?.isRunning == true }

    private func inode(_ path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    @Test("what is here suffices, and a missing program says how to get it")
    func requirements() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            try await network.driver().checkRequirements()
            let error = await #expect(throws: DHCPDriverError.self) {
                try await network.driver { $0.dnsmasqPath = "no-such-dnsmasq" }.checkRequirements()
            }
            #expect(error?.kind == .requirement)
            #expect(error?.detail.contains("apt-get install dnsmasq-base") == true)
        }
    }

    @Test("it starts, serves both versions right after apply, and is told of new and deleted ports")
    func lifecycle() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .started)
            let first = await pid(driver, network.id)
            #expect(first != nil)
            let ack = try #require(try await network.lease("fa:16:3e:00:00:09"))
            #expect(ack.yiaddr == IPv4Address(10, 7, 0, 9))
            #expect(ack[option: 3] == [10, 7, 0, 1])
            #expect(try ack.leaseTime() == 86_400)
            let v6 = await network.leaseV6(iaid: 5)
            #expect(v6 == [IPv6Address("2001:db8:7::9")].compactMap { $0 })

            #expect(try await network.lease("fa:16:3e:00:00:0a", within: .milliseconds(200)) == nil)
            #expect(
                try await driver.apply(network.service([nine, ten]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a")?.yiaddr == IPv4Address(10, 7, 0, 10))

            #expect(
                try await driver.apply(network.service([nine, ten]), change: .ports([ten.id])) == .unchanged)
            #expect(try await driver.apply(network.service([nine]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a", within: .milliseconds(200)) == nil)
            #expect(await pid(driver, network.id) == first)

            try await driver.remove(network.id)
            #expect(await driver.status(of: network.id) == .stopped)
            #expect(!fileExists(path: network.directory))
            if let first { #expect(!isRunning(first)) }
            try await driver.remove(network.id)
        }
    }

    @Test("a port's options reach its client as they are; where a reload could crash it is a restart")
    func options() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            let abilities = try await Requirements.check(
                network.configuration(), network.namespaces, driver.log)
            let renewed: DHCPApplyOutcome = abilities.reloadsSafely ? .reloaded : .restarted
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .started)
            // Nothing that runs has a tag yet: this reload is safe everywhere.
            #expect(
                try await driver.apply(network.service([nine, boot]), change: .ports([boot.id])) == .reloaded)
            let ack = try #require(try await network.lease("fa:16:3e:00:00:0c"))
            // The hostile value came through as its characters, the zero that dnsmasq appends aside.
            #expect(ack[option: 67]?.filter { $0 != 0 } == Array("a #\"b\\".utf8))
            #expect(try await driver.apply(network.service([nine]), change: .ports([boot.id])) == renewed)
            #expect(
                try await driver.apply(network.service([nine, ten]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
            #expect(try await network.lease("fa:16:3e:00:00:0c", within: .milliseconds(200)) == nil)
        }
    }

    @Test("a new driver adopts what runs: same process, nothing rewritten, nothing signalled")
    func adoption() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            #expect(try await old.apply(network.service([nine]), change: .anything) == .started)
            let before = await pid(old, network.id)
            let host = inode("\(network.directory)/host")

            let new = network.driver()
            #expect(try await new.existingNetworks() == [network.id])
            #expect(try await new.apply(network.service([nine]), change: .anything) == .unchanged)
            #expect(await pid(new, network.id) == before)
            #expect(inode("\(network.directory)/host") == host)
            // Changes reach the adopted one.
            #expect(try await new.apply(network.service([nine, ten]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
        }
    }

    @Test("files that are right but were perhaps not read are read again")
    func crashBetweenWriteAndSignal() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            _ = try await old.apply(network.service([nine]), change: .anything)
            // An agent that died after writing the files for the new port, before SIGHUP.
            let view = ServiceView(network.service([nine, ten]), network.configuration(), DnsmasqAbilities())
            var renderer = ServiceRenderer()
            let rendered = renderer.render(view, .anything)
            try atomicReplace(path: "\(network.directory)/host", contents: rendered.host)
            try atomicReplace(path: "\(network.directory)/opts", contents: rendered.options)
            try atomicReplace(path: "\(network.directory)/addn_hosts", contents: rendered.additionalHosts)
            #expect(try await network.lease("fa:16:3e:00:00:0a", within: .milliseconds(200)) == nil)
            #expect(
                try await network.driver().apply(network.service([nine, ten]), change: .anything) == .reloaded
            )
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
        }
    }

    @Test("a file that somebody else changed is put right")
    func drift() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([nine]), change: .anything)
            try atomicReplace(path: "\(network.directory)/host", contents: "")
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .reloaded)
            let host = try readFile(path: "\(network.directory)/host")
            #expect(!host.isEmpty)
        }
    }

    @Test("other arguments replace the process; it never runs twice")
    func restart() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([nine]), change: .anything)
            let before = try #require(await pid(driver, network.id))
            let changed = network.service([nine], mtu: 1400)
            #expect(try await driver.apply(changed, change: .anything) == .restarted)
            #expect(!isRunning(before))
            let ack = try #require(try await network.lease("fa:16:3e:00:00:09"))
            #expect(ack[option: 26] == [5, 120])
            var deaths = driver.deaths.makeAsyncIterator()
            let after = try #require(await pid(driver, network.id))
            kill(after, SIGKILL)
            // The first death heard of is this one: that of the restart was ours.
            #expect(await deaths.next() == network.id)
            #expect(try await driver.apply(changed, change: .anything) == .started)
        }
    }

    @Test("a dnsmasq whose pid file is lost is found before a second one is started")
    func lostPIDFile() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let old = network.driver()
            _ = try await old.apply(network.service([nine]), change: .anything)
            let before = await pid(old, network.id)
            try removeFile(path: "\(network.directory)/pid")
            let new = network.driver()
            #expect(try await new.apply(network.service([nine]), change: .anything) == .unchanged)
            #expect(await pid(new, network.id) == before)
            try await new.remove(network.id)
            if let before { #expect(!isRunning(before)) }
        }
    }

    @Test("a process that only has the id from the pid file is left alone")
    func foreignPID() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            try createDirectory(path: network.directory)
            try atomicReplace(path: "\(network.directory)/pid", contents: "\(getpid())\n")
            let driver = network.driver()
            #expect(await driver.status(of: network.id) == .stopped)
            try await driver.remove(network.id)
        }
    }

    @Test("a broken extra file is reported in dnsmasq's own words")
    func startFailure() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let file = "\(network.confs)/extra.conf"
            try atomicReplace(path: file, contents: "no-such-option\n")
            let driver = network.driver { $0.configFile = file }
            let error = await #expect(throws: DHCPDriverError.self) {
                try await driver.apply(network.service([nine]), change: .anything)
            }
            #expect(error?.kind == .startFailed)
            #expect(error?.detail == "bad option at line 1 of \(file)")
        }
    }

    @Test("without its namespace it is not started, and nothing is left behind")
    func noNamespace() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            var service = network.service([nine])
            service.namespace = "qdhcp-gone"
            let lost = service
            let driver = network.driver()
            let error = await #expect(throws: DHCPDriverError.self) {
                try await driver.apply(lost, change: .anything)
            }
            #expect(error?.kind == .wiring)
            #expect(try await driver.existingNetworks().isEmpty)
        }
    }

    @Test("with DNS off the reading of the files alone is the proof")
    func dnsOff() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let file = "\(network.confs)/extra.conf"
            try atomicReplace(path: file, contents: "port=0\n")
            let driver = network.driver { $0.configFile = file }
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .started)
            #expect(
                try await driver.apply(network.service([nine, ten]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
        }
    }

    @Test("a stopped dnsmasq is found unresponsive and replaced")
    func unresponsive() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            // Long enough for starting it on a busy machine.
            let driver = network.driver { $0.confirmTimeout = .seconds(10) }
            _ = try await driver.apply(network.service([nine]), change: .anything)
            let process = try #require(await pid(driver, network.id))
            kill(process, SIGSTOP)
            let outcome = try await driver.apply(network.service([nine, ten]), change: .ports([ten.id]))
            #expect(outcome == .restarted)
            #expect(await pid(driver, network.id) != process)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
        }
    }

    @Test("with forwarders, and so without --interface, it serves and confirms as well")
    func forwarding() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver { $0.dnsServers = ["192.0.2.1"] }
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .started)
            #expect(
                try await driver.apply(network.service([nine, ten]), change: .ports([ten.id])) == .reloaded)
            #expect(try await network.lease("fa:16:3e:00:00:0a") != nil)
        }
    }

    @Test("its log is where it is said to be")
    func logFile() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver { $0.baseLogDirectory = "\(network.confs)/log" }
            _ = try await driver.apply(network.service([nine]), change: .anything)
            guard case .file(let path) = await driver.logLocation(of: network.id) else {
                Issue.record("no file")
                return
            }
            #expect(
                String(decoding: try readFile(path: path), as: UTF8.self).contains(
                    "read \(network.directory)/host"))
        }
    }

    @Test(
        "a directory that dnsmasq's user may not read is named as the cause", .enabled(if: dnsmasqChangesUser)
    )
    func unreadable() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver { $0.confirmTimeout = .seconds(10) }
            chmod(network.confs, 0o700)
            let error = await #expect(throws: DHCPDriverError.self) {
                try await driver.apply(network.service([nine]), change: .anything)
            }
            chmod(network.confs, 0o755)
            #expect(error?.kind == .unresponsive)
            #expect(error?.detail.contains("may its user read there") == true)
            #expect(try await driver.apply(network.service([nine]), change: .anything) == .reloaded)
        }
    }

    @Test("a lease whose port is gone is released, so that its address serves the next at once")
    func release() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([ten]), change: .anything)
            let id: [UInt8] = [1, 0xFA, 0x16, 0x3E, 0, 0, 0xA]
            #expect(try await network.lease("fa:16:3e:00:00:0a", clientID: id) != nil)
            #expect(
                try await network.leases { leases in
                    leases.v4.contains { $0.address == IPv4Address(10, 7, 0, 10) && $0.clientID == id }
                })
            let heir = Fixture.port("b", "fa:16:3e:00:00:0b", [("1", "10.7.0.10")])
            #expect(
                try await driver.apply(network.service([heir]), change: .ports([ten.id, heir.id]))
                    == .reloaded)
            let after = try network.leases()
            #expect(!after.v4.contains { $0.address == IPv4Address(10, 7, 0, 10) })
            let ack = try #require(try await network.lease("fa:16:3e:00:00:0b"))
            #expect(ack.yiaddr == IPv4Address(10, 7, 0, 10))
            // The DHCP port's own lease was kept.
            #expect(
                try await network.leases { leases in
                    leases.v4.contains { $0.address == IPv4Address(10, 7, 0, 2) }
                })
        }
    }

    @Test("an IPv6 lease whose port is gone is released")
    func releaseV6() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            _ = try await driver.apply(network.service([nine]), change: .anything)
            #expect(await network.leaseV6(iaid: 77)?.count == 1)
            #expect(try await network.leases { $0.v6.map(\.iaid) == [77] })
            // A restart keeps it: an IAID cannot be invented.
            #expect(
                try await driver.apply(network.service([nine], mtu: 1400), change: .anything) == .restarted)
            #expect(try await network.leases { $0.v6.map(\.iaid) == [77] })
            _ = try await driver.apply(network.service([], mtu: 1400), change: .ports([nine.id]))
            #expect(try network.leases().v6.isEmpty)
        }
    }

    @Test("every hostile value leaves dnsmasq running and the other ports served")
    func hostile() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            let values = [
                "a\ndhcp-range=1.2.3.4", "\"", "\\", "#", " # x", "a,tag:x,3,6.6.6.6", "\u{1}\u{2}\u{1f}",
                "é☃", "5s", "s",
                String(repeating: "x", count: 255), String(repeating: "\"", count: 255), "\"\n", "\t", ",",
                ",,,", "[::1]",
            ]
            let names = [
                "67", "bootfile-name", "224", "vendor-class", "tag:x,66", "router", "mtu", "client-id", "61",
                "59",
            ]
            var ports: [Port] = []
            for (index, value) in values.enumerated() {
                for (other, name) in names.enumerated() {
                    let number = index * names.count + other
                    var random = SystemRandomNumberGenerator()
                    ports.append(
                        Port(
                            id: .random(using: &random), networkID: network.id, standard: Fixture.attributes,
                            macAddress: MACAddress(rawValue: 0xFA16_3E01_0000 + UInt64(number)),
                            fixedIPs: [
                                FixedIP(
                                    subnetID: Fixture.id(digit: "1"),
                                    address: .v4(IPv4Address(rawValue: 0x0A07_0100 + UInt32(number))))
                            ], extraDHCPOptions: [.init(name: name, value: value)], dnsName: value))
                }
            }
            #expect(try await driver.apply(network.service(ports + [nine]), change: .anything) == .started)
            let ack = try #require(try await network.lease("fa:16:3e:00:00:09"))
            #expect(ack.yiaddr == IPv4Address(10, 7, 0, 9))
            #expect(ack[option: 3] == [10, 7, 0, 1])
            // Every port without a client identifier is served, whatever its options are.
            for (index, port) in ports.enumerated() where index % names.count < 7 {
                let mac = "\(port.macAddress)"
                let answer = try await network.lease(mac)
                #expect(answer?.yiaddr == port.fixedIPs[0].address.v4, "\(port.extraDHCPOptions)")
            }
            let outcome = try await driver.apply(network.service([nine]), change: .anything)
            #expect([.reloaded, .restarted].contains(outcome))
        }
    }

    @Test("real dnsmasq accepts every option vector that may be set, as host and option lines")
    func accepted() async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let view = Fixture.view(Fixture.service(network.subnets, [nine, ten, boot]))
            var renderer = ServiceRenderer()
            let rendered = renderer.render(view, .anything)
            let lines =
                rendered.host.lines.map { "dhcp-host=\($0)" }
                + rendered.options.lines.map { "dhcp-option=\($0)" }
            let file = "\(network.confs)/test.conf"
            try atomicReplace(path: file, contents: lines.joined(separator: "\n"))
            let result = try await spawnAndWait(
                Command("dnsmasq", ["--test", "--conf-file=\(file)"]), in: nil, using: network.namespaces)
            #expect(result.isSuccess, "\(result.errorText)")
        }
    }
}
