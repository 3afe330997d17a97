import Addressing
import DHCPEngine
import DHCPMessages

/// Thousands of DHCPv4 clients and some agents on a bad network, in virtual time.
///
/// What must hold is checked at every reply: nobody is given an address that is not its port's, no valid
/// request is refused or ignored, no two machines have one address, agents say the same.
public struct Simulation {
    enum Event {
        case start(client: Int, remembering: Bool)
        case wake(client: Int, generation: Int)
        case request([UInt8], DHCPv4Arrival, agent: Int)
        case reply([UInt8], mac: MACAddress, address: IPv4Address?)
        case learn(agent: Int, Change)
        case change
        case outage(agent: Int, isUp: Bool)
    }

    /// What agents learn of.
    enum Change {
        case insert(DHCPv4Host)
        case remove(PortIdentity)
    }

    struct Agent {
        var engine: DHCPv4Engine
        var address: IPv4Address
        var isUp = true
        /// How many changes it knows of.
        var version = 0
        /// When it will have learned what has happened so far.
        var learnsAt: UInt64 = 0
    }

    struct Machine {
        var client: VirtualClient
        var port: PortIdentity
        /// Only the last wish to be woken counts.
        var generation = 0
    }

    let plan: SimulationPlan
    var random: SeededGenerator
    var queue = EventQueue<Event>()
    var now: UInt64 = 0
    var agents: [Agent] = []
    var machines: [Machine] = []
    var byMAC: [MACAddress: Int] = [:]
    var history = PortHistory()
    /// Addresses that nobody has; the one freed last is given first.
    var freeAddresses: [IPv4Address] = []
    var nextMAC: UInt64 = 0xFA16_3E00_0000
    /// Who uses which address.
    var users: [IPv4Address: Int] = [:]
    public internal(set) var report = SimulationReport()

    public init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SeededGenerator(seed: plan.seed)
        freeAddresses = (0..<UInt32(plan.clients) + 50).reversed().map {
            IPv4Address(rawValue: 0x0A00_0100 + $0)
        }
        for index in 0..<plan.agents {
            let address = IPv4Address(10, 0, 0, UInt8(truncatingIfNeeded: 2 + index))
            agents.append(Agent(engine: DHCPv4Engine(configuration(address)), address: address))
        }
        for _ in 0..<plan.clients { addMachine() }
        // The ports are there before the agents start.
        for index in agents.indices {
            for machine in machines {
                if let host = history.ports[machine.port] { agents[index].engine.insert(host) }
            }
        }
        for index in machines.indices {
            let at = UInt64.random(in: 0...UInt64(plan.startSeconds) * 1_000_000, using: &random)
            queue.add(.start(client: index, remembering: false), at: at)
        }
        schedule()
    }

    private func configuration(_ server: IPv4Address) -> DHCPv4Configuration {
        let prefix = IPPrefix("10.0.0.0/8")
        guard let prefix else { return DHCPv4Configuration() }
        return DHCPv4Configuration(subnets: [
            DHCPv4Subnet(
                prefix: prefix, serverAddress: server, leaseTime: plan.leaseSeconds,
                renewalTime: plan.leaseSeconds / 2, rebindingTime: plan.leaseSeconds / 8 * 7,
                options: [DHCPv4Option(3, [10, 0, 0, 1])])
        ])
    }

    private mutating func schedule() {
        if plan.changesPerSecond > 0 { queue.add(.change, at: 30_000_000) }
        guard plan.hasOutages, plan.agents > 1 else { return }
        // One after the other, so that somebody is always there.
        for round in 0..<plan.restlessSeconds / 400 {
            let agent = round % plan.agents
            let start = UInt64(100 + round * 400) * 1_000_000
            queue.add(.outage(agent: agent, isUp: false), at: start)
            queue.add(.outage(agent: agent, isUp: true), at: start + 300_000_000)
        }
    }

    /// Runs to the end and says what came of it.
    public mutating func run() -> SimulationReport {
        let end = UInt64(plan.restlessSeconds + plan.calmSeconds) * 1_000_000
        while let time = queue.nextTime, time <= end, let next = queue.next() {
            now = next.time
            handle(next.event)
        }
        for machine in machines where history.ports[machine.port] != nil && machine.client.state != .off {
            report.expected += 1
            if machine.client.address == history.address(of: machine.client.mac) {
                report.bound += 1
            } else {
                violate("\(machine.client.mac) is \(machine.client.state) in the end")
            }
        }
        return report
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .start(let index, let remembering):
            act(index, machines[index].client.start(now, remembering: remembering, &random))
        case .wake(let index, let generation):
            guard machines[index].generation == generation else { return }
            let actions = machines[index].client.wake(now, &random)
            noteAddress(index)
            act(index, actions)
        case .request(let bytes, let arrival, let agent): serve(bytes, arrival, agent)
        case .reply(let bytes, let mac, let address): deliver(bytes, mac, address)
        case .learn(let agent, let change):
            switch change {
            case .insert(let host): agents[agent].engine.insert(host)
            case .remove(let port): agents[agent].engine.remove(port)
            }
            agents[agent].version += 1
        case .change: makeChange()
        case .outage(let agent, let isUp): agents[agent].isUp = isUp
        }
    }

    // MARK: The network

    mutating func act(_ index: Int, _ actions: [VirtualClient.Action]) {
        for action in actions {
            switch action {
            case .wake(let time):
                machines[index].generation += 1
                queue.add(.wake(client: index, generation: machines[index].generation), at: time)
            case .broadcast(let message):
                let source = machines[index].client.address ?? .any
                for agent in agents.indices {
                    send(message, DHCPv4Arrival(source: source, destination: .broadcast), agent)
                }
            case .unicast(let message, let server):
                guard let agent = agents.firstIndex(where: { $0.address == server }) else { continue }
                send(message, DHCPv4Arrival(source: message.ciaddr, destination: server), agent)
            }
        }
    }

    private mutating func send(_ message: DHCPv4Message, _ arrival: DHCPv4Arrival, _ agent: Int) {
        guard let bytes = try? message.serialized() else { return }
        transmit(.request(bytes, arrival, agent: agent))
    }

    private mutating func transmit(_ event: Event) {
        repeat {
            if random.happens(plan.loss) { continue }
            let delay = UInt64.random(in: 100...UInt64(plan.delayMilliseconds) * 1000, using: &random)
            queue.add(event, at: now + delay)
        } while random.happens(plan.duplication)
    }

    private mutating func deliver(_ bytes: [UInt8], _ mac: MACAddress, _ address: IPv4Address?) {
        guard let index = byMAC[mac], machines[index].client.state != .off,
            let message = try? DHCPv4Message(parsing: bytes)
        else { return }
        // By IP it only gets to who has the address.
        if let address, machines[index].client.address != address { return }
        let waiting = machines[index].client.waitingSince
        let actions = machines[index].client.receive(message, now, &random)
        if let waiting, machines[index].client.waitingSince == nil {
            report.longestWait = max(report.longestWait, Double(now - waiting) / 1_000_000)
        }
        noteAddress(index)
        act(index, actions)
    }

    // MARK: The servers

    private mutating func serve(_ bytes: [UInt8], _ arrival: DHCPv4Arrival, _ index: Int) {
        guard agents[index].isUp, let request = try? DHCPv4Message(parsing: bytes) else { return }
        let exchange = Self.ask(&agents[index].engine, bytes, arrival, now)
        for byte in exchange.bytes { report.checksum = (report.checksum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        report.checksum ^= now
        check(request, exchange.outcome)
        if plan.comparesAgents, random.happens(0.02) { compare(bytes, arrival, index, exchange) }
        guard case .answered(let answer) = exchange.outcome else { return }
        switch answer.destination {
        case .broadcast, .neighbour: transmit(.reply(exchange.bytes, mac: answer.mac, address: nil))
        case .unicast(let address, _):
            transmit(.reply(exchange.bytes, mac: answer.mac, address: address))
        }
    }

    struct Exchange {
        var outcome: DHCPv4Outcome
        var bytes: [UInt8]
    }

    static func ask(
        _ engine: inout DHCPv4Engine, _ bytes: [UInt8], _ arrival: DHCPv4Arrival, _ now: UInt64
    ) -> Exchange {
        var outcome = DHCPv4Outcome.dropped(.sendFailed, request: nil, port: nil)
        let reply = [UInt8](unsafeUninitializedCapacity: 1500) { buffer, count in
            var span = OutputRawSpan(buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: 0)
            outcome = bytes.withUnsafeBytes { raw in
                engine.answer(raw.bytes, arrival, now: EngineTime(rawValue: now), into: &span)
            }
            count = span.finalize(for: UnsafeMutableRawBufferPointer(buffer))
        }
        return Exchange(outcome: outcome, bytes: reply)
    }
}
