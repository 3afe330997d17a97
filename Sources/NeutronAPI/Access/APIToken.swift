import Glibc
public import NetworkModel

/// A token for the API as its file keeps it: whose it is, and the digest of its text.
public struct APIToken: Hashable, Sendable, Identifiable {
    public let id: ResourceID
    /// What people call it; no two of a file have the same.
    public var name: String
    /// The project that its bearer works in.
    public var projectID: String
    /// `admin`, `member` or `reader`.
    public var role: Role
    public var createdAt: Timestamp
    /// From when on it is worth nothing; nil for never.
    public var expiresAt: Timestamp?
    /// SHA-256 of the text.
    let digest: [UInt8]

    /// What its bearer may do.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        /// Everything, in all projects.
        case admin
        /// Changes what belongs to the project.
        case member
        /// Sees what belongs to the project.
        case reader

        /// The role with those that it implies.
        var roles: Caller.Roles { Caller.Roles(names: [rawValue]).withImplied }
    }

    /// Makes a token with the text that its bearer must send, which is not kept anywhere.
    ///
    /// The text holds 256 random bits: nobody finds it by trying, however fast the digest can be computed,
    /// and so a slow one (as passwords need) would only make each request slow.
    public static func make(
        name: String, projectID: String, role: Role, createdAt: Timestamp, expiresAt: Timestamp?
    ) -> (token: APIToken, secret: String) {
        var generator = SystemRandomNumberGenerator()
        // The prefix lets scanners for leaked secrets know what they found.
        let secret =
            "leasehold_" + hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let token = APIToken(
            id: .random(using: &generator), name: name, projectID: projectID, role: role,
            createdAt: createdAt, expiresAt: expiresAt, digest: sha256(secret.utf8))
        return (token, secret)
    }
}

/// The bytes as hexadecimal digits in lower case.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// The bytes that hexadecimal digits stand for; nil where there are others.
func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
            let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
        else { return nil }
        bytes.append(UInt8(high << 4 | low))
    }
    return bytes
}
