import CLinux
import Glibc
import KernelPlan

/// An open door to a namespace: with it, looking and changing needs no entering.
///
/// The socket keeps the namespace alive; close the door before deleting it.
final class NamespaceHandle {
    let socket: NetlinkSocket
    let identity: NamespaceIdentity
    /// The files of /proc/sys that this kernel has. They stay those of the namespace in which they
    /// were opened, whoever reads them.
    private let settings: [(setting: NamespaceSetting, descriptor: Int32)]
    /// Whether they were opened at all.
    let hasSettings: Bool
    /// When it was last used, in the cache's counting.
    var lastUse: UInt64 = 0
    /// The id that the root namespace has here.
    private var rootID: Int32?

    /// What the namespace thread brings out of a namespace: open descriptors.
    struct Opened: Sendable {
        let socket: Int32
        let identity: NamespaceIdentity
        let settings: [(setting: NamespaceSetting, descriptor: Int32)]
        let hasSettings: Bool
    }

    init(_ opened: Opened) throws(KernelError) {
        settings = opened.settings
        hasSettings = opened.hasSettings
        identity = opened.identity
        do throws(KernelError) {
            socket = try NetlinkSocket(descriptor: opened.socket)
        } catch {
            // What was not made whole is not ended by deinit.
            for (_, descriptor) in opened.settings { close(descriptor) }
            throw error
        }
    }

    deinit {
        for (_, descriptor) in settings { close(descriptor) }
    }

    /// Opens what is needed in the namespace of the calling thread, the namespace thread.
    ///
    /// - Parameter withSettings: whether the files of the settings are opened. Their names are looked up among
    ///   those of all namespaces, which takes longer the more there are.
    static func openInside(withSettings: Bool) throws(KernelError) -> Opened {
        let path = "/proc/thread-self/ns/net"
        guard let identity = try NamespaceIdentity(path: path) else {
            throw KernelError("look at", path, ENOENT)
        }
        let socket = try NetlinkSocket.open()
        var settings: [(setting: NamespaceSetting, descriptor: Int32)] = []
        for setting in NamespaceSetting.allCases where withSettings {
            let descriptor = open(setting.path, O_RDWR | O_CLOEXEC)
            if descriptor >= 0 { settings.append((setting, descriptor)) }
        }
        return Opened(
            socket: socket, identity: identity, settings: settings, hasSettings: withSettings)
    }

    /// The values of the settings that this kernel has.
    func readSettings() throws(KernelError) -> [NamespaceSetting: Int] {
        var values: [NamespaceSetting: Int] = [:]
        for (setting, descriptor) in settings {
            let text = withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { buffer in
                let count = retryingInterrupts { pread(descriptor, buffer.baseAddress, buffer.count, 0) }
                return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
            }
            guard let text else { throw KernelError("read", setting.rawValue, errno) }
            values[setting] = Int(text.prefix { $0 != "\n" })
        }
        return values
    }

    /// Writes a setting; one that this kernel lacks is none that could be wrong.
    func write(_ setting: NamespaceSetting, _ value: Int) throws(KernelError) {
        guard let descriptor = settings.first(where: { $0.setting == setting })?.descriptor else { return }
        let text = Array("\(value)\n".utf8)
        let count = retryingInterrupts {
            text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        }
        if count < 0 { throw KernelError("set", setting.rawValue, errno) }
    }

    /// Whether an id that a link's peer has here means the root namespace.
    func isRoot(_ id: Int32, root descriptor: Int32) throws(KernelError) -> Bool {
        if let rootID { return rootID == id }
        // The kernel gives an id when the first link needs one; before, there is none to remember.
        let found = try socket.namespaceID(of: descriptor)
        if found >= 0 { rootID = found }
        return found == id
    }

    /// All that is in the namespace; `inner` is the device whose checksums are looked at.
    func contents(inner: String, withSettings: Bool) throws(KernelError) -> NamespaceContents {
        var contents = NamespaceContents(settings: withSettings ? try readSettings() : [:])
        contents.links = try socket.links().map(\.link)
        contents.addresses = try socket.addresses()
        contents.routes = try socket.routes()
        if !inner.isEmpty && contents.link(inner) != nil {
            let state = cl_get_transmit_checksum(socket.descriptor.number, inner)
            contents.checksumOffload = state < 0 ? nil : state == 1
        }
        return contents
    }
}

/// The open doors, least recently used closed first.
struct NamespaceCache {
    private let capacity: Int
    private var handles: [String: NamespaceHandle] = [:]
    private var uses: UInt64 = 0

    /// - Parameter capacity: How many are kept open, at least one.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// The door to the namespace that has this name now; opened where needed.
    mutating func handle(
        _ name: String, identity: NamespaceIdentity, thread: NamespaceThread, withSettings: Bool = true
    ) throws(KernelError) -> NamespaceHandle {
        uses += 1
        if let handle = handles[name], handle.identity == identity, handle.hasSettings || !withSettings {
            handle.lastUse = uses
            return handle
        }
        handles[name] = nil
        let opened = try thread.enter(name) { () throws(KernelError) in
            try NamespaceHandle.openInside(withSettings: withSettings)
        }
        let handle = try NamespaceHandle(opened)
        insert(handle, name)
        return handle
    }

    /// How many doors are kept open at most.
    var limit: Int { capacity }

    /// Whether the door to the namespace that has this name now is open, with its settings where wanted.
    func holds(_ name: String, _ identity: NamespaceIdentity, withSettings: Bool) -> Bool {
        guard let handle = handles[name], handle.identity == identity else { return false }
        return handle.hasSettings || !withSettings
    }

    /// Takes in a door that was opened elsewhere.
    mutating func insert(_ handle: NamespaceHandle, _ name: String) {
        uses += 1
        handle.lastUse = uses
        if handles[name] == nil && handles.count >= capacity,
            let oldest = handles.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
        {
            handles[oldest] = nil
        }
        handles[name] = handle
    }

    /// Closes the door to a namespace, so that it can go.
    mutating func close(_ name: String) { handles[name] = nil }
}
