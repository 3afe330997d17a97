import Glibc

/// Room for the handful of descriptors that each network takes.
enum DescriptorTable {
    /// Raises the limit, whose soft part is of old for select(2), and has the kernel make the table large at
    /// once.
    ///
    /// Call it before there is a second thread. The kernel doubles the table when it is full, and where there
    /// are threads it waits each time until none of them can still be looking at the old one: some ten
    /// milliseconds, while nothing can be opened.
    static func prepare() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, wanted))
        setrlimit(resource, &limit)
        let last = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, Int32(clamping: min(limit.rlim_cur, size)) - 1)
        if last >= 0 { close(last) }
    }

    /// Enough for thirty thousand networks. dnsmasq inherits it, and walks through all of them where it has no
    /// /proc.
    private static let wanted: rlim_t = 262_144

    /// Half a megabyte of the kernel's memory; enough for some seven thousand networks.
    private static let size: rlim_t = 65_536
}
