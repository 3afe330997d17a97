import Addressing

/// How dnsmasq reads the value of an option that it knows nothing of: by the characters in it.
///
/// Every byte rules some readings out; what is left at the end is tried in the order hexadecimal bytes,
/// number, addresses, text. What dnsmasq would refuse, or take and send as something that nobody meant
/// (`1-2` as the number 1), is refused.
struct OptionGuess {
    private let value: String
    private let version: DHCPVersion
    private var canBeHex = true
    private var canBeDecimal = true
    private var canBeAddressV4 = true
    private var canBeAddressV6 = true
    private var groups = 1
    /// The bytes of the number that a last `b`, `s` or `i` asks for.
    private var width: Int?

    /// The bytes for a value, or nil where it is refused.
    static func bytes(_ value: String, _ version: DHCPVersion) -> [UInt8]? {
        value.isEmpty ? nil : OptionGuess(value, version).bytes()
    }

    private init(_ value: String, _ version: DHCPVersion) {
        self.value = value
        self.version = version
        let bytes = Array(value.utf8)
        var hasDigit = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
            case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: " "):
                canBeDecimal = false
                canBeHex = false
            case UInt8(ascii: ":"):
                groups += 1
                canBeDecimal = false
                canBeAddressV4 = false
            case UInt8(ascii: "/"):
                canBeAddressV6 = false
                canBeDecimal = false
                canBeHex = false
                // A path.
                if index == 0 { canBeAddressV4 = false }
            case UInt8(ascii: "-"):
                canBeHex = false
                canBeAddressV4 = false
                canBeAddressV6 = false
            default: readOther(byte, isLast: index == bytes.count - 1)
            }
        }
        if !hasDigit {
            canBeDecimal = false
            canBeAddressV4 = false
        }
        if groups == 1 { canBeAddressV6 = false }
    }

    private mutating func readOther(_ byte: UInt8, isLast: Bool) {
        canBeAddressV4 = false
        let widths: [UInt8: Int] = [UInt8(ascii: "b"): 1, UInt8(ascii: "s"): 2, UInt8(ascii: "i"): 4]
        if isLast, canBeDecimal, let bytes = widths[byte] { width = bytes } else { canBeDecimal = false }
        if !DHCPOptionCoding.isHexDigit(byte) {
            canBeHex = false
            if byte != UInt8(ascii: "["), byte != UInt8(ascii: "]") { canBeAddressV6 = false }
        }
    }

    private func bytes() -> [UInt8]? {
        let isPadded = value.hasPrefix(" ") || value.hasSuffix(" ")
        if canBeHex && groups > 1 {
            // The writer puts brackets around version 6 addresses that would be read as bytes.
            return DHCPOptionCoding.hexBytes(value)
                ?? (version == .v6 ? DHCPOptionCoding.addresses(value, .v6) : nil)
        }
        if canBeDecimal { return number() }
        if canBeAddressV4 && version == .v4 { return isPadded ? nil : addressesAndDescriptors() }
        if canBeAddressV6 && version == .v6 {
            return isPadded ? nil : DHCPOptionCoding.addresses(value, .v6)
        }
        // dnsmasq has cut the suffix off although no digit stands before it.
        return width == nil ? Array(value.utf8) : nil
    }

    private func number() -> [UInt8]? {
        let digits = width == nil ? value[...] : value.dropLast()
        let isNegative = digits.hasPrefix("-")
        guard let magnitude = DHCPOptionCoding.decimal(isNegative ? digits.dropFirst() : digits),
            magnitude <= (isNegative ? UInt64(1) << 31 : UInt64(UInt32.max))
        else { return nil }
        let number = UInt32(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
        let bytes = width ?? (number > 0xFFFF ? 4 : number > 0xFF ? 2 : 1)
        guard isNegative ? bytes == 4 : number <= DHCPOptionFormat.largest(bytes) else { return nil }
        return DHCPOptionCoding.bigEndian(number, bytes: bytes)
    }

    /// Addresses, and `network/length` as RFC 3442 packs it, in any mixture.
    private func addressesAndDescriptors() -> [UInt8]? {
        var bytes: [UInt8] = []
        for field in DHCPOptionCoding.fields(value) {
            if let address = IPv4Address(field) {
                bytes += address.octets
            } else if let prefix = IPPrefix(field), case .v4(let network) = prefix.address {
                bytes.append(UInt8(prefix.length))
                bytes += network.octets.prefix((prefix.length + 7) / 8)
            } else {
                return nil
            }
        }
        return bytes
    }
}
