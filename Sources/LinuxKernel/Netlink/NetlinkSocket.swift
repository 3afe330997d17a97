import CLinux
import Glibc
import KernelPlan

/// One conversation with the kernel over NETLINK_ROUTE, in the namespace in which it was opened.
///
/// Not for two threads at once: a reply belongs to the last request.
final class NetlinkSocket {
    /// For ioctls, too: they work on any socket of a namespace.
    let descriptor: OwnedDescriptor
    private let port: UInt32
    private var sequence: UInt32 = 0

    /// Opens a socket in the namespace of the calling thread and returns its descriptor, for
    /// ``init(descriptor:)``.
    static func open() throws(KernelError) -> Int32 {
        let number = cl_netlink_open(0)
        if number < 0 { throw KernelError("open", "netlink socket", errno) }
        return number
    }

    /// Takes over an open socket: binds it and asks for strict checking and extended acknowledgements.
    init(descriptor number: Int32) throws(KernelError) {
        descriptor = OwnedDescriptor(number)
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            if cl_netlink_option(number, Int32(option), 1) != 0 {
                throw KernelError("configure", "netlink socket", errno)
            }
        }
        port = try bindNetlink(number, groups: 0)
    }

    /// Sends a request and waits for its acknowledgement.
    func perform(
        _ message: MessageWriter, _ operation: String, _ object: String
    ) throws(KernelError) {
        try send(message, operation, object)
        while true {
            for reply in try receive(operation, object) {
                if reply.type == UInt16(NLMSG_ERROR) { return try check(reply, operation, object) }
            }
        }
    }

    /// Sends a request for one object and returns it.
    func get(_ message: MessageWriter, _ operation: String, _ object: String) throws(KernelError) -> Message {
        try send(message, operation, object)
        while true {
            for reply in try receive(operation, object) {
                if reply.type != UInt16(NLMSG_ERROR) { return reply }
                try check(reply, operation, object)
            }
        }
    }

    /// Sends a request for many objects and returns them all, as they were at one moment.
    func dump(_ message: MessageWriter, _ operation: String, _ object: String) throws(KernelError)
        -> [Message]
    {
        // A change in the middle makes the kernel mark the dump; it gets calmer sooner or later.
        var attempt = 0
        while true {
            attempt += 1
            if let messages = try dumpOnce(message, operation, object) { return messages }
            if attempt == 20 {
                throw KernelError(
                    operation: operation, object: object, errno: EINTR,
                    detail: "the list changed under the reader \(attempt) times in a row")
            }
        }
    }

    /// nil where the dump was interrupted by a change.
    private func dumpOnce(
        _ message: MessageWriter, _ operation: String, _ object: String
    ) throws(KernelError) -> [Message]? {
        try send(message, operation, object)
        var messages: [Message] = []
        var isConsistent = true
        while true {
            for reply in try receive(operation, object) {
                if reply.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isConsistent = false }
                switch Int32(reply.type) {
                case NLMSG_DONE:
                    try check(reply, operation, object)
                    return isConsistent ? messages : nil
                case NLMSG_ERROR:
                    try check(reply, operation, object)
                    return []
                default: messages.append(reply)
                }
            }
        }
    }

    private func send(_ message: MessageWriter, _ operation: String, _ object: String) throws(KernelError) {
        sequence &+= 1
        var message = message
        message.setSequence(sequence)
        let count = retryingInterrupts {
            message.bytes.withUnsafeBytes { Glibc.send(descriptor.number, $0.baseAddress, $0.count, 0) }
        }
        if count < 0 { throw KernelError(operation, object, errno) }
    }

    /// The messages of one receive that answer the last request; what is left of earlier ones is dropped.
    private func receive(_ operation: String, _ object: String) throws(KernelError) -> [Message] {
        let bytes = try receiveNetlink(descriptor.number, operation, object).bytes
        do throws(MalformedMessage) {
            return try Message.all(in: bytes).filter { $0.sequence == sequence && $0.port == port }
        } catch {
            throw KernelError(error, operation, object)
        }
    }

    /// Throws the failure that an NLMSG_ERROR or NLMSG_DONE reports, with the kernel's own words.
    private func check(_ reply: Message, _ operation: String, _ object: String) throws(KernelError) {
        let failure = try reading(operation, object) { () throws(MalformedMessage) -> (Int32, String?)? in
            // NLMSG_DONE of an empty dump may come without a status.
            if reply.payload.count < 4 { return nil }
            let status: Int32 = try reply.payload.integer(at: 0)
            return status < 0 ? (-status, try Self.explanation(of: reply)) : nil
        }
        if let (number, text) = failure {
            throw KernelError(
                operation: operation, object: object, errno: number, detail: text ?? errorText(number))
        }
    }

    /// The text of the extended acknowledgement (NLMSGERR_ATTR_MSG), where there is one.
    static func explanation(of reply: Message) throws(MalformedMessage) -> String? {
        guard reply.flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return nil }
        // An error repeats the header of the request, capped to that (NETLINK_CAP_ACK).
        var attributes = try reply.attributes(after: reply.type == UInt16(NLMSG_ERROR) ? 20 : 4)
        while let attribute = try attributes.next() {
            if attribute.type == Int(NLMSGERR_ATTR_MSG.rawValue) { return attribute.string() }
        }
        return nil
    }
}

/// Binds a netlink socket to a port of the kernel's choice and to groups; returns the port.
func bindNetlink(_ number: Int32, groups: UInt32) throws(KernelError) -> UInt32 {
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = groups
    var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(number, generic, length) == 0 ? getsockname(number, generic, &length) : -1
        }
    }
    if result != 0 { throw KernelError("bind", "netlink socket", errno) }
    return address.nl_pid
}

/// One receive, with the id of the namespace it tells of where the socket listens to others.
func receiveNetlink(
    _ number: Int32, _ operation: String, _ object: String
) throws(KernelError) -> (bytes: [UInt8], namespaceID: Int32) {
    // The kernel fills at most 32 KiB per message of a dump.
    let result = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 4) {
        buffer -> Result<([UInt8], Int32), KernelError> in
        var namespaceID: Int32 = -1
        var truncated: Int32 = 0
        let count = cl_netlink_receive(number, buffer.baseAddress, buffer.count, &namespaceID, &truncated)
        if count < 0 { return .failure(KernelError(operation, object, errno)) }
        if truncated != 0 { return .failure(KernelError(operation, object, EMSGSIZE)) }
        return .success((Array(buffer.prefix(count)), namespaceID))
    }
    return try result.get()
}

extension KernelError {
    /// A reply that could not be read.
    init(_ error: MalformedMessage, _ operation: String, _ object: String) {
        self.init(operation: operation, object: object, errno: EBADMSG, detail: error.detail)
    }
}

/// Reads replies of a request, with malformed ones as kernel errors.
func reading<T>(
    _ operation: String, _ object: String, _ body: () throws(MalformedMessage) -> T
) throws(KernelError) -> T {
    do throws(MalformedMessage) {
        return try body()
    } catch {
        throw KernelError(error, operation, object)
    }
}
