import Glibc

/// The stream for messages that are not the command's output.
enum StandardError {
    /// Writes the text and a newline at once, so that messages of several threads stay whole.
    static func print(_ text: String) {
        // What was printed before comes before.
        fflush(nil)
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
