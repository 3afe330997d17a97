import ArgumentParser
import LinuxKernel

/// A DHCP client that an instance can run.
enum InstanceClient: String, CaseIterable, ExpressibleByArgument {
    /// The first one that is installed.
    case auto
    case udhcpc, dhclient
    case dhclientV6 = "dhclient-6"
    case dhcpcd
    /// No client: the machine only stands there.
    case none

    /// The program and the Debian package that has it.
    private var program: (name: String, package: String)? {
        switch self {
        case .udhcpc: ("udhcpc", "udhcpc")
        case .dhclient, .dhclientV6: ("dhclient", "isc-dhcp-client")
        case .dhcpcd: ("dhcpcd", "dhcpcd-base")
        case .auto, .none: nil
        }
    }

    /// The client to run, installed; `auto` takes the first that is.
    func resolved() throws(CommandFailure) -> InstanceClient {
        switch self {
        case .none: return .none
        case .auto:
            for candidate in [InstanceClient.udhcpc, .dhclient, .dhcpcd] where candidate.isInstalled {
                return candidate
            }
            throw CommandFailure(
                "no DHCP client is installed here: apt-get install udhcpc, isc-dhcp-client or dhcpcd-base",
                status: 69)
        default:
            guard isInstalled else {
                let package = program?.package ?? rawValue
                throw CommandFailure(
                    "\(rawValue) is not installed here: apt-get install \(package)", status: 69)
            }
            return self
        }
    }

    private var isInstalled: Bool {
        guard let program else { return false }
        return (try? executablePath(of: Command(program.name))) != nil
    }
}
