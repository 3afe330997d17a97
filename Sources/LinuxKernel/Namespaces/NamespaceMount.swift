import CLinux
import Glibc
package import KernelPlan
import Locks

/// Which namespace it is: the number of its file in nsfs.
package struct NamespaceIdentity: Hashable, Sendable {
    let device: UInt64
    let file: UInt64

    /// What is at the path; nil where there is nothing.
    package init?(path: String) throws(KernelError) {
        var status = stat()
        if stat(path, &status) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw KernelError("look at", path, errno)
        }
        device = UInt64(status.st_dev)
        file = UInt64(status.st_ino)
    }
}

/// Makes /run/netns what iproute2 makes of it: a mount of its own, shared with mount namespaces to
/// come, so that a namespace made or deleted here is made or deleted there, too.
func prepareNamespaceDirectory() throws(KernelError) {
    let directory = NamespaceThread.directory
    do throws(FileError) {
        try createDirectory(path: directory)
    } catch {
        throw KernelError("create directory", directory, error.errno)
    }
    if cl_make_shared(directory) == 0 { return }
    if errno != EINVAL { throw KernelError("make shared", directory, errno) }
    // Not a mount point yet.
    if cl_bind_mount(directory, directory, 1) != 0 { throw KernelError("mount", directory, errno) }
    if cl_make_shared(directory) != 0 { throw KernelError("make shared", directory, errno) }
}

/// Makes a new namespace and mounts it under its name. The calling thread, the namespace thread, is
/// inside afterwards.
func mountNewNamespace(_ name: String) throws(KernelError) {
    let path = try namespacePath(name)
    let file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
    if file < 0 { throw KernelError("create namespace", name, errno) }
    close(file)
    do throws(KernelError) {
        if cl_new_network_namespace() != 0 { throw KernelError("create namespace", name, errno) }
        if cl_bind_mount("/proc/thread-self/ns/net", path, 0) != 0 {
            throw KernelError("mount namespace", name, errno)
        }
    } catch {
        unlink(path)
        throw error
    }
}

/// Takes a namespace's name away, dead or alive; does nothing where there is none.
func unmountNamespace(_ name: String) throws(KernelError) {
    let path = try namespacePath(name)
    // EINVAL: a file that is no mount point.
    if cl_unmount(path) != 0 && errno != EINVAL && errno != ENOENT {
        throw KernelError("unmount namespace", name, errno)
    }
    if unlink(path) != 0 && errno != ENOENT { throw KernelError("remove namespace", name, errno) }
}
