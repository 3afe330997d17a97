/// A program to run with its arguments.
public struct Command: Sendable, Hashable, CustomStringConvertible {
    /// A name looked up in PATH and in the system directories, or a path with a slash.
    public var executable: String
    /// The arguments without the program's own name.
    public var arguments: [String]
    /// The whole environment of the child, or nil for a copy of ours.
    public var environment: [String: String]?
    /// Whether the child leads a session of its own, so that a Ctrl-C meant for us does not reach it.
    public var startsSession: Bool

    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        startsSession: Bool = false
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.startsSession = startsSession
    }

    /// The command line, for people; not quoted for a shell.
    public var description: String { ([executable] + arguments).joined(separator: " ") }
}

/// How a process ended.
public enum Termination: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this exit status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)

    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

/// What a finished command left behind.
public struct ProcessResult: Sendable, Hashable {
    /// How it ended.
    public let termination: Termination
    /// What it wrote to its standard output, the first mebibyte of it.
    public let output: [UInt8]
    /// What it wrote to its standard error, the first mebibyte of it.
    public let error: [UInt8]

    /// Whether it ended with status 0.
    public var isSuccess: Bool { termination == .exited(0) }
    /// The standard output as text.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// The standard error as text.
    public var errorText: String { String(decoding: error, as: UTF8.self) }
}

/// A failure to run or follow a process: the operation, the program, the kind and the cause.
/// Compares by kind.
public struct ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of failure it is.
    public enum Kind: Hashable, Sendable {
        /// There is no such program in PATH, /usr/sbin or /sbin.
        case notFound
        /// The program could not be started.
        case startFailed
        /// It did not end in time and was killed.
        case timedOut
        /// There is no process with that id.
        case noSuchProcess
        /// We may not do that to the process.
        case notPermitted
        /// The task that waited was cancelled; the process was killed.
        case cancelled
        /// Any other failure of the system.
        case system
    }

    public let kind: Kind
    /// What was tried, such as `start`.
    public let operation: String
    /// The program or process it was tried on.
    public let object: String
    /// The cause.
    public let detail: String

    public init(_ kind: Kind, operation: String, object: String, detail: String) {
        self.kind = kind
        self.operation = operation
        self.object = object
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "\(operation) \(object): \(detail)" }
}
