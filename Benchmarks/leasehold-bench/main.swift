import Glibc

// Two lives: outside, it plans the run, starts one private lab per phase and prints the result; inside
// a lab (`--inside PHASE`), it measures one phase and writes the figures to a file.
signal(SIGPIPE, SIG_IGN)

do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    if options.wantsHelp {
        print(Options.help)
        exit(0)
    }
    if let phase = options.inside {
        do {
            try Phase.measure(phase, options)
            exit(0)
        } catch {
            // For the outside, which says it and counts it.
            try writeFile(options.report + ".failed", "\(error)")
            exit(1)
        }
    }
    exit(try Run(options).perform())
} catch let failure as Failure {
    say("leasehold-bench: \(failure.description)")
    exit(failure.exitCode)
} catch {
    say("leasehold-bench: \(error)")
    exit(1)
}
