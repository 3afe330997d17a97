import Glibc

/// Many connections kept busy from one thread, so that the client costs the machine little.
enum HTTPLoad {
    /// Gives each connection one request after the other until it has none left.
    ///
    /// - Parameter next: the next request of connection 0…, given the response to its last one.
    static func run(
        port: UInt16, connections count: Int, next: (Int, HTTPResponse?) throws -> HTTPRequest?
    ) throws {
        var connections: [HTTPConnection?] = []
        var polled: [pollfd] = []
        var running = 0
        for index in 0..<count {
            let connection = try HTTPConnection(port: port)
            let request = try next(index, nil)
            if let request { try connection.send(request) }
            connections.append(request == nil ? nil : connection)
            // poll(2) skips negative descriptors.
            polled.append(
                pollfd(fd: request == nil ? -1 : connection.file, events: Int16(POLLIN), revents: 0))
            running += request == nil ? 0 : 1
        }
        while running > 0 {
            let ready = poll(&polled, nfds_t(polled.count), 30_000)
            if ready < 0 && errno == EINTR { continue }
            guard ready >= 0 else { throw Failure.call("poll") }
            guard ready > 0 else { throw Failure("the service did not answer for 30 s") }
            for place in polled.indices where polled[place].revents != 0 {
                guard let connection = connections[place], let response = try connection.receive() else {
                    continue
                }
                if let request = try next(place, response) {
                    try connection.send(request)
                } else {
                    connections[place] = nil
                    polled[place].fd = -1
                    running -= 1
                }
            }
        }
    }
}
