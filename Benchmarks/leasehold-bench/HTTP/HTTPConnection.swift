import Glibc

/// One keep-alive connection to 127.0.0.1, with one request at a time on it.
final class HTTPConnection {
    let file: Int32
    private var parser = HTTPResponseParser()
    private var buffer = [UInt8](repeating: 0, count: 65536)

    init(port: UInt16) throws(Failure) {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw .call("make a TCP socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let error = errno
            close(file)
            throw .call("connect to 127.0.0.1:\(port)", error: error)
        }
        var on: Int32 = 1
        setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(file) }

    func send(_ request: HTTPRequest) throws(Failure) {
        let bytes = request.bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(file, $0.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            guard count > 0 else { throw .call("send to the service") }
            sent += count
        }
    }

    /// Reads once, what there is (or waits for the first byte), and returns the response if it is complete.
    func receive() throws(Failure) -> HTTPResponse? {
        let count = read(file, &buffer, buffer.count)
        if count < 0 && errno == EINTR { return nil }
        guard count >= 0 else { throw .call("receive from the service") }
        guard count > 0 else { throw Failure("the service closed a connection in the middle of a request") }
        parser.append(buffer[..<count])
        return try parser.next()
    }

    /// Sends a request and waits for its response.
    func perform(_ request: HTTPRequest) throws(Failure) -> HTTPResponse {
        try send(request)
        while true {
            if let response = try receive() { return response }
        }
    }
}
