import DHCPDrivers
import InterfaceDrivers
import Logging
import NetworkModel

/// What all workers of an agent share.
struct AgentContext: Sendable {
    let configuration: AgentConfiguration
    let source: any NetworkSource
    let interfaceDriver: any InterfaceDriver
    let driver: any DHCPDriver
    let kernel: KernelThread
    let limiter: Limiter
    let journal: Journal
    let board: StatusBoard
    let logger: Logger
    let time: AgentTime
    let generator: SharedGenerator

    /// What people call the driver: the last part of a class path, in lower case.
    var driverName: String { Self.shortName(driver.name) }

    /// The last part of a class path, in lower case.
    static func shortName(_ name: String) -> String {
        (name.split(separator: ".").last.map(String.init) ?? name).lowercased()
    }

    /// Writes down something that the agent did or found, in the journal and in the log.
    ///
    /// - Parameter quiet: whether the log has it only at debug level, because it is one of many.
    func note(
        _ network: ResourceID?, _ what: String, why: String = "", trouble: Bool = false, quiet: Bool = false
    ) {
        let entry = journal.record(
            milliseconds: time.now(), network: network, what: what, why: why, isTrouble: trouble)
        var metadata: Logger.Metadata = [:]
        if let network { metadata["network"] = .stringConvertible(network) }
        logger.log(level: trouble ? .error : quiet ? .debug : .info, "\(entry)", metadata: metadata)
    }
}
