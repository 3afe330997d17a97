import Addressing
import CLinux
import DHCPDrivers
import DHCPMessages
import Glibc
import LinuxKernel
import Logging
import NetworkModel
import Testing

@testable import NativeDriver

/// Plays systemd: takes descriptors in, and gives them to the next start.
private final class FakeSystemd: Sendable {
    let path: String
    private let socket: Int32

    init() throws {
        path = "/tmp/leasehold-notify-\(UInt64.random(in: 0...UInt64.max))"
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    deinit {
        close(socket)
        unlink(path)
    }

    /// The next notification with its descriptor, -1 for none; nil where none comes in time.
    func receive() -> (text: String, descriptor: Int32)? {
        var item = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, 120_000) > 0 else { return nil }
        var text = [UInt8](repeating: 0, count: 512)
        var descriptor: Int32 = -1
        let count = text.withUnsafeMutableBytes {
            cl_receive_descriptor(socket, $0.baseAddress, $0.count, &descriptor)
        }
        guard count >= 0 else { return nil }
        return (String(decoding: text.prefix(count), as: UTF8.self), descriptor)
    }
}

@Suite("Sockets survive a restart in systemd's file-descriptor store")
struct DescriptorStoreTests {
    private static let log = Logger(label: "test")

    @Test func withoutSystemdNothingIsKept() {
        let store = DescriptorStore(environment: [:], prefix: "dhcp", log: Self.log)
        store.keep(0, "dhcp4-x")
        store.forget("dhcp4-x")
        #expect(store.take("dhcp4-x")?.release() == nil)
    }

    @Test func descriptorsOfAnotherProcessAreNotTouched() {
        let environment = ["LISTEN_PID": "1", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "dhcp4-x:dhcp6-x"]
        let store = DescriptorStore(environment: environment, prefix: "dhcp", log: Self.log)
        #expect(store.take("dhcp4-x")?.release() == nil)
    }

    @Test func aSocketThatWasTakenOverIsNotStoredAgain() throws {
        let systemd = try FakeSystemd()
        let (taken, other) = (Self.socket(), Self.socket())
        defer { close(other) }
        let store = DescriptorStore(
            environment: [
                "NOTIFY_SOCKET": systemd.path, "LISTEN_PID": "\(getpid())", "LISTEN_FDS": "1",
                "LISTEN_FDNAMES": "dhcp4-x",
            ], prefix: "dhcp", first: taken, log: Self.log)
        let descriptor = store.take("dhcp4-x")?.release() ?? -1
        #expect(descriptor == taken)
        defer { close(descriptor) }
        store.keep(descriptor, "dhcp4-x")
        // Had the first been told, it would come before this.
        store.keep(other, "dhcp6-x")
        let next = try #require(systemd.receive())
        close(next.descriptor)
        #expect(next.text == "FDSTORE=1\nFDNAME=dhcp6-x\nFDPOLL=0")
        // One that was opened instead is stored.
        store.keep(other, "dhcp4-x")
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp4-x")
        let last = try #require(systemd.receive())
        close(last.descriptor)
        #expect(last.text == "FDSTORE=1\nFDNAME=dhcp4-x\nFDPOLL=0")
    }

    @Test func whatNobodyClaimsIsForgotten() throws {
        let systemd = try FakeSystemd()
        let first = try Self.sockets(4)
        let store = DescriptorStore(
            environment: [
                "NOTIFY_SOCKET": systemd.path, "LISTEN_PID": "\(getpid())", "LISTEN_FDS": "4",
                "LISTEN_FDNAMES": "dhcp4-a:dhcp4-b:web:dhcp6-b",
            ], prefix: "dhcp", first: first, log: Self.log)
        // No program that we start gets any of them.
        for number in first..<first + 4 { #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0) }
        let taken = store.take("dhcp4-a")?.release() ?? -1
        store.forget("dhcp6-b")
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp6-b")
        store.forgetUnclaimed()
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp4-b")
        #expect(fcntl(first + 1, F_GETFD) < 0 && fcntl(first + 3, F_GETFD) < 0)
        #expect(fcntl(taken, F_GETFD) >= 0 && fcntl(first + 2, F_GETFD) >= 0)
        store.forgetUnclaimed()
        store.forget("dhcp4-a")
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp4-a")
        close(taken)
        close(first + 2)
    }

    /// Sockets with so many numbers in a row, which no other test has; the first of them.
    private static func sockets(_ count: Int32) throws -> Int32 {
        let template = socket()
        defer { close(template) }
        var (first, next): (Int32, Int32) = (500, 500)
        while next < first + count {
            let number = fcntl(template, F_DUPFD_CLOEXEC, next)
            try #require(number >= 0)
            if number > next {
                // Somebody has the one that was wanted: all begin behind it.
                for earlier in first..<next { close(earlier) }
                first = number
            }
            next = number + 1
        }
        return first
    }

    private static func socket() -> Int32 {
        Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    @Test func whatIsKeptAndForgottenIsTold() throws {
        let systemd = try FakeSystemd()
        let store = DescriptorStore(
            environment: ["NOTIFY_SOCKET": systemd.path], prefix: "dhcp", log: Self.log)
        let counter = eventfd(0, Int32(EFD_CLOEXEC))
        defer { close(counter) }
        store.keep(counter, "dhcp4-x")
        let kept = try #require(systemd.receive())
        #expect(kept.text == "FDSTORE=1\nFDNAME=dhcp4-x\nFDPOLL=0")
        // It is the same open file.
        var value: UInt64 = 5
        #expect(write(kept.descriptor, &value, 8) == 8)
        value = 0
        #expect(read(counter, &value, 8) == 8)
        #expect(value == 5)
        close(kept.descriptor)
        // A second one under the name takes the place of the first.
        store.keep(counter, "dhcp4-x")
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp4-x")
        let second = try #require(systemd.receive())
        #expect(second.text.hasPrefix("FDSTORE=1\n"))
        close(second.descriptor)
        store.forget("dhcp4-x")
        #expect(systemd.receive()?.text == "FDSTOREREMOVE=1\nFDNAME=dhcp4-x")
        store.forget("dhcp4-x")
        store.keep(counter, "dhcp4-y")
        #expect(systemd.receive()?.text == "FDSTORE=1\nFDNAME=dhcp4-y\nFDPOLL=0")
    }

    @Test(.enabled(if: mayUseNamespaces, "needs root"))
    func packetsThatCameDuringARestartAreAnswered() async throws {
        try await NativeNetwork.with { network in
            let systemd = try FakeSystemd()
            let service = network.service([network.port(50)], subnets: [NativeNetwork.subnets(network.id)[0]])
            var old: NativeDriver? = network.driver(environment: ["NOTIFY_SOCKET": systemd.path])
            _ = try await old?.apply(service, change: .anything)
            let kept = try #require(systemd.receive())
            #expect(kept.text == "FDSTORE=1\nFDNAME=dhcp4-\(network.id)\nFDPOLL=0")
            old = nil

            // Nobody is there to answer.
            let client = try await network.client { $0 }
            defer { client.close() }
            try client.send(RawClient.discover(NativeNetwork.mac(50)))
            #expect(client.receive(within: .milliseconds(100)) == nil)

            let first = fcntl(kept.descriptor, F_DUPFD_CLOEXEC, 700)
            close(kept.descriptor)
            let next = network.driver(
                environment: [
                    "LISTEN_PID": "\(getpid())", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "dhcp4-\(network.id)",
                ], firstDescriptor: first)
            _ = try await next.apply(service, change: .anything)
            #expect(client.reply(to: NativeNetwork.mac(50), .offer) != nil)
        }
    }

    @Test(.enabled(if: mayUseNamespaces, "needs root"))
    func aSocketOfADeviceThatIsGoneIsNotUsed() async throws {
        try await NativeNetwork.with { network in
            let systemd = try FakeSystemd()
            let service = network.service([network.port(50)], subnets: [NativeNetwork.subnets(network.id)[0]])
            var old: NativeDriver? = network.driver(environment: ["NOTIFY_SOCKET": systemd.path])
            _ = try await old?.apply(service, change: .anything)
            let kept = try #require(systemd.receive())
            old = nil
            for name in [network.namespace, network.clients] { try await network.ip("netns", "del", name) }
            try await network.wire()
            let first = fcntl(kept.descriptor, F_DUPFD_CLOEXEC, 800)
            close(kept.descriptor)
            let next = network.driver(
                environment: [
                    "LISTEN_PID": "\(getpid())", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "dhcp4-\(network.id)",
                ], firstDescriptor: first)
            _ = try await next.apply(service, change: .anything)
            #expect(try await network.answers([50], from: 1) == [50: 50])
            #expect(fcntl(first, F_GETFD) < 0)
        }
    }
}
