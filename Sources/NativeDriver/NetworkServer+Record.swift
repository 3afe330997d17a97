import Addressing
import CLinux
import DHCPEngine
import DHCPMessages
import LinuxKernel
import Locks
import NetworkModel

// The record of what clients were told, on the loop's thread.
extension NetworkServer {
    /// Records the leases that the batch's ACKs gave: all are looked for before the first is written.
    func recordLeases(_ time: UInt64) {
        let batch = loop.batch
        surroundings.journal.record { table in
            for place in batch.leases.indices {
                let answer = batch.answers[batch.leases[place].answer]
                guard let port = answer.port else { continue }
                batch.leases[place].number = table.number(of: port, .v4(answer.address))
            }
            var addition = LeaseTable.Addition.nothing
            for lease in batch.leases {
                let answer = batch.answers[lease.answer]
                addition = max(
                    addition, record(answer, batch.arrival(lease.arrival), time, lease.number, &table))
            }
            return addition
        }
    }

    private func record(
        _ answer: DHCPv4Answer, _ request: cl_arrival, _ time: UInt64, _ number: UInt32?,
        _ table: inout LeaseTable
    ) -> LeaseTable.Addition {
        guard let port = answer.port else { return .nothing }
        let told = ToldLease(
            network: network, port: port, address: .v4(answer.address), server: .v4(answer.server),
            mac: answer.mac, message: .ack, time: UInt32(truncatingIfNeeded: time / 1_000_000),
            duration: answer.leaseTime)
        let bytes = request.contents.bytes
        return table.record(
            told, clientIdentifier: bytes.extracting(answer.clientIdentifier.wholeRange),
            hostName: bytes.extracting(answer.hostName.wholeRange),
            vendorClass: bytes.extracting(answer.vendorClass.wholeRange), number: number)
    }

    /// Records the leases that a REPLY gave, one per address.
    func record(
        _ answer: DHCPv6Answer, _ request: RawSpan, _ arrival: DHCPv6Arrival, _ mac: MACAddress?,
        _ time: UInt64
    ) {
        guard let port = answer.port else { return }
        let journal = surroundings.journal
        let client = DHCPv6ClientWords(request)
        for address in answer.addresses {
            let told = ToldLease(
                network: network, port: port, address: .v6(address),
                server: arrival.destination.isMulticast ? nil : .v6(arrival.destination), mac: mac,
                message: .reply, time: UInt32(truncatingIfNeeded: time / 1_000_000),
                duration: answer.validLifetime, iaid: answer.iaid)
            journal.record(
                told, clientIdentifier: answer.clientIdentifier.span.bytes,
                hostName: request.extracting(client.name), vendorClass: request.extracting(client.vendorClass)
            )
        }
    }
}

extension DHCPv4View.Field {
    /// Where the bytes are of an option that is in one piece; nowhere for others.
    fileprivate var wholeRange: Range<Int> { isPresent && !isSplit ? range : 0..<0 }
}

/// Where a DHCPv6 client describes itself in its message, in whatever relays it came.
struct DHCPv6ClientWords {
    /// The name of option 39 in wire format, without its flags; empty for none.
    var name = 0..<0
    /// The data of option 16; empty for none.
    var vendorClass = 0..<0

    /// Looks for them; the message need not be sound.
    init(_ bytes: RawSpan) {
        var range = 0..<bytes.byteCount
        // Eight relays (RFC 8415 section 7.6) and the message itself.
        for _ in 0..<9 {
            guard let type = range.first.map({ bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }) else {
                return
            }
            let isRelay = type == 12 || type == 13
            guard let inner = scan(bytes, range.dropFirst(isRelay ? 34 : 4), isRelay: isRelay) else { return }
            range = inner
        }
    }

    /// Goes through options; the message in a relay's option 9, where there is one.
    private mutating func scan(_ bytes: RawSpan, _ options: Range<Int>, isRelay: Bool) -> Range<Int>? {
        var at = options.lowerBound
        while at + 4 <= options.upperBound {
            let code = UInt16(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self))
            let count = UInt16(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at + 2, as: UInt16.self))
            let data = at + 4..<at + 4 + Int(count)
            guard data.upperBound <= options.upperBound else { return nil }
            if isRelay {
                if code == 9 { return data }
            } else if code == 39, count > 1 {
                name = data.dropFirst()
            } else if code == 16 {
                vendorClass = data
            }
            at = data.upperBound
        }
        return nil
    }
}
