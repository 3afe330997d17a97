// What the crash tests of NetworkStore kill: commits pairs of ports and says which are acknowledged.
//
//   StoreCrashWriter write <store> <first>   commits pairs numbered from <first> until it is killed
//   StoreCrashWriter full <directory>        fills the directory's file system and goes on after it

import Addressing
import Glibc
import NetworkModel
import NetworkStore

/// One line on standard output, at once; where nobody reads it any more this ends, too.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    if write(STDOUT_FILENO, bytes, bytes.count) < 0 { exit(2) }
}

func check(_ condition: Bool, _ what: String) {
    guard !condition else { return }
    say("FAILED \(what)")
    exit(1)
}

func makePort(_ number: Int, half: Int, description: String = "") -> Port {
    Port(
        id: ResourceID(rawValue: UInt128(number) << 8 | UInt128(half)),
        networkID: ResourceID(rawValue: 1),
        standard: StandardAttributes(
            projectID: "p", name: "\(number)", description: description,
            createdAt: Timestamp(secondsSinceEpoch: 0)),
        macAddress: MACAddress(rawValue: UInt64(number) << 1 | UInt64(half)),
        fixedIPs: [
            FixedIP(
                subnetID: ResourceID(rawValue: 2),
                address: .v6(IPv6Address(rawValue: UInt128(number) << 1 | UInt128(half))))
        ])
}

func pair(_ number: Int, description: String = "") -> Commit {
    Commit(puts: [0, 1].map { .port(makePort(number, half: $0, description: description)) })
}

/// Eight writers, so that groups form; each prints what the store acknowledged.
func writePairs(_ path: String, first: Int) async throws {
    let store = try await SQLiteStore.open(path)
    say("open")
    try await withThrowingTaskGroup { group in
        for writer in 0..<8 {
            group.addTask {
                var number = first + writer
                while true {
                    let revision = try await store.commit(pair(number))
                    say("ack \(number) \(revision.rawValue)")
                    number += 8
                }
            }
        }
        try await group.waitForAll()
    }
}

func fill(_ directory: String) async throws {
    let ballast = directory + "/ballast"
    let descriptor = open(ballast, O_WRONLY | O_CREAT, 0o600)
    let zeros = [UInt8](repeating: 0, count: 65536)
    for _ in 0..<16 { check(write(descriptor, zeros, zeros.count) == zeros.count, "no room for ballast") }
    close(descriptor)

    let path = directory + "/store.sqlite"
    var store = try await SQLiteStore.open(path)
    let long = String(repeating: "x", count: 2000)
    var acknowledged = 0
    var failure: StoreError?
    while failure == nil, acknowledged < 10_000 {
        do {
            _ = try await store.commit(pair(acknowledged, description: long))
            acknowledged += 1
        } catch { failure = error }
    }
    check(failure?.kind == .io, "a full disk gave \(failure.map(String.init(describing:)) ?? "nothing")")
    say("full after \(acknowledged): \(failure.map(String.init(describing:)) ?? "")")
    check(acknowledged > 0, "not one commit fitted")
    check(try await store.snapshot().records.count == 2 * acknowledged, "half a commit is visible")

    unlink(ballast)
    let resumed = try await store.commit(pair(acknowledged, description: long))
    check(resumed.rawValue == Int64(acknowledged + 1), "revision \(resumed.rawValue) after the gap")
    try await store.close()
    store = try await SQLiteStore.open(path)
    check(try await store.snapshot().records.count == 2 * (acknowledged + 1), "records were lost")
    try await store.close()
    say("OK")
}

let arguments = CommandLine.arguments
do {
    switch arguments.dropFirst().first {
    case "write" where arguments.count == 4:
        try await writePairs(arguments[2], first: Int(arguments[3]) ?? 0)
    case "full" where arguments.count == 3:
        try await fill(arguments[2])
    default:
        say("usage: StoreCrashWriter write <store> <first> | full <directory>")
        exit(64)
    }
} catch {
    say("FAILED \(error)")
    exit(1)
}
