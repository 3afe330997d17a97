/// A failed operation on a file: the operation, the path and the errno. Compares by errno.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, such as `rename`.
    public let operation: String
    /// What it was tried on.
    public let path: String
    /// The errno (errno(3)), positive.
    public let errno: Int32

    public init(operation: String, path: String, errno: Int32) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    init(_ operation: String, _ path: String, _ errno: Int32) {
        self.init(operation: operation, path: path, errno: errno)
    }

    public static func == (a: Self, b: Self) -> Bool { a.errno == b.errno }

    public var description: String { "\(operation) \(path): \(errorText(errno)) (errno \(errno))" }
}
