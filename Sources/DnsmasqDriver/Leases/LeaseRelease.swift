import Addressing
import DHCPDrivers
import DHCPMessages
import Glibc
import LinuxKernel
import NetworkModel

/// Makes dnsmasq forget leases whose address is another port's now, or nobody's.
///
/// The client's own way of giving a lease back is used: a RELEASE (RFC 2131 section 4.4.6, RFC 8415
/// section 18.2.7) from inside the namespace to the server itself, as dnsmasq's dhcp_release does.
enum LeaseRelease {
    /// The leases in the file that nobody should hold any more.
    static func stale(_ file: LeasesFile, _ owners: AddressOwners) -> LeasesFile {
        var stale = LeasesFile()
        stale.serverDUID = file.serverDUID
        stale.v4 = file.v4.filter { !owners.keeps($0) }
        stale.v6 = file.v6.filter { !$0.isTemporary && $0.clientDUID != nil && !owners.keeps($0) }
        return stale
    }

    /// Sends the releases of all these leases from the calling thread's namespace; returns how many
    /// went out.
    static func send(_ leases: LeasesFile, interface: String, servers: [IPv4Address: IPv4Address]) -> Int {
        var count = 0
        if !leases.v4.isEmpty, let socket = boundSocket(AF_INET, interface) {
            for lease in leases.v4 {
                guard let server = servers[lease.address] else { continue }
                let message = DHCPv4Message.release(
                    of: lease.address, hardwareType: lease.hardwareType, chaddr: lease.chaddr, server: server,
                    clientIdentifier: lease.clientID, transactionID: UInt32.random(in: .min ... .max))
                guard let bytes = try? message.serialized() else { continue }
                if send(bytes, socket.number, SocketAddress(.v4(server), port: 67)) { count += 1 }
            }
        }
        if !leases.v6.isEmpty, let serverDUID = leases.serverDUID,
            let socket = boundSocket(AF_INET6, interface)
        {
            let allServers = SocketAddress(
                .v6(IPv6Address(rawValue: 0xFF02 << 112 | 0x1_0002)), port: 547,
                scope: if_nametoindex(interface))
            for lease in leases.v6 {
                guard let clientDUID = lease.clientDUID,
                    let message = try? DHCPv6Message.release(
                        of: lease.address, iaid: lease.iaid, clientDUID: clientDUID, serverDUID: serverDUID,
                        transactionID: UInt32.random(in: 0...0xFF_FFFF)),
                    let bytes = try? message.serialized()
                else { continue }
                if send(bytes, socket.number, allServers) { count += 1 }
            }
        }
        return count
    }

    /// A UDP socket whose packets seem to come from the device, even when they never leave the host.
    private static func boundSocket(_ family: Int32, _ interface: String) -> OwnedDescriptor? {
        let number = socket(
            family, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { return nil }
        let descriptor = OwnedDescriptor(number)
        let bound = interface.withCString {
            setsockopt(number, SOL_SOCKET, SO_BINDTODEVICE, $0, socklen_t(interface.utf8.count))
        }
        if bound != 0 { return nil }
        return descriptor
    }

    private static func send(_ bytes: [UInt8], _ number: Int32, _ address: SocketAddress) -> Bool {
        address.withPointer { pointer, length in
            bytes.withUnsafeBytes { sendto(number, $0.baseAddress, $0.count, 0, pointer, length) }
                == bytes.count
        }
    }

    /// The server's own address for each lease: that on the lease's subnet, else any it has.
    static func servers(for leases: LeasesFile, _ view: ServiceView) -> [IPv4Address: IPv4Address] {
        let own = view.service.dhcpPort.fixedIPs.compactMap { fixedIP in
            fixedIP.address.v4.map { ($0, view.subnets[fixedIP.subnetID]?.cidr) }
        }
        var servers: [IPv4Address: IPv4Address] = [:]
        for lease in leases.v4 {
            let match = own.first { $0.1?.contains(.v4(lease.address)) == true } ?? own.first
            servers[lease.address] = match?.0
        }
        return servers
    }
}
