import DHCPEngine
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel

// Reading and writing the file, on the record's own thread.
extension LeaseJournal {
    /// Has what waits be written in time.
    func schedule(_ urgency: Urgency) {
        let before = state.withLock { state in
            defer { state.urgency = max(state.urgency, urgency) }
            return state.urgency
        }
        if before == .none {
            thread.submit { [self] in
                pause()
                write(withRenewals: false)
            }
        } else if before < urgency {
            hurry.signal()
        }
    }

    /// Waits as long as what waits may.
    private func pause() {
        while true {
            let (urgency, isAwaited) = state.withLock { ($0.urgency, $0.awaiting > 0) }
            if isAwaited { return }
            let end = DispatchTime.now() + (urgency == .soon ? Self.pause : .seconds(Self.renewalPause))
            // Where it was a change that ended the wait for renewals, changes may gather.
            guard hurry.wait(timeout: end) == .success, urgency < state.withLock({ $0.urgency }) else {
                return
            }
        }
    }

    static var now: UInt32 {
        var now = time_t()
        time(&now)
        return UInt32(clamping: now)
    }

    /// Calls the body for each block of the table, the lock held for one at a time.
    func forEachBlock(_ body: (inout State, Int) -> Void) {
        var block = 0
        while true {
            let isMore = state.withLock { state in
                guard block < state.table.blockCount else { return false }
                body(&state, block)
                return true
            }
            guard isMore else { return }
            block += 1
        }
    }

    /// Forgets what networks had left over.
    private func tidy() {
        let lists = state.withLock { state in
            defer { state.retained = [:] }
            return state.retained
        }
        if lists.isEmpty { return }
        let retained = lists.mapValues { (ports: Set($0.ports), time: $0.time) }
        forEachBlock { state, block in
            let ports = state.table.remove(inBlock: block) { entry, network in
                guard let kept = retained[network], entry.time < kept.time else { return false }
                return !kept.ports.contains(entry.port)
            }
            for port in ports { state.note(gone: .portGone(port)) }
        }
    }

    /// Reads the file; whether that went well. Until it does nothing is written.
    @discardableResult
    func load() -> Bool {
        let result: Result<LeaseFile.Reading, FileError> = file.withLock { file in
            Result { () throws(FileError) in
                try file.open { line in take(line) }
            }
        }
        switch result {
        case .failure(let error):
            state.withLock { $0.retry.failed(monotonicNanoseconds()) }
            tell(
                error.errno == EWOULDBLOCK
                    ? "another process has \(error.path): two must not have one dhcp_confs" : "\(error)")
            schedule(.later)
            return false
        case .success(let reading):
            forEachBlock { $0.table.removeRetired(inBlock: $1) }
            state.withLock { state in
                state.isLoading = false
                state.isClosed = false
                state.isFileStale = false
                state.goneWhileLoading = []
                state.retry.succeeded()
            }
            tell(nil)
            if let aside = reading.putAside {
                log.warning("the record of leases was no such thing or not to be read; it is at \(aside) now")
            }
            if reading.cut > 0 {
                log.warning(
                    "cut \(reading.cut) damaged bytes off the end of the record of leases; addresses stay as they are"
                )
            }
            if reading.damaged > 0 {
                log.warning("passed over \(reading.damaged) damaged lines of the record of leases")
            }
            if reading.putAside != nil, reading.lines > 0 {
                state.withLock { $0.isFileBehind = true }
                schedule(.soon)
            }
            compactWhereWorthwhile()
            return true
        }
    }

    /// Takes a line of the file in; what happened since the start is later than all of them.
    private func take(_ line: LeaseLine) {
        state.withLock { state in
            if state.isFileStale { return }
            switch line {
            case .told(let told, let client):
                if !state.goneWhileLoading.isEmpty,
                    state.goneWhileLoading.contains(.portGone(told.port))
                        || state.goneWhileLoading.contains(.networkGone(told.network))
                {
                    return
                }
                state.table.restore(told, client)
            case .portGone(let port): state.table.removeRestored(port)
            case .networkGone(let network): state.table.retire(network)
            }
        }
    }

    /// Writes what came and changed and, where it is time for that or wanted, what was renewed.
    ///
    /// - Parameter isUrged: whether a failed file is tried again before its time.
    func write(withRenewals: Bool, isUrged: Bool = false) {
        let now = monotonicNanoseconds()
        let (mayTry, isLoading, isIdle, urgency) = state.withLock { state in
            // Whoever adds something from here on has it written.
            defer { state.urgency = .none }
            let waits =
                !state.gone.isEmpty || !state.retained.isEmpty || !state.table.changed.isEmpty
                || !state.table.renewed.isEmpty
            return (
                isUrged || state.retry.isOver(now), state.isLoading, state.isClosed && !waits, state.urgency
            )
        }
        // A file that was let go of is opened only for something to write.
        if isIdle { return }
        // What is left over may be in the file alone: until that is read the lists are kept.
        if !isLoading { tidy() }
        guard mayTry else { return schedule(.later) }
        if isLoading {
            guard load() else { return }
            tidy()
        }
        let (isFileBehind, writesRenewals, waits) = state.withLock { state in
            let isTime =
                withRenewals || urgency == .later
                || now >= state.renewalsWritten + UInt64(Self.renewalPause) * 1_000_000_000
            if isTime { state.renewalsWritten = now }
            return (state.isFileBehind, isTime, !isTime && !state.table.renewed.isEmpty)
        }
        if waits { schedule(.later) }
        if isFileBehind { return repair() }
        while true {
            let (gone, told, isMore) = state.withLock { state in
                defer { state.gone = [] }
                var told = state.table.takeChanged(atMost: 256)
                if told.isEmpty && writesRenewals { told = state.table.takeRenewed(atMost: 256) }
                // Of what waits some may be gone already.
                let isMore =
                    !state.table.changed.isEmpty || (writesRenewals && !state.table.renewed.isEmpty)
                return (state.gone, told, isMore)
            }
            if gone.isEmpty && told.isEmpty {
                if isMore { continue }
                break
            }
            var lines: [UInt8] = []
            for line in gone { line.append(to: &lines) }
            for (told, client) in told { LeaseLine.told(told, client).append(to: &lines) }
            let bytes = lines
            let failure = file.withLock { file in
                Result { () throws(FileError) in try file.append(bytes) }.failure
            }
            if let failure { return fallBehind(failure) }
        }
        tell(nil)
        compactWhereWorthwhile()
    }

    /// Notes that the file lacks something: what could not be written is in memory, and when it is time the
    /// whole file is made anew.
    private func fallBehind(_ failure: FileError) {
        state.withLock { state in
            state.isFileBehind = true
            state.gone = []
            state.retry.failed(monotonicNanoseconds())
        }
        tell("\(failure)")
        schedule(.later)
    }

    /// After a failure: makes the file anew with all that is in memory.
    private func repair() {
        let needed = sizeWanted
        let failure = file.withLock { file in
            Result { () throws(FileError) in
                guard file.hasRoom(for: max(needed, file.sizeAnew)) else {
                    throw FileError(operation: "write", path: file.path, errno: ENOSPC)
                }
                try rewrite(&file)
            }.failure
        }
        if let failure { return fallBehind(failure) }
        state.withLock { $0.retry.succeeded() }
        tell(nil)
    }

    /// How many bytes a file takes that says what is in memory, about.
    private var sizeWanted: Int { state.withLock { $0.table.count } * 200 }

    /// Makes the file anew where most of it is past, or somebody took it away.
    private func compactWhereWorthwhile() {
        if file.withLock({ $0.hasLostItsName }) {
            log.warning("the record of leases was removed or another was put in its place; it is made anew")
            return repair()
        }
        let now = monotonicNanoseconds()
        guard state.withLock({ $0.compaction.isOver(now) }) else { return }
        let wanted = sizeWanted
        let result = file.withLock { file -> (wasTried: Bool, failure: FileError?)? in
            // Clients may describe themselves at length: what the last one took counts, too.
            let needed = max(wanted, file.sizeAnew)
            guard file.size > 2 * needed + Self.slack else { return nil }
            guard file.hasRoom(for: needed) else { return (false, nil) }
            return (true, Result { () throws(FileError) in try rewrite(&file) }.failure)
        }
        guard let result else { return }
        state.withLock { state in
            if result.wasTried && result.failure == nil {
                state.compaction.succeeded()
            } else {
                state.compaction.failed(now)
            }
        }
        if let failure = result.failure { fallBehind(failure) }
    }

    /// Before this a lease must have ended to be dropped, in seconds since 1970; 0 where the clock is not set.
    static func oldest(now: UInt32) -> UInt32 { now > memory ? now - memory : 0 }

    /// Writes all that is in memory to a new file, block by block, without what ended long ago. Where that
    /// fails the file lacks what waited to be written.
    private func rewrite(_ file: inout LeaseFile) throws(FileError) {
        let oldest = Self.oldest(now: Self.now)
        // All that is in memory is written here; what comes and goes meanwhile is noted anew.
        var isMore = true
        while isMore {
            isMore = state.withLock { state in
                state.isFileBehind = false
                state.gone = []
                _ = state.table.takeChanged(atMost: 1024)
                _ = state.table.takeRenewed(atMost: 1024)
                return !state.table.changed.isEmpty || !state.table.renewed.isEmpty
            }
        }
        var block = 0
        try file.rewrite {
            // Text is made outside of the lock.
            let part = state.withLock { state -> [(told: ToldLease, client: ClientDescription)]? in
                guard block < state.table.blockCount else { return nil }
                _ = state.table.remove(inBlock: block) { entry, _ in
                    entry.duration < .max && UInt64(entry.time) + UInt64(entry.duration) < UInt64(oldest)
                }
                return state.table.leases(inBlock: block, network: nil)
            }
            block += 1
            return part?.reduce(into: []) { lines, lease in
                LeaseLine.told(lease.told, lease.client).append(to: &lines)
            }
        }
    }

    /// Tells of trouble once, and of its end.
    private func tell(_ trouble: String?) {
        let before = state.withLock { state in
            defer { state.trouble = trouble }
            return state.trouble
        }
        if let trouble, before != trouble {
            log.warning("the record of leases is not written (addresses stay as they are): \(trouble)")
        } else if trouble == nil, before != nil {
            log.info("the record of leases can be written again")
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
