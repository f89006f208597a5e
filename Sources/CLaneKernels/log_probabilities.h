// The log-probabilities of a lane, from its maximum and the logarithm of its sum, in binary64 and
// in double-double.

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

INLINE void LEVEL(log_probability_pairs_of)(
    const int format, const void *logits, size_t count, double maximum, lane_pair log_sum,
    double *high, double *low) {
  const doubles top = LEVEL(all)(maximum), masked = LEVEL(all)(-__builtin_inf());
  const doubles shift = LEVEL(all)(log_sum.high), shift_low = LEVEL(all)(log_sum.low);
  const doubles scale = LEVEL(all)(power(LANE_PAIR_SCALE)), limit = LEVEL(all)(LANE_PAIR_LIMIT);
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, logits, k, count, maximum, group);
    for (size_t part = 0; part < 4; part++) {
      doubles distance, rest, sum, error, size, size_low;
      TWO_SUM(distance, rest, top, -group[part]);
      TWO_SUM(sum, error, distance, shift);
      FAST_TWO_SUM(size, size_low, sum, error + (rest + shift_low));
      const integers is_open = ~(distance < limit), is_masked = group[part] == masked;
      size = LEVEL(choose)(is_open, LEVEL(all)(__builtin_nan("")), size * scale);
      size = LEVEL(choose)(is_masked, LEVEL(all)(__builtin_inf()), size);
      LEVEL(store)(high + k + 8 * part, size);
      LEVEL(store)(low + k + 8 * part, (doubles)((integers)(size_low * scale) & ~is_open));
    }
  }
}

static void LEVEL(log_probability_pairs)(
    int format, const void *logits, size_t count, double maximum, lane_pair log_sum, double *high,
    double *low) {
#define CALL(known) \
  LEVEL(log_probability_pairs_of)(known, logits, count, maximum, log_sum, high, low)
  FOR_FORMAT(format, CALL)
#undef CALL
}
