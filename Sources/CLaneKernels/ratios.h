// The errors of outputs over their bounds, and whether they reach a part of a floor of all bounds,
// (relative + slope d) p + absolute, d = log(q / p) with the largest probability q.

// A lower bound of log(q / p), from the bits of both: those of a normal number 2^e (1 + f) stand
// for e + f, which is at most its binary logarithm, and below it by less than 0.0861.
INLINE doubles LEVEL(least_distance)(integers greatest, doubles p) {
  const integers difference = (greatest - (integers)p) >> 32;
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles binades = ((doubles)(difference + (integers)rounder) - rounder) * 0x1p-20 - 0.0862;
  return LEVEL(larger)(binades, LEVEL(all)(0)) * 0x1.62e42fefa39p-1;
}

// |y - p| at most, both scaled as the probabilities, and where that stands for an error: where y is
// a finite number of at least 0, or of any sign, and p positive.
INLINE doubles LEVEL(largest_distance)(
    const bool is_pair, const lane_reference *reference, size_t index, doubles y, doubles p,
    integers *is_pair_of_numbers) {
  const doubles zero = LEVEL(all)(0);
  const doubles p_low = is_pair ? LEVEL(load)(reference->low + index) : zero;
  // Below `vanishing` p is only an upper bound.
  const doubles uncertain =
      LEVEL(choose)(p < reference->vanishing, p, p * reference->relative_error);
  const doubles least = LEVEL(all)(reference->is_signed ? -__DBL_MAX__ : 0);
  *is_pair_of_numbers = (y >= least) & (y < __builtin_inf()) & (p > zero);
  return LEVEL(magnitude)((y - p) - p_low) + uncertain;
}

INLINE void LEVEL(ratios_of)(
    const int format, const lane_reference *reference, const void *outputs, const double *bounds,
    size_t count, double *maxima) {
  const bool is_pair = reference->low != NULL;
  const doubles zero = LEVEL(all)(0);
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const doubles huge = LEVEL(all)(0x1p500);
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    doubles largest = zero;
    for (size_t k = start; k < start + length; k += LANE_GROUP) {
      doubles group[4], limits[4];
      LEVEL(widen_group)(format, outputs, k, count, 0, group);
      LEVEL(widen_group)(LANE_FLOAT64, bounds, k, count, 1, limits);
      for (size_t part = 0; part < 4; part++) {
        const size_t index = k + 8 * part;
        const doubles p = LEVEL(load)(reference->high + index) * reference->factor;
        // Scaled it must stay finite; a smaller bound only raises the ratio.
        const doubles limit = LEVEL(smaller)(limits[part], huge) * scale;
        integers is_pair_of_numbers;
        const doubles distance = LEVEL(largest_distance)(
            is_pair, reference, index, group[part] * scale, p, &is_pair_of_numbers);
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

// Whether an element of a block can have an |y - p| of (relative + slope d) p + absolute or more,
// all scaled as the probabilities. Without a division, which would take as long as all the rest.
INLINE bool LEVEL(block_reaches)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t start, size_t end, double relative, double slope, double absolute) {
  const doubles zero = LEVEL(all)(0);
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const integers greatest = (integers)LEVEL(all)(reference->greatest);
  integers found = LEVEL(all_integers)(0);
  for (size_t k = start; k < end; k += LANE_GROUP) {
    doubles group[4];
    // What is no number reaches nothing: behind the last output may be a probability of another
    // lane.
    LEVEL(widen_group)(format, outputs, k, end, __builtin_nan(""), group);
    for (size_t part = 0; part < 4; part++) {
      const size_t index = k + 8 * part;
      const doubles p = LEVEL(load)(reference->high + index) * reference->factor;
      // Where p is only an upper bound it does not count.
      const doubles known = LEVEL(choose)(p < reference->vanishing, zero, p);
      const doubles limit =
          known * (relative + LEVEL(least_distance)(greatest, p) * slope) + absolute;
      integers is_pair_of_numbers;
      const doubles distance = LEVEL(largest_distance)(
          is_pair, reference, index, group[part] * scale, p, &is_pair_of_numbers);
      found |= (distance >= limit) & is_pair_of_numbers;
    }
  }
  return LEVEL(any)(found);
}

// The same, true more often: without the slope, and with no look at what an element is.
//
// Of an element that reaches the limit, with the filter's relative error e and its least meaningful
// probability t: from t on |y - p| + e p >= relative p + absolute; below it |y - p| + p >=
// absolute. So |y - p| >= (relative - e) p + absolute - t (1 + |relative - e|) in both.
INLINE bool LEVEL(block_may_reach)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t start, size_t end, double relative, double absolute) {
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  // 2^-40 covers the roundings of both sides.
  const double exact = relative - reference->relative_error;
  const double size = exact < 0 ? -exact : exact;
  const double part = exact - size * 0x1p-40;
  const double rest = absolute * (1 - 0x1p-40) -
                      reference->vanishing * (1 + size) * (1 + 0x1p-40);
  integers found = LEVEL(all_integers)(0);
  for (size_t k = start; k < end; k += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, outputs, k, end, __builtin_nan(""), group);
    for (size_t place = 0; place < 4; place++) {
      const size_t index = k + 8 * place;
      const doubles p = LEVEL(load)(reference->high + index) * reference->factor;
      const doubles away = group[place] * scale - p;
      const doubles distance =
          LEVEL(magnitude)(is_pair ? away - LEVEL(load)(reference->low + index) : away);
      found |= distance >= p * part + rest;
    }
  }
  return LEVEL(any)(found);
}

INLINE bool LEVEL(reaches)(
    const bool is_pair, const int format, const lane_reference *reference, const void *outputs,
    size_t start, size_t end, double relative, double slope, double absolute) {
  for (size_t first = start; first < end; first += LANE_BLOCK) {
    const size_t last = first + block_length(first, end);
    if (LEVEL(block_may_reach)(
            is_pair, format, reference, outputs, first, last, relative, absolute) &&
        LEVEL(block_reaches)(
            is_pair, format, reference, outputs, first, last, relative, slope, absolute)) {
      return true;
    }
  }
  return false;
}

static bool LEVEL(reaches_floor)(
    const lane_reference *reference, int format, const void *outputs, size_t start, size_t end,
    double relative, double slope, double absolute) {
  const bool is_pair = reference->low != NULL;
#define CALL(known) \
  (is_pair ? LEVEL(reaches)(true, known, reference, outputs, start, end, relative, slope, absolute) \
           : LEVEL(reaches)(false, known, reference, outputs, start, end, relative, slope, absolute))
  FOR_FORMAT(format, CALL)
#undef CALL
}

// The first of consecutive lanes that has an element, of those whose p can be normal or subnormal,
// of which |y - p| can be (relative + slope d) p + absolute or more, d its distance from the
// largest logit of its own lane.
INLINE size_t LEVEL(first_reaching_of)(
    const bool is_pair, const int format, const lane_reference *reference, bool is_normal,
    const void *outputs, size_t length, size_t lanes, const double *greatest,
    const double *relatives, double part, double slope, double absolute) {
  const doubles edge =
      LEVEL(all)(power(reference->least_exponent + (is_pair ? LANE_PAIR_SCALE : 0)));
  const doubles zero = LEVEL(all)(0), nan = LEVEL(all)(__builtin_nan(""));
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const integers places = {0, 1, 2, 3, 4, 5, 6, 7};
  const size_t count = length * lanes;
  for (size_t lane = 0; lane < lanes; lane++) {
    const integers top = (integers)(LEVEL(all)(greatest[lane]) * scale);
    const double relative = relatives[lane] * part;
    integers found = LEVEL(all_integers)(0);
    for (size_t k = 0; k < length; k += 8) {
      const size_t index = lane * length + k;
      doubles y;
      if (index + 8 <= count) {
        y = LEVEL(widen_eight)(format, outputs, index);
      } else {
        y = nan;
        for (size_t place = 0; index + place < count; place++) {
          double value;
          widen_one(format, outputs, index + place, &value);
          y[place] = value;
        }
      }
      const doubles p = LEVEL(load)(reference->high + index) * reference->factor;
      // Where p is only an upper bound it does not count.
      const doubles known = LEVEL(choose)(p < reference->vanishing, zero, p);
      const doubles limit = known * (relative + LEVEL(least_distance)(top, p) * slope) + absolute;
      integers is_pair_of_numbers;
      const doubles distance = LEVEL(largest_distance)(
          is_pair, reference, index, y * scale, p, &is_pair_of_numbers);
      const integers is_in_range =
          is_normal ? p > edge * (1 - 0x1p-30) : p < edge * (1 + 0x1p-30);
      found |= (distance >= limit) & is_pair_of_numbers & is_in_range &
               (places < LEVEL(all_integers)((int64_t)(length - k)));
    }
    if (LEVEL(any)(found)) return lane;
  }
  return lanes;
}

static size_t LEVEL(first_reaching)(
    const lane_reference *reference, bool is_normal, int format, const void *outputs, size_t length, size_t lanes,
    const double *greatest, const double *relatives, double part, double slope, double absolute) {
  const bool is_pair = reference->low != NULL;
#define CALL(known)                                                                            \
  (is_pair ? LEVEL(first_reaching_of)(                                                         \
                 true, known, reference, is_normal, outputs, length, lanes, greatest,          \
                 relatives, part, slope, absolute)                                             \
           : LEVEL(first_reaching_of)(                                                         \
                 false, known, reference, is_normal, outputs, length, lanes, greatest,         \
                 relatives, part, slope, absolute))
  FOR_FORMAT(format, CALL)
#undef CALL
}
