// Every refusal has Neutron's exception name and wording, because clients and their tests match on them.

extension ModelError {
    /// 404: no such network.
    public static func networkNotFound(_ id: ResourceID) -> ModelError {
        ModelError(.notFound, "NetworkNotFound", "Network \(id) could not be found.")
    }

    /// 404: no such subnet.
    public static func subnetNotFound(_ id: ResourceID) -> ModelError {
        ModelError(.notFound, "SubnetNotFound", "Subnet \(id) could not be found.")
    }

    /// 404: no such port.
    public static func portNotFound(_ id: ResourceID) -> ModelError {
        ModelError(.notFound, "PortNotFound", "Port \(id) could not be found.")
    }

    /// 404: no such agent.
    public static func agentNotFound(_ id: ResourceID) -> ModelError {
        ModelError(.notFound, "AgentNotFound", "Agent \(id) could not be found.")
    }

    /// 404: no DHCP agent is in the zone.
    public static func availabilityZoneNotFound(_ zone: String) -> ModelError {
        ModelError(.notFound, "AvailabilityZoneNotFound", "AvailabilityZone \(zone) could not be found.")
    }
}
