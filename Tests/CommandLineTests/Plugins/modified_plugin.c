/* A softmax of modified logits, right unless SINK_IGNORED, and without a cap with NO_CAP. */
#include "../../../Sources/ExternalImplementations/Plugins/softmax_audit.h"

#include <math.h>

static float modified(
  float x, size_t at, size_t lane_query, size_t key, size_t n,
  const struct softmax_audit_modifiers *p) {
  if (p == NULL) return x;
  if (p->scale != 0) x *= (float)p->scale;
  if (p->softcap != 0) x = (float)p->softcap * tanhf(x / (float)p->softcap);
  if (p->mask != NULL) x += ((const float *)p->mask)[at];
  if (p->causal != 0) {
    long seen = (long)lane_query + 1;
    if (p->causal == 2) seen += (long)n - (long)p->queries;
    if ((long)key >= seen) return -INFINITY;
  }
  return x;
}

int softmax_with_f32(
  const float *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p) {
#ifdef NO_CAP
  if (p != NULL && p->softcap != 0) return 2;
#endif
  const float *sinks = p == NULL ? NULL : p->sink;
#ifdef SINK_IGNORED
  sinks = NULL;
#endif
  for (size_t lane = 0; lane < outer * inner; lane++) {
    size_t start = lane / inner * n * inner + lane % inner;
    size_t query = p != NULL && p->causal != 0 ? lane % p->queries : 0;
    float largest = sinks == NULL ? -INFINITY : sinks[lane];
    for (size_t k = 0; k < n; k++) {
      float z = modified(x[start + k * inner], start + k * inner, query, k, n, p);
      if (z > largest) largest = z;
      y[start + k * inner] = z;
    }
    float sum = sinks == NULL ? 0 : expf(sinks[lane] - largest);
    for (size_t k = 0; k < n; k++) {
      float *place = y + start + k * inner;
      *place = expf(*place - largest);
      sum += *place;
    }
    for (size_t k = 0; k < n; k++) y[start + k * inner] /= sum;
  }
  return 0;
}

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  return softmax_with_f32(x, y, outer, n, inner, NULL);
}
