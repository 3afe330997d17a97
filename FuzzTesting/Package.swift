// swift-tools-version: 6.2
import PackageDescription

// The fuzzers: a package of their own, so that the main one needs no instrumented build (FuzzTesting/run
// builds and runs them). What they check is in ../Tests/FuzzProperties, which `make test` replays.
let properties: Target.Dependency = .product(name: "FuzzProperties", package: "leasehold")

/// A libFuzzer program.
func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: [properties],
        swiftSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-parse-as-library"])])
}

let package = Package(
    name: "FuzzTesting",
    dependencies: [.package(name: "leasehold", path: "..")],
    targets: [
        fuzzer("FuzzDHCPv4"), fuzzer("FuzzDHCPv6"), fuzzer("FuzzDNS"),
        .executableTarget(
            name: "fuzz-files", dependencies: [properties],
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    swiftLanguageModes: [.v6]
)
