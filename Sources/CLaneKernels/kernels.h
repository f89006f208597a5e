// The kernels of one dispatch level; included once for each. See lane_kernels.h for what they promise.
//
// Vectors have eight elements at every level: two or four registers for a value hide the latency of a chain.

#define INLINE static inline __attribute__((always_inline))

// Added to a number below 2^51 it leaves the nearest integer in the last bits.
#define ROUNDER 0x1.8p52

INLINE doubles LEVEL(load)(const double *from) {
  doubles value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

INLINE void LEVEL(store)(double *to, doubles value) { __builtin_memcpy(to, &value, sizeof value); }

INLINE doubles LEVEL(all)(double value) {
  return (doubles){value, value, value, value, value, value, value, value};
}

INLINE integers LEVEL(all_integers)(int64_t value) {
  return (integers){value, value, value, value, value, value, value, value};
}

INLINE doubles LEVEL(choose)(integers mask, doubles a, doubles b) {
  return (doubles)(((integers)a & mask) | ((integers)b & ~mask));
}

INLINE doubles LEVEL(larger)(doubles a, doubles b) { return LEVEL(choose)(a > b, a, b); }

INLINE doubles LEVEL(smaller)(doubles a, doubles b) { return LEVEL(choose)(a < b, a, b); }

INLINE doubles LEVEL(magnitude)(doubles a) {
  return (doubles)((integers)a & LEVEL(all_integers)(INT64_MAX));
}

INLINE bool LEVEL(any)(integers mask) { return __builtin_reduce_or(mask) != 0; }

// Reductions in a fixed order.
INLINE double LEVEL(add_up)(doubles a) {
  return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

INLINE int64_t LEVEL(count_up)(integers a) {
  return a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7];
}

INLINE double LEVEL(largest)(doubles a) {
  doubles result = LEVEL(larger)(a, __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3));
  result = LEVEL(larger)(result, __builtin_shufflevector(result, result, 2, 3, 0, 1, 6, 7, 4, 5));
  result = LEVEL(larger)(result, __builtin_shufflevector(result, result, 1, 0, 3, 2, 5, 4, 7, 6));
  return result[0];
}

// Eight elements of a format of at most 24 bits as binary32.
INLINE floats LEVEL(narrow_eight)(int format, const void *elements, size_t index) {
  if (format == LANE_FLOAT32) {
    floats value;
    __builtin_memcpy(&value, (const float *)elements + index, sizeof value);
    return value;
  }
#if HAS_F16C
  if (format == LANE_FLOAT16) {
    half_floats half;
    __builtin_memcpy(&half, (const uint16_t *)elements + index, sizeof half);
    return __builtin_convertvector(half, floats);
  }
#endif
  halves half;
  __builtin_memcpy(&half, (const uint16_t *)elements + index, sizeof half);
  const words bits = __builtin_convertvector(half, words);
  if (format == LANE_BFLOAT16) return (floats)(bits << 16);
  // As in widen_float16, by way of binary32.
  const words magnitude = (bits & 0x7FFF) << 13;
  const words normal = magnitude + (UINT32_C(112) << 23);
  const floats small = (floats)(normal + (UINT32_C(1) << 23)) - 0x1p-14f;
  const words is_small = (words)(magnitude < (UINT32_C(1) << 23));
  // The exponent of infinity and NaN is that of binary32.
  const words is_special = (words)(magnitude >= (UINT32_C(31) << 23));
  const words value = (((words)small & is_small) | (normal & ~is_small)) + (is_special & (UINT32_C(112) << 23));
  return (floats)(value | (bits & 0x8000) << 16);
}

// Eight elements of a format as binary64.
INLINE doubles LEVEL(widen_eight)(int format, const void *elements, size_t index) {
  if (format == LANE_FLOAT64) return LEVEL(load)((const double *)elements + index);
  return __builtin_convertvector(LEVEL(narrow_eight)(format, elements, index), doubles);
}

// The elements from `start` as binary64, at most a group, followed by `filler`.
INLINE void LEVEL(widen_group)(
    int format, const void *elements, size_t start, size_t count, double filler, doubles group[4]) {
  if (count - start >= LANE_GROUP) {
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      group[part] = LEVEL(widen_eight)(format, elements, start + 8 * part);
    }
    return;
  }
  for (size_t part = 0; part < 4; part++) {
    const size_t first = start + 8 * part;
    if (first + 8 <= count) {
      group[part] = LEVEL(widen_eight)(format, elements, first);
      continue;
    }
    double padded[8] = {filler, filler, filler, filler, filler, filler, filler, filler};
    for (size_t k = 0; first + k < count; k++) widen_one(format, elements, first + k, padded + k);
    group[part] = LEVEL(load)(padded);
  }
}

// a + b = sum + error, exactly (Knuth).
#define TWO_SUM(sum, error, a, b)                         \
  do {                                                    \
    const doubles a_ = (a), b_ = (b);                     \
    sum = a_ + b_;                                        \
    const doubles part_ = sum - a_;                       \
    error = (a_ - (sum - part_)) + (b_ - part_);          \
  } while (0)

// The same where |a| >= |b| or a is 0 (Dekker).
#define FAST_TWO_SUM(sum, error, a, b) \
  do {                                 \
    const doubles a_ = (a), b_ = (b);  \
    sum = a_ + b_;                     \
    error = b_ - (sum - a_);           \
  } while (0)

// a b = product + error, exactly as long as the error is no smaller than 2^-1022.
INLINE doubles LEVEL(product_error)(doubles a, doubles b, doubles product) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, -product);
#else
  const doubles splitter = LEVEL(all)(0x1p27 + 1);
  const doubles a_scaled = a * splitter, b_scaled = b * splitter;
  const doubles a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  const doubles a_low = a - a_high, b_low = b - b_high;
  return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

// a b + c: one rounding where there is a fused multiply-add, else two.
INLINE doubles LEVEL(multiply_add)(doubles a, doubles b, doubles c) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// What the elements of a lane of narrow floats have shown so far; the signs of words say whether there was such a one.
typedef struct {
  floats maximum, minimum;
  words tiny, nan;
} LEVEL(narrow_survey);

INLINE floats LEVEL(larger_narrow)(floats a, floats b) {
  const words mask = (words)(a > b);
  return (floats)(((words)a & mask) | ((words)b & ~mask));
}

INLINE floats LEVEL(smaller_narrow)(floats a, floats b) {
  const words mask = (words)(a < b);
  return (floats)(((words)a & mask) | ((words)b & ~mask));
}

INLINE void LEVEL(look_at_eight)(floats x, LEVEL(narrow_survey) *seen) {
  seen->maximum = LEVEL(larger_narrow)(x, seen->maximum);
  seen->minimum = LEVEL(smaller_narrow)(x, seen->minimum);
  const words size = (words)x & INT32_MAX;
  // Of 0 both differences are negative.
  seen->tiny |= (size - 1) ^ (size - word_of((float)LANE_TINY));
  seen->nan |= word_of(__builtin_inff()) - size;
}

INLINE lane_survey LEVEL(look_at_narrow)(const int format, const void *logits, size_t count) {
  const float top = __builtin_inff();
  const floats tops = {top, top, top, top, top, top, top, top};
  const words none = {0};
  const LEVEL(narrow_survey) nothing = {-tops, tops, none, none};
  // Four of each: a comparison and a choice take longer than a load.
  LEVEL(narrow_survey) seen[4] = {nothing, nothing, nothing, nothing};
  size_t start = 0;
  for (; start + LANE_GROUP <= count; start += LANE_GROUP) {
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      LEVEL(look_at_eight)(LEVEL(narrow_eight)(format, logits, start + 8 * part), &seen[part]);
    }
  }
  for (; start + 8 <= count; start += 8) {
    LEVEL(look_at_eight)(LEVEL(narrow_eight)(format, logits, start), &seen[0]);
  }
  if (start < count && count >= 8) {
    // Those looked at twice are nothing new.
    LEVEL(look_at_eight)(LEVEL(narrow_eight)(format, logits, count - 8), &seen[0]);
  } else if (start < count) {
    floats last;
    for (size_t k = 0; k < 8; k++) {
      double value;
      widen_one(format, logits, k < count ? k : 0, &value);
      last[k] = (float)value;
    }
    LEVEL(look_at_eight)(last, &seen[0]);
  }
#pragma clang loop unroll(full)
  for (size_t part = 1; part < 4; part++) {
    seen[0].maximum = LEVEL(larger_narrow)(seen[part].maximum, seen[0].maximum);
    seen[0].minimum = LEVEL(smaller_narrow)(seen[part].minimum, seen[0].minimum);
    seen[0].tiny |= seen[part].tiny;
    seen[0].nan |= seen[part].nan;
  }
  const words sign = none + (UINT32_C(1) << 31);
  lane_survey result;
  result.maximum = LEVEL(largest)(__builtin_convertvector(seen[0].maximum, doubles));
  result.minimum = -LEVEL(largest)(-__builtin_convertvector(seen[0].minimum, doubles));
  result.has_tiny = __builtin_reduce_or(seen[0].tiny & sign) != 0;
  result.has_nan = __builtin_reduce_or(seen[0].nan & sign) != 0;
  return result;
}

INLINE lane_survey LEVEL(look_at_wide)(const void *logits, size_t count) {
  const doubles bottom = LEVEL(all)(-__builtin_inf()), top = LEVEL(all)(__builtin_inf());
  doubles maximum[4] = {bottom, bottom, bottom, bottom}, minimum[4] = {top, top, top, top};
  integers nan = LEVEL(all_integers)(0);
  // What fills the last group: the first logit again is nothing new.
  double first = 0;
  if (count > 0) widen_one(LANE_FLOAT64, logits, 0, &first);
  for (size_t start = 0; start < count; start += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(LANE_FLOAT64, logits, start, count, first, group);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      nan |= group[part] != group[part];
      maximum[part] = LEVEL(larger)(group[part], maximum[part]);
      minimum[part] = LEVEL(smaller)(group[part], minimum[part]);
    }
  }
  lane_survey result;
  result.maximum = LEVEL(largest)(LEVEL(larger)(
      LEVEL(larger)(maximum[0], maximum[1]), LEVEL(larger)(maximum[2], maximum[3])));
  result.minimum = -LEVEL(largest)(-LEVEL(smaller)(
      LEVEL(smaller)(minimum[0], minimum[1]), LEVEL(smaller)(minimum[2], minimum[3])));
  result.has_tiny = true;
  result.has_nan = LEVEL(any)(nan);
  return result;
}

static lane_survey LEVEL(look)(int format, const void *logits, size_t count) {
  switch (format) {
    case LANE_FLOAT16: return LEVEL(look_at_narrow)(LANE_FLOAT16, logits, count);
    case LANE_BFLOAT16: return LEVEL(look_at_narrow)(LANE_BFLOAT16, logits, count);
    case LANE_FLOAT32: return LEVEL(look_at_narrow)(LANE_FLOAT32, logits, count);
    default: return LEVEL(look_at_wide)(logits, count);
  }
}

// e^d for -200 <= d <= 0.
INLINE doubles LEVEL(exponential)(doubles d) {
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles shifted = LEVEL(multiply_add)(d, LEVEL(all)(0x1.71547652b82fep+0), rounder);
  const doubles k = shifted - rounder;
  const doubles exact = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[0]), d);
  const doubles r = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[1]), exact);
  // In pairs and fours (Estrin): without fused multiply-adds that is faster than one after the other.
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

INLINE lane_sum LEVEL(exponentials_of)(
    const int format, const void *logits, size_t count, const lane_survey *survey, double *terms) {
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
      LEVEL(widen_group)(format, logits, start + k, count, -__builtin_inf(), group);
      double *to = terms + start + k;
      if (is_plain && k + LANE_GROUP <= length) {
        plain += LANE_GROUP;
#pragma clang loop unroll(full)
        for (size_t part = 0; part < 4; part++) {
          const doubles d = group[part] - top;
          ties -= d == zero;
          const doubles term = LEVEL(exponential)(d);
          LEVEL(store)(to + 8 * part, term);
          sums[part] += term;
        }
        continue;
      }
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        if (start + k + 8 * part >= count) {
          LEVEL(store)(to + 8 * part, zero);
          continue;
        }
        const integers is_finite = group[part] > least;
        const doubles d = group[part] - top;
        ties -= d == zero;
        finite -= is_finite;
        const doubles e = LEVEL(exponential)(LEVEL(larger)(d, floor));
        const doubles term = (doubles)((integers)e & is_finite);
        LEVEL(store)(to + 8 * part, term);
        sums[part] += term;
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
#define CALL(known) LEVEL(exponentials_of)(known, logits, count, survey, terms)
  FOR_FORMAT(format, CALL)
#undef CALL
}

// a b + c - high, for high the rounded a b + c and |a b| <= |c|.
INLINE doubles LEVEL(rest_of)(doubles a, doubles b, doubles c, doubles high) {
#if HAS_FMA
  return LEVEL(multiply_add)(a, b, c - high);
#else
  const doubles product = a * b;
  return (product + (c - high)) + LEVEL(product_error)(a, b, product);
#endif
}

// r v and c + r v in double-double, the latter for |r v| <= |c| and c a number of binary64. Low parts are not normalized.
#define MULTIPLY(high, low, r_high, r_low, v_high, v_low)                                     \
  do {                                                                                        \
    const doubles r_ = (r_high), v_ = (v_high);                                               \
    high = r_ * v_;                                                                           \
    const doubles rest_ = LEVEL(product_error)(r_, v_, high);                                 \
    low = LEVEL(multiply_add)((r_low), v_, LEVEL(multiply_add)(r_, (v_low), rest_));          \
  } while (0)

#define MULTIPLY_ADD(high, low, c, r_high, r_low, v_high, v_low)                              \
  do {                                                                                        \
    const doubles r_ = (r_high), v_ = (v_high), c_ = (c);                                     \
    high = LEVEL(multiply_add)(r_, v_, c_);                                                   \
    const doubles rest_ = LEVEL(rest_of)(r_, v_, c_, high);                                   \
    low = LEVEL(multiply_add)((r_low), v_, LEVEL(multiply_add)(r_, (v_low), rest_));          \
  } while (0)

// e^(d + d_low) 2^LANE_PAIR_SCALE for -800 <= d <= 0.
INLINE void LEVEL(exponential_pair)(doubles d, doubles d_low, doubles *high, doubles *low) {
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles shifted = LEVEL(multiply_add)(d, LEVEL(all)(0x1.71547652b82fep+8), rounder);
  const doubles k = shifted - rounder;
  doubles r = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[2]), d);
  doubles first;
  TWO_SUM(r, first, r, -(k * reduction[3]));
  const doubles rest = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[4]), first + d_low);
  doubles r_low;
  FAST_TWO_SUM(r, r_low, r, rest);

  // e^r = 1 + r (1 + r (1/2 + r (1/6 + r (1/24 + r t)))), t in binary64.
  doubles t = LEVEL(multiply_add)(r, LEVEL(all)(0x1.71de3a556c734p-19), LEVEL(all)(0x1.a01a01a01a01ap-16));
  t = LEVEL(multiply_add)(t, r, LEVEL(all)(0x1.a01a01a01a01ap-13));
  t = LEVEL(multiply_add)(t, r, LEVEL(all)(0x1.6c16c16c16c17p-10));
  t = LEVEL(multiply_add)(t, r, LEVEL(all)(0x1.1111111111111p-7));
  const doubles fourth = LEVEL(all)(0x1.5555555555555p-5);
  doubles v = LEVEL(multiply_add)(r, t, fourth);
  doubles v_low = LEVEL(multiply_add)(r, t, fourth - v) + 0x1.5555555555555p-59;
  MULTIPLY_ADD(v, v_low, LEVEL(all)(0x1.5555555555555p-3), r, r_low, v, v_low);
  v_low += 0x1.5555555555555p-57;
  MULTIPLY_ADD(v, v_low, LEVEL(all)(0.5), r, r_low, v, v_low);
  MULTIPLY_ADD(v, v_low, LEVEL(all)(1), r, r_low, v, v_low);
  doubles s, s_low;
  MULTIPLY(s, s_low, r, r_low, v, v_low);

  // 2^(k/256) = 2^(j/256) 2^q with j the low eight bits of k.
  const integers whole = (integers)shifted;
  doubles table, table_low;
  for (int lane = 0; lane < 8; lane++) {
    const double *entry = power_of_two[whole[lane] & 255];
    table[lane] = entry[0];
    table_low[lane] = entry[1];
  }
  MULTIPLY_ADD(v, v_low, table, table, table_low, s, s_low);
  v_low += table_low;
  // Bits 8 to 19 of the integer, moved to the exponent: the rest of the word is a constant, lost in the shift.
  const integers exponent = (integers)((naturals)whole >> 8 << 52);
  const doubles power_of_k = (doubles)(exponent + LEVEL(all_integers)((int64_t)(1023 + LANE_PAIR_SCALE) << 52));
  *high = v * power_of_k;
  *low = v_low * power_of_k;
}

INLINE lane_sum LEVEL(exponential_pairs_of)(
    const int format, const void *logits, size_t count, const lane_survey *survey, double *high,
    double *low) {
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-800), least = LEVEL(all)(-__builtin_inf());
  const doubles top = LEVEL(all)(survey->maximum);
  const bool is_plain = survey->maximum - survey->minimum <= 800;
  doubles sum = zero, sum_low = zero;
  integers ties = LEVEL(all_integers)(0), finite = ties;
  uint64_t plain = 0;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    doubles sums[4] = {zero, zero, zero, zero}, lows[4] = {zero, zero, zero, zero};
    for (size_t k = 0; k < length; k += LANE_GROUP) {
      doubles group[4];
      LEVEL(widen_group)(format, logits, start + k, count, -__builtin_inf(), group);
      double *to = high + start + k, *to_low = low + start + k;
      const bool is_whole = is_plain && k + LANE_GROUP <= length;
      if (is_whole) plain += LANE_GROUP;
      for (size_t part = 0; part < 4; part++) {
        if (start + k + 8 * part >= count) {
          LEVEL(store)(to + 8 * part, zero);
          LEVEL(store)(to_low + 8 * part, zero);
          continue;
        }
        doubles d, d_low, e, e_low;
        TWO_SUM(d, d_low, group[part], -top);
        ties -= d == zero;
        if (is_whole) {
          LEVEL(exponential_pair)(d, d_low, &e, &e_low);
        } else {
          const integers is_finite = group[part] > least;
          finite -= is_finite;
          // Also where the difference overflows and its error is a NaN.
          const integers is_near = d > floor;
          d = LEVEL(choose)(is_near, d, floor);
          d_low = (doubles)((integers)d_low & is_near);
          LEVEL(exponential_pair)(d, d_low, &e, &e_low);
          e = (doubles)((integers)e & is_finite);
          e_low = (doubles)((integers)e_low & is_finite);
        }
        LEVEL(store)(to + 8 * part, e);
        LEVEL(store)(to_low + 8 * part, e_low);
        doubles error;
        TWO_SUM(sums[part], error, sums[part], e);
        lows[part] += error + e_low;
      }
    }
    doubles half[2], half_low[2], block, block_low, error;
    for (int part = 0; part < 2; part++) {
      TWO_SUM(half[part], error, sums[2 * part], sums[2 * part + 1]);
      half_low[part] = (lows[2 * part] + lows[2 * part + 1]) + error;
    }
    TWO_SUM(block, error, half[0], half[1]);
    block_low = (half_low[0] + half_low[1]) + error;
    FAST_TWO_SUM(block, block_low, block, block_low);
    TWO_SUM(sum, error, sum, block);
    sum_low += error + block_low;
    FAST_TWO_SUM(sum, sum_low, sum, sum_low);
  }
  // The eight elements, one after the other.
  double total = 0, rest = 0;
  for (int lane = 0; lane < 8; lane++) {
    const double next = total + sum[lane];
    const double part = next - total;
    rest += ((total - (next - part)) + (sum[lane] - part)) + sum_low[lane];
    total = next;
  }
  lane_sum result;
  result.high = total + rest;
  result.low = rest - (result.high - total);
  result.high *= power(-LANE_PAIR_SCALE);
  result.low *= power(-LANE_PAIR_SCALE);
  result.ties = (uint64_t)LEVEL(count_up)(ties);
  result.finite = plain + (uint64_t)LEVEL(count_up)(finite);
  return result;
}

static lane_sum LEVEL(exponential_pairs)(
    int format, const void *logits, size_t count, const lane_survey *survey, double *high,
    double *low) {
#define CALL(known) LEVEL(exponential_pairs_of)(known, logits, count, survey, high, low)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static void LEVEL(divide_pairs)(double *high, double *low, size_t count, lane_sum sum) {
  // One Newton step from the rounded reciprocal, with its exact residual.
  const double first = 1 / sum.high;
  const doubles product = LEVEL(all)(first) * LEVEL(all)(sum.high);
  const doubles error = LEVEL(product_error)(LEVEL(all)(first), LEVEL(all)(sum.high), product);
  const double second = first * (((1 - product[0]) - error[0]) - first * sum.low);
  const double reciprocal = first + second;
  const doubles r = LEVEL(all)(reciprocal), r_low = LEVEL(all)(second - (reciprocal - first));
  for (size_t k = 0; k < count; k += 8) {
    const doubles e = LEVEL(load)(high + k), e_low = LEVEL(load)(low + k);
    doubles p, rest, sum_, error_;
    MULTIPLY(p, rest, e, e_low, r, r_low);
    FAST_TWO_SUM(sum_, error_, p, rest);
    LEVEL(store)(high + k, sum_);
    LEVEL(store)(low + k, error_);
  }
}

// What a lane adds up; see lane_tally. Errors are in units of the grid, 2^-40 ulp. Their sums are integers there, each with the
// bits of a rounder for every vector: taken off once for all.
typedef struct {
  doubles squares;
  naturals total, absolute;
  uint64_t vectors;
  // Of common elements of groups that are all common only the number is known.
  uint64_t common;
  integers counted, finite, rounded, faithful;
} LEVEL(lane_sums);

INLINE void LEVEL(settle)(LEVEL(lane_sums) *sums, double uncertainty, lane_tally *tally) {
  const naturals rounders = (naturals)LEVEL(all)(ROUNDER) * sums->vectors;
  const uint64_t common = sums->common + (uint64_t)LEVEL(count_up)(sums->counted);
  tally->finite_pairs += common + (uint64_t)LEVEL(count_up)(sums->finite);
  tally->normal += common;
  tally->correctly_rounded += (uint64_t)LEVEL(count_up)(sums->rounded);
  tally->faithful += (uint64_t)LEVEL(count_up)(sums->faithful);
  add_wide(&tally->signed_low, &tally->signed_high, LEVEL(count_up)((integers)(sums->total - rounders)));
  add_wide(&tally->absolute_low, &tally->absolute_high, LEVEL(count_up)((integers)(sums->absolute - rounders)));
  tally->squares += LEVEL(add_up)(sums->squares);
  tally->uncertainty += (double)common * uncertainty;
  __builtin_memset(sums, 0, sizeof *sums);
}

// What a block adds up. Errors and what bounds them are on the grid, distances are not.
typedef struct {
  doubles largest, distance, sum, sum_low;
  // Bounds of subnormal errors, of zeros apart.
  doubles subnormal, subnormal_zero;
} LEVEL(block_sums);

// How the elements of a lane are judged in groups.
typedef struct {
  double reach;
  doubles scale, least_normal, greatest_subnormal, least_binade;
  integers margin, margin_below, unit_exponent, lowest_edge, no_place;
  uint32_t *octaves;
} LEVEL(judging);

// Judges a group at once, if all its elements are common. Else it counts nothing; bits of what is returned say why.
//
// The probabilities of common elements are away from powers of two, and their errors lie each in one bin of the 32 octaves
// from `octaves` on. All are normal, or with `has_small` positive and on a certain side of the least normal number; subnormal
// ones share the ulp of the least normal binade, and are in no mean and no bin. (Where p is only an upper bound, it is so far
// below an ulp that `reach` is more.)
//
// The signs of normal outputs need not be looked at: one that is not positive errs by at least p, which is 2^(P-1) ulp or
// more, and no octave beyond 2^(P-2) is taken. NaN and infinity are beyond all octaves.
INLINE integers LEVEL(judge_group)(
    const bool is_pair, const bool is_coarse, const bool has_small, const LEVEL(judging) *by,
    const doubles y[4], const doubles p[4], const double *lows, size_t first, uint64_t places[LANE_GROUP],
    LEVEL(lane_sums) *sums, LEVEL(block_sums) *block) {
  const integers none = LEVEL(all_integers)(0), sign = LEVEL(all_integers)(INT64_MIN);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const integers beyond_bin = LEVEL(all_integers)(-(INT64_C(1) << 46));
  const integers beyond_octaves = LEVEL(all_integers)(-(INT64_C(1) << 57));
  const doubles rounder = LEVEL(all)(ROUNDER);
  integers crossing = none, outside = none, close = none, low = none;
  integers bins[4];
  doubles difference[4], binade[4], error[4];
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    const integers bits = (integers)p[part];
    close |= (bits + by->margin) ^ (bits - by->margin_below);
    if (has_small) {
      low |= ((bits - (integers)by->least_normal) ^ (bits - (integers)by->greatest_subnormal)) |
             (bits - 1) | (integers)y[part];
    } else {
      low |= bits - (integers)by->least_normal;
    }
    binade[part] = (doubles)(bits & exponent_mask);
    if (has_small) binade[part] = LEVEL(larger)(binade[part], by->least_binade);
    const doubles units = (doubles)(by->unit_exponent - (integers)binade[part]);
    difference[part] = is_pair ? (y[part] * by->scale - p[part]) - LEVEL(load)(lows + first + 8 * part)
                               : y[part] - p[part];
    error[part] = difference[part] * units;
    const doubles size = LEVEL(magnitude)(error[part]);
    crossing |= (integers)(size - by->reach) ^ (integers)(size + by->reach);
    bins[part] = (integers)size - by->lowest_edge;
    outside |= bins[part];
  }
  const integers wrong = (crossing & beyond_bin) | (outside & beyond_octaves) |
                         (close & exponent_mask) | (low & sign);
  if (LEVEL(any)(wrong)) return wrong;
  sums->common += LANE_GROUP;
  sums->vectors += 4;
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
#pragma clang loop unroll(full)
    for (size_t lane = 0; lane < 8; lane++) by->octaves[places[8 * part + lane]] += 1;
    const doubles size = LEVEL(magnitude)(error[part]);
    doubles kept = error[part], kept_size = size;
    integers place = (integers)((naturals)bins[part] >> 46);
    sums->rounded -= size < GRID / 2;
    integers is_faithful = size < GRID;
    if (is_coarse) {
      integers is_neighbour = (is_pair ? y[part] * by->scale : y[part]) >= binade[part];
      if (has_small) is_neighbour |= p[part] < by->least_normal;
      is_faithful &= is_neighbour;
    }
    sums->faithful -= is_faithful;
    if (has_small) {
      const integers is_small = p[part] < by->least_normal;
      sums->counted += is_small;
      sums->finite -= is_small;
      const integers bound = (integers)(size + by->reach) & is_small;
      const integers is_zero = y[part] == 0;
      block->subnormal = LEVEL(larger)((doubles)(bound & ~is_zero), block->subnormal);
      block->subnormal_zero = LEVEL(larger)((doubles)(bound & is_zero), block->subnormal_zero);
      kept = (doubles)((integers)kept & ~is_small);
      kept_size = (doubles)((integers)kept_size & ~is_small);
      place = (place & ~is_small) | (by->no_place & is_small);
    }
    __builtin_memcpy(places + 8 * part, &place, sizeof place);
    block->largest = LEVEL(larger)(kept_size, block->largest);
    block->distance = LEVEL(larger)(LEVEL(magnitude)(difference[part]), block->distance);
    sums->total += (naturals)(kept + rounder);
    sums->absolute += (naturals)(kept_size + rounder);
    sums->squares = LEVEL(multiply_add)(kept_size, kept_size, sums->squares);
  }
  return none;
}

// A group of outputs and their probabilities.
INLINE void LEVEL(group_at)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t start, size_t count, doubles y[4], doubles p[4]) {
  // -0 adds nothing to a sum, and is left to `judge`, which does not see what is beyond the lane.
  LEVEL(widen_group)(format, outputs, start, count, -0.0, y);
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    p[part] = LEVEL(load)(reference->high + start + 8 * part);
    if (!is_pair) p[part] *= reference->factor;
  }
}

INLINE void LEVEL(add_group)(const bool is_pair, const doubles y[4], LEVEL(block_sums) *block) {
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    if (is_pair) {
      doubles rest;
      TWO_SUM(block->sum, rest, block->sum, y[part]);
      block->sum_low += rest;
    } else {
      block->sum += y[part];
    }
  }
}

// The comparison. One source for probabilities in binary64 and in double-double; `is_pair` and `format` are constants in
// each. Groups are judged at once where their elements are common, and element by element where they are not.
INLINE lane_tally LEVEL(measure)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t count, const lane_output *output) {
  const doubles zero = LEVEL(all)(0);
  const integers none = LEVEL(all_integers)(0);
  const doubles relative = LEVEL(all)(reference->relative_error);
  // p in ulp is below 2^P; the grid of tiny errors adds half a unit at each end of the enclosure.
  const double absolute = reference->relative_error * power(reference->precision);
  // Of errors up to 2^11 those of 15 blocks sum to less than 2^63 on the grid.
  const int top_octave = reference->precision - 2 < 11 ? reference->precision - 2 : 11;
  // How far an error can be off: by p's bound, by half a unit of the grid of tiny errors at each end, and by the roundings
  // of the difference and of the ends, which are no larger than errors are here.
  const double reach = (absolute + 0x1p-40 + power(top_octave - 49)) * GRID;
  const int least_exponent = reference->least_exponent + (is_pair ? LANE_PAIR_SCALE : 0);
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const integers mantissa_mask = LEVEL(all_integers)((INT64_C(1) << 52) - 1);
  // How near to a power of two p must not be, in units of its last place; a pair is that near only where its high part
  // is the power itself.
  const int64_t near = is_pair ? 0 : (int64_t)(reference->relative_error * 0x1p53) + 4;
  // An output of the binade below p is no neighbour of p, but can be within an ulp where p is within an ulp of the power of
  // two between them. Formats of few bits have too many such p to leave them to the uncommon.
  const bool is_coarse = format == LANE_FLOAT16 || format == LANE_BFLOAT16;
  uint32_t *const octaves = output->bins + 1 + ((int64_t)(1023 + top_octave - 32) << 6) - FIRST_BIN;
  const integers no_bin = {LANE_BINS,     LANE_BINS + 1, LANE_BINS + 2, LANE_BINS + 3,
                           LANE_BINS + 4, LANE_BINS + 5, LANE_BINS + 6, LANE_BINS + 7};
  const LEVEL(judging) by = {
      .reach = reach,
      .scale = LEVEL(all)(power(LANE_PAIR_SCALE)),
      // Far enough from the least normal number that its side of it is certain.
      .least_normal = LEVEL(all)(power(least_exponent) * (1 + 0x1p-30)),
      .greatest_subnormal = LEVEL(all)(power(least_exponent) * (1 - 0x1p-30)),
      .least_binade = LEVEL(all)(power(least_exponent)),
      .margin = LEVEL(all_integers)(near),
      .margin_below =
          LEVEL(all_integers)(near + (is_coarse ? 1 : INT64_C(1) << 53 >> reference->precision)),
      .unit_exponent = LEVEL(all_integers)(
          (int64_t)((uint64_t)(2 * 1023 + reference->precision - 1 + GRID_EXPONENT) << 52)),
      .lowest_edge =
          LEVEL(all_integers)((int64_t)(1023 + top_octave - 32 + GRID_EXPONENT) << 52),
      .no_place = no_bin - (octaves - output->bins),
      .octaves = octaves};
  const doubles least_normal = by.least_normal, least_binade = by.least_binade, scale = by.scale;
  const integers twice_margin = LEVEL(all_integers)(2 * near);
  const doubles limit = LEVEL(all)(power(top_octave) * GRID);
  const integers bin_offset = LEVEL(all_integers)(FIRST_BIN + (GRID_EXPONENT << 6) - 1);
  const doubles rounder = LEVEL(all)(ROUNDER);

  // The bins of the last common group, counted along with the next: in the time of its arithmetic, and not after it.
  uint64_t places[LANE_GROUP];
  for (size_t part = 0; part < 4; part++) __builtin_memcpy(places + 8 * part, &by.no_place, sizeof by.no_place);
  const double uncertainty = absolute * GRID + 1;
  LEVEL(lane_sums) sums;
  __builtin_memset(&sums, 0, sizeof sums);
  lane_tally tally;
  __builtin_memset(&tally, 0, sizeof tally);
  doubles outputs_high = zero, outputs_low = zero;
  // How many groups are taken with subnormal values, after one that had some, and how many element by element, after one
  // with many that were not common even so: neighbours are seldom different.
  int groups_with_small = 0, doubtful_groups = 0;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    lane_maxima maxima = {0, 0, 0, 0};
    LEVEL(block_sums) block = {zero, zero, zero, zero, zero, zero};
    bool is_common = true;
    for (size_t k = 0; k < length; k += LANE_GROUP) {
      doubles y[4], p[4];
      if (groups_with_small == 0 && doubtful_groups == 0) {
        // A loop of its own: what follows would take registers from it.
        for (; k + LANE_GROUP <= length; k += LANE_GROUP) {
          LEVEL(group_at)(is_pair, format, reference, outputs, start + k, count, y, p);
          const integers wrong = LEVEL(judge_group)(
              is_pair, is_coarse, false, &by, y, p, reference->low, start + k, places, &sums, &block);
          if (__builtin_expect(LEVEL(any)(wrong), 0)) break;
          LEVEL(add_group)(is_pair, y, &block);
        }
        if (k >= length) break;
        if (k + LANE_GROUP <= length) groups_with_small = 4;
      }
      is_common = false;
      LEVEL(group_at)(is_pair, format, reference, outputs, start + k, count, y, p);
      LEVEL(add_group)(is_pair, y, &block);
      if (doubtful_groups > 0) {
        doubtful_groups -= 1;
      } else if (k + LANE_GROUP <= length) {
        groups_with_small -= 1;
        const integers wrong = LEVEL(judge_group)(
            is_pair, is_coarse, true, &by, y, p, reference->low, start + k, places, &sums, &block);
        if (!LEVEL(any)(wrong)) continue;
        groups_with_small = 0;
        // One element out of the common says nothing about others; several do.
        doubtful_groups = LEVEL(count_up)(wrong != none) < -2 ? 3 : 0;
      }
      // The same where not every element is common: subnormal values, which are in no mean, and masked ones. Subnormal
      // values share the ulp of the least normal binade. A pair at a power of two is left to `judge`.
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        const size_t first = start + k + 8 * part;
        if (first >= count) break;
        const doubles p_low = is_pair ? LEVEL(load)(reference->low + first) : zero;
        const doubles scaled = is_pair ? y[part] * scale : y[part];
        const doubles own_binade =
            LEVEL(larger)((doubles)((integers)p[part] & exponent_mask), least_binade);
        const doubles units = (doubles)(by.unit_exponent - (integers)own_binade);
        const doubles away = is_pair ? (scaled - p[part]) - p_low : scaled - p[part];
        const doubles own_error = away * units;
        const doubles size = LEVEL(magnitude)(own_error);
        const doubles least = size - reach, most = size + reach;
        // The bins have edges at 1/2 and 1: what lies in one bin lies on one side of them. Of tiny errors `judge` finds out
        // whether they are certain on the grid. NaN, infinity and large errors fail the comparison of sizes.
        const integers place = ((integers)p[part] + by.margin) & mantissa_mask;
        const integers is_one_bin = ((naturals)least >> 46) == ((naturals)most >> 46);
        const integers is_number = (size < limit) & ((integers)y[part] >= none);
        const integers is_normal =
            (p[part] > least_normal) & (place > twice_margin) & (least > GRID * 0x1p-16);
        const integers counted = is_number & is_normal & is_one_bin;
        const integers is_small = p[part] < by.greatest_subnormal;
        const integers small = is_number & is_small & (is_one_bin | (size < GRID / 4)) &
                               ((p[part] > zero) | (y[part] == zero));
        const integers plain = counted | small;
        sums.counted -= counted;
        sums.finite -= small;
        sums.rounded -= plain & (size < GRID / 2);
        sums.faithful -= plain & (size < GRID) & ((scaled >= own_binade) | is_small);
        block.largest = LEVEL(larger)((doubles)((integers)size & counted), block.largest);
        block.distance = LEVEL(larger)(
            LEVEL(magnitude)((doubles)((integers)away & plain)), block.distance);
        const doubles uncertain =
            LEVEL(choose)(p[part] < vanishing, p[part], p[part] * relative);
        // Positive, however small, unless p is 0.
        const doubles bound = (doubles)(
            (integers)(size + (size * 0x1p-49 + uncertain * units) + GRID * 0x1p-1022) & small &
            (p[part] > zero));
        const integers is_zero = y[part] == zero;
        block.subnormal =
            LEVEL(larger)((doubles)((integers)bound & ~is_zero), block.subnormal);
        block.subnormal_zero =
            LEVEL(larger)((doubles)((integers)bound & is_zero), block.subnormal_zero);
        const doubles kept = (doubles)((integers)own_error & counted);
        const doubles kept_size = LEVEL(magnitude)(kept);
        sums.vectors += 1;
        sums.total += (naturals)(kept + rounder);
        sums.absolute += (naturals)(kept_size + rounder);
        sums.squares = LEVEL(multiply_add)(kept_size, kept_size, sums.squares);
        const integers bin =
            (((integers)((naturals)size >> 46) - bin_offset) & counted) | (no_bin & ~counted);
        int64_t bins[8];
        __builtin_memcpy(bins, &bin, sizeof bins);
        for (int lane = 0; lane < 8; lane++) output->bins[bins[lane]] += 1;
        if (LEVEL(any)(~plain)) {
          int64_t decided[8];
          __builtin_memcpy(decided, &plain, sizeof decided);
          for (size_t lane = 0; lane < 8 && first + lane < count; lane++) {
            if (decided[lane]) continue;
            tally_one(
                reference, y[part][lane], p[part][lane], p_low[lane], first + lane, output, &maxima,
                &tally);
          }
        }
      }
    }
    if (sums.vectors > 14 * LANE_BLOCK / 8) LEVEL(settle)(&sums, uncertainty, &tally);
    const double largest = LEVEL(largest)(block.largest);
    if (largest > 0) {
      raise_to(&maxima.normal, (largest + reach) / GRID * (1 + 0x1p-48));
    }
    if (!is_common) {
      raise_to(&maxima.subnormal, LEVEL(largest)(block.subnormal) / GRID);
      raise_to(&maxima.subnormal_zero, LEVEL(largest)(block.subnormal_zero) / GRID);
      maxima.subnormal *= 1 + 0x1p-48;
      maxima.subnormal_zero *= 1 + 0x1p-48;
    }
    // No probability exceeds that of the maximum, nor its error.
    raise_to(
        &maxima.distance,
        (LEVEL(largest)(block.distance) + reference->relative_error * reference->greatest) *
            (1 + 0x1p-48));
    output->maxima[start / LANE_BLOCK] = maxima;
    doubles rest;
    TWO_SUM(outputs_high, rest, outputs_high, block.sum);
    outputs_low += rest + block.sum_low;
    if (is_pair) FAST_TWO_SUM(outputs_high, outputs_low, outputs_high, outputs_low);
  }
  for (size_t place = 0; place < LANE_GROUP; place++) octaves[places[place]] += 1;
  LEVEL(settle)(&sums, uncertainty, &tally);
  double sum = 0, rest = 0;
  for (int lane = 0; lane < 8; lane++) {
    rest += add_to(&sum, outputs_high[lane]) + outputs_low[lane];
  }
  tally.sum_high = sum;
  tally.sum_low = rest;
  return tally;
}

static lane_tally LEVEL(measure_singles)(
    const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output) {
#define CALL(known) LEVEL(measure)(false, known, reference, outputs, count, output)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static lane_tally LEVEL(measure_pairs)(
    const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output) {
#define CALL(known) LEVEL(measure)(true, known, reference, outputs, count, output)
  FOR_FORMAT(format, CALL)
#undef CALL
}

INLINE void LEVEL(ratios_of)(
    const int format, const lane_reference *reference, const void *outputs, const double *bounds,
    size_t count, double *maxima) {
  const bool is_pair = reference->low != NULL;
  const doubles zero = LEVEL(all)(0);
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const doubles relative = LEVEL(all)(reference->relative_error);
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const doubles huge = LEVEL(all)(0x1p500);
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    doubles largest = zero;
    for (size_t k = start; k < start + length; k += LANE_GROUP) {
      doubles group[4], limits[4];
      LEVEL(widen_group)(format, outputs, k, count, 0, group);
      LEVEL(widen_group)(LANE_FLOAT64, bounds, k, count, 1, limits);
      for (size_t part = 0; part < 4; part++) {
        const doubles y = group[part] * scale;
        // Scaled it must stay finite; a smaller bound only raises the ratio.
        const doubles limit = LEVEL(smaller)(limits[part], huge) * scale;
        const doubles p = LEVEL(load)(reference->high + k + 8 * part) * reference->factor;
        const doubles p_low = is_pair ? LEVEL(load)(reference->low + k + 8 * part) : zero;
        const doubles uncertain = LEVEL(choose)(p < vanishing, p, p * relative);
        const doubles distance = LEVEL(magnitude)((y - p) - p_low) + uncertain;
        const integers is_pair_of_numbers = (y >= zero) & (y < __builtin_inf()) & (p > zero);
        const doubles ratio =
            (doubles)((integers)(distance / limit + 0x1p-1000) & is_pair_of_numbers);
        largest = LEVEL(larger)(ratio, largest);
      }
    }
    maxima[start / LANE_BLOCK] = LEVEL(largest)(largest) * (1 + 0x1p-40);
  }
}

static void LEVEL(ratios)(
    const lane_reference *reference, int format, const void *outputs, const double *bounds,
    size_t count, double *maxima) {
#define CALL(known) LEVEL(ratios_of)(known, reference, outputs, bounds, count, maxima)
  FOR_FORMAT(format, CALL)
#undef CALL
}

INLINE lane_total LEVEL(add_of)(const int format, const void *outputs, size_t count) {
  const doubles zero = LEVEL(all)(0);
  doubles sums[4] = {zero, zero, zero, zero}, lows[4] = {zero, zero, zero, zero};
  integers inexact = LEVEL(all_integers)(0);
  for (size_t start = 0; start < count; start += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, outputs, start, count, 0, group);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      doubles error;
      TWO_SUM(sums[part], error, sums[part], group[part]);
      lows[part] += error;
      inexact |= error != zero;
    }
  }
  lane_total result = {0, 0, !LEVEL(any)(inexact)};
  for (size_t part = 0; part < 4; part++) {
    for (int lane = 0; lane < 8; lane++) {
      const double error = add_to(&result.high, sums[part][lane]);
      result.is_exact &= error == 0;
      result.low += error + lows[part][lane];
    }
  }
  return result;
}

static lane_total LEVEL(add)(int format, const void *outputs, size_t count) {
#define CALL(known) LEVEL(add_of)(known, outputs, count)
  FOR_FORMAT(format, CALL)
#undef CALL
}

#undef INLINE
#undef ROUNDER
#undef TWO_SUM
#undef FAST_TWO_SUM
#undef MULTIPLY
#undef MULTIPLY_ADD
