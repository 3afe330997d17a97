import Addressing
import NetworkModel

extension StandardAttributes {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"createdAt\":")
        let createdAt = try Timestamp(&reader)
        try reader.expect(",\"description\":")
        let description = try reader.string()
        try reader.expect(",\"name\":")
        let name = try reader.string()
        try reader.expect(",\"projectID\":")
        let projectID = try reader.string()
        try reader.expect(",\"revisionNumber\":")
        let revisionNumber = Int(try reader.integer())
        try reader.expect(",\"tags\":")
        let tags = try reader.strings()
        try reader.expect(",\"updatedAt\":")
        let updatedAt = try Timestamp(&reader)
        try reader.expect("}")
        self.init(
            projectID: projectID, name: name, description: description, tags: tags, createdAt: createdAt,
            updatedAt: updatedAt, revisionNumber: revisionNumber)
    }

    func write(to writer: inout RecordWriter) {
        writer.write("{\"createdAt\":")
        createdAt.write(to: &writer)
        writer.write(",\"description\":")
        writer.string(description)
        writer.write(",\"name\":")
        writer.string(name)
        writer.write(",\"projectID\":")
        writer.string(projectID)
        writer.write(",\"revisionNumber\":")
        writer.integer(revisionNumber)
        writer.write(",\"tags\":")
        writer.strings(tags)
        writer.write(",\"updatedAt\":")
        updatedAt.write(to: &writer)
        writer.write("}")
    }
}

extension Timestamp {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"secondsSinceEpoch\":")
        self.init(secondsSinceEpoch: try reader.integer())
        try reader.expect("}")
    }

    func write(to writer: inout RecordWriter) {
        writer.write("{\"secondsSinceEpoch\":")
        writer.integer(secondsSinceEpoch)
        writer.write("}")
    }
}

extension RecordReader {
    /// A version of IP as its number.
    mutating func version() throws(Unfamiliar) -> IPVersion {
        guard let version = IPVersion(rawValue: Int(try integer())) else { throw Unfamiliar() }
        return version
    }
}
