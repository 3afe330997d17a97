import Addressing
import DNSEngine
import Glibc
import LinuxKernel

/// One query on its way to other servers and back.
struct DNSExchange: Sendable {
    /// What it waits for.
    enum Stage: Hashable, Sendable {
        /// A socket of this kind.
        case socket(IPVersion, isStream: Bool)
        /// An answer by UDP.
        case datagram(Int32)
        /// A connection.
        case connection(Int32)
        /// An answer by TCP.
        case stream(Int32)
    }

    let query: DNSForwardedQuery
    let client: DNSClient
    /// In the order in which they are asked.
    var servers: [SocketAddress]
    var stage = Stage.socket(.v4, isStream: false)
    /// Servers asked so far.
    var attempts = 0
    /// Servers that said that they cannot answer.
    var refusals = 0
    /// Messages that answer something else; many in one attempt are somebody's guesses.
    var foreign = 0
    var id: UInt16 = 0
    /// When to ask the next server, in nanoseconds of the monotonic clock.
    var deadline: UInt64 = 0
    /// What came by TCP so far.
    var input: [UInt8] = []

    init(_ query: DNSForwardedQuery, _ client: DNSClient, _ servers: [SocketAddress]) {
        self.query = query
        self.client = client
        self.servers = servers
    }

    /// Whom it asks now.
    var server: SocketAddress { servers[attempts % servers.count] }

    /// The descriptor in use; nil for none.
    var descriptor: Int32? {
        switch stage {
        case .socket: nil
        case .datagram(let number), .connection(let number), .stream(let number): number
        }
    }

    var isStream: Bool {
        switch stage {
        case .socket(_, let isStream): isStream
        case .datagram: false
        case .connection, .stream: true
        }
    }
}
