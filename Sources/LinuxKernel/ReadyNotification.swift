import CLinux
import Glibc

/// Tells systemd, where it started this process with `Type=notify`, that the service is ready (sd_notify(3),
/// READY=1); does nothing elsewhere.
///
/// - Throws: `FileError` where systemd does not take it.
public func notifyReady() throws(FileError) {
    guard let text = getenv("NOTIFY_SOCKET") else { return }
    let path = String(cString: text)
    if cl_notify(path, "READY=1", -1) != 0 { throw FileError("notify", path, errno) }
}
