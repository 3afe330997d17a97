/// Checks and merging of `extra_dhcp_opts`; what the names mean is the option registry's matter.
enum ExtraDHCPOptions {
    private static let longestName = 64
    private static let longestValue = 255
    /// The options that may have an empty value, which means "send none".
    private static let blankable: Set<String> = ["router", "classless-static-route"]

    /// What a port has after a request: an entry replaces the one with the same name and version, null
    /// deletes it, all others stay.
    static func merge(
        _ requests: [ExtraDHCPOptionRequest], into options: [ExtraDHCPOption]
    ) throws(ModelError) -> [ExtraDHCPOption] {
        var merged = options
        for request in requests {
            try check(request)
            let index = merged.firstIndex { $0.name == request.name && $0.ipVersion == request.ipVersion }
            switch (index, request.value) {
            case (let index?, let value?): merged[index].value = value
            case (let index?, nil): merged.remove(at: index)
            case (nil, let value?):
                merged.append(
                    ExtraDHCPOption(name: request.name, value: value, ipVersion: request.ipVersion))
            case (nil, nil): break
            }
        }
        return merged
    }

    private static func check(_ request: ExtraDHCPOptionRequest) throws(ModelError) {
        let (name, value) = (request.name, request.value)
        if isBlank(name) { throw refuse("'\(name)' Blank strings are not permitted") }
        // dnsmasq's files have a line per option: a second line would be an option of its own.
        for text in [name, value ?? ""] where text.contains(where: \.isNewline) {
            throw refuse("Multi-line string is not allowed: '\(text)'")
        }
        try TextLimits.check(name, "extra_dhcp_opts", limit: longestName)
        guard let value else { return }
        try TextLimits.check(value, "extra_dhcp_opts", limit: longestValue)
        if isBlank(value) && !blankable.contains(name) {
            throw refuse("'\(value)' Blank strings are not permitted")
        }
    }

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    private static func refuse(_ reason: String) -> ModelError {
        .invalidAttribute("extra_dhcp_opts", reason)
    }
}
