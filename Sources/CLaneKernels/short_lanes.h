// Short lanes of a softmax, one behind the other: what calls cost is more than what they do.

// The probabilities of lanes up to the first that has none, or has rational ones.
INLINE size_t LEVEL(evaluate_lanes)(
    const bool is_pair, int format, const void *logits, size_t length, size_t lanes, double *high,
    double *low, short_lane *found) {
  const size_t size = length * element_size(format);
  for (size_t lane = 0; lane < lanes; lane++) {
    const void *at = (const char *)logits + lane * size;
    const lane_survey survey = LEVEL(look)(format, at, length);
    if (survey.has_nan || __builtin_isinf(survey.maximum)) return lane;
    // The zeros behind the lane are where the next begins, and written over.
    double *const terms = high + lane * length, *const rests = is_pair ? low + lane * length : NULL;
    const lane_sum sum = is_pair
                             ? LEVEL(exponential_pairs)(format, at, length, &survey, terms, rests)
                             : LEVEL(exponentials)(format, at, length, &survey, terms);
    if (sum.ties == sum.finite) return lane;
    const double greatest = 1 / sum.high;
    if (is_pair) {
      LEVEL(divide_pairs)(terms, rests, length, sum);
    } else {
      LEVEL(multiply)(terms, length, greatest);
    }
    found[lane] = (short_lane){
        survey.maximum, survey.minimum, greatest, (double)sum.ties, survey.has_tiny};
  }
  return lanes;
}

// The distances of the logits of a lane from the largest; `false` where the lane is in no run.
INLINE bool LEVEL(look_at_short)(
    const int format, const double *logits, size_t length, double *distances, short_lane *found) {
  const double bottom = -__builtin_inf();
  double maximum = bottom, minimum = __builtin_inf();
  bool has_nan = false, has_tiny = format == LANE_FLOAT64;
  for (size_t k = 0; k < length; k++) {
    const double x = logits[k], size = __builtin_fabs(x);
    maximum = x > maximum ? x : maximum;
    minimum = x < minimum ? x : minimum;
    has_nan |= x != x;
    has_tiny |= size < LANE_TINY && size > 0;
  }
  if (has_nan || __builtin_isinf(maximum)) return false;
  size_t ties = 0, finite = 0;
  for (size_t k = 0; k < length; k++) {
    const double distance = logits[k] - maximum;
    ties += distance == 0;
    finite += distance > bottom;
    distances[k] = distance;
  }
  *found = (short_lane){maximum, minimum, 0, (double)ties, has_tiny};
  return ties < finite;
}

// The sum of the terms of a lane of at most LANE_GROUP, added up as those of a group are.
INLINE double LEVEL(add_short)(const double *terms, size_t length) {
  double sums[8];
  for (size_t k = 0; k < 8; k++) {
    const double first = k < length ? terms[k] : 0, second = k + 8 < length ? terms[k + 8] : 0;
    const double third = k + 16 < length ? terms[k + 16] : 0, last = k + 24 < length ? terms[k + 24] : 0;
    sums[k] = (first + second) + (third + last);
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// Probabilities in binary64 of lanes of at most LANE_GROUP logits: the exponentials of all lanes
// are evaluated together, where by themselves most of a group would be none.
INLINE size_t LEVEL(evaluate_together)(
    const int format, const void *logits, size_t length, size_t lanes, double *terms,
    short_lane *found) {
  const doubles floor = LEVEL(all)(-200), least = LEVEL(all)(-__builtin_inf());
  size_t taken = 0;
  for (size_t first = 0; first < lanes * length; first += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, logits, first, lanes * length, 0, group);
    for (size_t part = 0; part < 4; part++) LEVEL(store)(terms + first + 8 * part, group[part]);
  }
  while (taken < lanes && LEVEL(look_at_short)(
                              format, terms + taken * length, length, terms + taken * length,
                              found + taken)) {
    taken++;
  }
  for (size_t k = 0; k < taken * length; k += 8) {
    const doubles d = LEVEL(load)(terms + k);
    const doubles e = LEVEL(exponential)(LEVEL(larger)(d, floor));
    LEVEL(store)(terms + k, (doubles)((integers)e & (d > least)));
  }
  for (size_t lane = 0; lane < taken; lane++) {
    double *const own = terms + lane * length;
    const double greatest = 1 / LEVEL(add_short)(own, length);
    for (size_t k = 0; k < length; k++) own[k] *= greatest;
    found[lane].greatest = greatest;
  }
  return taken;
}

static size_t LEVEL(short_singles)(
    int format, const void *logits, size_t length, size_t lanes, double *high, double *low,
    short_lane *found) {
  if (length > LANE_GROUP) {
    return LEVEL(evaluate_lanes)(false, format, logits, length, lanes, high, low, found);
  }
#define CALL(known) LEVEL(evaluate_together)(known, logits, length, lanes, high, found)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static size_t LEVEL(short_pairs)(
    int format, const void *logits, size_t length, size_t lanes, double *high, double *low,
    short_lane *found) {
  return LEVEL(evaluate_lanes)(true, format, logits, length, lanes, high, low, found);
}

// The sums of the outputs of lanes, up to the first that has a mismatch.
INLINE size_t LEVEL(add_lanes_of)(
    const int format, const void *outputs, const double *probabilities, size_t length, size_t lanes,
    lane_pair *sums) {
  const doubles zero = LEVEL(all)(0), top = LEVEL(all)(__builtin_inf());
  for (size_t lane = 0; lane < lanes; lane++) {
    const size_t first = lane * length, end = first + length;
    doubles highs = zero, lows = zero;
    integers wrong = LEVEL(all_integers)(0);
    size_t k = first;
    for (; k + 8 <= end; k += 8) {
      const doubles y = LEVEL(widen_eight)(format, outputs, k);
      doubles error;
      TWO_SUM(highs, error, highs, y);
      lows += error;
      // Not of NaN.
      const integers is_number = (y >= zero) & (y < top);
      wrong |= ~is_number | ((y > zero) & (LEVEL(load)(probabilities + k) == zero));
    }
    double high = 0, low = 0;
    bool is_mismatched = length >= 8 && LEVEL(any)(wrong);
    for (; k < end; k++) {
      double y;
      widen_one(format, outputs, k, &y);
      is_mismatched |= !(y >= 0 && y < __builtin_inf()) || (y > 0 && probabilities[k] == 0);
      low += add_to(&high, y);
    }
    if (is_mismatched) return lane;
    for (size_t part = 0; part < 8 && length >= 8; part++) {
      low += add_to(&high, highs[part]) + lows[part];
    }
    sums[lane] = (lane_pair){high, low};
  }
  return lanes;
}

static size_t LEVEL(add_lanes)(
    int format, const void *outputs, const double *probabilities, size_t length, size_t lanes,
    lane_pair *sums) {
#define CALL(known) LEVEL(add_lanes_of)(known, outputs, probabilities, length, lanes, sums)
  FOR_FORMAT(format, CALL)
#undef CALL
}
