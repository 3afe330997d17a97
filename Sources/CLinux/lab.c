// The lab: a private set of namespaces around one program. See user_namespaces(7).
#define _GNU_SOURCE
#include "CLinuxLab.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// What a failed child tells its parent through a pipe: an index into `steps` and an errno.
struct failure {
  int step;
  int error;
};

enum {
  STEP_PIPE,
  STEP_FORK,
  STEP_USERNS,
  STEP_SETGROUPS,
  STEP_UIDMAP,
  STEP_GIDMAP,
  STEP_UNSHARE,
  STEP_PRIVATE,
  STEP_PROC,
  STEP_RUN,
  STEP_NETNS,
  STEP_LOOPBACK,
  STEP_EXEC,
};

static const char *const steps[] = {
    "pipe",
    "fork",
    "create a user namespace",
    "write /proc/self/setgroups",
    "write /proc/self/uid_map",
    "write /proc/self/gid_map",
    "create network, mount and PID namespaces",
    "make mounts private",
    "mount /proc",
    "mount a tmpfs on /run",
    "create /run/netns",
    "bring loopback up",
    "execute the program",
};

static void give_up(int report, int step) {
  struct failure failure = {step, errno};
  (void)!write(report, &failure, sizeof failure);
  _exit(127);
}

static int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t length = (ssize_t)strlen(text);
  ssize_t written = write(fd, text, (size_t)length);
  int saved = errno;
  close(fd);
  errno = saved;
  return written == length ? 0 : -1;
}

static int loopback_up(void) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  int result = ioctl(fd, SIOCSIFFLAGS, &request);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

// Process 1 of the lab: sets the place up, starts the program, reaps orphans (dnsmasq and DHCP
// clients become daemons) and ends with the program; the kernel then kills whatever is left.
static void be_init(int report, char *const argv[], char *const envp[]) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) give_up(report, STEP_PRIVATE);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
    give_up(report, STEP_PROC);
  // Best effort: a masked /sys can't be replaced, and only /sys/class/net would differ.
  (void)mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
    give_up(report, STEP_RUN);
  if (mkdir("/run/netns", 0755) < 0 || mkdir("/run/lock", 01777) < 0) give_up(report, STEP_NETNS);
  if (loopback_up() < 0) give_up(report, STEP_LOOPBACK);

  pid_t program = fork();
  if (program < 0) give_up(report, STEP_FORK);
  if (program == 0) {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    execve(argv[0], argv, envp);
    give_up(report, STEP_EXEC);
  }
  close(report);
  // The terminal's interrupt goes to the whole group: the program decides what it means.
  signal(SIGINT, SIG_IGN);
  for (;;) {
    int status;
    pid_t pid = wait(&status);
    if (pid < 0) {
      if (errno == EINTR) continue;
      _exit(127);
    }
    if (pid != program) continue;
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

// The process between host and lab: it makes the namespaces, since a process can enter a new PID
// namespace only by having a child.
static void be_gate(int report, char *const argv[], char *const envp[]) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char map[64];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) < 0) give_up(report, STEP_USERNS);
  // A group map needs setgroups denied first (user_namespaces(7)); a kernel without the file is fine.
  if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
    give_up(report, STEP_SETGROUPS);
  snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
  if (write_file("/proc/self/uid_map", map) < 0) give_up(report, STEP_UIDMAP);
  snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
  if (write_file("/proc/self/gid_map", map) < 0) give_up(report, STEP_GIDMAP);
  if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
    give_up(report, STEP_UNSHARE);
  pid_t init = fork();
  if (init < 0) give_up(report, STEP_FORK);
  if (init == 0) be_init(report, argv, envp);
  close(report);
  signal(SIGINT, SIG_IGN);
  int status;
  while (waitpid(init, &status, 0) < 0)
    if (errno != EINTR) _exit(127);
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

int clinux_lab_run(char *const argv[], char *const envp[], const char **failed_step) {
  int ends[2];
  *failed_step = NULL;
  if (pipe2(ends, O_CLOEXEC) < 0) {
    *failed_step = steps[STEP_PIPE];
    return -errno;
  }
  pid_t gate = fork();
  if (gate == 0) {
    close(ends[0]);
    be_gate(ends[1], argv, envp);
  }
  int forked = errno;
  close(ends[1]);
  if (gate < 0) {
    close(ends[0]);
    *failed_step = steps[STEP_FORK];
    return -forked;
  }
  // The pipe closes when the program was executed, or brings the failure.
  struct failure failure = {0, 0};
  ssize_t length;
  do length = read(ends[0], &failure, sizeof failure);
  while (length < 0 && errno == EINTR);
  close(ends[0]);
  void (*old_int)(int) = signal(SIGINT, SIG_IGN);
  int status;
  while (waitpid(gate, &status, 0) < 0)
    if (errno != EINTR) break;
  signal(SIGINT, old_int);
  if (length == sizeof failure) {
    *failed_step = steps[failure.step];
    return -failure.error;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
