// The kernels of one dispatch level; included once for each. See lane_kernels.h for what they promise.
//
// Vectors have eight elements at every level: two or four registers for a value hide the latency of a chain.

#define INLINE static inline __attribute__((always_inline))

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
  double result = a[0];
  for (int k = 1; k < 8; k++) result = a[k] > result ? a[k] : result;
  return result;
}

// The elements from `start` as binary64, at most a block, followed by `filler` up to a multiple of a group.
//
// Eight at a time where they are: the compiler's own choice of width would store halves of what is loaded next.
INLINE size_t LEVEL(widen)(
    int format, const void *elements, size_t start, size_t count, double filler, double *block) {
  const size_t length = count - start < LANE_BLOCK ? count - start : LANE_BLOCK;
  const size_t whole = length / 8 * 8;
  size_t end = 0;
  switch (format) {
    case LANE_FLOAT16:
      for (const uint16_t *from = (const uint16_t *)elements + start; end < whole; end += 8) {
        halves half;
        __builtin_memcpy(&half, from + end, sizeof half);
        const naturals bits = __builtin_convertvector(half, naturals);
        const naturals magnitude = (bits & 0x7FFF) << 42;
        const naturals rebiased = magnitude + (UINT64_C(1008) << 52);
        // As in widen_float16: subnormal numbers have an exponent too many.
        const doubles small = (doubles)(rebiased + (UINT64_C(1) << 52)) - 0x1p-14;
        const integers is_small = magnitude < (UINT64_C(1) << 52);
        const integers is_special = magnitude >= (UINT64_C(31) << 52);
        const doubles special = (doubles)(magnitude | (UINT64_C(0x7FF) << 52));
        const doubles value = LEVEL(choose)(
            is_small, small, LEVEL(choose)(is_special, special, (doubles)rebiased));
        LEVEL(store)(block + end, (doubles)((naturals)value | (bits & 0x8000) << 48));
      }
      break;
    case LANE_BFLOAT16:
      for (const uint16_t *from = (const uint16_t *)elements + start; end < whole; end += 8) {
        halves half;
        __builtin_memcpy(&half, from + end, sizeof half);
        const floats value = (floats)(__builtin_convertvector(half, words) << 16);
        LEVEL(store)(block + end, __builtin_convertvector(value, doubles));
      }
      break;
    case LANE_FLOAT32:
      for (const float *from = (const float *)elements + start; end < whole; end += 8) {
        floats value;
        __builtin_memcpy(&value, from + end, sizeof value);
        LEVEL(store)(block + end, __builtin_convertvector(value, doubles));
      }
      break;
    default:
      for (const double *from = (const double *)elements + start; end < whole; end += 8) {
        LEVEL(store)(block + end, LEVEL(load)(from + end));
      }
  }
  for (; end < length; end++) widen_one(format, elements, start + end, block + end);
  while (end % LANE_GROUP != 0) block[end++] = filler;
  return length;
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

static lane_survey LEVEL(look)(int format, const void *logits, size_t count) {
  double block[LANE_BLOCK];
  const doubles bottom = LEVEL(all)(-__builtin_inf()), top = LEVEL(all)(__builtin_inf());
  // Four of each: a comparison and a choice take longer than a load.
  doubles maximum[4] = {bottom, bottom, bottom, bottom}, least[4] = {top, top, top, top};
  integers nan = LEVEL(all_integers)(0);
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = LEVEL(widen)(format, logits, start, count, -__builtin_inf(), block);
    for (size_t k = 0; k < length; k += LANE_GROUP) {
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        const doubles x = LEVEL(load)(block + k + 8 * part);
        nan |= x != x;
        maximum[part] = LEVEL(larger)(x, maximum[part]);
        const doubles size = LEVEL(magnitude)(x);
        const integers smaller = (size < least[part]) & (size > 0);
        least[part] = LEVEL(choose)(smaller, size, least[part]);
      }
    }
  }
  lane_survey result;
  result.maximum = LEVEL(largest)(LEVEL(larger)(
      LEVEL(larger)(maximum[0], maximum[1]), LEVEL(larger)(maximum[2], maximum[3])));
  result.least_magnitude = -LEVEL(largest)(LEVEL(larger)(
      LEVEL(larger)(-least[0], -least[1]), LEVEL(larger)(-least[2], -least[3])));
  result.has_nan = LEVEL(any)(nan);
  return result;
}

// e^d for -200 <= d <= 0.
INLINE doubles LEVEL(exponential)(doubles d) {
  const doubles rounder = LEVEL(all)(0x1.8p52);
  const doubles shifted = d * 0x1.71547652b82fep+0 + rounder;
  const doubles k = shifted - rounder;
  const doubles r = (d - k * reduction[0]) - k * reduction[1];
  doubles p = r * coefficients[11] + coefficients[10];
  p = p * r + coefficients[9];
  p = p * r + coefficients[8];
  p = p * r + coefficients[7];
  p = p * r + coefficients[6];
  p = p * r + coefficients[5];
  p = p * r + coefficients[4];
  p = p * r + coefficients[3];
  p = p * r + coefficients[2];
  p = p * r + coefficients[1];
  p = p * r + coefficients[0];
  return (doubles)((integers)p + ((integers)shifted << 52));
}

static lane_sum LEVEL(exponentials)(
    int format, const void *logits, size_t count, double maximum, double *terms) {
  double block[LANE_BLOCK];
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-200), least = LEVEL(all)(-__builtin_inf());
  doubles high = zero, low = zero;
  integers ties = LEVEL(all_integers)(0), finite = ties;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = LEVEL(widen)(format, logits, start, count, -__builtin_inf(), block);
    doubles sums[4] = {zero, zero, zero, zero};
    for (size_t k = 0; k < length; k += LANE_GROUP) {
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        const doubles x = LEVEL(load)(block + k + 8 * part);
        const integers is_finite = x > least;
        const doubles d = x - maximum;
        ties -= d == zero;
        finite -= is_finite;
        const doubles e = LEVEL(exponential)(LEVEL(larger)(d, floor));
        const doubles term = (doubles)((integers)e & is_finite);
        LEVEL(store)(terms + start + k + 8 * part, term);
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
  result.finite = (uint64_t)LEVEL(count_up)(finite);
  return result;
}

// c + r v in double-double, for |r v| <= |c|; the low part is not normalized beyond one step.
#define MULTIPLY_ADD(high, low, c_high, c_low, r_high, r_low, v_high, v_low)                      \
  do {                                                                                            \
    const doubles product_ = (r_high) * (v_high);                                                 \
    const doubles rest_ = LEVEL(product_error)((r_high), (v_high), product_) +                    \
                          ((r_high) * (v_low) + (r_low) * (v_high));                              \
    doubles error_;                                                                               \
    doubles sum_;                                                                                 \
    FAST_TWO_SUM(sum_, error_, (c_high), product_);                                               \
    low = (error_ + rest_) + (c_low);                                                             \
    high = sum_;                                                                                  \
  } while (0)

// e^(d + d_low) 2^LANE_PAIR_SCALE for -800 <= d <= 0.
INLINE void LEVEL(exponential_pair)(doubles d, doubles d_low, doubles *high, doubles *low) {
  const doubles rounder = LEVEL(all)(0x1.8p52);
  const doubles shifted = d * 0x1.71547652b82fep+8 + rounder;
  const doubles k = shifted - rounder;
  doubles r = d - k * reduction[2];
  doubles first, second;
  TWO_SUM(r, first, r, -(k * reduction[3]));
  TWO_SUM(r, second, r, d_low);
  const doubles rest = (first + second) - k * reduction[4];
  doubles r_low;
  FAST_TWO_SUM(r, r_low, r, rest);

  // e^r = 1 + r (1 + r (1/2 + r (1/6 + r (1/24 + r t)))), t in binary64.
  doubles t = r * 0x1.71de3a556c734p-19 + 0x1.a01a01a01a01ap-16;
  t = t * r + 0x1.a01a01a01a01ap-13;
  t = t * r + 0x1.6c16c16c16c17p-10;
  t = t * r + 0x1.1111111111111p-7;
  const doubles fourth = LEVEL(all)(0x1.5555555555555p-5);
  const doubles term = r * t;
  doubles v, v_low, error;
  FAST_TWO_SUM(v, error, fourth, term);
  v_low = error + 0x1.5555555555555p-59;
  MULTIPLY_ADD(v, v_low, LEVEL(all)(0x1.5555555555555p-3), 0x1.5555555555555p-57, r, r_low, v, v_low);
  MULTIPLY_ADD(v, v_low, LEVEL(all)(0.5), 0.0, r, r_low, v, v_low);
  MULTIPLY_ADD(v, v_low, LEVEL(all)(1), 0.0, r, r_low, v, v_low);
  const doubles s = r * v;
  const doubles s_low = LEVEL(product_error)(r, v, s) + (r * v_low + r_low * v);

  // 2^(k/256) = 2^(j/256) 2^q with j the low eight bits of k.
  const integers whole = (integers)shifted;
  doubles table, table_low;
  for (int lane = 0; lane < 8; lane++) {
    const double *entry = power_of_two[whole[lane] & 255];
    table[lane] = entry[0];
    table_low[lane] = entry[1];
  }
  MULTIPLY_ADD(v, v_low, table, table_low, table, table_low, s, s_low);
  FAST_TWO_SUM(v, v_low, v, v_low);
  // Bits 8 to 19 of the integer, moved to the exponent: the rest of the word is a constant, lost in the shift.
  const integers exponent = (integers)((naturals)whole >> 8 << 52);
  const doubles power_of_k = (doubles)(exponent + LEVEL(all_integers)((int64_t)(1023 + LANE_PAIR_SCALE) << 52));
  *high = v * power_of_k;
  *low = v_low * power_of_k;
}

static lane_sum LEVEL(exponential_pairs)(
    int format, const void *logits, size_t count, double maximum, double *high, double *low) {
  double block[LANE_BLOCK];
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-800), least = LEVEL(all)(-__builtin_inf());
  const doubles top = LEVEL(all)(maximum);
  doubles sum = zero, sum_low = zero;
  integers ties = LEVEL(all_integers)(0), finite = ties;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = LEVEL(widen)(format, logits, start, count, -__builtin_inf(), block);
    doubles sums[4] = {zero, zero, zero, zero}, lows[4] = {zero, zero, zero, zero};
    for (size_t k = 0; k < length; k += LANE_GROUP) {
      for (size_t part = 0; part < 4; part++) {
        const doubles x = LEVEL(load)(block + k + 8 * part);
        const integers is_finite = x > least;
        doubles d, d_low;
        TWO_SUM(d, d_low, x, -top);
        ties -= d == zero;
        finite -= is_finite;
        // Also where the difference overflows and its error is a NaN.
        const integers is_near = d > floor;
        d = LEVEL(choose)(is_near, d, floor);
        d_low = (doubles)((integers)d_low & is_near);
        doubles e, e_low;
        LEVEL(exponential_pair)(d, d_low, &e, &e_low);
        e = (doubles)((integers)e & is_finite);
        e_low = (doubles)((integers)e_low & is_finite);
        LEVEL(store)(high + start + k + 8 * part, e);
        LEVEL(store)(low + start + k + 8 * part, e_low);
        doubles error;
        TWO_SUM(sums[part], error, sums[part], e);
        lows[part] += error + e_low;
      }
    }
    for (int part = 0; part < 4; part++) {
      doubles error;
      TWO_SUM(sum, error, sum, sums[part]);
      sum_low += error + lows[part];
    }
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
  result.finite = (uint64_t)LEVEL(count_up)(finite);
  return result;
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
    const doubles p = e * r;
    const doubles rest = LEVEL(product_error)(e, r, p) + (e * r_low + e_low * r);
    doubles sum_, error_;
    FAST_TWO_SUM(sum_, error_, p, rest);
    LEVEL(store)(high + k, sum_);
    LEVEL(store)(low + k, error_);
  }
}

// The comparison. One source for probabilities in binary64 and in double-double; `is_pair` is a constant in each.
INLINE lane_tally LEVEL(measure)(
    const bool is_pair, const lane_reference *reference, int format, const void *outputs,
    size_t count, const lane_output *output) {
  double block[LANE_BLOCK];
  int64_t bins[8];
  const doubles zero = LEVEL(all)(0);
  const integers none = LEVEL(all_integers)(0);
  const doubles factor = LEVEL(all)(reference->factor);
  const doubles scale = LEVEL(all)(power(LANE_PAIR_SCALE));
  const doubles relative = LEVEL(all)(reference->relative_error);
  // p in ulp is below 2^P; the grid adds half a unit at each end of the enclosure.
  const double absolute = reference->relative_error * power(reference->precision);
  const doubles slack = LEVEL(all)(absolute + 0x1p-40);
  const int least_exponent = reference->least_exponent + (is_pair ? LANE_PAIR_SCALE : 0);
  // Far enough above the least normal number that its side of it is certain.
  const doubles least_normal = LEVEL(all)(power(least_exponent) * (1 + 0x1p-30));
  const doubles greatest_subnormal = LEVEL(all)(power(least_exponent) * (1 - 0x1p-30));
  const doubles least_binade = LEVEL(all)(power(least_exponent));
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const integers mantissa_mask = LEVEL(all_integers)((INT64_C(1) << 52) - 1);
  // How near to a power of two p must not be, in units of its last place; a pair is that near only where its high part
  // is the power itself.
  const int64_t margin = is_pair ? 0 : (int64_t)(reference->relative_error * 0x1p53) + 4;
  const integers unit_exponent =
      LEVEL(all_integers)((int64_t)(2 * 1023 + reference->precision - 1) << 52);
  const doubles rounder = LEVEL(all)(0x1.8p52);
  const integers rounder_bits = (integers)rounder;
  const integers bin_offset = LEVEL(all_integers)(FIRST_BIN - 1);
  const integers no_bin = LEVEL(all_integers)(LANE_BINS);

  lane_tally tally;
  __builtin_memset(&tally, 0, sizeof tally);
  doubles outputs_high = zero, outputs_low = zero;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    // -0 adds nothing to a sum, and is left to `judge`, which does not see what is beyond the lane.
    const size_t length = LEVEL(widen)(format, outputs, start, count, -0.0, block);
    lane_maxima maxima = {0, 0, 0, 0};
    integers finite = none, common = none, rounded = none, faithful = none;
    integers total = none, absolute_total = none;
    doubles squares = zero, largest = zero, distance = zero, sum = zero, sum_low = zero;
    for (size_t k = 0; k < length; k += 8) {
      const doubles y = LEVEL(load)(block + k);
      if (is_pair) {
        doubles error;
        TWO_SUM(sum, error, sum, y);
        sum_low += error;
      } else {
        sum += y;
      }
      const doubles p = is_pair ? LEVEL(load)(reference->high + start + k)
                                : LEVEL(load)(reference->high + start + k) * factor;
      const doubles p_low = is_pair ? LEVEL(load)(reference->low + start + k) : zero;
      const doubles scaled = is_pair ? y * scale : y;

      // Subnormal values share the ulp of the least normal binade. A pair at a power of two is left to `judge`.
      const doubles binade = LEVEL(larger)((doubles)((integers)p & exponent_mask), least_binade);
      const doubles units = (doubles)(unit_exponent - (integers)binade);
      const doubles difference = is_pair ? (scaled - p) - p_low : scaled - p;
      const doubles error = difference * units;
      const doubles size = LEVEL(magnitude)(error);
      const doubles reach = slack + size * 0x1p-49;
      const doubles least = size - reach, most = size + reach;

      // The bins have edges at 1/2 and 1: what lies in one bin lies on one side of them. Of tiny errors `judge` finds out
      // whether they are certain on the grid. NaN, infinity and large errors fail the comparison of sizes.
      const integers place = ((integers)p + LEVEL(all_integers)(margin)) & mantissa_mask;
      const naturals bits = (naturals)size >> 46;
      const integers is_one_bin = ((naturals)least >> 46) == ((naturals)most >> 46);
      const integers is_number = (size < 0x1p11) & ((integers)y >= none);
      const integers is_normal =
          (p > least_normal) & (place > LEVEL(all_integers)(2 * margin)) & (least > 0x1p-16);
      const integers counted = is_number & is_normal & is_one_bin;
      const doubles away = LEVEL(magnitude)(difference);
      if (__builtin_expect(!LEVEL(any)(~counted), 1)) {
        common -= counted;
        rounded -= size < 0.5;
        faithful -= (size < 1.0) & (scaled >= binade);
        largest = LEVEL(larger)(most, largest);
        distance = LEVEL(larger)(away, distance);
        total += (integers)(error * 0x1p40 + rounder) - rounder_bits;
        const doubles on_grid = size * 0x1p40 + rounder;
        absolute_total += (integers)on_grid - rounder_bits;
        const doubles whole = on_grid - rounder;
        squares += whole * whole;
        const integers bin = (integers)bits - bin_offset;
        __builtin_memcpy(bins, &bin, sizeof bins);
#pragma clang loop unroll(full)
        for (int lane = 0; lane < 8; lane++) output->bins[bins[lane]] += 1;
        continue;
      }
      // The same where not every element is common: subnormal values, which are in no mean, and masked ones.
      const integers is_small = p < greatest_subnormal;
      const integers small = is_number & is_small & (is_one_bin | (size < 0.25)) &
                             ((p > zero) | (y == zero));
      const integers plain = counted | small;
      common -= counted;
      finite -= small;
      rounded -= plain & (size < 0.5);
      faithful -= plain & (size < 1.0) & ((scaled >= binade) | is_small);
      largest = LEVEL(larger)((doubles)((integers)most & counted), largest);
      distance = LEVEL(larger)((doubles)((integers)away & plain), distance);
      const doubles uncertain = LEVEL(choose)(p < vanishing, p, p * relative);
      // Positive, however small, unless p is 0.
      const doubles bound = (doubles)(
          (integers)(size + (size * 0x1p-49 + uncertain * units) + 0x1p-1022) & small & (p > zero));
      const integers is_zero = y == zero;
      raise_to(&maxima.subnormal, LEVEL(largest)((doubles)((integers)bound & ~is_zero)));
      raise_to(&maxima.subnormal_zero, LEVEL(largest)((doubles)((integers)bound & is_zero)));
      const doubles kept = (doubles)((integers)error & counted);
      total += (integers)(kept * 0x1p40 + rounder) - rounder_bits;
      const doubles on_grid = LEVEL(magnitude)(kept) * 0x1p40 + rounder;
      absolute_total += (integers)on_grid - rounder_bits;
      const doubles whole = on_grid - rounder;
      squares += whole * whole;
      const integers bin = (((integers)bits - bin_offset) & counted) | (no_bin & ~counted);
      __builtin_memcpy(bins, &bin, sizeof bins);
      for (int lane = 0; lane < 8; lane++) output->bins[bins[lane]] += 1;
      if (LEVEL(any)(~plain)) {
        int64_t decided[8];
        __builtin_memcpy(decided, &plain, sizeof decided);
        for (size_t lane = 0; lane < 8 && k + lane < length; lane++) {
          if (decided[lane]) continue;
          tally_one(
              reference, y[lane], p[lane], p_low[lane], start + k + lane, output, &maxima, &tally);
        }
      }
    }
    const uint64_t in_block = (uint64_t)LEVEL(count_up)(common);
    tally.finite_pairs += in_block + (uint64_t)LEVEL(count_up)(finite);
    tally.normal += in_block;
    tally.correctly_rounded += (uint64_t)LEVEL(count_up)(rounded);
    tally.faithful += (uint64_t)LEVEL(count_up)(faithful);
    add_wide(&tally.signed_low, &tally.signed_high, LEVEL(count_up)(total));
    add_wide(&tally.absolute_low, &tally.absolute_high, LEVEL(count_up)(absolute_total));
    tally.squares += LEVEL(add_up)(squares);
    tally.uncertainty += (double)in_block * (absolute * 0x1p40 + 1);
    raise_to(&maxima.normal, LEVEL(largest)(largest) * (1 + 0x1p-48));
    maxima.subnormal *= 1 + 0x1p-48;
    maxima.subnormal_zero *= 1 + 0x1p-48;
    // No probability exceeds that of the maximum, nor its error.
    raise_to(
        &maxima.distance,
        (LEVEL(largest)(distance) + reference->relative_error * reference->greatest) * (1 + 0x1p-48));
    output->maxima[start / LANE_BLOCK] = maxima;
    doubles rest;
    TWO_SUM(outputs_high, rest, outputs_high, sum);
    outputs_low += rest + sum_low;
    if (is_pair) FAST_TWO_SUM(outputs_high, outputs_low, outputs_high, outputs_low);
  }
  double sum = 0, rest = 0;
  for (int lane = 0; lane < 8; lane++) {
    const double next = sum + outputs_high[lane];
    const double part = next - sum;
    rest += ((sum - (next - part)) + (outputs_high[lane] - part)) + outputs_low[lane];
    sum = next;
  }
  tally.sum_high = sum;
  tally.sum_low = rest;
  return tally;
}

static lane_tally LEVEL(measure_singles)(
    const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output) {
  return LEVEL(measure)(false, reference, format, outputs, count, output);
}

static lane_tally LEVEL(measure_pairs)(
    const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output) {
  return LEVEL(measure)(true, reference, format, outputs, count, output);
}

static void LEVEL(ratios)(
    const lane_reference *reference, int format, const void *outputs, const double *bounds,
    size_t count, double *maxima) {
  double block[LANE_BLOCK], limits[LANE_BLOCK];
  const bool is_pair = reference->low != NULL;
  const doubles zero = LEVEL(all)(0);
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const doubles relative = LEVEL(all)(reference->relative_error);
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const doubles huge = LEVEL(all)(0x1p500);
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = LEVEL(widen)(format, outputs, start, count, 0, block);
    LEVEL(widen)(LANE_FLOAT64, bounds, start, count, 1, limits);
    doubles largest = zero;
    for (size_t k = 0; k < length; k += 8) {
      const doubles y = LEVEL(load)(block + k) * scale;
      doubles limit = LEVEL(load)(limits + k);
      // Scaled it must stay finite; a smaller bound only raises the ratio.
      limit = LEVEL(choose)(limit < huge, limit, huge) * scale;
      const doubles p = LEVEL(load)(reference->high + start + k) * reference->factor;
      const doubles p_low = is_pair ? LEVEL(load)(reference->low + start + k) : zero;
      const doubles uncertain = LEVEL(choose)(p < vanishing, p, p * relative);
      const doubles distance = LEVEL(magnitude)((y - p) - p_low) + uncertain;
      const integers is_pair_of_numbers = (y >= zero) & (y < __builtin_inf()) & (p > zero);
      const doubles ratio = (doubles)((integers)(distance / limit + 0x1p-1000) & is_pair_of_numbers);
      largest = LEVEL(larger)(ratio, largest);
    }
    maxima[start / LANE_BLOCK] = LEVEL(largest)(largest) * (1 + 0x1p-40);
  }
}

#undef INLINE
#undef TWO_SUM
#undef FAST_TWO_SUM
#undef MULTIPLY_ADD
