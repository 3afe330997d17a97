import Glibc

/// Why a file could not be read.
struct TextFileError: Error, Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case missing, forbidden, directory, notUTF8
        /// The number of the C library's error.
        case other(Int32)
    }

    let kind: Kind
    let path: String

    init(_ kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }

    init(errno code: Int32, path: String) {
        switch code {
        case ENOENT, ENOTDIR: kind = .missing
        case EACCES, EPERM: kind = .forbidden
        case EISDIR: kind = .directory
        default: kind = .other(code)
        }
        self.path = path
    }

    static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    func hash(into hasher: inout Hasher) { hasher.combine(kind) }

    /// The cause, as the end of a sentence.
    var cause: String {
        switch kind {
        case .missing: "there is no such file"
        case .forbidden: "this user may not read it"
        case .directory: "it is a directory"
        case .notUTF8: "it is not UTF-8 text"
        case .other(let code): String(cString: strerror(code))
        }
    }
}

extension TextFileError: CustomStringConvertible {
    var description: String { "cannot read \(path): \(cause)" }
}

/// Reading of small text files.
enum TextFile {
    /// The text of the file.
    static func read(_ path: String) throws(TextFileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TextFileError(errno: errno, path: path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw TextFileError(errno: errno, path: path)
            }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TextFileError(.notUTF8, path: path)
        }
        return text
    }

    /// The paths of the files in a directory whose names end so, sorted by name.
    static func list(_ directory: String, suffix: String) throws(TextFileError) -> [String] {
        guard let stream = opendir(directory) else { throw TextFileError(errno: errno, path: directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted().map { directory.hasSuffix("/") ? directory + $0 : "\(directory)/\($0)" }
    }
}
