// The shifted exponentials of a lane and their sum in binary64, or the sum of those below 1 alone.

// e^d for -200 <= d <= 0.
INLINE doubles LEVEL(exponential)(doubles d) {
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles shifted = LEVEL(multiply_add)(d, LEVEL(all)(0x1.71547652b82fep+0), rounder);
  const doubles k = shifted - rounder;
  const doubles exact = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[0]), d);
  const doubles r = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[1]), exact);
  // In pairs and fours (Estrin): without fused multiply-adds that is faster than one after the
  // other.
  const doubles second = r * r, fourth = second * second, eighth = fourth * fourth;
  doubles terms[6];
#pragma clang loop unroll(full)
  for (int term = 0; term < 5; term++) {
    terms[term] = LEVEL(multiply_add)(
        r, LEVEL(all)(coefficients[2 * term + 1]), LEVEL(all)(coefficients[2 * term]));
  }
  terms[5] = LEVEL(all)(coefficients[10]);
#pragma clang loop unroll(full)
  for (int term = 0; term < 3; term++) {
    terms[term] = LEVEL(multiply_add)(terms[2 * term + 1], second, terms[2 * term]);
  }
  const doubles p = LEVEL(multiply_add)(terms[2], eighth, LEVEL(multiply_add)(terms[1], fourth, terms[0]));
  return (doubles)((integers)p + ((integers)shifted << 52));
}

// With `is_tail` the terms of the largest logits count as 0 in the sum; they are stored where
// `is_kept`.
INLINE lane_sum LEVEL(exponentials_of)(
    const bool is_tail, const bool is_kept, const int format, const void *logits, size_t count,
    const lane_survey *survey, double *terms) {
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-200), least = LEVEL(all)(-__builtin_inf());
  const doubles top = LEVEL(all)(survey->maximum);
  // Nothing to be cut at the floor, and nothing masked.
  const bool is_plain = survey->maximum - survey->minimum <= 200;
  doubles high = zero, low = zero;
  integers ties = LEVEL(all_integers)(0), finite = ties;
  uint64_t plain = 0;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    doubles sums[4] = {zero, zero, zero, zero};
    for (size_t k = 0; k < length; k += LANE_GROUP) {
      doubles group[4];
      double *to = is_kept ? terms + start + k : NULL;
      if (is_plain && k + LANE_GROUP <= length) {
        LEVEL(widen_whole_group)(format, logits, start + k, group);
        plain += LANE_GROUP;
#pragma clang loop unroll(full)
        for (size_t part = 0; part < 4; part++) {
          const doubles d = group[part] - top;
          const integers is_top = d == zero;
          ties -= is_top;
          const doubles e = LEVEL(exponential)(d);
          if (is_kept) LEVEL(store)(to + 8 * part, e);
          sums[part] += is_tail ? (doubles)((integers)e & ~is_top) : e;
        }
        continue;
      }
      LEVEL(widen_group)(format, logits, start + k, count, -__builtin_inf(), group);
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        if (start + k + 8 * part >= count) {
          if (is_kept) LEVEL(store)(to + 8 * part, zero);
          continue;
        }
        const integers is_finite = group[part] > least;
        const doubles d = group[part] - top;
        const integers is_top = d == zero;
        ties -= is_top;
        finite -= is_finite;
        const doubles e = LEVEL(exponential)(LEVEL(larger)(d, floor));
        const doubles term = (doubles)((integers)e & is_finite);
        if (is_kept) LEVEL(store)(to + 8 * part, term);
        sums[part] += is_tail ? (doubles)((integers)term & ~is_top) : term;
      }
    }
    const doubles total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    doubles error;
    TWO_SUM(high, error, high, total);
    low += error;
  }
  lane_sum result;
  const double sum = LEVEL(add_up)(high), rest = LEVEL(add_up)(low);
  result.high = sum + rest;
  result.low = 0;
  result.ties = (uint64_t)LEVEL(count_up)(ties);
  result.finite = plain + (uint64_t)LEVEL(count_up)(finite);
  return result;
}

static lane_sum LEVEL(exponentials)(
    int format, const void *logits, size_t count, const lane_survey *survey, double *terms) {
#define CALL(known) LEVEL(exponentials_of)(false, true, known, logits, count, survey, terms)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static lane_sum LEVEL(tail)(
    int format, const void *logits, size_t count, const lane_survey *survey, double *terms) {
#define CALL(known)                                                                       \
  (terms ? LEVEL(exponentials_of)(true, true, known, logits, count, survey, terms)        \
         : LEVEL(exponentials_of)(true, false, known, logits, count, survey, NULL))
  FOR_FORMAT(format, CALL)
#undef CALL
}

static void LEVEL(multiply)(double *values, size_t count, double factor) {
  const doubles all = LEVEL(all)(factor);
  for (size_t k = 0; k < count; k += 8) LEVEL(store)(values + k, LEVEL(load)(values + k) * all);
}
