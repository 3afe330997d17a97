import LinuxKernel

/// What a dnsmasq is known to have read, kept beside its files (`served`).
///
/// That the files are right does not mean that the process has read them: an agent may have died
/// between writing and signalling. The marker is removed before a file is changed and written after
/// the reading was confirmed; it names the process, so it says nothing about a later one.
struct ServedMarker: Equatable {
    let text: String

    init(_ process: DnsmasqProcess, _ rendered: RenderedService) {
        text = """
            process \(process.pid) \(process.startTime)
            host \(Self.digest(rendered.host))
            addn_hosts \(Self.digest(rendered.additionalHosts))
            opts \(Self.digest(rendered.options))

            """
    }

    /// Whether the marker on disk says the same.
    func isOnDisk(_ directory: ConfigurationDirectory) -> Bool {
        guard let bytes = try? readFile(path: directory.served, limit: 4096) else { return false }
        return bytes.elementsEqual(text.utf8)
    }

    /// FNV-1a, 64 bits: guards against accidents, not against an enemy, who could signal dnsmasq anyway.
    private static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(hash, radix: 16)
    }
}
