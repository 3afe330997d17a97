/// The part of the kernel that wiring needs; the real one speaks netlink, the fake one keeps rules.
///
/// Calls block; make them from a thread of your own, never from the cooperative pool.
public protocol Kernel: Sendable {
    /// What stands of this wiring now. Only reads.
    func observe(_ wiring: NetworkWiring) throws(KernelError) -> ObservedWiring

    /// What stands of many wirings now, in their order; cheaper than one after the other.
    func observeAll(_ wirings: [NetworkWiring]) -> [Result<ObservedWiring, KernelError>]

    /// As ``observeAll(_:)``, with each wiring's place in the list and what was seen, as soon as it was.
    ///
    /// - Parameter withSettings: whether the settings of the namespaces are looked at, too. The kernel finds
    ///   their files more slowly the more namespaces there are.
    func observeAll(
        _ wirings: [NetworkWiring], withSettings: Bool,
        each: (Int, Result<ObservedWiring, KernelError>) -> Void)

    /// Does one step. A step whose effect already holds does nothing.
    func apply(_ step: WiringStep) throws(KernelError)

    /// The names of all namespaces under /run/netns, dead mount points included.
    func namespaceNames() throws(KernelError) -> [String]
}

extension Kernel {
    /// Observes one after the other.
    public func observeAll(_ wirings: [NetworkWiring]) -> [Result<ObservedWiring, KernelError>] {
        wirings.map { wiring in
            do throws(KernelError) {
                return .success(try observe(wiring))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Hands over what was seen when all was.
    public func observeAll(
        _ wirings: [NetworkWiring], withSettings: Bool,
        each: (Int, Result<ObservedWiring, KernelError>) -> Void
    ) {
        for (place, result) in observeAll(wirings).enumerated() { each(place, result) }
    }
}

/// A failure of the kernel: the operation, the object, the errno and the kernel's own words.
/// Compares by errno.
public struct KernelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, such as `create veth`.
    public let operation: String
    /// What it was tried on, such as `tap4f3a9c1b-2d`.
    public let object: String
    /// The errno (errno(3)), positive.
    public let errno: Int32
    /// The text of the extended acknowledgement, or of strerror(3).
    public let detail: String

    public init(operation: String, object: String, errno: Int32, detail: String) {
        self.operation = operation
        self.object = object
        self.errno = errno
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.errno == b.errno }

    public var description: String { "\(operation) \(object): \(detail) (errno \(errno))" }
}
