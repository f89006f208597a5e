#define _GNU_SOURCE
#include "CForeignCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

// How many calls into code from outside are under way in this process.
static atomic_int calls;

static void tell_of_the_end(void) {
  static const char text[] =
    "error: a plug-in that is called in this process ended it; leave --in-process out to see where\n";
  ssize_t ignored = write(2, text, sizeof text - 1);
  (void)ignored;
}

static void refuse_to_end(void) {
  if (atomic_load(&calls) == 0) return;
  tell_of_the_end();
  _exit(70);
}

// Where an orderly end is reported, and the process whose end it is.
static int report = -1;
static pid_t reporter;

static void report_orderly_end(void) {
  if (report < 0 || getpid() != reporter || atomic_load(&calls) != 0) return;
  ssize_t ignored = write(report, "", 1);
  (void)ignored;
}

static volatile pid_t supervised;

static void pass_on(int number) { kill(supervised, number); }

int softmax_audit_supervise(void) {
  int ends[2];
  if (pipe(ends) == -1) return errno;
  pid_t child = fork();
  if (child == -1) return errno;
  if (child == 0) {
    close(ends[0]);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    report = ends[1];
    reporter = getpid();
    atexit(report_orderly_end);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    return 0;
  }
  close(ends[1]);
  supervised = child;
  // A terminal sends the first two to both processes.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  signal(SIGTERM, pass_on);
  signal(SIGHUP, pass_on);
  int status = 0;
  while (waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    signal(number, SIG_DFL);
    kill(getpid(), number);
    _exit(128 + number);
  }
  // A process that the plug-in left behind may hold the other end open.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  char byte;
  if (read(ends[0], &byte, 1) != 1 && WEXITSTATUS(status) != 70) {
    tell_of_the_end();
    _exit(70);
  }
  _exit(WEXITSTATUS(status));
}

void softmax_audit_begin_foreign_call(void) {
  static atomic_flag is_registered = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&is_registered)) {
    atexit(refuse_to_end);
#ifdef __linux__
    at_quick_exit(refuse_to_end);
#endif
  }
  atomic_fetch_add(&calls, 1);
}

void softmax_audit_end_foreign_call(void) {
  atomic_fetch_sub(&calls, 1);
  // A program begins with the locale "C", and this one never asks for another.
  const char *now = setlocale(LC_ALL, NULL);
  if (now && strcmp(now, "C") != 0) setlocale(LC_ALL, "C");
#ifdef __linux__
  uselocale(LC_GLOBAL_LOCALE);
#endif
}

static int argument_count;
static char **arguments;

#ifdef __linux__
// The loader hands the arguments to constructors. The standard library reads them from /proc, which
// may not be there.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  argument_count = count;
  arguments = values;
}
#endif

int softmax_audit_argument_count(void) { return argument_count; }
const char *softmax_audit_argument(int index) { return arguments[index]; }
