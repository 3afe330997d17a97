// swift-tools-version: 6.2
import PackageDescription

// Every target compiles in Swift 6 language mode with warnings as errors; only the arrows listed
// below exist (the build runs with --explicit-target-dependency-import-check error).
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The optimiser of Swift 6.3 crashes over some tests, and some tests crash that it made; it is the product that
/// tests are to find optimised (`make test-release`).
let asWritten: [SwiftSetting] = strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// A library target of one floor of the house (see docs/architecture.md).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A test target, named after the room it tests.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: asWritten)
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqliteInC: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")

let package = Package(
    name: "leasehold",
    products: [
        .executable(name: "leasehold", targets: ["leasehold"]),
        // For the package in FuzzTesting/.
        .library(name: "FuzzProperties", targets: ["FuzzProperties"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Floor 0: values and bytes.
        room("Addressing"),
        room("Locks"),
        room("DHCPMessages", ["Addressing"]),
        // Floor 1: decisions.
        room("NetworkModel", ["Addressing"]),
        room("DHCPEngine", ["DHCPMessages", "Addressing"]),
        room("DNSEngine", ["Addressing"]),
        room("KernelPlan", ["Addressing"]),
        // Floor 2: edges.
        .target(name: "CLinux"),
        room("LinuxKernel", ["CLinux", "KernelPlan", "Locks", "Addressing"]),
        room("NetworkStore", ["CLinux", "NetworkModel", "Locks", "Addressing", sqlite, sqliteInC]),
        room("DHCPDrivers", ["NetworkModel", "DHCPMessages", "Addressing", log]),
        room(
            "DnsmasqDriver",
            ["DHCPDrivers", "LinuxKernel", "NetworkModel", "DHCPMessages", "Locks", "Addressing", log]),
        room(
            "NativeDriver",
            [
                "DHCPDrivers", "DHCPEngine", "DNSEngine", "LinuxKernel", "CLinux", "KernelPlan",
                "NetworkModel",
                "DHCPMessages", "Locks", "Addressing", log,
            ]),
        room("InterfaceDrivers", ["NetworkModel", "KernelPlan", "Addressing"]),
        // Floor 3: services.
        room(
            "DHCPAgent",
            [
                "NetworkStore", "NetworkModel", "KernelPlan", "DHCPDrivers", "InterfaceDrivers",
                "Locks", "Addressing", log, lifecycle,
            ]),
        room(
            "NeutronAPI",
            [
                "NetworkModel", "NetworkStore", "DHCPMessages", "Locks", "Addressing", log,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        // The roof.
        .executableTarget(
            name: "leasehold",
            dependencies: [
                "Addressing", "DHCPMessages", "NetworkModel", "KernelPlan", "LinuxKernel", "CLinux",
                "NetworkStore", "DHCPDrivers", "DnsmasqDriver", "NativeDriver", "DHCPEngine", "DNSEngine",
                "InterfaceDrivers", "DHCPAgent", "NeutronAPI", "Locks", log, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict),

        tests("AddressingTests", ["Addressing"]),
        tests("DHCPMessagesTests", ["DHCPMessages", "Addressing"]),
        tests("DHCPEngineTests", ["DHCPEngine", "DHCPMessages", "Addressing", "ProcessorTime"]),
        tests("DNSEngineTests", ["DNSEngine", "Addressing"]),
        // What must hold whatever the bytes: the fuzzers look for a counterexample, tests replay what they kept.
        .target(
            name: "FuzzProperties", dependencies: ["DHCPMessages", "DHCPEngine", "DNSEngine", "Addressing"],
            path: "Tests/FuzzProperties", swiftSettings: strict),
        tests("FuzzReplayTests", ["FuzzProperties"]),
        // Virtual clients in virtual time.
        .target(
            name: "DHCPSimulation", dependencies: ["DHCPEngine", "DHCPMessages", "Addressing"],
            path: "Tests/DHCPSimulation", swiftSettings: strict),
        tests("DHCPSimulationTests", ["DHCPSimulation", "Addressing"]),
        .target(name: "ProcessorTime", path: "Tests/ProcessorTime", swiftSettings: strict),
        tests("NetworkModelTests", ["NetworkModel", "Addressing", "ProcessorTime"]),
        .executableTarget(
            name: "StoreCrashWriter", dependencies: ["NetworkStore", "NetworkModel", "Addressing"],
            path: "Tests/StoreCrashWriter", swiftSettings: strict),
        tests(
            "NetworkStoreTests",
            ["CLinux", "NetworkStore", "NetworkModel", "Locks", "Addressing", "StoreCrashWriter", sqlite]),
        tests("InterfaceDriversTests", ["InterfaceDrivers", "NetworkModel", "KernelPlan", "Addressing"]),
        tests(
            "DHCPAgentTests",
            [
                "DHCPAgent", "NetworkStore", "NetworkModel", "KernelPlan", "DHCPDrivers", "InterfaceDrivers",
                "Locks", "Addressing", log, lifecycle,
            ]),
        .target(
            name: "KernelScenarios", dependencies: ["KernelPlan", "Locks", "Addressing"],
            path: "Tests/KernelScenarios", swiftSettings: strict),
        tests("KernelPlanTests", ["KernelPlan", "KernelScenarios", "Addressing"]),
        tests(
            "LinuxKernelTests",
            ["LinuxKernel", "KernelPlan", "KernelScenarios", "CLinux", "Locks", "Addressing"]),
        tests("DHCPDriversTests", ["DHCPDrivers", "NetworkModel", "Locks", "Addressing", log]),
        // One suite of protocol facts for every DHCP driver.
        .target(
            name: "DHCPConformance",
            dependencies: [
                "DHCPDrivers", "DHCPMessages", "NetworkModel", "LinuxKernel", "CLinux", "Locks", "Addressing",
            ],
            path: "Tests/DHCPConformance", swiftSettings: asWritten),
        tests(
            "DnsmasqDriverTests",
            [
                "DHCPConformance", "DnsmasqDriver", "DHCPDrivers", "LinuxKernel", "NetworkModel",
                "DHCPMessages", "Addressing", log,
            ]),
        tests(
            "NativeDriverTests",
            [
                "DHCPConformance", "NativeDriver", "DnsmasqDriver", "DHCPEngine", "DNSEngine", "DHCPDrivers",
                "LinuxKernel",
                "CLinux", "KernelPlan", "NetworkModel", "DHCPMessages", "Locks", "Addressing", log,
            ]),
        tests(
            "NeutronAPITests",
            [
                "NeutronAPI", "NetworkStore", "NetworkModel", "DHCPMessages", "Locks", "Addressing",
                "ProcessorTime", log,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        tests(
            "leaseholdTests",
            [
                "leasehold", "NeutronAPI", "NetworkModel", "Locks", "Addressing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["leasehold"], exclude: ["Programs"],
            swiftSettings: asWritten),

        // What is measured beside what users would pick instead (docs/performance.md).
        .target(name: "CDHCPLoad", path: "Benchmarks/CDHCPLoad"),
        .executableTarget(
            name: "leasehold-bench",
            dependencies: [
                "CLinux", "CDHCPLoad", "NativeDriver", "DHCPDrivers", "DHCPEngine", "LinuxKernel",
                "NetworkModel", "Locks", "Addressing", log,
                sqliteInC,
            ],
            path: "Benchmarks/leasehold-bench",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
