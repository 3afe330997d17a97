import Addressing

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
        // nil where one was deleted.
        var merged: [ExtraDHCPOption?] = options
        var places: [Name: Int] = [:]
        for (place, option) in options.enumerated() {
            places[Name(text: option.name, version: option.ipVersion)] = place
        }
        for request in requests {
            try check(request)
            let name = Name(text: request.name, version: request.ipVersion)
            switch (places[name], request.value) {
            case (let place?, let value?): merged[place]?.value = value
            case (let place?, nil):
                merged[place] = nil
                places[name] = nil
            case (nil, let value?):
                places[name] = merged.count
                merged.append(
                    ExtraDHCPOption(name: request.name, value: value, ipVersion: request.ipVersion))
            case (nil, nil): break
            }
        }
        return merged.compactMap { $0 }
    }

    /// What a port has one option of.
    private struct Name: Hashable {
        let text: String
        let version: IPVersion
    }

    fileprivate static func check(_ request: ExtraDHCPOptionRequest) throws(ModelError) {
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

extension ExtraDHCPOptionRequest {
    /// Whether name and value have the form that every option's must have.
    public var isWellFormed: Bool { (try? ExtraDHCPOptions.check(self)) != nil }
}
