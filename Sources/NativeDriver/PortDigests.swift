import DHCPEngine

/// What each port of a network was compiled to, as a digest: 24 bytes a port.
///
/// Sorted lists: ports come sorted, so taking in a network appends. One more in the middle moves what lies
/// behind, some microseconds for ten thousand ports.
struct PortDigests: Sendable {
    private(set) var ports: [PortIdentity] = []
    private var digests: [Int] = []

    /// Notes what a port is compiled to; whether it was something else before, or nothing.
    mutating func update(_ digest: Int, of port: PortIdentity) -> Bool {
        let place = place(of: port)
        if place < ports.count && ports[place] == port {
            defer { digests[place] = digest }
            return digests[place] != digest
        }
        if ports.count == ports.capacity { reserve(ports.count + max(4, ports.count / 4)) }
        ports.insert(port, at: place)
        digests.insert(digest, at: place)
        return true
    }

    mutating func remove(_ port: PortIdentity) {
        let place = place(of: port)
        guard place < ports.count, ports[place] == port else { return }
        ports.remove(at: place)
        digests.remove(at: place)
    }

    func contains(_ port: PortIdentity) -> Bool {
        let place = place(of: port)
        return place < ports.count && ports[place] == port
    }

    /// Has room for so many ports without growing.
    mutating func reserve(_ count: Int) {
        ports.reserveCapacity(count)
        digests.reserveCapacity(count)
    }

    /// Where the port is, or belongs.
    private func place(of port: PortIdentity) -> Int {
        guard let last = ports.last, last.rawValue >= port.rawValue else { return ports.count }
        var (low, high) = (0, ports.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ports[middle].rawValue < port.rawValue { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
