// Values of either sign and their outputs, mirrored so that all values are positive, and the errors
// in units of yardsticks on the way. The last bit of a value says whether it was negative.

// Eight outputs with other bits changed: `flipped` says which signs, `no_number` and `zero` which
// are to be NaN and 0. For formats of at most 24 bits.
INLINE void LEVEL(mirror_eight)(
    const int format, const void *from, void *to, size_t index, words flipped, words no_number,
    words zero) {
  if (format == LANE_FLOAT32) {
    words bits;
    __builtin_memcpy(&bits, (const float *)from + index, sizeof bits);
    bits = ((bits ^ (flipped & (UINT32_C(1) << 31))) | no_number) & ~zero;
    __builtin_memcpy((float *)to + index, &bits, sizeof bits);
    return;
  }
  halves bits;
  __builtin_memcpy(&bits, (const uint16_t *)from + index, sizeof bits);
  bits = ((bits ^ (__builtin_convertvector(flipped, halves) & 0x8000)) |
          __builtin_convertvector(no_number, halves)) &
         ~__builtin_convertvector(zero, halves);
  __builtin_memcpy((uint16_t *)to + index, &bits, sizeof bits);
}

// One over each of four vectors, for the price of a division: good to 6 roundings.
INLINE void LEVEL(reciprocals)(const doubles divisors[4], doubles reciprocals[4]) {
  const doubles first = divisors[0] * divisors[1], second = divisors[2] * divisors[3];
  const doubles product = first * second;
  // Weights of classes can be so large that four of them together are beyond binary64.
  const integers is_in_range =
      (product < LEVEL(all)(0x1p500)) & (product > LEVEL(all)(0x1p-500)) &
      (first < LEVEL(all)(0x1p500)) & (first > LEVEL(all)(0x1p-500));
  if (__builtin_expect(LEVEL(any)(~is_in_range), 0)) {
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) reciprocals[part] = LEVEL(all)(1) / divisors[part];
    return;
  }
  const doubles all = LEVEL(all)(1) / product;
  const doubles of_first = all * second, of_second = all * first;
  reciprocals[0] = of_first * divisors[1];
  reciprocals[1] = of_first * divisors[0];
  reciprocals[2] = of_second * divisors[3];
  reciprocals[3] = of_second * divisors[2];
}

// Counts the errors of a group one by one: of large ones the sum is one of binary64, and what is no
// number has none.
static void LEVEL(add_scaled_one_by_one)(
    const doubles halves_on_grid[4], doubles *largest, lane_mirror_tally *tally) {
  for (size_t part = 0; part < 4; part++) {
    for (size_t lane = 0; lane < 8; lane++) {
      const double half = halves_on_grid[part][lane];
      if (!(half < __builtin_inf())) continue;
      if (half < 0x1p51) {
        add_wide(&tally->halves_low, &tally->halves_high, (__int128)grid_of(half / GRID));
      } else {
        tally->large_halves += half;
      }
      if (half > (*largest)[lane]) (*largest)[lane] = half;
    }
  }
}

// The sum and the largest of the errors of a block, on the grid.
typedef struct {
  doubles largest;
  // With ROUNDER in it for each of the vectors.
  naturals total;
  uint64_t vectors;
} LEVEL(scaled_block);

// Adds the errors of a group to those of its block; of one with an error that is none, or too
// large, one by one.
INLINE void LEVEL(add_scaled_group)(
    const doubles on_grid[4], LEVEL(scaled_block) *block, lane_mirror_tally *tally) {
  const doubles limit = LEVEL(all)(0x1p51), rounder = LEVEL(all)(ROUNDER);
  integers is_common = LEVEL(all_integers)(-1);
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) is_common &= on_grid[part] < limit;
  if (__builtin_expect(LEVEL(any)(~is_common), 0)) {
    LEVEL(add_scaled_one_by_one)(on_grid, &block->largest, tally);
    return;
  }
  block->vectors += 4;
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    block->total += (naturals)(on_grid[part] + rounder);
    block->largest = LEVEL(larger)(on_grid[part], block->largest);
  }
}

// Adds the sum of a block to the tally, and gives its largest error.
INLINE double LEVEL(largest_scaled)(const LEVEL(scaled_block) *block, lane_mirror_tally *tally) {
  const naturals total = block->total - (naturals)LEVEL(all)(ROUNDER) * block->vectors;
  add_wide(&tally->halves_low, &tally->halves_high, LEVEL(count_up)((integers)total));
  return 2 * LEVEL(largest)(block->largest) / GRID;
}

// Mirrors a group, and measures it: errors in units of yardsticks, on the grid.
//
// With `is_plain` all values are negative and finite. `agreed` counts the infinities that agree.
INLINE void LEVEL(mirror_group)(
    const bool is_plain, const int format, const doubles y[4], const doubles v[4],
    const double *yardsticks, doubles least_yardstick, doubles unit, const void *from, void *to,
    double *values, integers *agreed, integers *negative_zeros, doubles on_grid[4]) {
  const doubles infinity = LEVEL(all)(__builtin_inf());
  const words none = {0}, all = ~none;
  doubles divisors[4], inverse[4];
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    const doubles size = LEVEL(magnitude)(v[part]);
    const doubles own = yardsticks ? LEVEL(load)(yardsticks + 8 * part) : size;
    divisors[part] = LEVEL(larger)(own, least_yardstick);
    // A yardstick without end would take the product of four out of range.
    if (!is_plain) divisors[part] = LEVEL(choose)(own < infinity, divisors[part], least_yardstick);
  }
  LEVEL(reciprocals)(divisors, inverse);
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    doubles size = LEVEL(magnitude)(v[part]);
    doubles distance = LEVEL(magnitude)(y[part] - v[part]);
    const integers is_negative_zero = (integers)y[part] == LEVEL(all_integers)(INT64_MIN);
    if (is_plain) {
      *negative_zeros -= is_negative_zero;
      LEVEL(mirror_eight)(format, from, to, 8 * part, all, none, none);
      size = (doubles)((integers)size | 1);
    } else {
      const integers is_infinite = size == infinity;
      const integers agrees = is_infinite & (y[part] == v[part]);
      const integers is_negative = (integers)v[part] < LEVEL(all_integers)(0);
      *agreed -= agrees;
      // In the place of an infinity a -0 is a mismatch, and nothing else.
      *negative_zeros -= is_negative_zero & ~is_infinite;
      LEVEL(mirror_eight)(
          format, from, to, 8 * part, (words)__builtin_convertvector(is_negative, narrow_integers),
          (words)__builtin_convertvector(is_infinite & ~agrees, narrow_integers),
          (words)__builtin_convertvector(agrees, narrow_integers));
      // 0 has no sign.
      const integers bit = LEVEL(all_integers)(1);
      size = (doubles)((((integers)size & ~bit) | (is_negative & bit & (size > 0))) & ~is_infinite);
      distance = (doubles)((integers)distance & ~is_infinite);
    }
    LEVEL(store)(values + 8 * part, size);
    on_grid[part] = distance * inverse[part] * unit;
  }
}

INLINE lane_mirror_tally LEVEL(mirror_of)(
    const int format, const void *outputs, size_t count, const double *yardsticks,
    double least_yardstick, int precision, double *values, void *mirrored, double *scaled) {
  const size_t size = format == LANE_FLOAT32 ? 4 : 2;
  const doubles zero = LEVEL(all)(0), least_finite = LEVEL(all)(-__DBL_MAX__);
  const doubles least = LEVEL(all)(least_yardstick);
  const doubles unit = LEVEL(all)(power(precision - 1 + GRID_EXPONENT));
  lane_mirror_tally tally;
  __builtin_memset(&tally, 0, sizeof tally);
  integers agreed = LEVEL(all_integers)(0), negative_zeros = agreed;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    LEVEL(scaled_block) block = {zero, (naturals)LEVEL(all_integers)(0), 0};
    for (size_t k = start; k < start + length; k += LANE_GROUP) {
      const void *from = (const char *)outputs + k * size;
      const double *own = yardsticks ? yardsticks + k : NULL;
      _Alignas(64) char padded[LANE_GROUP * 4] = {0};
      _Alignas(64) double padded_yardsticks[LANE_GROUP];
      if (k + LANE_GROUP > count) {
        // What is beyond the lane is a 0 for a 0.
        __builtin_memcpy(padded, from, (count - k) * size);
        from = padded;
        for (size_t rest = count; rest < k + LANE_GROUP; rest++) values[rest] = 0;
        for (size_t place = 0; own && place < LANE_GROUP; place++) {
          padded_yardsticks[place] = k + place < count ? own[place] : 1;
        }
        if (own) own = padded_yardsticks;
      }
      doubles y[4], v[4], on_grid[4];
      integers is_plain = LEVEL(all_integers)(-1);
      LEVEL(widen_whole_group)(format, from, 0, y);
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        v[part] = LEVEL(load)(values + k + 8 * part);
        is_plain &= (v[part] < zero) & (v[part] >= least_finite);
      }
      // In whole groups: there is as much room for outputs as for values.
      void *to = (char *)mirrored + k * size;
      if (__builtin_expect(LEVEL(any)(~is_plain), 0)) {
        LEVEL(mirror_group)(
            false, format, y, v, own, least, unit, from, to, values + k, &agreed, &negative_zeros,
            on_grid);
      } else {
        LEVEL(mirror_group)(
            true, format, y, v, own, least, unit, from, to, values + k, &agreed, &negative_zeros,
            on_grid);
      }
      LEVEL(add_scaled_group)(on_grid, &block, &tally);
    }
    scaled[start / LANE_BLOCK] = LEVEL(largest_scaled)(&block, &tally);
  }
  tally.agreed = (uint64_t)LEVEL(count_up)(agreed);
  tally.negative_zeros = (uint64_t)LEVEL(count_up)(negative_zeros);
  return tally;
}

static lane_mirror_tally LEVEL(mirror)(
    int format, const void *outputs, size_t count, const double *yardsticks,
    double least_yardstick, int precision, double *values, void *mirrored, double *scaled) {
#define CALL(known) \
  LEVEL(mirror_of)( \
      known, outputs, count, yardsticks, least_yardstick, precision, values, mirrored, scaled)
  FOR_FORMAT_TO_24_BITS(format, CALL)
#undef CALL
}

// Mirrors outputs of binary64, and measures them, where all values of a lane have one sign.
static lane_mirror_tally LEVEL(mirror_pairs)(
    const double *outputs, size_t count, bool is_negative, double least_yardstick, int precision,
    double *high, double *low, double *mirrored, double *scaled) {
  const doubles zero = LEVEL(all)(0), infinity = LEVEL(all)(__builtin_inf());
  const doubles least = LEVEL(all)(least_yardstick);
  const doubles unit = LEVEL(all)(power(precision - 1 + GRID_EXPONENT));
  const doubles unscaled = LEVEL(all)(power(-LANE_PAIR_SCALE)), far = LEVEL(all)(LANE_PAIR_LIMIT);
  const integers sign = LEVEL(all_integers)(is_negative ? INT64_MIN : 0);
  lane_mirror_tally tally;
  __builtin_memset(&tally, 0, sizeof tally);
  integers agreed = LEVEL(all_integers)(0), negative_zeros = agreed;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    LEVEL(scaled_block) block = {zero, (naturals)LEVEL(all_integers)(0), 0};
    for (size_t k = start; k < start + length; k += LANE_GROUP) {
      // What is beyond the lane is a 0 for a 0.
      for (size_t rest = count; rest < k + LANE_GROUP; rest++) high[rest] = low[rest] = 0;
      doubles y[4], divisors[4], inverse[4], on_grid[4];
      LEVEL(widen_group)(LANE_FLOAT64, outputs, k, count, 0, y);
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        const doubles size = LEVEL(load)(high + k + 8 * part) * unscaled;
        divisors[part] = LEVEL(choose)(size < infinity, LEVEL(larger)(size, least), least);
      }
      LEVEL(reciprocals)(divisors, inverse);
#pragma clang loop unroll(full)
      for (size_t part = 0; part < 4; part++) {
        const size_t place = k + 8 * part;
        const doubles size = LEVEL(load)(high + place);
        const doubles size_low = LEVEL(load)(low + place);
        const doubles flipped = (doubles)((integers)y[part] ^ sign);
        const integers is_infinite = size == infinity;
        const integers agrees = is_infinite & (flipped == infinity);
        agreed -= agrees;
        negative_zeros -= ((integers)y[part] == LEVEL(all_integers)(INT64_MIN)) & ~is_infinite;
        // Beyond the limit an output cannot be scaled: it is left open, as one without a value.
        const integers is_far = ~(LEVEL(magnitude)(y[part]) < far) & (y[part] == y[part]);
        doubles value = LEVEL(choose)(is_far, LEVEL(all)(__builtin_nan("")), size);
        value = (doubles)((integers)value & ~is_infinite);
        LEVEL(store)(high + place, value);
        doubles output = LEVEL(choose)(is_infinite, LEVEL(all)(__builtin_nan("")), flipped);
        output = (doubles)((integers)output & ~agrees);
        LEVEL(store)(mirrored + place, output);
        const doubles distance =
            LEVEL(magnitude)((flipped - value * unscaled) - size_low * unscaled);
        // NaN where there is no value, or no number.
        on_grid[part] = (doubles)((integers)distance & ~is_infinite) * inverse[part] * unit;
      }
      LEVEL(add_scaled_group)(on_grid, &block, &tally);
    }
    scaled[start / LANE_BLOCK] = LEVEL(largest_scaled)(&block, &tally);
  }
  tally.agreed = (uint64_t)LEVEL(count_up)(agreed);
  tally.negative_zeros = (uint64_t)LEVEL(count_up)(negative_zeros);
  return tally;
}
