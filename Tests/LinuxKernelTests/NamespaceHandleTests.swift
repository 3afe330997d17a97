import Glibc
import KernelPlan
import Testing

@testable import LinuxKernel

@Suite struct NamespaceHandleTests {
    @Test func aDoorThatCannotBeOpenedLeavesNoDescriptors() throws {
        let identity = try #require(try NamespaceIdentity(path: "/proc/self/ns/net"))
        var pairs: [[Int32]] = []
        for _ in 0..<2 {
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            #expect(socketpair(AF_UNIX, kind, 0, &ends) == 0)
            pairs.append(ends)
        }
        defer { for ends in pairs { close(ends[0]) } }
        // No netlink socket: it cannot be configured.
        let opened = NamespaceHandle.Opened(
            socket: pairs[0][1], identity: identity,
            settings: [(NamespaceSetting.allCases[0], pairs[1][1])], hasSettings: true)
        #expect(throws: KernelError.self) { _ = try NamespaceHandle(opened) }
        for ends in pairs {
            // Without anybody at its other end a socket is at its end; else there is nothing yet.
            #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
            var byte: UInt8 = 0
            #expect(read(ends[0], &byte, 1) == 0, "its other end is still open")
        }
    }
}
