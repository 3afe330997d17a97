/// What somebody changed in the kernel, by us or by somebody else, as far as it may concern wiring.
public enum WiringChange: Hashable, Sendable {
    /// Something inside the namespace of that name.
    case namespace(String)
    /// A link of that name, wherever it is.
    case link(String)
    /// Nobody knows what: changes were lost.
    case anything
}

extension NetworkWiring {
    /// The links that the wiring is made of or hangs on, wherever they are.
    var linkNames: [String] {
        let carrier: [String] =
            switch uplink {
            case nil: []
            case .interface(let name): [name]
            case .vxlan(let vxlan): [vxlan.name]
            }
        return [bridge, outerDevice, innerDevice] + carrier
    }

    /// Whether one of the changes may have touched the wiring.
    public func isTouched(by changes: Set<WiringChange>) -> Bool {
        changes.contains(.anything) || changes.contains(.namespace(namespace))
            || linkNames.contains { changes.contains(.link($0)) }
    }
}
