import CLinux
import Glibc
import KernelPlan

/// Where a child's output goes.
public enum OutputTarget: Sendable, Hashable {
    /// Nowhere.
    case discard
    /// Into a pipe whose reading end ``ChildProcess`` holds.
    case pipe
    /// Where ours goes.
    case inherit
    /// To the end of a file, which is made with mode 0644 where it is missing.
    case append(path: String)
}

/// A child that runs on its own; its end is collected whether anybody waits or not.
public struct ChildProcess: ~Copyable, Sendable {
    /// Follows the child; may be copied out and kept.
    public let watch: ProcessWatch
    /// The reading end of the child's standard output, where that is a pipe.
    public var output: OwnedDescriptor?
    /// The reading end of the child's standard error, where that is a pipe.
    public var error: OwnedDescriptor?

    /// The child's process id.
    public var pid: Int32 { watch.pid }

    /// Takes the reading end of the standard output out, for ``lines(from:)`` for instance.
    public mutating func takeOutput() -> OwnedDescriptor? { output.take() }

    /// Takes the reading end of the standard error out.
    public mutating func takeError() -> OwnedDescriptor? { error.take() }
}

/// Starts a program inside a namespace (nil: the root one) and leaves it running.
///
/// The child reads from /dev/null, has default signal handlers, an empty signal mask and no
/// descriptor of ours besides its standard ones.
public func spawn(
    _ command: Command, in namespace: String?, using thread: NamespaceThread,
    output: OutputTarget = .discard, error: OutputTarget = .discard
) async throws(ProcessError) -> ChildProcess {
    let path = try executablePath(of: command)
    let input = try open("/dev/null", flags: O_RDONLY, for: command)
    let out = try Outlet(output, standard: 1, for: command)
    let err = try Outlet(error, standard: 2, for: command)
    let numbers = (input.number, out.childEnd.number, err.childEnd.number)
    let pid: Int32
    do {
        pid = try await thread.run(in: namespace) {
            try start(command, path: path, input: numbers.0, output: numbers.1, error: numbers.2)
        }
    } catch let failure as ProcessError {
        throw failure
    } catch {
        throw ProcessError(
            .startFailed, operation: "start", object: command.executable, detail: String(describing: error))
    }
    // The child has its copies; the originals live until here.
    _ = consume input
    return ChildProcess(
        watch: try ProcessWatch(pid: pid, isChild: true), output: out.intoReadingEnd(),
        error: err.intoReadingEnd())
}

/// One of a child's outputs: the end that the child gets and the end that we keep.
private struct Outlet: ~Copyable {
    let childEnd: OwnedDescriptor
    var readingEnd: OwnedDescriptor?

    init(_ target: OutputTarget, standard: Int32, for command: Command) throws(ProcessError) {
        switch target {
        case .discard:
            childEnd = try open("/dev/null", flags: O_WRONLY, for: command)
            readingEnd = nil
        case .inherit:
            childEnd = try duplicateAboveStandard(standard, for: command)
            readingEnd = nil
        case .append(let path):
            childEnd = try open(path, flags: O_WRONLY | O_APPEND | O_CREAT, for: command)
            readingEnd = nil
        case .pipe:
            var readingNumber: Int32 = -1
            var writingNumber: Int32 = -1
            if cl_pipe(&readingNumber, &writingNumber) != 0 {
                throw startFailure(command, "make a pipe: \(errorText(errno))")
            }
            readingEnd = OwnedDescriptor(readingNumber)
            childEnd = try duplicateAboveStandard(consuming: OwnedDescriptor(writingNumber), for: command)
        }
    }

    /// Closes the child's end and gives away ours.
    consuming func intoReadingEnd() -> OwnedDescriptor? { readingEnd }
}

/// Opens a file for the child, with a number that no standard descriptor has.
private func open(_ path: String, flags: Int32, for command: Command) throws(ProcessError) -> OwnedDescriptor
{
    let number = Glibc.open(path, flags | O_CLOEXEC, 0o644)
    if number < 0 { throw startFailure(command, "open \(path): \(errorText(errno))") }
    return try duplicateAboveStandard(consuming: OwnedDescriptor(number), for: command)
}

/// Moves a descriptor out of the way of 0, 1 and 2, which the child's setup overwrites in turn.
private func duplicateAboveStandard(
    consuming descriptor: consuming OwnedDescriptor, for command: Command
) throws(ProcessError) -> OwnedDescriptor {
    if descriptor.number > 2 { return descriptor }
    return try duplicateAboveStandard(descriptor.number, for: command)
}

private func duplicateAboveStandard(_ number: Int32, for command: Command) throws(ProcessError)
    -> OwnedDescriptor
{
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    if copy < 0 { throw startFailure(command, "duplicate descriptor \(number): \(errorText(errno))") }
    return OwnedDescriptor(copy)
}

private func startFailure(_ command: Command, _ detail: String) -> ProcessError {
    ProcessError(.startFailed, operation: "start", object: command.executable, detail: detail)
}

/// Where the program lies: PATH first, then where administrators' programs live, which an ordinary
/// user's PATH leaves out.
public func executablePath(of command: Command) throws(ProcessError) -> String {
    if command.executable.utf8.contains(0x2F) {
        if access(command.executable, X_OK) == 0 { return command.executable }
    } else {
        let search =
            (command.environment?["PATH"] ?? environmentValue("PATH") ?? "")
            + ":/usr/sbin:/sbin:/usr/bin:/bin"
        for directory in search.split(separator: ":") {
            let path = "\(directory)/\(command.executable)"
            if access(path, X_OK) == 0 && !isDirectory(path: path) { return path }
        }
    }
    throw ProcessError(
        .notFound, operation: "start", object: command.executable,
        detail: "no such program in PATH, /usr/sbin or /sbin")
}

/// A variable of our own environment.
private func environmentValue(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Starts the program in the namespace in which the calling thread is.
private func start(
    _ command: Command, path: String, input: Int32, output: Int32, error: Int32
) throws(ProcessError) -> Int32 {
    var arguments = ([command.executable] + command.arguments).map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var variables = (command.environment ?? [:]).sorted { $0.key < $1.key }.map {
        strdup("\($0.key)=\($0.value)")
    }
    variables.append(nil)
    defer { for variable in variables { free(variable) } }
    var pid: Int32 = 0
    let inherits = command.environment == nil
    let result = arguments.withUnsafeBufferPointer { arguments in
        variables.withUnsafeBufferPointer { variables in
            cl_spawn(
                path, arguments.baseAddress, inherits ? cl_environment() : variables.baseAddress, input,
                output,
                error, command.startsSession ? 1 : 0, &pid)
        }
    }
    if result != 0 {
        throw ProcessError(
            result == ENOENT ? .notFound : .startFailed, operation: "start", object: path,
            detail: "\(errorText(result)) (errno \(result))")
    }
    return pid
}
