/* Plug-ins that do one thing wrong besides computing; -DFAULT_... says which. */
#define _GNU_SOURCE
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void compute(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  for (size_t lane = 0; lane < outer * inner; lane++) {
    size_t start = lane / inner * n * inner + lane % inner;
    float maximum = -INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++) maximum = fmaxf(maximum, x[start + k * inner]);
    for (size_t k = 0; k < n; k++) sum += y[start + k * inner] = expf(x[start + k * inner] - maximum);
    for (size_t k = 0; k < n; k++) y[start + k * inner] /= sum;
  }
}

#if defined(FAULT_ABI)
uint32_t softmax_audit_abi(void) { return 2; }
#elif defined(FAULT_DESCRIPTION)
const char *softmax_audit_describe(void) { return "{\"model\": \"max-trick-of-mine\"}"; }
#elif defined(FAULT_JSON)
const char *softmax_audit_describe(void) { return "name: mine"; }
#elif defined(FAULT_REFUSAL)
const char *softmax_audit_error(void) { return "no kernel for lanes of more than 100"; }
#endif

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  size_t count = outer * n * inner;
  (void)count;
#if defined(FAULT_CRASH)
  fprintf(stderr, "the cat is out\n");
  abort();
#elif defined(FAULT_EXIT)
  exit(3);
#elif defined(FAULT_HANG)
  for (;;) sleep(1);
#elif defined(FAULT_NOTHING)
  return 0;
#elif defined(FAULT_REFUSAL)
  if (n > 100) return 7;
#elif defined(FAULT_PRINT)
  printf("computing\n");
  fflush(stdout);
#elif defined(FAULT_FORK)
  if (fork() < 0) return 1;
#elif defined(FAULT_MODE) && defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
  compute(x, y, outer, n, inner);
#if defined(FAULT_OVERRUN)
  if (count) y[count] = 0;
#elif defined(FAULT_UNDERRUN)
  if (count) y[-1] = 0;
#elif defined(FAULT_INPUT)
  if (count) ((float *)x)[count - 1] += 1;
#endif
  return 0;
}
