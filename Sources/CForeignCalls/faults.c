#define _GNU_SOURCE
#include "CForeignCalls.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

// What the handler reads; set between calls, never during one.
static struct {
  uintptr_t start, end;
  const char *name;
} watched[2];

void softmax_audit_watch(
  const void *input, size_t input_size, const void *output, size_t output_size) {
  watched[0].start = (uintptr_t)input;
  watched[0].end = (uintptr_t)input + input_size;
  watched[0].name = "input";
  watched[1].start = (uintptr_t)output;
  watched[1].end = (uintptr_t)output + output_size;
  watched[1].name = "output";
}

// printf is not safe in a handler.
static char *put_text(char *end, const char *text) {
  while (*text) *end++ = *text++;
  return end;
}

static char *put_number(char *end, uintptr_t number) {
  char digits[24];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  while (count) *end++ = digits[--count];
  return end;
}

// The largest power of two up to 64 that divides an address.
static uintptr_t alignment(uintptr_t address) {
  uintptr_t power = 1;
  while (power < 64 && address % (2 * power) == 0) power *= 2;
  return power;
}

// Whether an instruction that needs an aligned address met another one, as far as the processor
// tells. On x86-64 such an instruction raises a fault that names no address; so does an address
// that no memory can have.
static int was_misaligned(int number, const siginfo_t *information) {
  if (alignment(watched[0].start) == 64 && alignment(watched[1].start) == 64) return 0;
  if (number == SIGBUS && information->si_code == BUS_ADRALN) return 1;
#if defined(__x86_64__) && defined(SI_KERNEL)
  return number == SIGSEGV && information->si_code == SI_KERNEL;
#else
  return 0;
#endif
}

static void explain(int number, siginfo_t *information, void *context) {
  (void)context;
  uintptr_t address = (uintptr_t)information->si_addr;
  // The buffer that is nearest, if one is near.
  uintptr_t least = 1 << 20;
  int nearest = -1;
  for (int i = 0; i < 2; i++) {
    uintptr_t distance = address < watched[i].start ? watched[i].start - address
      : address >= watched[i].end ? address - watched[i].end : 0;
    if (address && distance < least) {
      least = distance;
      nearest = i;
    }
  }
  char text[400];
  char *end = text;
  if (was_misaligned(number, information)) {
    end = put_text(
      end, "it used an address as if it were aligned: its input was aligned to ");
    end = put_number(end, alignment(watched[0].start));
    end = put_text(end, " bytes and its output to ");
    end = put_number(end, alignment(watched[1].start));
    end = put_text(
      end,
      "; pointers are aligned to the element and to nothing more, unless the description asks for an \"alignment\"");
  } else if (nearest >= 0) {
    int is_inside = address >= watched[nearest].start && address < watched[nearest].end;
    end = put_text(end, is_inside ? "it wrote to byte " : "it touched memory ");
    end = put_number(end, is_inside ? address - watched[nearest].start : least);
    end = put_text(end, is_inside ? " of its "
      : address < watched[nearest].start ? " bytes before its " : " bytes beyond the end of its ");
    end = put_text(end, watched[nearest].name);
  }
  if (end != text) {
    *end++ = '\n';
    ssize_t ignored = write(2, text, (size_t)(end - text));
    (void)ignored;
  }
  // On return the instruction faults again, and this time that ends the process.
  signal(number, SIG_DFL);
}

void softmax_audit_explain_faults(void) {
  // A stack of its own: the fault may be that there is no more stack.
  static char stack[1 << 16];
  stack_t alternative;
  memset(&alternative, 0, sizeof alternative);
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = explain;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}
