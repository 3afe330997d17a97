import Addressing
import CLinux
import Glibc
import KernelPlan

/// DEVCONF_DISABLE_IPV6 of linux/ipv6.h: the place of disable_ipv6 in IFLA_INET6_CONF.
private let disableIPv6Place = 26

/// Reads an RTM_NEWLINK.
func parseLink(_ message: Message) throws(MalformedMessage) -> ParsedLink {
    let header = try message.fixed(ifinfomsg.self)
    var link = Link(index: header.ifi_index, name: "", isUp: header.ifi_flags & interfaceUp != 0)
    var parsed = ParsedLink(link: link)
    var attributes = try message.attributes(after: MemoryLayout<ifinfomsg>.size)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(IFLA_IFNAME): link.name = attribute.string()
        case Int(IFLA_MTU): link.mtu = Int(try attribute.integer(UInt32.self))
        case Int(IFLA_ADDRESS): link.macAddress = attribute.macAddress()
        case Int(IFLA_MASTER): link.master = try attribute.integer()
        case Int(IFLA_LINK): link.peer = try attribute.integer()
        case Int(IFLA_LINK_NETNSID): link.peerNamespaceID = try attribute.integer()
        case Int(IFLA_LINKINFO): try parseKind(attribute.nested(), &link, &parsed)
        // A bridge tells of its ports with attributes of its own in that place.
        case Int(IFLA_AF_SPEC) where header.ifi_family != UInt8(AF_BRIDGE):
            link.isIPv6Disabled = try parseIPv6State(attribute.nested())
        case Int(IFLA_STATS64): parsed.counters = try LinkCounters(attribute.value)
        default: break
        }
    }
    parsed.link = link
    return parsed
}

private func parseKind(
    _ attributes: AttributeReader, _ link: inout Link, _ parsed: inout ParsedLink
) throws(MalformedMessage) {
    var attributes = attributes
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(IFLA_INFO_KIND): link.kind = attribute.string()
        case Int(IFLA_INFO_DATA) where link.kind == "bridge":
            link.bridge = try parseBridge(attribute.nested())
        case Int(IFLA_INFO_DATA) where link.kind == "vxlan":
            (link.vxlan, parsed.vxlanDevice) = try parseVXLAN(attribute.nested())
        default: break
        }
    }
}

private func parseBridge(_ attributes: AttributeReader) throws(MalformedMessage) -> BridgeParameters {
    var attributes = attributes
    var parameters = BridgeParameters(forwardDelay: 0, spanningTree: false)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(IFLA_BR_FORWARD_DELAY): parameters.forwardDelay = try attribute.integer()
        case Int(IFLA_BR_STP_STATE): parameters.spanningTree = try attribute.integer(UInt32.self) != 0
        default: break
        }
    }
    return parameters
}

private func parseVXLAN(_ attributes: AttributeReader) throws(MalformedMessage) -> (VXLANParameters, Int32?) {
    var attributes = attributes
    var parameters = VXLANParameters(vni: 0, localAddress: nil, port: 0, group: nil)
    var device: Int32?
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(IFLA_VXLAN_ID): parameters.vni = try attribute.integer()
        case Int(IFLA_VXLAN_PORT): parameters.port = UInt16(bigEndian: try attribute.integer())
        case Int(IFLA_VXLAN_LINK): device = try attribute.integer()
        case Int(IFLA_VXLAN_LOCAL), Int(IFLA_VXLAN_LOCAL6):
            parameters.localAddress = try attribute.address()
        case Int(IFLA_VXLAN_GROUP), Int(IFLA_VXLAN_GROUP6):
            // A device without a group may have a single unicast remote here: that is no group.
            let address = try attribute.address()
            if address.isMulticast { parameters.group = address }
        default: break
        }
    }
    return (parameters, device)
}

/// Whether IPv6 is switched off, or nil where the device has none.
private func parseIPv6State(_ families: AttributeReader) throws(MalformedMessage) -> Bool? {
    var families = families
    while let family = try families.next() {
        guard family.type == Int(AF_INET6) else { continue }
        var attributes = family.nested()
        while let attribute = try attributes.next() {
            guard attribute.type == Int(IFLA_INET6_CONF) else { continue }
            let value: Int32 = try attribute.value.integer(at: 4 * disableIPv6Place)
            return value != 0
        }
    }
    return nil
}

/// What passed through a device since it was made (IFLA_STATS64).
public struct LinkCounters: Hashable, Sendable {
    public let receivedPackets: UInt64
    public let sentPackets: UInt64
    public let receivedBytes: UInt64
    public let sentBytes: UInt64
    public let receiveErrors: UInt64
    public let sendErrors: UInt64
    public let receiveDrops: UInt64
    public let sendDrops: UInt64

    /// The first eight numbers of a `rtnl_link_stats64`; later kernels append more.
    init(_ bytes: ArraySlice<UInt8>) throws(MalformedMessage) {
        receivedPackets = try bytes.integer(at: 0)
        sentPackets = try bytes.integer(at: 8)
        receivedBytes = try bytes.integer(at: 16)
        sentBytes = try bytes.integer(at: 24)
        receiveErrors = try bytes.integer(at: 32)
        sendErrors = try bytes.integer(at: 40)
        receiveDrops = try bytes.integer(at: 48)
        sendDrops = try bytes.integer(at: 56)
    }
}
