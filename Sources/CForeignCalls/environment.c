#include "CForeignCalls.h"

#include <fenv.h>

#if defined(__x86_64__)

#include <xmmintrin.h>

// Low half: MXCSR without its six flags. High half: the control word of the x87 unit, which long
// double uses.
uint64_t softmax_audit_environment(void) {
  uint16_t x87;
  __asm__ volatile("fnstcw %0" : "=m"(x87));
  return ((uint64_t)x87 << 32) | (_mm_getcsr() & 0xFFC0u);
}

uint64_t softmax_audit_default_environment(void) { return (UINT64_C(0x037F) << 32) | 0x1F80u; }

void softmax_audit_set_environment(uint64_t environment) {
  uint16_t x87 = (uint16_t)(environment >> 32);
  // fninit also empties the register stack, which code with MMX instructions may leave full.
  __asm__ volatile("fninit\n\tfldcw %0" : : "m"(x87));
  _mm_setcsr((uint32_t)environment);
}

int softmax_audit_flushes_to_zero(uint64_t environment) { return (environment >> 15) & 1; }
int softmax_audit_flushes_operands(uint64_t environment) { return (environment >> 6) & 1; }
int softmax_audit_rounding(uint64_t environment) { return (environment >> 13) & 3; }

const char *softmax_audit_processor_features(void) {
  static char text[256];
  char *end = text;
  __builtin_cpu_init();
#define FEATURE(name)                                   \
  if (__builtin_cpu_supports(name)) {                   \
    for (const char *c = " " name; *c; c++) *end++ = *c; \
  }
  FEATURE("sse4.2") FEATURE("avx") FEATURE("avx2") FEATURE("fma") FEATURE("avx512f")
  FEATURE("avx512bw") FEATURE("avx512vl") FEATURE("avx512bf16")
#undef FEATURE
  *end = 0;
  return text[0] == ' ' ? text + 1 : text;
}

#elif defined(__aarch64__)

// FPCR: bit 24 FZ, bit 19 FZ16, bits 23 and 22 the rounding mode (0 nearest, 1 up, 2 down, 3 toward
// zero).
uint64_t softmax_audit_environment(void) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}

uint64_t softmax_audit_default_environment(void) { return 0; }

void softmax_audit_set_environment(uint64_t environment) {
  __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, xzr" : : "r"(environment));
}

int softmax_audit_flushes_to_zero(uint64_t environment) {
  return ((environment >> 24) | (environment >> 19)) & 1;
}
// One bit for both; FIZ (bit 0) for operands alone.
int softmax_audit_flushes_operands(uint64_t environment) {
  return ((environment >> 24) | environment) & 1;
}
int softmax_audit_rounding(uint64_t environment) {
  static const int order[4] = {0, 2, 1, 3};
  return order[(environment >> 22) & 3];
}

const char *softmax_audit_processor_features(void) { return "neon"; }

#else

uint64_t softmax_audit_environment(void) { return (uint64_t)fegetround(); }
uint64_t softmax_audit_default_environment(void) { return FE_TONEAREST; }
void softmax_audit_set_environment(uint64_t environment) {
  feclearexcept(FE_ALL_EXCEPT);
  fesetround((int)environment);
}
int softmax_audit_flushes_to_zero(uint64_t environment) { return 0 & environment; }
int softmax_audit_flushes_operands(uint64_t environment) { return 0 & environment; }
int softmax_audit_rounding(uint64_t environment) {
  return environment == FE_DOWNWARD ? 1 : environment == FE_UPWARD ? 2
    : environment == FE_TOWARDZERO ? 3 : 0;
}
const char *softmax_audit_processor_features(void) { return ""; }

#endif
