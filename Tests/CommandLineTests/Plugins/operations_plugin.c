/*
 * Three operations in one library, and faulty ones under prefixes.
 */
#include <math.h>
#include <stddef.h>

/* The logsumexp of a lane as the largest logit, NaN where there is one, and what
 * comes on top of it. */
static void parts(const float *x, size_t n, size_t inner, double *largest, double *rest) {
  double sum = 0;
  *largest = -INFINITY;
  *rest = 0;
  for (size_t k = 0; k < n; k++) {
    double value = x[k * inner];
    if (value > *largest || isnan(value)) *largest = value;
  }
  if (isinf(*largest) || isnan(*largest)) return;
  for (size_t k = 0; k < n; k++) sum += exp(x[k * inner] - *largest);
  *rest = log(sum);
}

static double logsumexp(const float *x, size_t n, size_t inner) {
  double largest, rest;
  parts(x, n, inner, &largest, &rest);
  return largest + rest;
}

#define FOR_EACH_LANE(outer, n, inner, ...)                                         \
  for (size_t o = 0; o < outer; o++)                                                \
    for (size_t i = 0; i < inner; i++) {                                            \
      const float *lane = x + o * n * inner + i;                                    \
      __VA_ARGS__                                                                   \
    }                                                                               \
  return 0;

#ifndef WITHOUT_SOFTMAX
int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, {
    double largest, rest;
    parts(lane, n, inner, &largest, &rest);
    for (size_t k = 0; k < n; k++)
      y[o * n * inner + i + k * inner] = exp((lane[k * inner] - largest) - rest);
  })
}
#endif

int log_softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, {
    double largest, rest;
    parts(lane, n, inner, &largest, &rest);
    /* In this order: x - (m + ln s) loses all of ln s beside a large m. */
    for (size_t k = 0; k < n; k++)
      y[o * n * inner + i + k * inner] = (lane[k * inner] - largest) - rest;
  })
}

int logsumexp_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, { y[o * inner + i] = logsumexp(lane, n, inner); })
}

int logsumexp_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, { y[o * inner + i] = logsumexp(lane, n, inner); })
}

/* The logarithm of a rounded probability: its error near 0 is that of the probability, and below
 * 2^-149 it is -inf. */
int rounded_log_softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, {
    double all = logsumexp(lane, n, inner);
    for (size_t k = 0; k < n; k++)
      y[o * n * inner + i + k * inner] = logf((float)exp(lane[k * inner] - all));
  })
}

/* Without the maximum: it overflows. */
int naive_logsumexp_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE(outer, n, inner, {
    float sum = 0;
    for (size_t k = 0; k < n; k++) sum += expf(lane[k * inner]);
    y[o * inner + i] = logf(sum);
  })
}

/* Takes the lanes of any tensor for rows. */
int rows_logsumexp_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  for (size_t l = 0; l < outer * inner; l++) y[l] = logsumexp(x + l * n, n, 1);
  return 0;
}

/* Writes as many outputs as a softmax has. */
int wide_logsumexp_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  for (size_t k = 0; k < outer * n * inner; k++) y[k] = 0;
  return logsumexp_f32(x, y, outer, n, inner);
}

/* Offers short lanes only. */
int short_log_softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  return n > 100 ? 2 : log_softmax_f32(x, y, outer, n, inner);
}
