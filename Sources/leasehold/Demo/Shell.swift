import Glibc

/// Child processes whose output the demo reads or shows.
enum Shell {
    /// What a program printed on standard output and error, and its exit status.
    struct Result {
        let status: Int32
        let output: String

        /// The output without white space at its ends.
        var trimmed: String {
            let isSpace: (Character) -> Bool = { $0.isWhitespace }
            return String(output.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        }
    }

    /// Runs a program to its end and collects what it prints, at most 1 MiB.
    static func capture(_ words: [String], _ environment: [String: String]) throws -> Result {
        let path = "/run/leasehold/.output.\(getpid())"
        unlink(path)
        let pid = try ForegroundProcess.start(words, environment: environment, log: path)
        let status = ForegroundProcess.wait(pid)
        defer { unlink(path) }
        guard let file = fopen(path, "re") else { return Result(status: status, output: "") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Result(status: status, output: String(decoding: bytes[..<count], as: UTF8.self))
    }

    /// Runs a program on our own standard output.
    static func run(_ words: [String], _ environment: [String: String]) throws -> Int32 {
        try ForegroundProcess.run(words, environment: environment)
    }
}
