#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CFileWriting.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int softmax_audit_open_unnamed(const char *directory, mode_t mode) {
#ifdef O_TMPFILE
  return open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
#else
  (void)directory;
  (void)mode;
  errno = ENOTSUP;
  return -1;
#endif
}

int softmax_audit_name_file(int file, const char *path) {
#ifdef O_TMPFILE
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", file);
  return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
#else
  (void)file;
  (void)path;
  errno = ENOTSUP;
  return -1;
#endif
}

enum { PLACES = 256, LONGEST_PATH = 4096 };

// A handler may run at any instruction: it reads a path only between the two changes of `isTaken`.
static char paths[PLACES][LONGEST_PATH];
static atomic_bool isTaken[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void clean_up(int number) {
  for (int place = 0; place < PLACES; place += 1) {
    if (atomic_load(&isTaken[place])) unlink(paths[place]);
  }
  // The signal ends the process as if it had not been handled, as soon as the handler returns.
  signal(number, SIG_DFL);
  raise(number);
}

static void handle_ends(void) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
  for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index += 1) {
    struct sigaction present;
    if (sigaction(numbers[index], NULL, &present) != 0) continue;
    if ((present.sa_flags & SA_SIGINFO) != 0 || present.sa_handler != SIG_DFL) continue;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = clean_up;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(numbers[index], &action, NULL);
  }
}

int softmax_audit_remove_at_end(const char *path) {
  size_t length = strlen(path);
  if (length >= LONGEST_PATH) return -1;
  int found = -1;
  pthread_mutex_lock(&lock);
  for (int place = 0; place < PLACES && found < 0; place += 1) {
    if (!atomic_load(&isTaken[place])) found = place;
  }
  if (found >= 0) {
    memcpy(paths[found], path, length + 1);
    atomic_store(&isTaken[found], true);
    handle_ends();
  }
  pthread_mutex_unlock(&lock);
  return found;
}

void softmax_audit_keep(int place) {
  if (place < 0 || place >= PLACES) return;
  pthread_mutex_lock(&lock);
  atomic_store(&isTaken[place], false);
  pthread_mutex_unlock(&lock);
}
