/// PLACEHOLDER for the kernel helper to replace.
public struct ObservedWiring: Hashable, Sendable {}
/// PLACEHOLDER for the kernel helper to replace.
public enum WiringStep: Hashable, Sendable {}
