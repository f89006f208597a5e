// The shifted exponentials of a lane, their sum and the probabilities in double-double.

// a b + c - high, for high the rounded a b + c and |a b| <= |c|.
INLINE doubles LEVEL(rest_of)(doubles a, doubles b, doubles c, doubles high) {
#if HAS_FMA
  return LEVEL(multiply_add)(a, b, c - high);
#else
  const doubles product = a * b;
  return (product + (c - high)) + LEVEL(product_error)(a, b, product);
#endif
}

// r v and c + r v in double-double, the latter for |r v| <= |c| and c a number of binary64. Low
// parts are not normalized.
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

// 2^(j/256) in double-double, j the low eight bits of integers.
INLINE void LEVEL(look_up)(integers whole, doubles *high, doubles *low) {
  for (int lane = 0; lane < 8; lane++) {
    const double *entry = power_of_two[whole[lane] & 255];
    (*high)[lane] = entry[0];
    (*low)[lane] = entry[1];
  }
}

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
  LEVEL(look_up)(whole, &table, &table_low);
  MULTIPLY_ADD(v, v_low, table, table, table_low, s, s_low);
  v_low += table_low;
  // Bits 8 to 19 of the integer, moved to the exponent: the rest of the word is a constant, lost in
  // the shift.
  const integers exponent = (integers)((naturals)whole >> 8 << 52);
  const doubles power_of_k = (doubles)(exponent + LEVEL(all_integers)((int64_t)(1023 + LANE_PAIR_SCALE) << 52));
  *high = v * power_of_k;
  *low = v_low * power_of_k;
}

// With `is_tail` the terms of the largest logits count as 0, and none is stored.
INLINE lane_sum LEVEL(exponential_pairs_of)(
    const bool is_tail, const int format, const void *logits, size_t count, const lane_survey *survey, double *high,
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
      double *to = is_tail ? NULL : high + start + k, *to_low = is_tail ? NULL : low + start + k;
      const bool is_whole = is_plain && k + LANE_GROUP <= length;
      if (is_whole) plain += LANE_GROUP;
      for (size_t part = 0; part < 4; part++) {
        if (start + k + 8 * part >= count) {
          if (!is_tail) {
            LEVEL(store)(to + 8 * part, zero);
            LEVEL(store)(to_low + 8 * part, zero);
          }
          continue;
        }
        doubles d, d_low, e, e_low;
        TWO_SUM(d, d_low, group[part], -top);
        const integers is_top = d == zero;
        ties -= is_top;
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
        if (is_tail) {
          e = (doubles)((integers)e & ~is_top);
          e_low = (doubles)((integers)e_low & ~is_top);
        } else {
          LEVEL(store)(to + 8 * part, e);
          LEVEL(store)(to_low + 8 * part, e_low);
        }
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
    rest += add_to(&total, sum[lane]) + sum_low[lane];
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
#define CALL(known) LEVEL(exponential_pairs_of)(false, known, logits, count, survey, high, low)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static lane_sum LEVEL(tail_pairs)(
    int format, const void *logits, size_t count, const lane_survey *survey) {
#define CALL(known) LEVEL(exponential_pairs_of)(true, known, logits, count, survey, NULL, NULL)
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
