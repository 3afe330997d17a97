import DNSEngine

/// What a network's DNS serves and whom it asks.
struct DNSServiceConfiguration: Hashable, Sendable {
    /// Where queries for foreign names go.
    enum Upstream: Hashable, Sendable {
        /// Nowhere: they are REFUSED.
        case none
        /// `dnsmasq_dns_servers`.
        case servers([DNSServerAddress])
        /// `dnsmasq_local_resolv`: the servers of the host's /etc/resolv.conf.
        case hostResolvers
    }

    /// Who may ask and what is ours; ``DNSConfiguration/forwards`` follows from ``upstream``.
    var engine: DNSConfiguration
    /// Asked from inside the network's namespace by its own routes, as dnsmasq does it, the host's
    /// resolvers too.
    var upstream: Upstream
    var limits = DNSLimits()

    init(engine: DNSConfiguration, upstream: Upstream = .none) {
        self.engine = engine
        self.upstream = upstream
        self.engine.forwards = upstream != .none
    }
}

/// What one network's guests can make the server hold and wait for.
struct DNSLimits: Hashable, Sendable {
    /// TCP connections of the network; beyond, the one that was silent longest is closed.
    var connections = 64
    /// TCP connections of one address; beyond, new ones are closed.
    var connectionsPerClient = 8
    /// How long a connection may take for its next whole query, or for reading its answer.
    var idleTimeout: Duration = .seconds(10)
    /// Forwarded queries that wait for an answer; beyond, the oldest fails.
    var forwards = 64
    /// Of one client; beyond, its oldest fails.
    var forwardsPerClient = 16
    /// Forwarded queries that wait for an answer by TCP; beyond, new ones fail.
    var streams = 8
    /// How long a server has to answer before the next one is asked.
    var serverTimeout: Duration = .milliseconds(1500)
    /// How long the namespace thread has to open sockets.
    var socketTimeout: Duration = .seconds(3)
    /// How often a query is sent: to each server in turn, once at least, to the first one again at the end.
    var attempts = 4
}

/// What became of a network's DNS messages since it started to serve.
struct DNSCounters: Hashable, Sendable {
    /// Answers from the names of the network's ports, and refusals.
    var answered: [DNSResponseCode: UInt64] = [:]
    /// Queries passed on to other servers.
    var forwarded: UInt64 = 0
    /// Answers of other servers passed back.
    var relayed: UInt64 = 0
    /// Forwarded queries that ended in SERVFAIL: no server answered in time, or too many waited.
    var failed: UInt64 = 0
    /// Messages of other servers' that answered no query of ours.
    var foreignAnswers: UInt64 = 0
    var dropped: [DNSDropReason: UInt64] = [:]
    /// TCP connections closed because there were too many, or because they took too long.
    var closedConnections: UInt64 = 0
}
