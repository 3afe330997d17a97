import LinuxKernel
import NetworkModel

/// What lies in a network's directory while it is served by us: the file `native`, and the file `owner` as
/// the dnsmasq driver has it.
struct ServedMarker {
    private let directory: String
    private let ownerMark: String

    init(_ configuration: NativeDriverConfiguration, _ network: ResourceID) {
        directory = "\(configuration.dhcpConfs)/\(network)"
        ownerMark = configuration.owner.isEmpty ? "" : "\(configuration.owner)\n"
    }

    private var path: String { "\(directory)/native" }
    private var owner: String { "\(directory)/owner" }

    /// Whether the network is served by a native driver, and by one of ours.
    func isOurs() throws(FileError) -> Bool {
        guard fileExists(path: path) else { return false }
        if ownerMark.isEmpty { return true }
        return try contents(of: owner, limit: 4096) == Array(ownerMark.utf8)
    }

    /// Writes what is not there yet.
    func write() throws(FileError) {
        if try isOurs() { return }
        try createDirectory(path: directory)
        // The owner first: a network without one could be taken for somebody else's.
        if !ownerMark.isEmpty, try contents(of: owner, limit: 4096) != Array(ownerMark.utf8) {
            try atomicReplace(path: owner, contents: ownerMark)
        }
        if !fileExists(path: path) {
            try atomicReplace(path: path, contents: "served by leasehold's native driver\n")
        }
    }

    /// Removes our file, and the directory where nothing of another driver's is in it.
    func remove() throws(FileError) {
        guard isDirectory(path: directory) else { return }
        try removeFile(path: path)
        if try directoryEntries(path: directory).allSatisfy({ $0 == "owner" }) {
            try removeTree(path: directory)
        }
    }

    /// The networks in the directory of all that are ours.
    ///
    /// - Parameter unreadable: called with what is wrong where a network's owner cannot be read; that
    ///   network is left out.
    static func networks(
        _ configuration: NativeDriverConfiguration, unreadable: (ResourceID, FileError) -> Void = { _, _ in }
    ) throws(FileError) -> [ResourceID] {
        guard fileExists(path: configuration.dhcpConfs) else { return [] }
        var networks: [ResourceID] = []
        for name in try directoryEntries(path: configuration.dhcpConfs) {
            guard let network = ResourceID(name) else { continue }
            do throws(FileError) {
                if try ServedMarker(configuration, network).isOurs() { networks.append(network) }
            } catch {
                unreadable(network, error)
            }
        }
        return networks
    }
}
