// Writes what a fuzzer starts from: `fuzz-files <target> <dictionary file> <seed folder>`, and prints the
// longest input worth trying.
import FuzzProperties

#if canImport(Glibc)
import Glibc
#endif

func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0
    else {
        perror("cannot write \(path)")
        exit(1)
    }
}

guard CommandLine.arguments.count == 4, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
    print("usage: fuzz-files \(names) DICTIONARY SEEDS")
    exit(2)
}
write(Array(target.dictionary.utf8), to: CommandLine.arguments[2])
for seed in target.seeds { write(seed.bytes, to: "\(CommandLine.arguments[3])/\(seed.name)") }
print(target.longestInput)
