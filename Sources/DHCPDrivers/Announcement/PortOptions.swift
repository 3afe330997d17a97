import Addressing
public import DHCPMessages
public import NetworkModel

/// An `extra_dhcp_opts` entry of a port that is to be sent.
public struct PortOption: Hashable, Sendable {
    public var name: DHCPOptionName
    public var version: DHCPVersion
    /// The value up to its first control character; empty where the option is to be suppressed.
    public var value: String
}

extension Port {
    /// The options that the port's clients are to be sent, in order, and a sentence for each that cannot.
    public var sentOptions: (options: [PortOption], problems: [String]) {
        if extraDHCPOptions.isEmpty { return ([], []) }
        var options: [PortOption] = []
        var problems: [String] = []
        let versions = Set(fixedIPs.map(\.address.version))
        for option in extraDHCPOptions where !option.isClientID {
            let shown = cutAtControlCharacter(option.name)
            guard versions.contains(option.ipVersion) else {
                problems.append(
                    "port \(id): option \(shown) is for IPv\(option.ipVersion.rawValue), "
                        + "of which the port has no address")
                continue
            }
            let version: DHCPVersion = option.ipVersion == .v4 ? .v4 : .v6
            guard let name = try? DHCPOptionRegistry.lookup(shown, version) else {
                problems.append("port \(id): there is no DHCP option '\(shown)'")
                continue
            }
            var value = cutAtControlCharacter(option.value)
            if value.allSatisfy({ $0 == " " || $0 == "\t" }) { value = "" }
            if !value.isEmpty {
                do throws(DHCPOptionError) {
                    // Tabs are written as dnsmasq wants them.
                    _ = try name.encode(String(value.map { $0 == "\t" ? " " : $0 }))
                } catch {
                    problems.append("port \(id): \(error)")
                    continue
                }
            }
            options.append(PortOption(name: name, version: version, value: value))
        }
        return (options, problems)
    }

    /// The client identifier that the port's client must send, cut at its first control character: text, or
    /// hexadecimal bytes joined by colons, or `*` to take no notice of what it sends.
    public var clientID: String? {
        guard let option = extraDHCPOptions.first(where: \.isClientID) else { return nil }
        let value = cutAtControlCharacter(option.value)
        return value.isEmpty ? nil : value
    }
}

extension ExtraDHCPOption {
    /// Whether the option says how to recognise the client (`client-id` or `61`) rather than what to send.
    public var isClientID: Bool { name == "client-id" || name == "61" }
}

/// The text up to its first line break or other control character; a tab stays.
public func cutAtControlCharacter(_ text: String) -> String {
    let end = text.unicodeScalars.firstIndex { ($0.value < 0x20 && $0 != "\t") || $0.value == 0x7F }
    return end.map { String(text.unicodeScalars[..<$0]) } ?? text
}
