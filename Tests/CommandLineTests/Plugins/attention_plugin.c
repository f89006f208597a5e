/* Attention in float32; with a fault where one is asked for. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../Sources/ExternalImplementations/Plugins/softmax_audit.h"

const char *softmax_audit_describe(void) { return "{\"name\": \"attention\", \"version\": \"1\"}"; }

int attention_f32(
  const float *q, const float *k, const float *v, float *o, float *lse, const struct softmax_audit_attention *p) {
#ifdef FAULT_NOT_OFFERED
  if (p->softcap != 0) return 2;
#endif
#ifdef FAULT_CRASH
  if (p->keys > 20) __builtin_trap();
#endif
  const double scale = p->scale != 0 ? p->scale : 1 / sqrt((double)p->head_dim);
  const float *mask = p->mask, *sinks = p->sinks;
  for (size_t row = 0; row < p->batch * p->heads * p->queries; row++) {
    const size_t query = row % p->queries, head = row / p->queries % p->heads;
    const size_t group = row / p->queries / p->heads * p->kv_heads + head / (p->heads / p->kv_heads);
    const float *keys = k + group * p->keys * p->head_dim, *values = v + group * p->keys * p->value_dim;
    size_t seen = p->keys;
    if (p->causal == 1) seen = query + 1;
    if (p->causal == 2) seen = query + 1 + p->keys > p->queries ? query + 1 + p->keys - p->queries : 0;
    if (seen > p->keys) seen = p->keys;
    double largest = -INFINITY, sum = 0;
#ifndef FAULT_SINK
    if (sinks) largest = sinks[head];
#endif
    double score[4096];
    for (size_t key = 0; key < seen; key++) {
      const double addend = mask ? mask[row * p->keys + key] : 0;
      score[key] = -INFINITY;
      if (addend == -INFINITY) continue;
      double z = 0;
      for (size_t i = 0; i < p->head_dim; i++) z += (double)q[row * p->head_dim + i] * keys[key * p->head_dim + i];
      z *= scale;
      if (p->softcap != 0) z = p->softcap * tanh(z / p->softcap);
      score[key] = z + addend;
      if (score[key] > largest) largest = score[key];
    }
#ifndef FAULT_SINK
    if (sinks && largest > -INFINITY) sum = exp(sinks[head] - largest);
#endif
    for (size_t key = 0; key < seen; key++) {
      if (score[key] == -INFINITY) continue;
      score[key] = exp(score[key] - largest);
      sum += score[key];
    }
    for (size_t c = 0; c < p->value_dim; c++) {
      double total = 0;
      for (size_t key = 0; key < seen; key++) {
        if (score[key] != -INFINITY) total += score[key] * values[key * p->value_dim + c];
      }
      o[row * p->value_dim + c] = (float)(total / sum);
    }
    if (lse) lse[row] = (float)(largest + log(sum));
#ifdef FAULT_WRITE
    if (p->queries > 1) ((float *)k)[0] = 1;
#endif
  }
  return 0;
}
