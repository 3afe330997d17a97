import CDHCPLoad
import Glibc

/// The ceiling: requests turned into replies in C, over the same sockets, with nothing looked up.
final class EchoServer {
    let pid: pid_t

    init(_ networks: [ServedNetwork]) throws {
        var sockets: [Int32] = []
        defer { sockets.forEach { close($0) } }
        for network in networks {
            let file = try insideNamespace(network.namespace) { dhcpload_echo_socket(network.device) }
            guard file >= 0 else { throw Failure.call("open a socket on \(network.device)") }
            sockets.append(file)
        }
        pid = dhcpload_echo_start(sockets, networks.map(\.server), Int32(networks.count))
        guard pid > 0 else { throw Failure.call("start the C echo") }
    }

    func stop() {
        kill(pid, SIGTERM)
        _ = Program.wait(pid)
    }
}
