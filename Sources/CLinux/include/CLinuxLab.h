#pragma once

/// Runs a program as process 1 of new user, network, mount, PID, IPC and UTS namespaces, in which
/// the caller is root and nothing of the host can be changed; waits for it.
///
/// Inside: /proc and /sys belong to the new namespaces, /run is an empty tmpfs with /run/netns in
/// it, loopback is up. When the program ends, every process inside is gone and so are all links and
/// namespaces.
///
/// The caller's threads don't matter: the work is done in a fork by async-signal-safe calls only.
///
/// @param argv the program's absolute path and arguments, NULL-terminated.
/// @param envp the program's environment, NULL-terminated.
/// @param failed_step set to a static string naming the step that failed, or NULL.
/// @return the program's exit status (128 + signal when one killed it), or -errno of the failed step.
int clinux_lab_run(char *const argv[], char *const envp[], const char **failed_step);
