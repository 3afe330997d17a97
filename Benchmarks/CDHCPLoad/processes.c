// What the benchmark does to processes besides loading them.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CDHCPLoad.h"

int dhcpload_run_on(pid_t thread, int32_t processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (processor >= 0)
    CPU_SET((size_t)processor, &set);
  else
    memset(&set, 0xFF, sizeof set);
  return sched_setaffinity(thread, sizeof set, &set);
}

void dhcpload_trim_heap(void) { malloc_trim(0); }

int dhcpload_enlarge_buffer(pid_t process, int socket, int32_t bytes) {
  int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
  if (pidfd < 0) return -1;
  int file = (int)syscall(SYS_pidfd_getfd, pidfd, socket, 0);
  int result = file < 0 ? -1 : setsockopt(file, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  int error = errno;
  if (file >= 0) close(file);
  close(pidfd);
  errno = error;
  return result;
}
