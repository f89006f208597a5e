#define _GNU_SOURCE
#include "CForeignCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int ends[2] = {-1, -1};

static void pass_on(int number) {
  const int error = errno;
  const unsigned char byte = (unsigned char)number;
  while (write(ends[1], &byte, 1) == -1 && errno == EINTR) {
  }
  errno = error;
}

// Handlers are undone where another program takes the place of this one; ignored signals, and
// blocked ones, would stay so in every worker.
int softmax_audit_catch_interruptions(void) {
  if (pipe(ends) == -1) return errno;
  for (int end = 0; end < 2; end++) {
    if (fcntl(ends[end], F_SETFD, FD_CLOEXEC) == -1) return errno;
  }
  const int numbers[] = {SIGINT, SIGTERM};
  for (int i = 0; i < 2; i++) {
    struct sigaction old;
    if (sigaction(numbers[i], NULL, &old) == -1) return errno;
    // Somebody who started this in the background wants no interruption.
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(numbers[i], &action, NULL) == -1) return errno;
  }
  return 0;
}

int softmax_audit_await_interruption(void) {
  unsigned char number;
  ssize_t count;
  do {
    count = read(ends[0], &number, 1);
  } while (count == -1 && errno == EINTR);
  return count == 1 ? number : -1;
}

void softmax_audit_end_by(int number) {
  signal(number, SIG_DFL);
  kill(getpid(), number);
}
