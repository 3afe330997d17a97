import Addressing
import NetworkModel

/// The number of rows with claims and a sum over their contents: equal for equal sets of rows, in whatever
/// order they come, and hardly for others.
struct ClaimSum: Hashable, Sendable {
    private var count = 0
    private var sum: UInt64 = 0

    /// Takes in a row: its values and the id of the holder, with 0xFF between them.
    mutating func add(_ table: ClaimTable, _ row: UnsafeRawBufferPointer) {
        // Each step maps different states to different states, so one altered octet shows.
        var hash = table.seed ^ UInt64(row.count)
        func take(_ word: UInt64) {
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
        }
        var offset = 0
        while row.count - offset >= 8 {
            take(UInt64(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < row.count {
            rest = rest << 8 | UInt64(row[offset])
            offset += 1
        }
        take(rest)
        take(0)
        count += 1
        sum &+= hash
    }

    mutating func add(_ other: ClaimSum) {
        count += other.count
        sum &+= other.sum
    }

    /// Takes in the rows that the record's claims must have.
    ///
    /// - Parameters:
    ///   - holder: the id of the record as text.
    ///   - text: room for one row, kept from call to call.
    mutating func add(_ record: Record, holder: UnsafeBufferPointer<UInt8>, scratch text: inout [UInt8]) {
        func finish(_ table: ClaimTable) {
            text.append(contentsOf: holder)
            text.withUnsafeBytes { add(table, $0) }
            text.removeAll(keepingCapacity: true)
        }
        guard case .port(let port) = record else {
            for claim in Set(record.claims) {
                let row = ClaimRow(claim)
                for value in row.values { text.append(value: value.utf8) }
                finish(row.table)
            }
            return
        }
        // Nearly all claims are of ports: the same as above without a string for each value.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 37) { room in
            text.append(contentsOf: room.write(port.networkID))
            text.append(contentsOf: room.write(port.macAddress))
            finish(.macs)
            let addresses = port.fixedIPs.count < 2 ? port.fixedIPs : Array(Set(port.fixedIPs))
            for fixedIP in addresses {
                text.append(contentsOf: room.write(fixedIP.subnetID))
                text.append(value: fixedIP.address.description.utf8)
                finish(.addresses)
            }
        }
    }
}

extension ClaimTable {
    /// What tells equal rows of different tables apart.
    fileprivate var seed: UInt64 {
        switch self {
        case .addresses: 1 << 32
        case .macs: 2 << 32
        case .segments: 3 << 32
        case .agentHosts: 4 << 32
        case .defaultSubnetpools: 5 << 32
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(value: some Sequence<UInt8>) {
        append(contentsOf: value)
        append(Checksum.end)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes the text of the identifier and its end, 37 bytes.
    fileprivate func write(_ id: ResourceID) -> UnsafeBufferPointer<UInt8> {
        var half = UInt64(truncatingIfNeeded: id.rawValue >> 64)
        for index in 0..<36 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                self[index] = 0x2D
                continue
            }
            if index == 19 { half = UInt64(truncatingIfNeeded: id.rawValue) }
            self[index] = Self.digit(UInt8(truncatingIfNeeded: half >> 60))
            half <<= 4
        }
        self[36] = Checksum.end
        return UnsafeBufferPointer(rebasing: self[..<37])
    }

    /// Writes the text of the address and its end, 18 bytes.
    fileprivate func write(_ mac: MACAddress) -> UnsafeBufferPointer<UInt8> {
        for index in 0..<6 {
            let octet = UInt8(truncatingIfNeeded: mac.rawValue >> UInt64(40 - 8 * index))
            self[index * 3] = Self.digit(octet >> 4)
            self[index * 3 + 1] = Self.digit(octet & 0xF)
            self[index * 3 + 2] = index < 5 ? 0x3A : Checksum.end
        }
        return UnsafeBufferPointer(rebasing: self[..<18])
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }
}
