import Addressing
import NetworkModel

extension SubnetPool {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"defaultPrefixLength\":")
        let defaultPrefixLength = Int(try reader.integer())
        let defaultQuota = reader.take(",\"defaultQuota\":") ? Int(try reader.integer()) : nil
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"ipVersion\":")
        let ipVersion = try reader.version()
        try reader.expect(",\"isDefault\":")
        let isDefault = try reader.bool()
        try reader.expect(",\"maxPrefixLength\":")
        let maxPrefixLength = Int(try reader.integer())
        try reader.expect(",\"minPrefixLength\":")
        let minPrefixLength = Int(try reader.integer())
        try reader.expect(",\"prefixes\":")
        let prefixes = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.text(IPPrefix.self)
        }
        try reader.expect(",\"shared\":")
        let shared = try reader.bool()
        try reader.expect(",\"standard\":")
        let standard = try StandardAttributes(&reader)
        try reader.expect("}")
        self.init(
            id: id, standard: standard, prefixes: prefixes, minPrefixLength: minPrefixLength,
            maxPrefixLength: maxPrefixLength, defaultPrefixLength: defaultPrefixLength,
            defaultQuota: defaultQuota, shared: shared, isDefault: isDefault, ipVersion: ipVersion)
    }

    func write(to writer: inout RecordWriter) {
        writer.write("{\"defaultPrefixLength\":")
        writer.integer(defaultPrefixLength)
        if let defaultQuota {
            writer.write(",\"defaultQuota\":")
            writer.integer(defaultQuota)
        }
        writer.write(",\"id\":")
        writer.identifier(id)
        writer.write(",\"ipVersion\":")
        writer.integer(ipVersion.rawValue)
        writer.write(",\"isDefault\":")
        writer.bool(isDefault)
        writer.write(",\"maxPrefixLength\":")
        writer.integer(maxPrefixLength)
        writer.write(",\"minPrefixLength\":")
        writer.integer(minPrefixLength)
        writer.write(",\"prefixes\":")
        writer.array(prefixes) { $1.text($0) }
        writer.write(",\"shared\":")
        writer.bool(shared)
        writer.write(",\"standard\":")
        standard.write(to: &writer)
        writer.write("}")
    }
}
