/// How much a client misses an option: what is dropped first where a reply is too long.
///
/// 1. 249 where 121 says the same; 28, 58 and 59, which clients work out themselves.
/// 2. What no client needs to reach the network or to boot, the last of the message first (a reply has
///    them in the order in which the client asked, best first).
/// 3. What names things: 15, 12, 81, 119, 42, 56, 114.
/// 4. What it boots from and reaches the network by: 43, 150, 66, 67, 26, 6, 3, 108, 249, 121.
///
/// Never dropped is what the answer is nothing without: 1, 51, 53, 54, 80, and what is echoed: 61 (RFC 6842),
/// 82 (RFC 3046), 118 (RFC 3011).
public enum DHCPv4OptionWeight {
    /// Codes that are never dropped.
    public static let indispensable: Set<UInt8> = [1, 51, 53, 54, 61, 80, 82, 118]

    /// Groups 1, 3 and 4, lightest first.
    private static let derived: [UInt8] = [59, 58, 28]
    private static let names: [UInt8] = [114, 56, 42, 119, 81, 12, 15]
    private static let reachability: [UInt8] = [43, 150, 66, 67, 26, 6, 3, 108, 249, 121]

    /// The position of the option to drop first, or nil where none may be.
    public static func lightest(of options: [DHCPv4Option]) -> Int? {
        if options.contains(where: { $0.code == 121 }),
            let position = options.firstIndex(where: { $0.code == 249 })
        {
            return position
        }
        if let position = first(of: derived, in: options) { return position }
        if let position = options.lastIndex(where: { isOrdinary($0.code) }) { return position }
        return first(of: names + reachability, in: options)
    }

    private static func isOrdinary(_ code: UInt8) -> Bool {
        !indispensable.contains(code) && !names.contains(code) && !reachability.contains(code)
    }

    private static func first(of codes: [UInt8], in options: [DHCPv4Option]) -> Int? {
        for code in codes {
            if let position = options.firstIndex(where: { $0.code == code }) { return position }
        }
        return nil
    }
}
