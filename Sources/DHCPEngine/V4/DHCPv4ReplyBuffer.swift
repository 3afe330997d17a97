import DHCPMessages

/// A reply while it is written into room that the caller gave; every write is checked against it.
struct DHCPv4ReplyBuffer {
    private let base: UnsafeMutableRawPointer?
    /// How many bytes there is room for.
    private let capacity: Int
    /// How many bytes there may be.
    private var limit: Int
    private(set) var count = 0
    /// Whether something had no room: the bytes are good for nothing then.
    private(set) var isOverfull = false

    /// At most `limit` bytes, of which some are kept for what comes last until ``release(_:)``.
    init(_ room: UnsafeMutableRawBufferPointer, limit: Int, keeping kept: Int) {
        base = room.baseAddress
        capacity = room.count
        self.limit = min(limit, room.count) - kept
    }

    /// Lets kept bytes be used.
    mutating func release(_ kept: Int) { limit += kept }

    /// Whether that many bytes have room.
    func hasRoom(_ bytes: Int) -> Bool { count + bytes <= limit }

    @inline(__always)
    private mutating func advance(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard let base, count + bytes <= limit else {
            isOverfull = true
            return nil
        }
        defer { count += bytes }
        return base + count
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        advance(1)?.storeBytes(of: byte, as: UInt8.self)
    }

    @inline(__always)
    mutating func append(_ number: UInt16) {
        advance(2)?.storeBytes(of: number.bigEndian, as: UInt16.self)
    }

    @inline(__always)
    mutating func append(_ number: UInt32) {
        advance(4)?.storeBytes(of: number.bigEndian, as: UInt32.self)
    }

    /// An option of one byte.
    @inline(__always)
    mutating func append(_ code: UInt8, byte: UInt8) {
        guard let place = advance(3) else { return }
        place.storeBytes(of: code, as: UInt8.self)
        place.storeBytes(of: 1, toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: byte, toByteOffset: 2, as: UInt8.self)
    }

    /// An option of four bytes.
    @inline(__always)
    mutating func append(_ code: UInt8, number: UInt32) {
        guard let place = advance(6) else { return }
        place.storeBytes(of: code, as: UInt8.self)
        place.storeBytes(of: 4, toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: number.bigEndian, toByteOffset: 2, as: UInt32.self)
    }

    mutating func append(zeros: Int) {
        advance(zeros)?.initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
    }

    /// Bytes of a span; the range must be inside it.
    @inline(__always)
    mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        let room = capacity - count
        guard let place = advance(range.count) else { return }
        if range.count <= 16, room >= 16, bytes.byteCount - range.lowerBound >= 16 {
            // One load and one store where memcpy(3) would look at the length: what is too much lies behind
            // the end, where the next bytes go.
            let word = bytes.extracting(range.lowerBound..<range.lowerBound + 16)
                .unsafeLoadUnaligned(as: SIMD2<UInt64>.self)
            place.storeBytes(of: word, as: SIMD2<UInt64>.self)
            return
        }
        bytes.extracting(range).withUnsafeBytes { source in
            if let from = source.baseAddress { place.copyMemory(from: from, byteCount: source.count) }
        }
    }

    /// An option with bytes of a span, in pieces where there are more than 255 (RFC 3396).
    mutating func append(_ code: UInt8, _ bytes: RawSpan, _ range: Range<Int>) {
        var start = range.lowerBound
        repeat {
            let end = min(start + 255, range.upperBound)
            append(code)
            append(UInt8(truncatingIfNeeded: end - start))
            append(bytes, start..<end)
            start = end
        } while start < range.upperBound
    }

    /// The length that ``append(_:_:_:)`` needs.
    static func length(ofOption count: Int) -> Int { count + 2 * max((count + 254) / 255, 1) }

    mutating func append(_ text: StaticString) {
        guard let place = advance(text.utf8CodeUnitCount) else { return }
        place.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    }

    /// A hyphen and a number below 256 in decimal.
    @inline(__always)
    mutating func append(hyphenAndDecimal number: UInt8) {
        let last = 0x30 + number % 10
        if number < 10 {
            append(0x2D00 | UInt16(last))
        } else {
            if number >= 100 {
                append(0x2D30 + UInt16(number / 100))
            } else {
                append(0x2D as UInt8)
            }
            append(UInt16(0x30 + number / 10 % 10) << 8 | UInt16(last))
        }
    }

    /// Changes a byte that has been written.
    mutating func set(_ byte: UInt8, at offset: Int) {
        guard offset < count else { return }
        base?.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
}
