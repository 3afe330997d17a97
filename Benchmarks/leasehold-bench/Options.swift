/// The command line.
struct Options {
    /// Where the JSON list goes; nil: only the table is printed.
    var output: String?
    /// The groups of rows to measure; empty: all.
    var only: [Group] = []
    /// Small sizes, to see that everything works.
    var isQuick = false
    /// The service to measure; nil: `leasehold` beside this program.
    var leasehold: String?
    var wantsHelp = false

    /// The phase to measure, inside a lab.
    var inside: Phase?
    /// Where the phase writes its figures.
    var report = ""
    /// A directory on a real disk that the phase may use.
    var scratch = ""

    init(_ words: [String]) throws(Failure) {
        var words = words[...]
        while let word = words.popFirst() {
            let name: String
            var attached: String?
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                attached = String(word[word.index(after: equals)...])
            } else {
                name = word
            }
            func value() throws(Failure) -> String {
                guard let value = attached ?? words.popFirst(), !value.isEmpty else {
                    throw Failure("\(name) needs a value; see --help", exitCode: 64)
                }
                return value
            }
            switch name {
            case "--output": output = try value()
            case "--only":
                for text in try value().split(separator: ",") {
                    guard let group = Group(rawValue: String(text)) else {
                        throw Failure(
                            "--only \(text): there are \(Group.allCases.map(\.rawValue).joined(separator: ", "))",
                            exitCode: 64)
                    }
                    only.append(group)
                }
            case "--quick": isQuick = true
            case "--leasehold": leasehold = try value()
            case "--help", "-h": wantsHelp = true
            case "--inside":
                let text = try value()
                guard let phase = Phase(rawValue: text) else {
                    throw Failure("--inside \(text): no such phase", exitCode: 64)
                }
                inside = phase
            case "--report": report = try value()
            case "--scratch": scratch = try value()
            default: throw Failure("unknown argument '\(word)'; see --help", exitCode: 64)
            }
        }
    }

    static let help = """
        Measures Leasehold side by side with what Neutron's agent does, in one run, with ratios.

        usage: leasehold-bench [--output FILE] [--only GROUP[,GROUP…]] [--quick] [--leasehold PROGRAM]

          --output FILE        also write the figures to FILE, a JSON list of
                               {"name","subject","value","unit","ratio","target","met"}
          --only GROUP         measure only these groups of rows:
        \(Group.allCases.map { "                         \($0.rawValue.padded(to: 9))\($0.summary)" }
            .joined(separator: "\n"))
          --quick              small sizes: shows in a minute that everything runs; the figures mean little
          --leasehold PROGRAM  the service to measure instead of `leasehold` beside this program

        Everything runs in private user, network and mount namespaces: no root is needed, nothing of the host
        is touched. The databases are put on the disk that holds FILE (or the current directory).
        A ratio says how many times better than the baseline Leasehold is: above 1 is better.
        Exit status: 0 if everything ran (missed targets are printed, not hidden), 1 if something did not.

        EXAMPLES
          leasehold-bench --output .build/bench.json
          leasehold-bench --quick --only create
          leasehold-bench --only api,latency --leasehold /usr/local/bin/leasehold
        """
}

extension String {
    /// The text with blanks after it, at least `width` characters wide.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text with blanks before it, at least `width` characters wide.
    func rightAligned(in width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
