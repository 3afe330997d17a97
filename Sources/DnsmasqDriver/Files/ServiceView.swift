import Addressing
import DHCPDrivers
import NetworkModel

/// A service with what all writers need to know of it.
struct ServiceView {
    let announced: AnnouncedService
    let configuration: DnsmasqConfiguration
    let abilities: DnsmasqAbilities

    init(_ service: DHCPService, _ configuration: DnsmasqConfiguration, _ abilities: DnsmasqAbilities) {
        announced = AnnouncedService(service, configuration.announcementSettings)
        self.configuration = configuration
        self.abilities = abilities
    }

    var service: DHCPService { announced.service }
    var subnets: [ResourceID: Subnet] { announced.subnets }
    /// The ports as given, with the agent's own one at the end if it was missing.
    var ports: [Port] { announced.ports }
}

extension NamedAddress {
    /// The address as dnsmasq's option and host files want it.
    var dnsmasqText: String { address.version == .v6 ? "[\(text)]" : text }
}
