import DHCPEngine
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel

// Reading and writing the file, on the record's own thread.
extension LeaseJournal {
    func schedule() {
        thread.submit { [self] in
            _ = hurry.wait(timeout: .now() + Self.pause)
            write()
        }
    }

    static var now: UInt32 {
        var now = time_t()
        time(&now)
        return UInt32(clamping: now)
    }

    /// Forgets leases, block by block.
    func removeAll(_ isGone: (LeaseTable.Entry, ResourceID) -> Bool) {
        var block = 0
        while true {
            let isMore = state.withLock { state in
                guard block < state.table.blockCount else { return false }
                state.gone += state.table.remove(inBlock: block, where: isGone).map { .portGone($0) }
                return true
            }
            guard isMore else { return }
            block += 1
        }
    }

    /// Forgets what networks had left over.
    private func tidy() {
        let retained = state.withLock { state in
            defer { state.retained = [:] }
            return state.retained
        }
        if retained.isEmpty { return }
        removeAll { entry, network in
            guard let kept = retained[network], entry.time < kept.time else { return false }
            return !kept.ports.contains(entry.port)
        }
    }

    func load() {
        let result: Result<LeaseFile.Reading, FileError> = file.withLock { file in
            Result { () throws(FileError) in
                try file.open { line in take(line) }
            }
        }
        state.withLock { $0.isLoading = false }
        switch result {
        case .failure(let error):
            state.withLock { $0.isFileBehind = true }
            tell("\(error)")
        case .success(let reading):
            if let aside = reading.putAside {
                log.warning("the record of leases was no such thing; it is at \(aside) now")
            }
            if reading.cut > 0 {
                log.warning(
                    "cut \(reading.cut) damaged bytes off the end of the record of leases; addresses stay as they are"
                )
            }
            if reading.damaged > 0 {
                log.warning("passed over \(reading.damaged) damaged lines of the record of leases")
            }
            compactWhereWorthwhile()
        }
    }

    /// Takes a line of the file in; what happened since the start is later than all of them.
    private func take(_ line: LeaseLine) {
        state.withLock { state in
            switch line {
            case .told(let told, let client):
                if !state.gone.isEmpty,
                    state.gone.contains(.portGone(told.port))
                        || state.gone.contains(.networkGone(told.network))
                {
                    return
                }
                state.table.restore(told, client)
            case .portGone(let port): state.table.removeRestored(port)
            case .networkGone(let network):
                for block in 0..<state.table.blockCount {
                    _ = state.table.remove(inBlock: block) { entry, other in
                        other == network && !entry.isFresh
                    }
                }
            }
        }
    }

    func write() {
        let isFileBehind = state.withLock { state in
            state.isScheduled = false
            return state.isFileBehind
        }
        tidy()
        if isFileBehind { return repair() }
        while true {
            let (gone, told) = state.withLock { state in
                defer { state.gone = [] }
                return (state.gone, state.table.takeDirty(atMost: 256))
            }
            if gone.isEmpty && told.isEmpty { break }
            var lines: [UInt8] = []
            for line in gone { line.append(to: &lines) }
            for (told, client) in told { LeaseLine.told(told, client).append(to: &lines) }
            let bytes = lines
            let failure = file.withLock { file in
                Result { () throws(FileError) in try file.append(bytes) }.failure
            }
            if let failure {
                // What could not be written is in memory; the next time the whole file is made anew.
                tell("\(failure)")
                return repair()
            }
        }
        compactWhereWorthwhile()
    }

    /// After a failure: opens the file anew where that is possible by now, with all that is in memory.
    private func repair() {
        let failure = file.withLock { file in
            Result { () throws(FileError) in try rewrite(&file) }.failure
        }
        state.withLock { $0.isFileBehind = failure != nil }
        tell(failure.map { "\($0)" })
    }

    private func compactWhereWorthwhile() {
        let needed = state.withLock { $0.table.count } * 200
        let failure = file.withLock { file -> FileError? in
            guard file.size > 2 * needed + Self.slack else { return nil }
            return Result { () throws(FileError) in try rewrite(&file) }.failure
        }
        if let failure { tell("\(failure)") }
    }

    /// Writes all that is in memory to a new file, block by block, without what ended long ago.
    private func rewrite(_ file: inout LeaseFile) throws(FileError) {
        let oldest = Self.now &- Self.memory
        // All that is in memory is written here, and what comes meanwhile is marked anew.
        state.withLock { state in
            while !state.table.dirty.isEmpty { _ = state.table.takeDirty(atMost: 4096) }
            state.gone = []
        }
        var block = 0
        try file.rewrite {
            let part = state.withLock { state in
                guard block < state.table.blockCount else { return [UInt8]?.none }
                _ = state.table.remove(inBlock: block) { entry, _ in
                    entry.duration < .max && UInt64(entry.time) + UInt64(entry.duration) < UInt64(oldest)
                }
                return state.table.leases(inBlock: block, network: nil).reduce(into: []) { lines, lease in
                    LeaseLine.told(lease.told, lease.client).append(to: &lines)
                }
            }
            block += 1
            return part
        }
    }

    /// Tells of trouble once, and of its end.
    private func tell(_ trouble: String?) {
        let before = state.withLock { state in
            defer { state.trouble = trouble }
            return state.trouble
        }
        if let trouble, before != trouble {
            log.warning("the record of leases cannot be written (addresses stay as they are): \(trouble)")
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
