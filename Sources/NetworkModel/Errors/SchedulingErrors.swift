// Refusals about which DHCP agent serves which network.

extension ModelError {
    /// 404: the agent does not serve DHCP, or an administrator took it out of service.
    public static func invalidDHCPAgent(_ id: ResourceID) -> ModelError {
        ModelError(
            .notFound, "InvalidDHCPAgent", "Agent \(id) is not a valid DHCP Agent or has been disabled.")
    }

    /// 409: the agent serves the network already.
    public static func networkHosted(_ network: ResourceID, by agent: ResourceID) -> ModelError {
        ModelError(
            .conflict, "NetworkHostedByDHCPAgent",
            "The network \(network) has been already hosted by the DHCP Agent \(agent).")
    }

    /// 409: the agent does not serve the network.
    public static func networkNotHosted(_ network: ResourceID, by agent: ResourceID) -> ModelError {
        ModelError(
            .conflict, "NetworkNotHostedByDhcpAgent",
            "The network \(network) is not hosted by the DHCP agent \(agent).")
    }
}
