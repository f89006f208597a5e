// Gradients, whose terms may cancel: exponentials and sums in high and low parts, and the values
// they make. What they are good to is derived in Sources/Oracle/Filters/GradientBounds.swift.

// e^(d + d_low) as high + low, for -200 <= d <= 0 and |d_low| <= 2^-53 |d|.
INLINE void LEVEL(fine_exponential)(doubles d, doubles d_low, doubles *high, doubles *low) {
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles shifted = LEVEL(multiply_add)(d, LEVEL(all)(0x1.71547652b82fep+8), rounder);
  const doubles k = shifted - rounder;
  const doubles exact = LEVEL(multiply_add)(k, LEVEL(all)(-reduction[2]), d);
  // The second and the third part in one.
  const doubles second = LEVEL(all)(-(reduction[3] + reduction[4]));
  const doubles r = LEVEL(multiply_add)(k, second, exact);
  const doubles r_low = LEVEL(multiply_add)(k, second, exact - r) + d_low;
  // e^r = 1 + q.
  const doubles square = r * r;
  doubles p = LEVEL(multiply_add)(r, LEVEL(all)(0x1.6c16c16c16c17p-10), LEVEL(all)(0x1.1111111111111p-7));
  p = LEVEL(multiply_add)(p, r, LEVEL(all)(0x1.5555555555555p-5));
  p = LEVEL(multiply_add)(p, r, LEVEL(all)(0x1.5555555555555p-3));
  p = LEVEL(multiply_add)(p, r, LEVEL(all)(0.5));
  doubles q, q_low;
  FAST_TWO_SUM(q, q_low, r, LEVEL(multiply_add)(square, p, r_low));
  q_low = LEVEL(multiply_add)(r, r_low, q_low);
  // 2^(k/256) = 2^(j/256) 2^e with j the low eight bits of k.
  const integers whole = (integers)shifted;
  doubles table, table_low;
  LEVEL(look_up)(whole, &table, &table_low);
  const doubles v = LEVEL(multiply_add)(table, q, table);
  const doubles rest = LEVEL(rest_of)(table, q, table, v);
  const doubles v_low =
      rest + LEVEL(multiply_add)(table, q_low, LEVEL(multiply_add)(table_low, q, table_low));
  const integers exponent = (integers)((naturals)whole >> 8 << 52);
  const doubles power_of_k = (doubles)(exponent + LEVEL(all_integers)(INT64_C(1023) << 52));
  *high = v * power_of_k;
  *low = v_low * power_of_k;
}

// The sum of a lane at each place of a group, or of a vector.
typedef struct {
  doubles high, low;
} LEVEL(place_sum);

INLINE void LEVEL(add_pair)(LEVEL(place_sum) *sum, doubles value, doubles low) {
  doubles error;
  TWO_SUM(sum->high, error, sum->high, value);
  sum->low += error + low;
}

// The sum over all places, one after the other.
INLINE lane_pair LEVEL(whole_sum)(const LEVEL(place_sum) *sums, size_t count) {
  double high = 0, low = 0;
  for (size_t part = 0; part < count; part++) {
    for (size_t lane = 0; lane < 8; lane++) {
      low += add_to(&high, sums[part].high[lane]) + sums[part].low[lane];
    }
  }
  lane_pair result = {high + low, 0};
  result.low = low - (result.high - high);
  return result;
}

INLINE lane_weighted_sum LEVEL(weigh_of)(
    const bool is_weighted, const bool has_low, const int format, const void *logits, size_t count,
    const lane_survey *survey, const void *numbers, double *terms, double *terms_low) {
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-200), least = LEVEL(all)(-__builtin_inf());
  const doubles top = LEVEL(all)(survey->maximum);
  const bool is_plain = survey->maximum - survey->minimum <= 200;
  // A difference of multiples of 2^-45 up to 200 is exact.
  const bool is_exact = is_plain && !survey->has_tiny;
  const LEVEL(place_sum) nothing = {zero, zero};
  LEVEL(place_sum) sums[2] = {nothing, nothing}, weighted[2] = {nothing, nothing};
  doubles sizes[2] = {zero, zero};
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4], weights[4];
    const bool is_whole = is_plain && k + LANE_GROUP <= count;
    LEVEL(widen_group)(format, logits, k, count, -__builtin_inf(), group);
    if (is_weighted) LEVEL(widen_group)(format, numbers, k, count, 0, weights);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      doubles d, d_low = zero, e, e_low;
      if (is_whole) {
        if (is_exact) {
          d = group[part] - top;
        } else {
          TWO_SUM(d, d_low, group[part], -top);
        }
        LEVEL(fine_exponential)(d, d_low, &e, &e_low);
      } else {
        TWO_SUM(d, d_low, group[part], -top);
        const integers is_finite = group[part] > least, is_near = d > floor;
        d = LEVEL(choose)(is_near, d, floor);
        d_low = (doubles)((integers)d_low & is_near);
        LEVEL(fine_exponential)(d, d_low, &e, &e_low);
        e = (doubles)((integers)e & is_finite);
        e_low = (doubles)((integers)e_low & is_finite);
      }
      LEVEL(store)(terms + k + 8 * part, e);
      if (has_low) LEVEL(store)(terms_low + k + 8 * part, e_low);
      LEVEL(add_pair)(&sums[part % 2], e, e_low);
      if (is_weighted) {
        const doubles g = weights[part], product = e * g;
        LEVEL(add_pair)(
            &weighted[part % 2], product,
            LEVEL(multiply_add)(e_low, g, LEVEL(product_error)(e, g, product)));
        sizes[part % 2] += LEVEL(magnitude)(product);
      }
    }
  }
  lane_weighted_sum result = {LEVEL(whole_sum)(sums, 2), {0, 0}, 0};
  if (is_weighted) {
    result.weighted = LEVEL(whole_sum)(weighted, 2);
    result.sizes = LEVEL(add_up)(sizes[0] + sizes[1]);
  }
  return result;
}

static lane_weighted_sum LEVEL(weigh)(
    int format, const void *logits, size_t count, const lane_survey *survey, const void *numbers,
    double *terms, double *terms_low) {
#define CALL(known)                                                                         \
  (numbers ? LEVEL(weigh_of)(                                                               \
                 true, false, known, logits, count, survey, numbers, terms, NULL)           \
           : LEVEL(weigh_of)(                                                               \
                 false, true, known, logits, count, survey, NULL, terms, terms_low))
  FOR_FORMAT_TO_24_BITS(format, CALL)
#undef CALL
}

INLINE lane_weighted_sum LEVEL(dot_of)(
    const int format, const void *numbers, const void *others, size_t count) {
  const doubles zero = LEVEL(all)(0);
  const LEVEL(place_sum) nothing = {zero, zero};
  LEVEL(place_sum) sums[4] = {nothing, nothing, nothing, nothing};
  doubles sizes[4] = {zero, zero, zero, zero};
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4], factors[4];
    LEVEL(widen_group)(format, numbers, k, count, 0, group);
    if (others) LEVEL(widen_group)(format, others, k, count, 0, factors);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      // Exact: of 24 bits each.
      const doubles product = others ? group[part] * factors[part] : group[part];
      LEVEL(add_pair)(&sums[part], product, zero);
      sizes[part] += LEVEL(magnitude)(product);
    }
  }
  const lane_weighted_sum result = {
      {0, 0}, LEVEL(whole_sum)(sums, 4),
      LEVEL(add_up)((sizes[0] + sizes[1]) + (sizes[2] + sizes[3]))};
  return result;
}

static lane_weighted_sum LEVEL(dot)(
    int format, const void *numbers, const void *others, size_t count) {
#define CALL(known) LEVEL(dot_of)(known, numbers, others, count)
  FOR_FORMAT_TO_24_BITS(format, CALL)
#undef CALL
}

INLINE void LEVEL(centre_of)(
    const int format, const void *shares, const void *numbers, size_t count, lane_pair mean,
    double size, double factor, double least, double *values, double *yardsticks) {
  const doubles high = LEVEL(all)(mean.high), low = LEVEL(all)(mean.low);
  const doubles sizes = LEVEL(all)(size), factors = LEVEL(all)(factor), limit = LEVEL(all)(least);
  const doubles zero = LEVEL(all)(0);
  const integers nan = (integers)LEVEL(all)(__builtin_nan(""));
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4], own[4];
    LEVEL(widen_group)(format, numbers, k, count, 0, group);
    if (shares) LEVEL(widen_group)(format, shares, k, count, 0, own);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      const doubles share =
          shares ? own[part] : LEVEL(load)(values + k + 8 * part) * factors;
      const doubles difference = (group[part] - high) - low;
      const integers is_open = (LEVEL(magnitude)(difference) < limit) & (share != zero);
      LEVEL(store)(values + k + 8 * part, (doubles)((integers)(share * difference) | (is_open & nan)));
      LEVEL(store)(
          yardsticks + k + 8 * part,
          LEVEL(magnitude)(share) * (LEVEL(magnitude)(group[part]) + sizes));
    }
  }
}

static void LEVEL(centre)(
    int format, const void *shares, const void *numbers, size_t count, lane_pair mean, double size,
    double factor, double least, double *values, double *yardsticks) {
#define CALL(known)    \
  LEVEL(centre_of)(    \
      known, shares, numbers, count, mean, size, factor, least, values, yardsticks)
  FOR_FORMAT_TO_24_BITS(format, CALL)
#undef CALL
}

INLINE void LEVEL(less_share_of)(
    const int format, const void *numbers, size_t count, lane_pair factor, lane_pair share,
    double size, double error, double least, double *values, double *yardsticks) {
  const doubles factor_high = LEVEL(all)(factor.high), factor_low = LEVEL(all)(factor.low);
  const doubles share_high = LEVEL(all)(share.high), share_low = LEVEL(all)(share.low);
  const doubles sizes = LEVEL(all)(size), errors = LEVEL(all)(error), limit = LEVEL(all)(least);
  const doubles zero = LEVEL(all)(0);
  const integers nan = (integers)LEVEL(all)(__builtin_nan(""));
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4] = {LEVEL(all)(1), LEVEL(all)(1), LEVEL(all)(1), LEVEL(all)(1)};
    if (numbers) LEVEL(widen_group)(format, numbers, k, count, 0, group);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      const doubles g = group[part];
      const doubles e = LEVEL(load)(values + k + 8 * part);
      const doubles e_low = LEVEL(load)(yardsticks + k + 8 * part);
      const doubles own = g * factor_high, other = e * share_high;
      const doubles own_low =
          LEVEL(multiply_add)(g, factor_low, LEVEL(product_error)(g, factor_high, own));
      const doubles other_low = LEVEL(multiply_add)(
          e, share_low,
          LEVEL(multiply_add)(e_low, share_high, LEVEL(product_error)(e, share_high, other)));
      const doubles value = (own - other) + (own_low - other_low);
      const doubles yardstick = LEVEL(magnitude)(own) + e * sizes;
      // Of a value that is a number of its own, that of a masked logit, more is known.
      const integers has_own = own != zero;
      const integers is_open =
          (LEVEL(magnitude)(value) <
           yardstick * errors + (doubles)((integers)limit & has_own)) |
          (has_own & (e == zero));
      LEVEL(store)(values + k + 8 * part, (doubles)((integers)value | (is_open & nan)));
      LEVEL(store)(yardsticks + k + 8 * part, yardstick);
    }
  }
}

static void LEVEL(less_share)(
    int format, const void *numbers, size_t count, lane_pair factor, lane_pair share, double size,
    double error, double least, double *values, double *yardsticks) {
#define CALL(known)       \
  LEVEL(less_share_of)(   \
      known, numbers, count, factor, share, size, error, least, values, yardsticks)
  FOR_FORMAT(format, CALL)
#undef CALL
}

INLINE lane_distances LEVEL(distances_of)(
    const int format, const void *logits, size_t count, double maximum, const double *weights) {
  const doubles zero = LEVEL(all)(0), one = LEVEL(all)(1), top = LEVEL(all)(maximum);
  const doubles least = LEVEL(all)(-__builtin_inf());
  const LEVEL(place_sum) nothing = {zero, zero};
  LEVEL(place_sum) sums[4] = {nothing, nothing, nothing, nothing};
  LEVEL(place_sum) totals[4] = {nothing, nothing, nothing, nothing};
  integers masked = LEVEL(all_integers)(0);
  for (size_t k = 0; k < count; k += LANE_GROUP) {
    doubles group[4], factors[4] = {one, one, one, one};
    LEVEL(widen_group)(format, logits, k, count, maximum, group);
    if (weights) LEVEL(widen_group)(LANE_FLOAT64, weights, k, count, 0, factors);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      const integers is_finite = group[part] > least;
      masked |= ~is_finite & (factors[part] != zero);
      doubles d, d_low;
      TWO_SUM(d, d_low, top, -group[part]);
      d = (doubles)((integers)d & is_finite);
      d_low = (doubles)((integers)d_low & is_finite);
      if (weights) {
        const doubles w = factors[part], product = d * w;
        LEVEL(add_pair)(
            &sums[part], product,
            LEVEL(multiply_add)(d_low, w, LEVEL(product_error)(d, w, product)));
        LEVEL(add_pair)(&totals[part], w, zero);
      } else {
        LEVEL(add_pair)(&sums[part], d, d_low);
      }
    }
  }
  const lane_distances result = {
      LEVEL(whole_sum)(sums, 4),
      weights ? LEVEL(whole_sum)(totals, 4) : (lane_pair){(double)count, 0}, LEVEL(any)(masked)};
  return result;
}

static lane_distances LEVEL(weigh_distances)(
    int format, const void *logits, size_t count, double maximum, const double *weights) {
#define CALL(known) LEVEL(distances_of)(known, logits, count, maximum, weights)
  FOR_FORMAT(format, CALL)
#undef CALL
}
