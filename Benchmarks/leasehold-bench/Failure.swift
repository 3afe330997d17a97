import Glibc

/// Why something could not be measured: a sentence for people, a status for programs (sysexits.h).
struct Failure: Error, CustomStringConvertible {
    let description: String
    var exitCode: Int32 = 1

    init(_ description: String, exitCode: Int32 = 1) {
        self.description = description
        self.exitCode = exitCode
    }

    /// A failed system call, with errno's text.
    static func call(_ operation: String, error: Int32 = errno) -> Failure {
        Failure("\(operation): \(String(cString: strerror(error)))")
    }
}

/// Progress and complaints: a line on standard error.
func say(_ text: String) {
    var line = text + "\n"
    // One write(2) per line: labs and the outside share the terminal.
    _ = line.withUTF8 { write(2, $0.baseAddress, $0.count) }
}
