// The comparison of outputs with probabilities.

// What a lane adds up; see lane_tally. Errors are in units of the grid, 2^-40 ulp. Their sums are
// integers there, each with the bits of a rounder for every vector: taken off once for all.
typedef struct {
  doubles squares;
  naturals total, absolute;
  uint64_t vectors;
  // Of groups whose elements are all common only their number, and of those that are all subnormal.
  uint64_t common, small;
  // Elements that were judged one by one; normal ones, less the subnormal ones among common ones.
  integers single, normal;
  // Zeros of subnormal probabilities. Of a normal one a zero errs by more than any octave holds.
  integers zeros;
  // Roundings that the bins do not tell; see lane_tally.
  integers rounded, faithful;
} LEVEL(lane_sums);

INLINE void LEVEL(settle)(LEVEL(lane_sums) *sums, double uncertainty, lane_tally *tally) {
  const naturals rounders = (naturals)LEVEL(all)(ROUNDER) * sums->vectors;
  const uint64_t normal = sums->common + (uint64_t)LEVEL(count_up)(sums->normal);
  tally->finite_pairs += sums->common + sums->small + (uint64_t)LEVEL(count_up)(sums->single);
  tally->normal += normal;
  tally->zeros += (uint64_t)LEVEL(count_up)(sums->zeros);
  tally->correctly_rounded_besides += LEVEL(count_up)(sums->rounded);
  tally->faithful_besides += LEVEL(count_up)(sums->faithful);
  add_wide(&tally->signed_low, &tally->signed_high, LEVEL(count_up)((integers)(sums->total - rounders)));
  add_wide(&tally->absolute_low, &tally->absolute_high, LEVEL(count_up)((integers)(sums->absolute - rounders)));
  tally->squares += LEVEL(add_up)(sums->squares);
  tally->uncertainty += (double)normal * uncertainty;
  __builtin_memset(sums, 0, sizeof *sums);
}

// What a block adds up. Errors and what bounds them are on the grid, distances are not.
typedef struct {
  doubles largest, distance, sum, sum_low;
  // Bounds of subnormal errors, of zeros apart.
  doubles subnormal, subnormal_zero;
} LEVEL(block_sums);

// Where nobody reads counts.
INLINE integers LEVEL(spare_bins)(void) {
  return (integers){LANE_BINS,     LANE_BINS + 1, LANE_BINS + 2, LANE_BINS + 3,
                    LANE_BINS + 4, LANE_BINS + 5, LANE_BINS + 6, LANE_BINS + 7};
}

// How the elements of a lane are judged in groups.
typedef struct {
  double reach, limit;
  doubles scale, least_normal, greatest_subnormal, least_binade;
  integers margin, margin_below, unit_exponent, lowest_edge, no_place;
  bool is_signed;
  uint32_t *octaves;
} LEVEL(judging);

// Whether probabilities next to a power of two are common. An output of the binade below p is no
// neighbour of p, but can be within an ulp where p is within an ulp of the power of two between
// them. Formats of few bits have too many such p to leave them to the uncommon.
INLINE bool LEVEL(is_coarse)(const int format) {
  return format == LANE_FLOAT16 || format == LANE_BFLOAT16;
}

// The errors of a group. Bits of what is returned say why its elements are not all common, if they
// are not. Nothing is counted yet; but the block's distance is a bound of all of them, common or
// not.
//
// The probabilities of common elements are away from powers of two, and their errors lie each in
// one bin of the 32 octaves from `octaves` on. All are normal, or with `has_small` positive and on
// a certain side of the least normal number; subnormal ones share the ulp of the least normal
// binade, and are in no mean and no bin. (Where p is only an upper bound, it is so far below an ulp
// that `reach` is more.)
//
// The signs of normal outputs need not be looked at: one that is not positive errs by at least p,
// which is 2^(P-1) ulp or more, and no octave beyond 2^(P-2) is taken. NaN and infinity are beyond
// all octaves.
INLINE integers LEVEL(look_at_group)(
    const bool is_pair, const bool has_small, const LEVEL(judging) *by, const doubles y[4],
    const doubles p[4], const double *lows, size_t first, doubles error[4], LEVEL(block_sums) *block) {
  const integers none = LEVEL(all_integers)(0), sign = LEVEL(all_integers)(INT64_MIN);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const integers beyond_bin = LEVEL(all_integers)(-(INT64_C(1) << 46));
  const integers beyond_octaves = LEVEL(all_integers)(-(INT64_C(1) << 57));
  integers crossing = none, outside = none, close = none, low = none;
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
    doubles binade = (doubles)(bits & exponent_mask);
    if (has_small) binade = LEVEL(larger)(binade, by->least_binade);
    const doubles units = (doubles)(by->unit_exponent - (integers)binade);
    const doubles difference = is_pair ? (y[part] * by->scale - p[part]) - LEVEL(load)(lows + first + 8 * part)
                                       : y[part] - p[part];
    // Not kept until all is known to be common: where it is not, this is an upper bound still.
    block->distance = LEVEL(larger)(LEVEL(magnitude)(difference), block->distance);
    error[part] = difference * units;
    const doubles size = LEVEL(magnitude)(error[part]);
    crossing |= (integers)(size - by->reach) ^ (integers)(size + by->reach);
    outside |= (integers)size - by->lowest_edge;
  }
  return (crossing & beyond_bin) | (outside & beyond_octaves) | (close & exponent_mask) | (low & sign);
}

// Takes bounds of subnormal errors into the block's; 0 for elements that have none.
INLINE void LEVEL(raise_subnormal)(doubles y, integers bound, LEVEL(block_sums) *block) {
  const integers is_zero = y == 0;
  block->subnormal = LEVEL(larger)((doubles)(bound & ~is_zero), block->subnormal);
  block->subnormal_zero = LEVEL(larger)((doubles)(bound & is_zero), block->subnormal_zero);
}

// Errors with the sign that they had before values and outputs were mirrored.
INLINE doubles LEVEL(unmirrored)(doubles error, doubles p) {
  return (doubles)((naturals)error ^ (naturals)p << 63);
}

// Counts a group whose elements are all common and subnormal.
INLINE void LEVEL(count_small_group)(
    const LEVEL(judging) *by, const doubles y[4], const doubles error[4], LEVEL(lane_sums) *sums,
    LEVEL(block_sums) *block) {
  sums->small += LANE_GROUP;
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    const doubles size = LEVEL(magnitude)(error[part]);
    sums->zeros -= y[part] == 0;
    sums->rounded -= size < GRID / 2;
    sums->faithful -= size < GRID;
    LEVEL(raise_subnormal)(y[part], (integers)(size + by->reach), block);
  }
}

// Counts a group whose elements are all common.
INLINE void LEVEL(count_group)(
    const bool is_pair, const bool is_coarse, const bool has_small, const LEVEL(judging) *by,
    const doubles y[4], const doubles p[4], const doubles error[4], uint64_t places[LANE_GROUP],
    LEVEL(lane_sums) *sums, LEVEL(block_sums) *block) {
  const doubles rounder = LEVEL(all)(ROUNDER);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  integers is_small[4], all_small = LEVEL(all_integers)(-1);
  if (has_small) {
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      is_small[part] = p[part] < by->least_normal;
      all_small &= is_small[part];
    }
    if (!LEVEL(any)(~all_small)) {
      LEVEL(count_small_group)(by, y, error, sums, block);
      return;
    }
  }
  sums->common += LANE_GROUP;
  sums->vectors += 4;
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
#pragma clang loop unroll(full)
    for (size_t lane = 0; lane < 8; lane++) by->octaves[places[8 * part + lane]] += 1;
    const doubles size = LEVEL(magnitude)(error[part]);
    doubles kept = error[part], kept_size = size;
    integers place = (integers)((naturals)((integers)size - by->lowest_edge) >> 46);
    if (is_coarse) {
      integers is_beyond =
          (is_pair ? y[part] * by->scale : y[part]) < (doubles)((integers)p[part] & exponent_mask);
      if (has_small) is_beyond &= ~is_small[part];
      sums->faithful += is_beyond & (size < GRID);
    }
    if (has_small) {
      sums->rounded -= is_small[part] & (size < GRID / 2);
      sums->faithful -= is_small[part] & (size < GRID);
      sums->normal += is_small[part];
      sums->zeros -= is_small[part] & (y[part] == 0);
      LEVEL(raise_subnormal)(y[part], (integers)(size + by->reach) & is_small[part], block);
      kept = (doubles)((integers)kept & ~is_small[part]);
      kept_size = (doubles)((integers)kept_size & ~is_small[part]);
      place = (place & ~is_small[part]) | (by->no_place & is_small[part]);
    }
    __builtin_memcpy(places + 8 * part, &place, sizeof place);
    block->largest = LEVEL(larger)(kept_size, block->largest);
    if (!is_pair && by->is_signed) kept = LEVEL(unmirrored)(kept, p[part]);
    sums->total += (naturals)(kept + rounder);
    sums->absolute += (naturals)(kept_size + rounder);
    sums->squares = LEVEL(multiply_add)(kept_size, kept_size, sums->squares);
  }
}

// Judges a group element by element: subnormal values, which are in no mean, masked ones, and all
// that is left to `judge`, a pair at a power of two among them. Subnormal values share the ulp of
// the least normal binade.
INLINE void LEVEL(judge_elements)(
    const bool is_pair, const lane_reference *reference, const LEVEL(judging) *by,
    const doubles y[4], const doubles p[4], size_t group, size_t count, LEVEL(lane_sums) *sums,
    LEVEL(block_sums) *block, const lane_output *output, lane_maxima *maxima, lane_tally *tally) {
  const doubles zero = LEVEL(all)(0);
  const integers none = LEVEL(all_integers)(0);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const integers mantissa_mask = LEVEL(all_integers)((INT64_C(1) << 52) - 1);
  const integers bin_offset = LEVEL(all_integers)(FIRST_BIN + (GRID_EXPONENT << 6) - 1);
  const integers no_bin = LEVEL(spare_bins)();
  const doubles rounder = LEVEL(all)(ROUNDER), scale = by->scale;
  const double reach = by->reach;
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    const size_t first = group + 8 * part;
    if (first >= count) break;
    const doubles p_low = is_pair ? LEVEL(load)(reference->low + first) : zero;
    const doubles scaled = is_pair ? y[part] * scale : y[part];
    const doubles own_binade =
        LEVEL(larger)((doubles)((integers)p[part] & exponent_mask), by->least_binade);
    const doubles units = (doubles)(by->unit_exponent - (integers)own_binade);
    const doubles away = is_pair ? (scaled - p[part]) - p_low : scaled - p[part];
    const doubles own_error = away * units;
    const doubles size = LEVEL(magnitude)(own_error);
    const doubles least = size - reach, most = size + reach;
    // The bins have edges at 1/2 and 1: what lies in one bin lies on one side of them. Of tiny
    // errors `judge` finds out whether they are certain on the grid. NaN, infinity and large errors
    // fail the comparison of sizes.
    const integers place = ((integers)p[part] + by->margin) & mantissa_mask;
    const integers is_one_bin = ((naturals)least >> 46) == ((naturals)most >> 46);
    const integers is_number = (size < by->limit) & ((integers)y[part] >= none);
    const integers is_normal =
        (p[part] > by->least_normal) & (place > 2 * by->margin) & (least > GRID * 0x1p-16);
    const integers counted = is_number & is_normal & is_one_bin;
    const integers is_small = p[part] < by->greatest_subnormal;
    const integers small = is_number & is_small & (is_one_bin | (size < GRID / 4)) &
                           ((p[part] > zero) | (y[part] == zero));
    const integers plain = counted | small;
    sums->single -= plain;
    sums->normal -= counted;
    sums->zeros -= small & (y[part] == 0) & (p[part] > zero);
    sums->rounded -= small & (size < GRID / 2);
    sums->faithful -= small & (size < GRID);
    sums->faithful += counted & (size < GRID) & (scaled < own_binade);
    block->largest = LEVEL(larger)((doubles)((integers)size & counted), block->largest);
    block->distance = LEVEL(larger)(
        LEVEL(magnitude)((doubles)((integers)away & plain)), block->distance);
    const doubles uncertain =
        LEVEL(choose)(p[part] < reference->vanishing, p[part], p[part] * reference->relative_error);
    // Positive, however small, unless p is 0.
    const doubles bound = size + (size * 0x1p-49 + uncertain * units) + GRID * 0x1p-1022;
    LEVEL(raise_subnormal)(y[part], (integers)bound & small & (p[part] > zero), block);
    doubles kept = (doubles)((integers)own_error & counted);
    const doubles kept_size = LEVEL(magnitude)(kept);
    if (!is_pair && by->is_signed) kept = LEVEL(unmirrored)(kept, p[part]);
    sums->vectors += 1;
    sums->total += (naturals)(kept + rounder);
    sums->absolute += (naturals)(kept_size + rounder);
    sums->squares = LEVEL(multiply_add)(kept_size, kept_size, sums->squares);
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
            reference, y[part][lane], p[part][lane], p_low[lane], first + lane, output, maxima,
            tally);
      }
    }
  }
}

// The probabilities of a group.
INLINE void LEVEL(probabilities_at)(
    const bool is_pair, const lane_reference *reference, size_t start, doubles p[4]) {
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

// Judges whole groups at once as long as they are common, and returns where the first is that is
// not; bits of `wrong` say why.
//
// `added` is how far the outputs of the block are in its sum. They are added before they are
// judged: kept for later they would take registers.
INLINE size_t LEVEL(judge_groups)(
    const bool is_pair, const int format, const bool has_small, const lane_reference *reference,
    const LEVEL(judging) *by, const void *outputs, size_t start, size_t k, size_t end, size_t *added,
    uint64_t places[LANE_GROUP], LEVEL(lane_sums) *sums, LEVEL(block_sums) *block, integers *wrong) {
  const bool is_coarse = LEVEL(is_coarse)(format);
  for (; k + LANE_GROUP <= end; k += LANE_GROUP) {
    doubles y[4], p[4], errors[4];
    LEVEL(widen_whole_group)(format, outputs, start + k, y);
    LEVEL(probabilities_at)(is_pair, reference, start + k, p);
    if (k >= *added) LEVEL(add_group)(is_pair, y, block);
    *wrong = LEVEL(look_at_group)(
        is_pair, has_small, by, y, p, reference->low, start + k, errors, block);
    if (__builtin_expect(LEVEL(any)(*wrong), 0)) {
      *added = k + LANE_GROUP;
      break;
    }
    LEVEL(count_group)(is_pair, is_coarse, has_small, by, y, p, errors, places, sums, block);
  }
  return k;
}

// The comparison. One source for probabilities in binary64 and in double-double; `is_pair` and
// `format` are constants in each. Groups are judged at once where their elements are common, and
// element by element where they are not.
INLINE lane_tally LEVEL(measure)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t count, const lane_output *output) {
  const doubles zero = LEVEL(all)(0);
  const integers none = LEVEL(all_integers)(0);
  // p in ulp is below 2^P; the grid of tiny errors adds half a unit at each end of the enclosure.
  const double absolute = reference->relative_error * power(reference->precision);
  // Of errors up to 2^11 those of 15 blocks sum to less than 2^63 on the grid.
  const int top_octave = reference->precision - 2 < 11 ? reference->precision - 2 : 11;
  // How far an error can be off: by p's bound, by half a unit of the grid of tiny errors at each
  // end, and by the roundings of the difference and of the ends, which are no larger than errors
  // are here.
  const double reach = (absolute + 0x1p-40 + power(top_octave - 49)) * GRID;
  const int least_exponent = reference->least_exponent + (is_pair ? LANE_PAIR_SCALE : 0);
  // How near to a power of two p must not be, in units of its last place; a pair is that near only
  // where its high part is the power itself.
  const int64_t near = is_pair ? 0 : (int64_t)(reference->relative_error * 0x1p53) + 4;
  uint32_t *const octaves = output->bins + 1 + ((int64_t)(1023 + top_octave - 32) << 6) - FIRST_BIN;
  const LEVEL(judging) by = {
      .reach = reach,
      .limit = power(top_octave) * GRID,
      .scale = LEVEL(all)(power(LANE_PAIR_SCALE)),
      // Far enough from the least normal number that its side of it is certain.
      .least_normal = LEVEL(all)(power(least_exponent) * (1 + 0x1p-30)),
      .greatest_subnormal = LEVEL(all)(power(least_exponent) * (1 - 0x1p-30)),
      .least_binade = LEVEL(all)(power(least_exponent)),
      .margin = LEVEL(all_integers)(near),
      .margin_below =
          LEVEL(all_integers)(near + (LEVEL(is_coarse)(format) ? 1 : INT64_C(1) << 53 >> reference->precision)),
      .unit_exponent = LEVEL(all_integers)(
          (int64_t)((uint64_t)(2 * 1023 + reference->precision - 1 + GRID_EXPONENT) << 52)),
      .lowest_edge =
          LEVEL(all_integers)((int64_t)(1023 + top_octave - 32 + GRID_EXPONENT) << 52),
      .no_place = LEVEL(spare_bins)() - (octaves - output->bins),
      .is_signed = reference->is_signed,
      .octaves = octaves};

  // The bins of the last common group, counted along with the next: in the time of its arithmetic,
  // and not after it.
  _Alignas(64) uint64_t places[LANE_GROUP];
  for (size_t part = 0; part < 4; part++) __builtin_memcpy(places + 8 * part, &by.no_place, sizeof by.no_place);
  const double uncertainty = absolute * GRID + 1;
  LEVEL(lane_sums) sums;
  __builtin_memset(&sums, 0, sizeof sums);
  lane_tally tally;
  __builtin_memset(&tally, 0, sizeof tally);
  doubles outputs_high = zero, outputs_low = zero;
  // How many groups are taken with subnormal values, after one that had some, and how many element
  // by element, after one with many that were not common even so: neighbours are seldom different.
  size_t groups_with_small = 0, next_with_small = 4, doubtful_groups = 0;
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    lane_maxima maxima = {0, 0, 0, 0};
    LEVEL(block_sums) block = {zero, zero, zero, zero, zero, zero};
    bool is_common = true;
    size_t k = 0, added = 0;
    integers wrong = none;
    while (k < length) {
      if (groups_with_small == 0 && doubtful_groups == 0) {
        const size_t first = k;
        k = LEVEL(judge_groups)(
            is_pair, format, false, reference, &by, outputs, start, k, length, &added, places, &sums,
            &block, &wrong);
        if (k >= length) break;
        if (k + LANE_GROUP <= length) {
          groups_with_small = next_with_small = k > first ? 4 : next_with_small < 32 ? 2 * next_with_small : 32;
        }
      }
      is_common = false;
      if (doubtful_groups > 0) {
        doubtful_groups -= 1;
      } else if (groups_with_small > 0) {
        const size_t first = k, all = k + LANE_GROUP * groups_with_small, end = all < length ? all : length;
        k = LEVEL(judge_groups)(
            is_pair, format, true, reference, &by, outputs, start, k, end, &added, places, &sums,
            &block, &wrong);
        groups_with_small -= (k - first) / LANE_GROUP;
        if (k + LANE_GROUP <= end) {
          groups_with_small = 0;
          // One element out of the common says nothing about others; several do.
          doubtful_groups = LEVEL(count_up)(wrong != none) < -2 ? 3 : 0;
        } else if (k == end) {
          continue;
        }
      }
      doubles y[4], p[4];
      // -0 adds nothing to a sum, and is left to `judge`, which does not see what is beyond the
      // lane.
      LEVEL(widen_group)(format, outputs, start + k, count, -0.0, y);
      LEVEL(probabilities_at)(is_pair, reference, start + k, p);
      if (k >= added) LEVEL(add_group)(is_pair, y, &block);
      LEVEL(judge_elements)(
          is_pair, reference, &by, y, p, start + k, count, &sums, &block, output, &maxima, &tally);
      k += LANE_GROUP;
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
