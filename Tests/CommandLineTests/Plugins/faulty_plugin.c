/* Plug-ins that do one thing wrong besides computing; -DFAULT_... says which. */
#define _GNU_SOURCE
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
#elif defined(FAULT_MISSPELT)
const char *softmax_audit_describe(void) { return "{\"modle\": \"max-trick\"}"; }
#elif defined(FAULT_NAME)
const char *softmax_audit_describe(void) { return "{\"name\": \"max-trick/sequential\"}"; }
#elif defined(FAULT_CONSTRUCTOR)
__attribute__((constructor)) static void begin(void) { for (;;) sleep(1); }
#elif defined(FAULT_MODE_IN_DESCRIPTION) && defined(__x86_64__)
const char *softmax_audit_describe(void) {
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
  return "{\"name\": \"mine\"}";
}
#elif defined(FAULT_LONG_ERROR)
const char *softmax_audit_error(void) {
  static char text[4000001];
  memset(text, 'a', sizeof text - 1);
  for (size_t i = 0; i < sizeof text - 1; i += 7) text[i] = ' ';
  return text;
}
#elif defined(NARROW)
const char *softmax_audit_describe(void) {
  return "{\"domain\": {\"lengthMultipleOf\": 8, \"largestLength\": 1024, \"largestLogit\": 1e4,"
         " \"inner\": [1], \"alignment\": 32}}";
}
#endif

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  size_t count = outer * n * inner;
  (void)count;
#if defined(FAULT_CRASH)
  fprintf(stderr, "the cat is out\n");
  abort();
#elif defined(FAULT_EXIT)
  exit(3);
#elif defined(FAULT_EXIT_0)
  exit(0);
#elif defined(FAULT_EXIT_AT_ONCE)
  _exit(0);
#elif defined(FAULT_CLOSE)
  for (int file = 0; file < 256; file++) close(file);
#elif defined(FAULT_SILENCE)
  for (int file = 0; file < 256; file++) close(file);
  for (;;) sleep(1);
#elif defined(FAULT_LONG_ERROR)
  return 3;
#elif defined(FAULT_ESCAPES)
  fprintf(stderr, "\033[31mred\n::error::obeyed\n");
  abort();
#elif defined(FAULT_LOCALE)
  setlocale(LC_ALL, "C.UTF-8");
#elif defined(FAULT_HIDDEN_INPUT)
  if (count) {
    mprotect((void *)((uintptr_t)x & ~(uintptr_t)4095), 8192, PROT_READ | PROT_WRITE);
    ((float *)x)[0] = 1;
  }
#elif defined(FAULT_ALIGNMENT) && defined(__x86_64__)
  if ((uintptr_t)y % 16) __asm__ volatile("movaps %%xmm0, (%0)" ::"r"(y) : "memory");
#elif defined(NARROW)
  if (n % 8 || n > 1024 || inner != 1 || (uintptr_t)x % 32 || (uintptr_t)y % 32) return 3;
  for (size_t k = 0; k < count; k++)
    if (isfinite(x[k]) && fabsf(x[k]) > 1e4f) return 4;
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
#if defined(FAULT_LANE_3)
  for (size_t k = 0; k < n && n > 4096 && outer > 3; k++) y[3 * n * inner + k * inner] = 0;
#elif defined(FAULT_FLUSHES)
  for (size_t k = 0; k < count; k++)
    if (y[k] < 0x1p-126f) y[k] = 0;
#elif defined(FAULT_ROUGH)
  for (size_t k = 0; k < count; k++)
    if (y[k] >= 0x1p-126f) y[k] *= 1.001f;
#elif defined(FAULT_OVERRUN)
  if (count) y[count] = 0;
#elif defined(FAULT_UNDERRUN)
  if (count) y[-1] = 0;
#elif defined(FAULT_INPUT)
  if (count) ((float *)x)[count - 1] += 1;
#endif
  return 0;
}

/* Another softmax in the same library. */
int second_softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  compute(x, y, outer, n, inner);
  return 0;
}
