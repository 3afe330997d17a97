package import Addressing
import CLinux
import Glibc
import KernelPlan

// Requests about devices, and what the kernel says of them.

/// IFF_UP of net/if.h, which cannot be imported beside linux/rtnetlink.h.
let interfaceUp: UInt32 = 1

/// A device as a message shows it, with what needs another look to be complete.
struct ParsedLink {
    var link: Link
    /// The index of the device below a VXLAN device.
    var vxlanDevice: Int32?
    /// The packets and bytes that passed, where the request asked for them.
    var counters: LinkCounters?
}

/// A request about devices with the fixed part filled in.
func linkRequest(
    _ type: some BinaryInteger, flags: some BinaryInteger, index: Int32 = 0, setFlags: UInt32 = 0,
    changeMask: UInt32 = 0
) -> MessageWriter {
    var message = MessageWriter(type: type, flags: flags)
    message.fixed(linkHeader(index: index, setFlags: setFlags, changeMask: changeMask))
    return message
}

/// The fixed part of messages about devices.
func linkHeader(index: Int32 = 0, setFlags: UInt32 = 0, changeMask: UInt32 = 0) -> ifinfomsg {
    var header = ifinfomsg()
    header.ifi_family = UInt8(AF_UNSPEC)
    header.ifi_index = index
    header.ifi_flags = setFlags
    header.ifi_change = changeMask
    return header
}

/// Asks for one device by name; without counters, which cost more than all the rest.
package func getLinkMessage(name: String, counters: Bool = false) -> MessageWriter {
    var message = linkRequest(RTM_GETLINK, flags: 0)
    message.attribute(IFLA_IFNAME, name)
    if !counters { message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS)) }
    return message
}

/// Asks for one device by index.
func getLinkMessage(index: Int32) -> MessageWriter {
    var message = linkRequest(RTM_GETLINK, flags: 0, index: index)
    message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
    return message
}

/// Asks for all devices, or for the ports of one bridge.
func dumpLinksMessage(portsOf master: Int32? = nil) -> MessageWriter {
    var message = linkRequest(RTM_GETLINK, flags: NLM_F_DUMP)
    if let master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
    message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
    return message
}

/// Creates a bridge that forwards at once, down.
package func createBridgeMessage(name: String) -> MessageWriter {
    var message = linkRequest(RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK)
    message.attribute(IFLA_IFNAME, name)
    message.nested(IFLA_LINKINFO) { info in
        info.attribute(IFLA_INFO_KIND, "bridge")
        info.nested(IFLA_INFO_DATA) { data in
            data.attribute(IFLA_BR_FORWARD_DELAY, UInt32(0))
            data.attribute(IFLA_BR_STP_STATE, UInt32(0))
        }
    }
    return message
}

/// Sets one number of a bridge.
func setBridgeMessage(name: String, _ attribute: some BinaryInteger, _ value: UInt32) -> MessageWriter {
    var message = linkRequest(RTM_NEWLINK, flags: NLM_F_ACK)
    message.attribute(IFLA_IFNAME, name)
    message.nested(IFLA_LINKINFO) { info in
        info.attribute(IFLA_INFO_KIND, "bridge")
        info.nested(IFLA_INFO_DATA) { $0.attribute(attribute, value) }
    }
    return message
}

/// What distinguishes one end of a veth pair to make.
package struct VethEndRequest {
    let name: String
    let macAddress: MACAddress?
    /// A descriptor of the namespace that it should be in; nil for the socket's own.
    let namespace: Int32?

    package init(name: String, macAddress: MACAddress?, namespace: Int32?) {
        self.name = name
        self.macAddress = macAddress
        self.namespace = namespace
    }

    fileprivate func write(to message: inout MessageWriter, mtu: Int) {
        message.attribute(IFLA_IFNAME, name)
        message.attribute(IFLA_MTU, UInt32(mtu))
        if let macAddress { message.attribute(IFLA_ADDRESS, macAddress.octets) }
        if let namespace { message.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: namespace)) }
    }
}

/// Creates a veth pair with its peer directly in the peer's namespace: moving it there afterwards
/// costs 15–18 ms. The first end becomes a port and comes up with the same message.
package func createVethMessage(
    _ end: VethEndRequest, peer: VethEndRequest, mtu: Int, master: Int32?, isUp: Bool
) -> MessageWriter {
    var message = linkRequest(
        RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, setFlags: isUp ? interfaceUp : 0,
        changeMask: isUp ? interfaceUp : 0)
    end.write(to: &message, mtu: mtu)
    if let master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
    message.nested(IFLA_LINKINFO) { info in
        info.attribute(IFLA_INFO_KIND, "veth")
        info.nested(IFLA_INFO_DATA) { data in
            data.nested(VETH_INFO_PEER) { inner in
                inner.fixed(linkHeader())
                peer.write(to: &inner, mtu: mtu)
            }
        }
    }
    return message
}

/// Creates a VXLAN device as a port of a bridge, down.
func createVXLANMessage(_ vxlan: VXLAN, master: Int32, groupDevice: Int32?) -> MessageWriter {
    var message = linkRequest(RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK)
    message.attribute(IFLA_IFNAME, vxlan.name)
    message.attribute(IFLA_MTU, UInt32(vxlan.mtu))
    message.attribute(IFLA_MASTER, UInt32(bitPattern: master))
    message.nested(IFLA_LINKINFO) { info in
        info.attribute(IFLA_INFO_KIND, "vxlan")
        info.nested(IFLA_INFO_DATA) { data in
            data.attribute(IFLA_VXLAN_ID, vxlan.vni)
            if let local = vxlan.localAddress {
                data.attribute(local.version == .v4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local)
            }
            data.attribute(IFLA_VXLAN_PORT, vxlan.port.bigEndian)
            if case .group(let group, _) = vxlan.flood {
                data.attribute(group.version == .v4 ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, group)
            }
            if let groupDevice { data.attribute(IFLA_VXLAN_LINK, UInt32(bitPattern: groupDevice)) }
        }
    }
    return message
}

/// What to change on a device that stands; nil leaves it.
struct LinkChange {
    var isUp: Bool?
    var mtu: Int?
    var macAddress: MACAddress?
    /// The bridge to become a port of; 0 for none.
    var master: Int32?
}

/// Changes a device that stands, in one message.
func changeLinkMessage(name: String, _ change: LinkChange) -> MessageWriter {
    var message = linkRequest(
        RTM_NEWLINK, flags: NLM_F_ACK, setFlags: change.isUp == true ? interfaceUp : 0,
        changeMask: change.isUp == nil ? 0 : interfaceUp)
    message.attribute(IFLA_IFNAME, name)
    if let mtu = change.mtu { message.attribute(IFLA_MTU, UInt32(mtu)) }
    if let mac = change.macAddress { message.attribute(IFLA_ADDRESS, mac.octets) }
    if let master = change.master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
    return message
}

/// Deletes a device.
func deleteLinkMessage(name: String) -> MessageWriter {
    var message = linkRequest(RTM_DELLINK, flags: NLM_F_ACK)
    message.attribute(IFLA_IFNAME, name)
    return message
}
