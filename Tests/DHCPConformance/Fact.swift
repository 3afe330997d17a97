/// A fact about the protocol: its name says what is so, its body throws where it is not.
public struct Fact: Sendable {
    typealias Body = @Sendable (Site, [Guest]) async throws -> Void

    public let name: String
    /// Where the drivers are unlike each other, and so the bodies are.
    public let difference: Difference?
    let guests: [GuestPlan]
    private let bodies: [DriverKind: Body]

    /// A fact of both drivers.
    init(_ name: String, _ guests: [GuestPlan] = [GuestPlan("a")], _ body: @escaping Body) {
        self.name = name
        self.guests = guests
        difference = nil
        bodies = [.dnsmasq: body, .native: body]
    }

    /// A fact that differs, with what holds for each driver.
    init(
        _ name: String, _ guests: [GuestPlan] = [GuestPlan("a")], differs difference: Difference,
        dnsmasq: @escaping Body, native: @escaping Body
    ) {
        self.name = name
        self.guests = guests
        self.difference = difference
        bodies = [.dnsmasq: dnsmasq, .native: native]
    }

    /// Whether the fact holds at the site; the reason where it does not.
    func check(at site: Site, _ guests: [Guest]) async -> String? {
        guard let body = bodies[site.kind] else { return "nothing is said about \(site.kind)" }
        do {
            try await body(site, guests)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// How a fact went with one driver.
public struct FactResult: Sendable {
    public let scene: String
    public let fact: Fact
    /// Why it does not hold; nil where it does.
    public let failure: String?
}
