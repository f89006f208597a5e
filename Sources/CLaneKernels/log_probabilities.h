// The log-probabilities of a lane, from its maximum and the logarithm of its sum.

INLINE void LEVEL(log_probabilities_of)(
    const int format, const void *logits, size_t count, double maximum, double log_sum,
    double *values) {
  const doubles top = LEVEL(all)(maximum), shift = LEVEL(all)(log_sum);
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, logits, k, count, maximum, group);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      LEVEL(store)(values + k + 8 * part, (group[part] - top) - shift);
    }
  }
}

static void LEVEL(log_probabilities)(
    int format, const void *logits, size_t count, double maximum, double log_sum, double *values) {
#define CALL(known) LEVEL(log_probabilities_of)(known, logits, count, maximum, log_sum, values)
  FOR_FORMAT(format, CALL)
#undef CALL
}
