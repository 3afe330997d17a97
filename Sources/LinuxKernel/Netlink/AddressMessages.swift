package import Addressing
import CLinux
import Glibc
package import KernelPlan

// Requests about addresses, routes and flood peers, and what the kernel says of them.

extension IPVersion {
    /// The address family of sockets and netlink.
    var family: UInt8 { self == .v4 ? UInt8(AF_INET) : UInt8(AF_INET6) }
}

/// Asks for the addresses of one device, or of all.
func dumpAddressesMessage(link: Int32 = 0) -> MessageWriter {
    var header = ifaddrmsg()
    header.ifa_index = UInt32(bitPattern: link)
    var message = MessageWriter(type: RTM_GETADDR, flags: NLM_F_DUMP)
    message.fixed(header)
    return message
}

/// Adds an address or removes it. An IPv6 one is usable at once (IFA_F_NODAD); an IPv4 one gets the
/// broadcast address of its subnet.
package func addressMessage(_ address: IPPrefix, link: Int32, adds: Bool) -> MessageWriter {
    var header = ifaddrmsg()
    header.ifa_family = address.version.family
    header.ifa_prefixlen = UInt8(address.length)
    header.ifa_index = UInt32(bitPattern: link)
    if adds && address.version == .v6 { header.ifa_flags = UInt8(IFA_F_NODAD) }
    var message = MessageWriter(
        type: adds ? RTM_NEWADDR : RTM_DELADDR, flags: NLM_F_ACK | (adds ? NLM_F_CREATE | NLM_F_EXCL : 0))
    message.fixed(header)
    message.attribute(IFA_LOCAL, address.address)
    message.attribute(IFA_ADDRESS, address.address)
    if adds && address.version == .v4 && address.length < 31 {
        message.attribute(IFA_BROADCAST, address.last)
    }
    return message
}

/// Reads an RTM_NEWADDR; nil for families other than IPv4 and IPv6.
func parseAddress(_ message: Message) throws(MalformedMessage) -> LinkAddress? {
    let header = try message.fixed(ifaddrmsg.self)
    guard header.ifa_family == AF_INET || header.ifa_family == AF_INET6 else { return nil }
    var flags = UInt32(header.ifa_flags)
    var local: IPAddress?
    var address: IPAddress?
    var attributes = try message.attributes(after: MemoryLayout<ifaddrmsg>.size)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(IFA_LOCAL): local = try attribute.address()
        case Int(IFA_ADDRESS): address = try attribute.address()
        case Int(IFA_FLAGS): flags = try attribute.integer()
        default: break
        }
    }
    // On a point-to-point link IFA_ADDRESS is the other end.
    guard let own = local ?? address, let prefix = IPPrefix(own, length: Int(header.ifa_prefixlen)) else {
        throw MalformedMessage(detail: "an address message without an address")
    }
    return LinkAddress(
        link: Int32(bitPattern: header.ifa_index), address: prefix,
        isPermanent: flags & UInt32(IFA_F_PERMANENT) != 0,
        // The same bit means "temporary" for IPv6 (RFC 8981).
        isSecondary: own.version == .v4 && flags & UInt32(IFA_F_SECONDARY) != 0,
        isDuplicate: flags & UInt32(IFA_F_DADFAILED) != 0)
}

/// Asks for the unicast routes of the main table.
func dumpRoutesMessage(_ version: IPVersion) -> MessageWriter {
    var header = rtmsg()
    header.rtm_family = version.family
    header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
    header.rtm_type = UInt8(RTN_UNICAST)
    var message = MessageWriter(type: RTM_GETROUTE, flags: NLM_F_DUMP)
    message.fixed(header)
    return message
}

/// Adds a route to the main table.
package func addRouteMessage(_ route: Route, link: Int32) -> MessageWriter {
    var header = routeHeader(route)
    header.rtm_protocol = UInt8(RTPROT_STATIC)
    header.rtm_type = UInt8(RTN_UNICAST)
    let isOnLink = route.gateway == nil && route.destination.version == .v4
    header.rtm_scope = UInt8((isOnLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE).rawValue)
    var message = MessageWriter(type: RTM_NEWROUTE, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
    message.fixed(header)
    writeRoute(route, link: link, to: &message)
    return message
}

/// Removes a route from the main table, whoever made it.
func removeRouteMessage(_ route: Route, metric: UInt32, link: Int32) -> MessageWriter {
    var header = routeHeader(route)
    header.rtm_scope = UInt8(RT_SCOPE_NOWHERE.rawValue)
    var message = MessageWriter(type: RTM_DELROUTE, flags: NLM_F_ACK)
    message.fixed(header)
    writeRoute(route, link: link, to: &message)
    if metric != 0 { message.attribute(RTA_PRIORITY.rawValue, metric) }
    return message
}

private func routeHeader(_ route: Route) -> rtmsg {
    var header = rtmsg()
    header.rtm_family = route.destination.version.family
    header.rtm_dst_len = UInt8(route.destination.length)
    header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
    return header
}

private func writeRoute(_ route: Route, link: Int32, to message: inout MessageWriter) {
    if route.destination.length > 0 { message.attribute(RTA_DST.rawValue, route.destination.first) }
    if let gateway = route.gateway { message.attribute(RTA_GATEWAY.rawValue, gateway) }
    message.attribute(RTA_OIF.rawValue, UInt32(bitPattern: link))
}

/// Reads an RTM_NEWROUTE: one route, or one per next hop for IPv6, where each is a route of its own.
func parseRoutes(_ message: Message) throws(MalformedMessage) -> [LinkRoute] {
    let header = try message.fixed(rtmsg.self)
    guard
        let version: IPVersion = header.rtm_family == AF_INET
            ? .v4 : header.rtm_family == AF_INET6 ? .v6 : nil
    else { return [] }
    var destination = IPAddress.any(version)
    var metric: UInt32 = 0
    var hops: [(link: Int32, gateway: IPAddress?)] = []
    var single: (link: Int32, gateway: IPAddress?) = (0, nil)
    var attributes = try message.attributes(after: MemoryLayout<rtmsg>.size)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(RTA_DST.rawValue): destination = try attribute.address()
        case Int(RTA_PRIORITY.rawValue): metric = try attribute.integer()
        case Int(RTA_OIF.rawValue): single.link = try attribute.integer()
        case Int(RTA_GATEWAY.rawValue): single.gateway = try attribute.address()
        case Int(RTA_MULTIPATH.rawValue): hops = try parseNextHops(attribute.value)
        default: break
        }
    }
    guard let prefix = IPPrefix(destination, length: Int(header.rtm_dst_len)) else {
        throw MalformedMessage(detail: "a route with a prefix of \(header.rtm_dst_len) bits")
    }
    if hops.isEmpty { hops = [single] }
    let count = version == .v4 ? hops.count : 1
    return hops.prefix(version == .v4 ? 1 : hops.count).map { hop in
        LinkRoute(
            link: hop.link, route: Route(destination: prefix, gateway: hop.gateway), metric: metric,
            isKernelMade: header.rtm_protocol == UInt8(RTPROT_KERNEL), nextHopCount: count)
    }
}

/// The next hops of a route with several.
private func parseNextHops(
    _ bytes: ArraySlice<UInt8>
) throws(MalformedMessage) -> [(link: Int32, gateway: IPAddress?)] {
    var hops: [(link: Int32, gateway: IPAddress?)] = []
    var rest = bytes
    while !rest.isEmpty {
        let length = Int(try rest.integer(at: 0, UInt16.self))
        guard length >= MemoryLayout<rtnexthop>.size, length <= rest.count else {
            throw MalformedMessage(detail: "next hop of \(length) bytes in \(rest.count)")
        }
        var gateway: IPAddress?
        var attributes = AttributeReader(rest.prefix(length).dropFirst(MemoryLayout<rtnexthop>.size))
        while let attribute = try attributes.next() {
            if attribute.type == Int(RTA_GATEWAY.rawValue) { gateway = try attribute.address() }
        }
        hops.append((try rest.integer(at: 4), gateway))
        rest = rest.dropFirst((length + 3) & ~3)
    }
    return hops
}

/// Asks for the forwarding entries of one VXLAN device.
func dumpForwardingMessage(link: Int32) -> MessageWriter {
    var header = ndmsg()
    header.ndm_family = UInt8(AF_BRIDGE)
    header.ndm_ifindex = link
    var message = MessageWriter(type: RTM_GETNEIGH, flags: NLM_F_DUMP)
    message.fixed(header)
    return message
}

/// Adds a host to those that get unknown and broadcast frames, or removes it: an entry of the
/// all-zeros address.
package func floodPeerMessage(_ peer: IPAddress, link: Int32, adds: Bool) -> MessageWriter {
    var header = ndmsg()
    header.ndm_family = UInt8(AF_BRIDGE)
    header.ndm_ifindex = link
    header.ndm_state = UInt16(NUD_PERMANENT | NUD_NOARP)
    header.ndm_flags = UInt8(NTF_SELF)
    var message = MessageWriter(
        type: adds ? RTM_NEWNEIGH : RTM_DELNEIGH, flags: NLM_F_ACK | (adds ? NLM_F_CREATE | NLM_F_APPEND : 0))
    message.fixed(header)
    message.attribute(NDA_LLADDR, [UInt8](repeating: 0, count: 6))
    message.attribute(NDA_DST, peer)
    return message
}

/// Reads an RTM_NEWNEIGH of a VXLAN device: the host behind the all-zeros address, or nil for other
/// entries and for the multicast group.
func parseFloodPeer(_ message: Message, link: Int32) throws(MalformedMessage) -> IPAddress? {
    let header = try message.fixed(ndmsg.self)
    guard header.ndm_ifindex == link, header.ndm_flags & UInt8(NTF_SELF) != 0 else { return nil }
    var destination: IPAddress?
    var isAllZeros = false
    var attributes = try message.attributes(after: MemoryLayout<ndmsg>.size)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(NDA_LLADDR): isAllZeros = attribute.value.allSatisfy { $0 == 0 }
        case Int(NDA_DST): destination = try attribute.address()
        default: break
        }
    }
    guard isAllZeros, let destination, !destination.isMulticast else { return nil }
    return destination
}
