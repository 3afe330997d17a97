import CLinux
import Glibc

/// What this process may do to the network it is in.
public struct PrivilegeCheck: Sendable, Hashable {
    /// Whether CAP_NET_ADMIN is effective (capabilities(7)).
    public let hasNetworkAdministration: Bool
    /// Whether CAP_SYS_ADMIN is effective: mounting and entering namespaces need it.
    public let hasSystemAdministration: Bool
    /// Whether those capabilities count for our network namespace: it belongs to our user namespace or
    /// one below.
    public let ownsNetworkNamespace: Bool

    /// Looks at the calling thread now.
    public static func current() -> PrivilegeCheck {
        var bits: UInt64 = 0
        if cl_effective_capabilities(&bits) != 0 { bits = 0 }
        return PrivilegeCheck(
            hasNetworkAdministration: bits >> 12 & 1 == 1, hasSystemAdministration: bits >> 21 & 1 == 1,
            ownsNetworkNamespace: ownsCurrentNetworkNamespace())
    }

    /// Whether namespaces and devices can be made here.
    public var canWire: Bool {
        hasNetworkAdministration && hasSystemAdministration && ownsNetworkNamespace
    }

    /// What is missing for ``canWire``, in a sentence for people; nil where nothing is.
    public var shortcoming: String? {
        if canWire { return nil }
        var missing: [String] = []
        if !hasNetworkAdministration { missing.append("CAP_NET_ADMIN") }
        if !hasSystemAdministration { missing.append("CAP_SYS_ADMIN") }
        if !missing.isEmpty { return "this process lacks \(missing.joined(separator: " and "))" }
        return "the network namespace belongs to a user namespace above ours"
    }

    /// Whether an ordinary user may make a user namespace and a network in it, found out by trying in
    /// a child process.
    ///
    /// Some systems forbid it: user.max_user_namespaces 0, AppArmor on Ubuntu, seccomp in containers.
    public static func allowsUserNamespaces() -> Bool { cl_probe_user_namespace() == 0 }

    private static func ownsCurrentNetworkNamespace() -> Bool {
        let number = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        if number < 0 { return false }
        let namespace = OwnedDescriptor(number)
        // Refused with EPERM for an owner outside our reach (ioctl_ns(2)).
        let owner = cl_owning_user_namespace(namespace.number)
        if owner < 0 { return false }
        close(owner)
        return true
    }
}
