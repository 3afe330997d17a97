import ArgumentParser

/// How the program ends, in the numbers of sysexits(3); `--help` of the root command lists them.
enum ExitStatus {
    /// The request was refused, or part of it failed.
    static let failure: Int32 = 1
    /// The command line is wrong (EX_USAGE).
    static let usage: Int32 = 64
    /// No service answers (EX_UNAVAILABLE).
    static let unavailable: Int32 = 69
    /// The system refuses something that was needed, such as privileges (EX_OSERR).
    static let system: Int32 = 71
    /// A file or directory that is needed cannot be made (EX_CANTCREAT).
    static let cannotCreate: Int32 = 73
    /// This user may not do it (EX_NOPERM).
    static let permission: Int32 = 77
    /// The configuration cannot be used (EX_CONFIG).
    static let configuration: Int32 = 78

    /// The paragraph of `--help` about all of them.
    static let help = """
        EXIT STATUS
          0   all went well
          1   the request was refused, or part of it failed
          64  the command line is wrong
          69  no service answers at the endpoint
          71  the system refuses something that is needed
          73  a file or directory that is needed cannot be made
          77  this user may not do it
          78  the configuration cannot be used
        """
}

/// A command that cannot go on: one message for people, one status for scripts.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, without a full stop at its end and without `Error:` before it.
    let message: String
    let status: Int32

    init(_ message: String, status: Int32 = ExitStatus.failure) {
        self.message = message
        self.status = status
    }

    init(_ error: ConfigurationError) {
        self.init(error.description, status: ExitStatus.configuration)
    }

    var description: String { message }

    /// Says the message on standard error; the result ends the process with the status.
    func reported() -> ExitCode {
        StandardError.print("Error: \(message)")
        return ExitCode(status)
    }
}
