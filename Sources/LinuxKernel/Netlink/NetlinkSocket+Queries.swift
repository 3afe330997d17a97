import Addressing
import CLinux
import Glibc
import KernelPlan

extension NetlinkSocket {
    /// The device of that name, or nil where there is none.
    func parsedLink(_ name: String, counters: Bool = false) throws(KernelError) -> ParsedLink? {
        // The kernel would take an empty name for a malformed request.
        if name.isEmpty { return nil }
        do throws(KernelError) {
            let message = try get(getLinkMessage(name: name, counters: counters), "look at", name)
            return try reading("look at", name) { () throws(MalformedMessage) in try parseLink(message) }
        } catch {
            if error.errno == ENODEV { return nil }
            throw error
        }
    }

    /// The device of that name, or nil where there is none.
    func link(_ name: String) throws(KernelError) -> Link? { try parsedLink(name)?.link }

    /// The index of the device of that name; throws ENODEV where there is none.
    func index(of name: String) throws(KernelError) -> Int32 {
        guard let link = try link(name) else { throw KernelError("look at", name, ENODEV) }
        return link.index
    }

    /// The name of the device with that index.
    func name(ofLink index: Int32) throws(KernelError) -> String {
        let object = "interface \(index)"
        let message = try get(getLinkMessage(index: index), "look at", object)
        return try reading("look at", object) { () throws(MalformedMessage) in
            try parseLink(message).link.name
        }
    }

    /// All devices, or the ports of one bridge.
    func links(portsOf master: Int32? = nil) throws(KernelError) -> [ParsedLink] {
        let messages = try dump(dumpLinksMessage(portsOf: master), "list", "links")
        return try reading("list", "links") { () throws(MalformedMessage) in
            var links: [ParsedLink] = []
            links.reserveCapacity(messages.count)
            for message in messages where message.type == UInt16(RTM_NEWLINK) {
                let parsed = try parseLink(message)
                if master == nil || parsed.link.master == master { links.append(parsed) }
            }
            return links
        }
    }

    /// The addresses of one device, or of all (0).
    func addresses(link: Int32 = 0) throws(KernelError) -> [LinkAddress] {
        let messages = try dump(dumpAddressesMessage(link: link), "list", "addresses")
        return try reading("list", "addresses") { () throws(MalformedMessage) in
            var addresses: [LinkAddress] = []
            for message in messages where message.type == UInt16(RTM_NEWADDR) {
                if let address = try parseAddress(message) { addresses.append(address) }
            }
            return addresses
        }
    }

    /// The unicast routes of the main table.
    func routes() throws(KernelError) -> [LinkRoute] {
        var routes: [LinkRoute] = []
        for version in [IPVersion.v4, .v6] {
            let messages: [Message]
            do throws(KernelError) {
                messages = try dump(dumpRoutesMessage(version), "list", "routes")
            } catch {
                // A namespace in which nothing ever came up has no table yet.
                if error.errno != ENOENT { throw error }
                continue
            }
            try reading("list", "routes") { () throws(MalformedMessage) in
                for message in messages where message.type == UInt16(RTM_NEWROUTE) {
                    routes += try parseRoutes(message)
                }
            }
        }
        return routes
    }

    /// The hosts to which a VXLAN device sends unknown and broadcast frames.
    func floodPeers(of link: Link) throws(KernelError) -> Set<IPAddress> {
        let messages = try dump(
            dumpForwardingMessage(link: link.index), "list forwarding entries of", link.name)
        return try reading("list forwarding entries of", link.name) { () throws(MalformedMessage) in
            var peers: Set<IPAddress> = []
            for message in messages where message.type == UInt16(RTM_NEWNEIGH) {
                if let peer = try parseFloodPeer(message, link: link.index) { peers.insert(peer) }
            }
            return peers
        }
    }

    /// The id that another namespace has in this socket's one; -1 where it has none yet.
    func namespaceID(of descriptor: Int32) throws(KernelError) -> Int32 {
        var request = MessageWriter(type: RTM_GETNSID, flags: 0)
        request.fixed(rtgenmsg(rtgen_family: UInt8(AF_UNSPEC)))
        request.attribute(NETNSA_FD, UInt32(bitPattern: descriptor))
        let message = try get(request, "look up", "namespace id")
        return try reading("look up", "namespace id") { () throws(MalformedMessage) in
            var attributes = try message.attributes(after: MemoryLayout<rtgenmsg>.size)
            while let attribute = try attributes.next() {
                if attribute.type == Int(NETNSA_NSID) { return try attribute.integer(Int32.self) }
            }
            return -1
        }
    }
}
