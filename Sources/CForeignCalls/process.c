#define _GNU_SOURCE
#include "CForeignCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <unistd.h>

#ifndef __linux__
static int closed_on_exec(int file) { return fcntl(file, F_SETFD, FD_CLOEXEC) == -1 ? errno : 0; }
#endif

// A child must not inherit our ends of another one's pipes: its standard input would then never
// end. Linux marks them in the call that makes them; elsewhere POSIX_SPAWN_CLOEXEC_DEFAULT closes
// whatever another thread made in between.
static int make_pipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC) == -1 ? errno : 0;
#else
  if (pipe(ends) == -1) return errno;
  int error = closed_on_exec(ends[0]);
  return error ? error : closed_on_exec(ends[1]);
#endif
}

static int make_socket(int ends[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1 ? errno : 0;
#else
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) return errno;
  int on = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
  int error = closed_on_exec(ends[0]);
  return error ? error : closed_on_exec(ends[1]);
#endif
}

static void close_all(const int files[6]) {
  for (int i = 0; i < 6; i++)
    if (files[i] >= 0) close(files[i]);
}

int softmax_audit_spawn(
  char *const arguments[], char *const environment[], struct softmax_audit_process *process) {
  int ends[6] = {-1, -1, -1, -1, -1, -1};
  // Standard input is a socket, for a socket can be written to without SIGPIPE, which would end the
  // host.
  int error = make_socket(ends);
  if (!error) error = make_pipe(ends + 2);
  if (!error) error = make_pipe(ends + 4);
  if (error) {
    close_all(ends);
    return error;
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
  posix_spawn_file_actions_adddup2(&actions, ends[3], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[5], 2);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own, so that whatever the child starts can be ended with it.
  posix_spawnattr_setpgroup(&attributes, 0);
  short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
  posix_spawnattr_setflags(&attributes, flags);

  pid_t pid = 0;
  error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error) {
    close_all(ends);
    return error;
  }
  close(ends[1]);
  close(ends[3]);
  close(ends[5]);
  process->pid = pid;
  process->commands = ends[0];
  process->answers = ends[2];
  process->words = ends[4];
  return 0;
}

long softmax_audit_send(int socket, const void *bytes, size_t count) {
#ifdef MSG_NOSIGNAL
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
  const int flags = MSG_DONTWAIT;
#endif
  for (;;) {
    ssize_t sent = send(socket, bytes, count, flags);
    if (sent >= 0) return (long)sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    if (errno != EINTR) return -1;
  }
}

int softmax_audit_memory_file(void) {
#ifdef __linux__
  return memfd_create("softmax-audit", MFD_CLOEXEC);
#else
  return -1;
#endif
}

int softmax_audit_adopt_orphans(void) {
#ifdef __linux__
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1 ? errno : 0;
#else
  return ENOSYS;
#endif
}

int softmax_audit_reserve(int file, size_t size) {
#ifdef __linux__
  return posix_fallocate(file, 0, (off_t)size);
#else
  return ftruncate(file, (off_t)size) == -1 ? errno : 0;
#endif
}

static void *wait_for_hang_up(void *argument) {
  struct pollfd watched = {.fd = (int)(intptr_t)argument, .events = 0};
#ifdef POLLRDHUP
  watched.events = POLLRDHUP;
#endif
  while (poll(&watched, 1, -1) <= 0) {
  }
  // The host started this process as the first of a group, and may be gone without having ended it.
  if (getpgrp() == getpid()) kill(0, SIGKILL);
  _exit(0);
}

void softmax_audit_end_with(int file) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_for_hang_up, (void *)(intptr_t)file) == 0)
    pthread_detach(thread);
}
