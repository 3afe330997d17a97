import Addressing
import CLinux
import Glibc
import LinuxKernel

/// Watches the DHCP messages that pass through one link of the root namespace (packet(7)).
final class ExchangeCapture: Sendable {
    private let socket: Int32
    private let client: MACAddress

    /// Starts to capture what this client says and is told; messages are kept by the kernel from now on.
    ///
    /// - Throws: ``CommandFailure`` if the link is not there or packets may not be captured.
    init(link: String, client: MACAddress) throws {
        self.client = client
        let index = if_nametoindex(link)
        guard index > 0 else { throw CommandFailure("cannot watch \(link): there is no such link") }
        // ETH_P_ALL: what the client sends and what it is sent.
        socket = cl_packet_socket(Int32(index), 0x0003, 0)
        guard socket >= 0 else {
            throw CommandFailure("cannot watch \(link): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(socket) }

    /// Takes the messages that have come since the last call, at most waiting for the time given.
    ///
    /// Blocks its thread: a command that only waits may call it, a service may not.
    ///
    /// - Parameter milliseconds: how long to wait for a first one.
    func messages(waiting milliseconds: Int32) -> [ObservedMessage] {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return [] }
        var found: [ObservedMessage] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return found }
            if let message =
                ObservedMessage(frame: Array(buffer[..<count]), of: client)
            {
                found.append(message)
            }
        }
    }
}
