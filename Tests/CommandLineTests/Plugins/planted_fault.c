/* A sound float32 softmax, into which FAULT plants one of five faults. */
#include <float.h>
#include <math.h>
#include <stddef.h>

enum { NONE, WRONG_AXIS, FLOAT16_ACCUMULATOR, EXP_WINDOW, MISSING_TAIL, FLUSH_TO_ZERO };

#ifndef FAULT
#define FAULT NONE
#endif

static float exponential(float x) {
  float e = expf(x);
  if (FAULT == EXP_WINDOW && x > -3.25f && x < -3.125f) e *= 1 + 0x1p-18f;
  return e;
}

/* The sum of two numbers, in the precision of the accumulator. */
static float add(float a, float b) {
  float sum = a + b;
  if (FAULT != FLOAT16_ACCUMULATOR || sum == 0) return sum;
  int exponent;
  float significand = frexpf(sum, &exponent);
  return ldexpf(rintf(significand * 0x1p11f), exponent - 11);
}

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  if (FAULT == WRONG_AXIS) {
    /* As if the axis were the last one. */
    outer *= inner;
    inner = 1;
  }
  for (size_t lane = 0; lane < outer * inner; lane++) {
    size_t start = lane / inner * n * inner + lane % inner;
    float maximum = -INFINITY, sum = 0;
    int isNaN = 0;
    for (size_t i = 0; i < n; i++) {
      float logit = x[start + i * inner];
      isNaN |= isnan(logit);
      if (logit > maximum) maximum = logit;
    }
    size_t counted = FAULT == MISSING_TAIL && n > 8 ? n / 8 * 8 : n;
    for (size_t i = 0; i < n; i++) {
      float e = isNaN ? NAN : exponential(x[start + i * inner] - maximum);
      if (i < counted || isNaN) sum = add(sum, e);
      y[start + i * inner] = e;
    }
    for (size_t i = 0; i < n; i++) {
      float *p = &y[start + i * inner];
      *p = *p / sum;
      if (FAULT == FLUSH_TO_ZERO && *p < FLT_MIN) *p = 0;
    }
  }
  return 0;
}
