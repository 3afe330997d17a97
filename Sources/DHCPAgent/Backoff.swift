/// How long to wait before trying again: doubling from the first wait to the longest, with jitter.
public struct Backoff: Hashable, Sendable {
    /// The wait after the first failure.
    public var first: Duration
    /// The longest wait.
    public var longest: Duration

    public init(first: Duration = .milliseconds(500), longest: Duration = .seconds(60)) {
        self.first = first
        self.longest = longest
    }

    /// The wait after a number of failures in a row, 1 and up: between half of the doubled wait and
    /// all of it, so that networks that failed together don't come back together.
    func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        var wait = first
        for _ in 1..<max(failures, 1) where wait < longest { wait = wait * 2 }
        wait = min(wait, longest)
        return wait / 2 + wait / 2 * Double.random(in: 0...1, using: &generator)
    }
}
