/// Checks of `dns_name` and `dns_domain`: relative or full names of RFC 1123 section 2.1 labels.
enum DNSNames {
    /// RFC 1035 section 2.3.4.
    private static let longestName = 255
    private static let longestLabel = 63

    /// A port's `dns_name` as it is stored: lower case, and empty while the operator's domain is not
    /// configured; or 400.
    static func portName(_ given: String, policy: ModelPolicy) throws(ModelError) -> String {
        let name = given.lowercased()
        try checkFormat(name, "dns_name")
        let domain = DNSDomain(policy.dnsDomain)
        guard !name.isEmpty, domain.allowsPortNames else { return "" }
        if name.hasSuffix(".") {
            guard name.hasSuffix("." + domain.text) else {
                throw .invalidAttribute(
                    "dns_name",
                    "The dns_name passed is a FQDN. Its higher level labels must be equal to the "
                        + "dns_domain option in neutron.conf, that has been set to '\(policy.dnsDomain)'. "
                        + "It must also include one or more valid DNS labels to the left of "
                        + "'\(policy.dnsDomain)'")
            }
        } else if name.utf8.count + 1 + domain.text.utf8.count > longestName {
            throw .invalidAttribute(
                "dns_name",
                "The dns_name passed is a PQDN and its size is '\(name.utf8.count)'. With the dns_domain "
                    + "'\(policy.dnsDomain)' the resulting length exceeds the maximum size of "
                    + "'\(longestName)'")
        }
        return name
    }

    /// A `dns_domain` as it is stored: lower case, empty or a full name with its final dot; or 400.
    static func domain(_ given: String) throws(ModelError) -> String {
        let domain = given.lowercased()
        if domain.isEmpty { return "" }
        guard domain.hasSuffix(".") else {
            throw .invalidAttribute("dns_domain", "'\(domain)' is not a FQDN")
        }
        try checkFormat(domain, "dns_domain")
        // One character and a dot must still fit before it.
        if domain.utf8.count > longestName - 2 {
            throw .invalidAttribute(
                "dns_domain",
                "'\(domain)' contains '\(domain.utf8.count)' characters. Adding a sub-domain will cause it "
                    + "to exceed the maximum length of a FQDN of '\(longestName)'")
        }
        return domain
    }

    /// Throws 400 unless the text is empty or labels joined by dots, perhaps with a final dot.
    private static func checkFormat(_ text: String, _ attribute: String) throws(ModelError) {
        if text.isEmpty { return }
        let trimmed = text.hasSuffix(".") ? text.dropLast() : text[...]
        func refuse(_ reason: String) -> ModelError {
            .invalidAttribute(attribute, "'\(text)' not a valid PQDN or FQDN. Reason: \(reason)")
        }
        if trimmed.utf8.count > longestName {
            throw refuse("'\(trimmed)' exceeds the \(longestName) character FQDN limit")
        }
        let labels = trimmed.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            if label.isEmpty { throw refuse("Encountered an empty component") }
            if label.hasPrefix("-") || label.hasSuffix("-") {
                throw refuse("Name '\(label)' must not start or end with a hyphen")
            }
            guard label.utf8.count <= longestLabel, label.utf8.allSatisfy(isLabelByte) else {
                throw refuse(
                    "Name '\(label)' must be 1-63 characters long, each of which can only be alphanumeric "
                        + "or a hyphen")
            }
        }
        // RFC 1123 section 2.1: a top level domain is alphabetic, so that names differ from addresses.
        if labels.count > 1, let last = labels.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw refuse("TLD '\(last)' must not be all numeric")
        }
    }

    /// Digits, lower-case letters, hyphen.
    private static func isLabelByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
    }
}
