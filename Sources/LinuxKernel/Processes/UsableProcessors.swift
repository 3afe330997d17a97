import CLinux
import Glibc

/// How many processors this thread may run on, at least one: fewer than the host has inside a cpuset or
/// under taskset(1) (sched_getaffinity(2)).
package func usableProcessors() -> Int {
    let count = cl_usable_processors()
    // The call fails where the host has more processors than a set has room for.
    return max(1, count > 0 ? Int(count) : sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
