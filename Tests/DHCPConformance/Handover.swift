import Addressing
import DHCPDrivers
import DHCPMessages

/// One driver takes a network over from another while its clients hold leases.
public enum Handover {
    private static let scene = Scene(
        "handover", [.a, .d],
        [
            Fact("plain", [GuestPlan("ad")]) { _, _ in },
            Fact("with an identifier", [GuestPlan("ad")]) { _, _ in },
            Fact("two addresses", [GuestPlan("aa")]) { _, _ in },
        ])

    /// What went wrong for whom, with the drivers serving one after the other.
    public static func failures(_ subjects: [Subject]) async throws -> [String] {
        guard let first = subjects.first else { return [] }
        let site = try await Site.open(scene, first)
        var failures: [String] = []
        var (driver, server) = (site.driver, first)
        do {
            let guests = site.casts.map { $0[0] }
            for guest in guests {
                site.wire.own(
                    .v4(try await site.lease(guest, with: identity(guest)).message.yiaddr), guest.mac)
                if !guest.v6.isEmpty { try await site.lease6(guest) }
            }
            for subject in subjects.dropFirst() {
                try await driver.remove(site.segment.id)
                server.finish(driver)
                server = subject
                driver = try subject.make(
                    DriverSettings(confs: site.segment.confs, namespaces: site.segment.namespaces))
                _ = try await driver.apply(site.service(), change: .anything)
                for guest in guests {
                    do {
                        try await check(guest, at: site)
                    } catch {
                        failures.append("guest \(guest.number) at \(subject.kind): \(error)")
                    }
                }
            }
        } catch {
            failures.append("\(error)")
        }
        try? await driver.remove(site.segment.id)
        server.finish(driver)
        await site.close()
        return failures
    }

    /// What the client calls itself: the second guest alone has an identifier.
    private static func identity(_ guest: Guest) -> [UInt8: [UInt8]] {
        guest.number == 2 ? [61: [255, 1, 2, 3, 4, 0, 3, 0, 1] + guest.mac.octets] : [:]
    }

    /// Renewing, rebinding and rebooting keep the address, in both versions.
    private static func check(_ guest: Guest, at site: Site) async throws {
        let address = guest.v4.last ?? .any
        let requests = [
            guest.renew(address, at: try site.serverV4(), with: identity(guest)), guest.rebind(address),
            guest.reboot(address, with: identity(guest)),
        ]
        for request in requests {
            let ack = try await site.ask(request)
            try ack.expect(.ack)
            try require("yiaddr", ack.message.yiaddr, is: address)
        }
        guard !guest.v6.isEmpty else { return }
        // A server that knows nothing of the binding may say so; the client then asks, and keeps what it has.
        let server = try await site.serverDUID()
        let renewed = try await site.ask(try guest.message6(.rebind, addresses: guest.v6))
        if try renewed.given() == guest.v6 { return }
        let reply = try await site.ask(try guest.message6(.request, server: server, addresses: guest.v6))
        try require("the IPv6 addresses", try reply.given(), is: guest.v6)
    }
}
