import Glibc
import LinuxKernel

/// What a dnsmasq is known to have read, kept beside its files (`served`).
///
/// That the files are right does not mean that the process has read them: an agent may have died
/// between writing and signalling. The marker loses what it says of a file before one is changed, and
/// says it again after the reading was confirmed. It names the process, so it says nothing about a later
/// one, and the operator's extra file, which is read when dnsmasq starts and never again.
struct ServedMarker: Equatable {
    let text: String
    private let process: String
    private let conf: String

    init(_ process: DnsmasqProcess, _ rendered: RenderedService) {
        self.process = "process \(process.pid) \(process.startTime)"
        conf = "conf \(rendered.extraFile)"
        text = """
            \(self.process)
            \(conf)
            host \(Self.digest(rendered.host))
            addn_hosts \(Self.digest(rendered.additionalHosts))
            opts \(Self.digest(rendered.options))

            """
    }

    /// The marker of a process that may have read nothing yet but the operator's extra file.
    var start: String { "\(process)\n\(conf)\n" }

    /// What the marker on disk says.
    enum Finding: Hashable {
        /// The same.
        case same
        /// That this process has, or may have, read other files.
        case otherFiles
        /// That this process began with another extra file.
        case otherExtraFile
        /// Nothing of this process: who started it left no word of what it read.
        case nothing
    }

    /// Compares with the marker on disk.
    func onDisk(_ directory: ConfigurationDirectory) throws(FileError) -> Finding {
        guard let bytes = try contents(of: directory.served, limit: 4096) else { return .nothing }
        if bytes.isText(text) { return .same }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count > 1, lines[0] == process, lines[1].hasPrefix("conf ") else { return .nothing }
        return lines[1] == conf ? .otherFiles : .otherExtraFile
    }

    /// FNV-1a, 64 bits: guards against accidents, not against an enemy, who could signal dnsmasq anyway.
    static func digest(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { digest($0) }
    }

    private static func digest(_ text: String) -> String {
        var text = text
        return text.withUTF8 { digest(UnsafeRawBufferPointer($0)) }
    }

    private static func digest(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}

extension [UInt8] {
    /// Whether these bytes are the text in UTF-8.
    func isText(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { wanted in
            guard let start = wanted.baseAddress else { return true }
            return withUnsafeBytes { $0.baseAddress.map { memcmp($0, start, wanted.count) == 0 } ?? true }
        }
    }
}
