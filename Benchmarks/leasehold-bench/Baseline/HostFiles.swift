/// The files that Neutron writes for dnsmasq, with ports that have one address each.
enum HostFiles {
    /// Writes `host`, `addn_hosts` and `opts`, each whole.
    static func write(_ network: NetworkNames, ports: Int, to directory: String) throws(Failure) {
        var host = ""
        var names = ""
        for index in 0..<ports {
            let address = network.address(ofPort: index)
            let text = NetworkNames.text(address)
            let name = NetworkNames.hostName(address)
            host += "\(mac(ofPort: index)),\(name).openstacklocal,\(text)\n"
            names += "\(text)\t\(name).openstacklocal \(name)\n"
        }
        try replaceFile("\(directory)/host", host)
        try replaceFile("\(directory)/addn_hosts", names)
        try replaceFile("\(directory)/opts", options(network))
    }

    /// The lease file with which Neutron starts dnsmasq.
    static func leases(_ network: NetworkNames, ports: Int) -> String {
        (0..<ports).map { "0 \(mac(ofPort: $0)) \(NetworkNames.text(network.address(ofPort: $0))) * *\n" }
            .joined()
    }

    private static func options(_ network: NetworkNames) -> String {
        let tag = "tag:subnet-\(network.subnet)"
        let routes = "169.254.169.254/32,\(network.gateway),0.0.0.0/0,\(network.gateway)"
        return [
            "\(tag),option:classless-static-route,\(routes)", "\(tag),249,\(routes)",
            "\(tag),option:router,\(network.gateway)",
        ].joined(separator: "\n")
    }

    private static func mac(ofPort index: Int) -> String { NetworkNames.mac(UInt32(index) + 1) }
}
