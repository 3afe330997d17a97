import Addressing
import DHCPDrivers
import LinuxKernel
import NetworkModel

/// Knows that dnsmasq has read its files, rather than that it was told to.
///
/// dnsmasq is one thread. Each round of its event loop looks at the pipe into which the signal handler
/// wrote, then at its DNS sockets, then at its DHCP sockets. Reloading happens in one piece when the
/// pipe's event is taken: `addn_hosts`, `host` and `opts` are read, then leases and names are brought in
/// line. So what arrives after the reload began is answered from the new files. Two observations:
///
/// 1. *Files.* The new `host` and `opts` (`addn_hosts` where there is no DHCP to do) were opened and closed
///    by a reader (inotify on their inodes).
///    The reload is under way at the least. Only another reader of these very inodes in these very
///    moments could deceive us.
/// 2. *Round trips.* A query sent after `kill` and its answer, then a second pair. The handler ran before
///    the first query could be received, so the event was in the pipe before the first answer; the next
///    round takes it before it looks at DNS sockets; the second answer is of that round or later. This
///    fails only where the pipe held other events (one is taken per round: a child's end, an alarm, a
///    new address) before ours; then the second answer may come one reload too early.
///
/// Each closes the other's gap; the second also waits for the reload's end. With DNS off (`port=0`) the
/// first must do, with inotify used up the second. See docs/decisions/0002-knowing-that-dnsmasq-has-read.md.
enum ReadConfirmation {
    enum Outcome: Hashable {
        case confirmed
        /// The process ended meanwhile.
        case died
        /// It did not open these files in time.
        case unread([String])
        /// It did not answer in time.
        case silent
    }

    /// Waits until the files are read; holds the calling thread, which must not be a pool's.
    static func wait(
        for process: DnsmasqProcess, _ reader: consuming ReaderWatch?, view: ServiceView,
        namespaces: NamespaceThread
    ) -> Outcome {
        let deadline =
            ContinuousClock.now + view.configuration.confirmTimeout + .milliseconds(5 * view.ports.count)
        let watch = process.watch
        var filesAreRead = false
        if var reader {
            while !reader.wait(milliseconds: 100) {
                if !watch.isRunning { return .died }
                if ContinuousClock.now >= deadline { return .unread(reader.unread) }
            }
            filesAreRead = true
        }
        for address in addresses(view) {
            guard
                let number = try? namespaces.runBlocking(
                    in: view.service.namespace, { AnswerProbe.connect(address) }), number >= 0
            else { continue }
            var probe = AnswerProbe(OwnedDescriptor(number))
            var outcome = AnswerProbe.Outcome.answered
            for _ in 0..<2 where outcome == .answered {
                outcome = probe.ask(until: deadline) { watch.isRunning }
            }
            switch outcome {
            case .answered: return .confirmed
            case .silent: return watch.isRunning ? .silent : .died
            case .refused: continue
            }
        }
        // Nothing listens for DNS anywhere.
        if !watch.isRunning { return .died }
        return filesAreRead ? .confirmed : .silent
    }

    /// Where dnsmasq may listen for DNS: the DHCP port's addresses, and loopback.
    private static func addresses(_ view: ServiceView) -> [IPAddress] {
        let own = view.service.dhcpPort.fixedIPs.map(\.address).sorted()
        return own.filter { $0.version == .v4 } + [.v4(IPv4Address(127, 0, 0, 1))]
            + own.filter { $0.version == .v6 } + [.v6(IPv6Address(rawValue: 1))]
    }
}
