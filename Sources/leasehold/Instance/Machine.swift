import Addressing
import Glibc
import KernelPlan
import LinuxKernel

/// An instance's machine on this host: namespace, interface, directory and first process.
struct Machine {
    let name: String
    /// Where the machine keeps its scripts, log and client state.
    let directory: String

    /// The machine of that name below the service's state directory.
    init(name: String, statePath: String) {
        self.name = name
        directory = "\(statePath)/instances/\(name)"
    }

    var namespace: String { Instance.namespace(name) }
    var log: String { "\(directory)/console.log" }
    private var pidFile: String { "\(directory)/pid" }
    private var resultFile: String { "\(directory)/result" }

    /// Makes the directory with the machine's scripts.
    func prepare() throws {
        try createDirectory(path: directory)
        try atomicReplace(path: "\(directory)/machine.sh", contents: MachineScript.machine, mode: 0o755)
        try atomicReplace(path: "\(directory)/udhcpc.script", contents: MachineScript.udhcpc, mode: 0o755)
        unlink(resultFile)
    }

    /// Starts the machine's first process, which runs the DHCP client and stays.
    func start(client: InstanceClient, thread: NamespaceThread) async throws {
        let command = Command(
            "unshare",
            [
                "--mount", "--uts", "sh", "\(directory)/machine.sh", directory, client.rawValue, "eth0", name,
            ], startsSession: true)
        let child = try await spawn(
            command, in: namespace, using: thread, output: .append(path: log), error: .append(path: log))
        try atomicReplace(path: pidFile, contents: "\(child.pid)\n")
    }

    /// The client's exit status once it has a lease or gave up; nil while it tries.
    var clientStatus: Int32? { smallFile(resultFile).flatMap { Int32($0) } }

    /// The process that holds the machine's namespaces; nil where it is gone.
    var pid: pid_t? {
        guard let pid = smallFile(pidFile).flatMap({ pid_t($0) }),
            ProcessTable.processIDs(inNamespace: namespace).contains(pid)
        else { return nil }
        return pid
    }

    /// The words that run others inside the machine.
    func entering(_ words: [String]) throws(CommandFailure) -> [String] {
        guard let pid else {
            guard fileExists(path: directory) else {
                throw CommandFailure("instance '\(name)' does not exist on this host")
            }
            throw CommandFailure("instance \(name) does not run on this host (see \(log))")
        }
        return ["nsenter", "--target", "\(pid)", "--net", "--mount", "--uts", "--"] + words
    }

    /// Ends everything that runs in the machine.
    func stop() {
        for pid in ProcessTable.processIDs(inNamespace: namespace) { kill(pid, SIGKILL) }
    }
}
