/*
 * Losses and gradients in one library, computed in double, and faulty ones under prefixes.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct softmax_audit_cross_entropy {
  size_t size;
  double label_smoothing;
  int64_t ignore_index;
  const void *class_weights;
};

/* The largest logit, NaN where there is one, and the sum of the exponentials. */
static double largest_of(const float *x, size_t n, size_t inner, double *sum) {
  double largest = -INFINITY;
  for (size_t k = 0; k < n; k++) {
    double value = x[k * inner];
    if (value > largest || isnan(value)) largest = value;
  }
  *sum = 0;
  for (size_t k = 0; k < n; k++) *sum += exp(x[k * inner] - largest);
  return largest;
}

#define FOR_EACH_LANE(...)                                                          \
  for (size_t o = 0; o < outer; o++)                                                \
    for (size_t i = 0; i < inner; i++) {                                            \
      size_t at = o * n * inner + i, number = o * inner + i;                        \
      (void)number;                                                                 \
      double sum, largest = largest_of(x + at, n, inner, &sum);                     \
      __VA_ARGS__                                                                   \
    }                                                                               \
  return 0;
#define PROBABILITY(k) (exp(x[at + (k) * inner] - largest) / sum)

int softmax_vjp_f32(
  const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE({
    double dot = 0;
    for (size_t k = 0; k < n; k++) dot += PROBABILITY(k) * g[at + k * inner];
    for (size_t k = 0; k < n; k++) dx[at + k * inner] = PROBABILITY(k) * (g[at + k * inner] - dot);
  })
}

int softmax_backward_f32(
  const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE({
    double dot = 0;
    for (size_t k = 0; k < n; k++) dot += (double)x[at + k * inner] * g[at + k * inner];
    for (size_t k = 0; k < n; k++) {
      dx[at + k * inner] = x[at + k * inner] * (g[at + k * inner] - dot);
    }
  })
}

int log_softmax_vjp_f32(
  const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE({
    double total = 0;
    for (size_t k = 0; k < n; k++) total += g[at + k * inner];
    for (size_t k = 0; k < n; k++) {
      dx[at + k * inner] = g[at + k * inner] - PROBABILITY(k) * total;
    }
  })
}

static double weight(const struct softmax_audit_cross_entropy *p, size_t k) {
  return p->class_weights ? ((const float *)p->class_weights)[k] : 1;
}

int cross_entropy_f32(
  const float *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p) {
  if (p->size < sizeof *p) return 1;
  FOR_EACH_LANE({
    int64_t target = targets[number];
    double total = 0;
    if (n > 0 && target != p->ignore_index) {
      for (size_t k = 0; k < n; k++) {
        double share = p->label_smoothing / n * weight(p, k);
        if ((int64_t)k == target) share += (1 - p->label_smoothing) * weight(p, k);
        if (share > 0) total += share * (log(sum) - (x[at + k * inner] - largest));
      }
    }
    loss[number] = total;
  })
}

int cross_entropy_vjp_f32(
  const float *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p) {
  FOR_EACH_LANE({
    int64_t target = targets[number];
    int counts = target != p->ignore_index;
    double total = 0;
    for (size_t k = 0; k < n; k++) {
      total += p->label_smoothing / n * weight(p, k);
      if ((int64_t)k == target) total += (1 - p->label_smoothing) * weight(p, k);
    }
    for (size_t k = 0; k < n; k++) {
      double own = p->label_smoothing / n * weight(p, k);
      if ((int64_t)k == target) own += (1 - p->label_smoothing) * weight(p, k);
      dx[at + k * inner] = counts ? PROBABILITY(k) * total - own : 0;
    }
  })
}

/* The sum is forgotten. */
int forgotten_softmax_vjp_f32(
  const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner) {
  FOR_EACH_LANE({
    for (size_t k = 0; k < n; k++) dx[at + k * inner] = PROBABILITY(k) * g[at + k * inner];
  })
}

/* Ignored targets count: none of the parameters is looked at. */
int counting_cross_entropy_vjp_f32(
  const float *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p) {
  (void)p;
  FOR_EACH_LANE({
    for (size_t k = 0; k < n; k++) {
      dx[at + k * inner] = PROBABILITY(k) - ((int64_t)k == targets[number]);
    }
  })
}

/* Smoothing, weights and other ignored targets are not offered. */
int plain_cross_entropy_f32(
  const float *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p) {
  if (p->label_smoothing != 0 || p->class_weights || p->ignore_index != -100) return 2;
  return cross_entropy_f32(x, targets, loss, outer, n, inner, p);
}
