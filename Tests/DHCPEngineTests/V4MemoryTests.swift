import Addressing
import Testing

@testable import DHCPEngine

/// What a port costs in the tables of both versions.
@Suite struct V4MemoryTests {
    @Test("an entry has 48 bytes in version 4 and 64 in version 6")
    func entries() {
        #expect(MemoryLayout<DHCPv4HostTable.Entry>.stride == 48)
        #expect(MemoryLayout<DHCPv6HostTable.Entry>.stride == 64)
    }

    @Test("the lists grow by a quarter, not to the double", arguments: [1025, 10_000, 20_000])
    func growth(count: Int) {
        var (v4, v6) = (DHCPv4HostTable(), DHCPv6HostTable())
        for number in 0..<count {
            let port = PortIdentity(rawValue: UInt128(number) << 64 | 7)
            let mac = MACAddress(rawValue: 0xFA16_3E00_0000 | UInt64(number))
            v4.insert(
                DHCPv4Host(
                    port: port, mac: mac,
                    addresses: [
                        .init(subnet: 0, address: IPv4Address(rawValue: 0x0A00_0000 | UInt32(number)))
                    ]))
            v6.insert(
                DHCPv6Host(
                    port: port, mac: mac,
                    addresses: [
                        .init(subnet: 0, address: IPv6Address(rawValue: 0x2001 << 112 | UInt128(number)))
                    ]
                ))
        }
        // What malloc rounds up to is a page at most.
        #expect(v4.entries.capacity <= count * 5 / 4 + 256)
        #expect(v6.entries.capacity <= count * 5 / 4 + 256)
    }

    @Test("a port keeps its MAC and its subnet's position, whatever the bits of both")
    func packing() throws {
        let macs: [UInt64] = [0, 1, 0xFFFF_FFFF_FFFF, 0x8000_0000_0001]
        for mac in macs {
            for subnet in [0, 1, 65_534] {
                let v4 = DHCPv4Host(
                    port: PortIdentity(rawValue: .max - 5), mac: MACAddress(rawValue: mac),
                    addresses: [.init(subnet: subnet, address: IPv4Address(255, 1, 2, 3))])
                var table = DHCPv4HostTable()
                table.insert(v4)
                #expect(table.host(at: try #require(table.position(mac: mac))) == v4)
                let v6 = DHCPv6Host(
                    port: PortIdentity(rawValue: 1 << 127), mac: MACAddress(rawValue: mac),
                    addresses: [.init(subnet: subnet, address: IPv6Address(rawValue: .max - 9))])
                var table6 = DHCPv6HostTable()
                table6.insert(v6)
                #expect(table6.host(of: v6.port) == v6)
                #expect(table6.position(of: v6.mac) == 0)
            }
        }
    }
}
