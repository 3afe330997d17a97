import Glibc
import NetworkModel

/// The file of API tokens: JSON that only its owner can read, replaced as a whole at every change.
public struct TokenFile: Sendable {
    /// An absolute path.
    public let path: String

    public init(path: String) { self.path = path }

    /// Why the file cannot be used.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The object, the cause and the remedy, without a full stop at the end.
        public let description: String
    }

    /// What tells one version of the file from the next; nil where there is no file.
    struct Version: Hashable, Sendable {
        let inode: UInt64
        let size: Int
        let modified: Int
        let changed: Int
        /// Permission bits and owner: they can change while the content stays.
        let mode: UInt32
        let owner: UInt32
    }

    /// All tokens, in the order of the file; none where there is no file.
    public func tokens() throws(Failure) -> [APIToken] { try read().tokens }

    /// Adds a token; throws where its name is taken.
    public func add(_ token: APIToken) throws(Failure) {
        guard !token.projectID.isEmpty else {
            throw Failure(description: "the token '\(token.name)' is for no project: name one")
        }
        try change { (tokens) throws(Failure) in
            guard !tokens.contains(where: { $0.name == token.name }) else {
                throw Failure(
                    description: "a token '\(token.name)' exists already: revoke it, or choose another name")
            }
            tokens.append(token)
        }
    }

    /// Removes the token with the name or id, and returns it; throws where there is none.
    public func remove(_ nameOrID: String) throws(Failure) -> APIToken {
        try change { (tokens) throws(Failure) in
            let id = ResourceID(nameOrID)
            guard let index = tokens.firstIndex(where: { $0.id == id || $0.name == nameOrID }) else {
                throw Failure(description: "there is no token '\(nameOrID)' in \(path)")
            }
            return tokens.remove(at: index)
        }
    }

    /// What the file is at the moment.
    func version() throws(Failure) -> Version? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT { return nil }
            throw failure("cannot be looked at", code)
        }
        return Version(status)
    }

    /// The tokens with the version that they were read from.
    func read() throws(Failure) -> (tokens: [APIToken], version: Version?) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let code = errno
            if code == ENOENT { return ([], nil) }
            throw failure("cannot be read", code)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("cannot be looked at", errno) }
        try check(status)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be read", errno)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard let tokens = Self.parse(bytes) else {
            throw Failure(
                description:
                    "the token file \(path) is damaged: restore it, or remove it and create the tokens anew"
            )
        }
        return (tokens, Version(status))
    }

    /// Digests alone let nobody in, but whoever can write the file can add to them, and names and projects
    /// are nobody's business.
    private func check(_ status: stat) throws(Failure) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(description: "the token file \(path) is no regular file: move it away")
        }
        let wide = status.st_mode & 0o177
        guard wide == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw Failure(
                description: "the token file \(path) is open to others (mode \(mode)): run chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() else {
            throw Failure(
                description:
                    "the token file \(path) belongs to user \(status.st_uid), not to \(geteuid()) who runs this: run chown \(geteuid()) \(path)"
            )
        }
    }

    /// Reads, changes and writes while no other process does.
    private func change<Result>(
        _ body: (inout [APIToken]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The file itself is replaced, so something that stays must be what is locked.
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failure("cannot be locked", errno) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("cannot be locked", errno) }
        }
        var tokens = try read().tokens
        let result = try body(&tokens)
        try write(tokens)
        return result
    }

    private func write(_ tokens: [APIToken]) throws(Failure) {
        let temporary = path + ".new"
        // What a crash left behind may have any mode.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("cannot be written", errno) }
        defer { close(file) }
        var bytes = Self.serialize(tokens)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be written", errno)
            }
            bytes = bytes.dropFirst(count)
        }
        guard fsync(file) == 0, rename(temporary, path) == 0 else {
            throw failure("cannot be written", errno)
        }
        try syncDirectory()
    }

    /// Makes the new name durable: after a power cut a token that was revoked must not be back.
    private func syncDirectory() throws(Failure) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("cannot be written", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("cannot be written", errno) }
    }

    private func failure(_ what: String, _ code: Int32) -> Failure {
        let remedy =
            switch code {
            case EACCES, EPERM: ": run this as the user that runs the service"
            case ENOENT: ": create the directory, or set api_tokens_file in [leasehold]"
            default: ""
            }
        return Failure(
            description: "the token file \(path) \(what): \(String(cString: strerror(code)))\(remedy)")
    }
}

extension TokenFile.Version {
    fileprivate init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = status.st_size
        modified = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        changed = status.st_ctim.tv_sec &* 1_000_000_000 &+ status.st_ctim.tv_nsec
        mode = status.st_mode
        owner = status.st_uid
    }
}

extension TokenFile {
    /// The tokens in the file's form, or nil where the bytes have another.
    static func parse(_ bytes: [UInt8]) -> [APIToken]? {
        guard case .array(let items)? = (try? JSONParser().parse(bytes))?["tokens"] else { return nil }
        var tokens: [APIToken] = []
        for item in items {
            guard let id = item["id"]?.string.flatMap({ ResourceID($0) }), let name = item["name"]?.string,
                let project = item["project_id"]?.string, !project.isEmpty,
                let role = item["role"]?.string.flatMap(APIToken.Role.init(rawValue:)),
                let created = item["created_at"]?.string.flatMap(Timestamp.init(iso8601:)),
                let digest = item["sha256"]?.string.flatMap(bytes(hexadecimal:)), digest.count == 32
            else { return nil }
            var expires: Timestamp?
            if let text = item["expires_at"], text != .null {
                guard let moment = text.string.flatMap(Timestamp.init(iso8601:)) else { return nil }
                expires = moment
            }
            tokens.append(
                APIToken(
                    id: id, name: name, projectID: project, role: role, createdAt: created,
                    expiresAt: expires, digest: digest))
        }
        return tokens
    }

    /// The file's content: an object, so that it can grow, with a token to a line.
    static func serialize(_ tokens: [APIToken]) -> [UInt8] {
        let lines = tokens.map { token in
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("id")
                writer.id(token.id)
                writer.key("name")
                writer.string(token.name)
                writer.key("project_id")
                writer.string(token.projectID)
                writer.key("role")
                writer.string(token.role.rawValue)
                writer.key("created_at")
                writer.string(token.createdAt.iso8601)
                writer.key("expires_at")
                writer.string(orNull: token.expiresAt?.iso8601)
                writer.key("sha256")
                writer.string(hexadecimal(token.digest))
            }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        return Array("{\"tokens\": [\n\(lines.joined(separator: ",\n"))\n]}\n".utf8)
    }
}
