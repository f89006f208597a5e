// The first look at a lane: its extremes, and what it holds.

// What the elements of a lane of binary32 have shown so far; the signs of words say whether there
// was such a one.
typedef struct {
  floats maximum, minimum;
  words tiny, nan;
} LEVEL(single_survey);

INLINE floats LEVEL(larger_narrow)(floats a, floats b) {
  const words mask = (words)(a > b);
  return (floats)(((words)a & mask) | ((words)b & ~mask));
}

INLINE floats LEVEL(smaller_narrow)(floats a, floats b) {
  const words mask = (words)(a < b);
  return (floats)(((words)a & mask) | ((words)b & ~mask));
}

INLINE void LEVEL(look_at_eight)(floats x, LEVEL(single_survey) *seen) {
  seen->maximum = LEVEL(larger_narrow)(x, seen->maximum);
  seen->minimum = LEVEL(smaller_narrow)(x, seen->minimum);
  const words size = (words)x & INT32_MAX;
  // Of 0 both differences are negative.
  seen->tiny |= (size - 1) ^ (size - word_of((float)LANE_TINY));
  seen->nan |= word_of(__builtin_inff()) - size;
}

INLINE lane_survey LEVEL(look_at_singles)(const void *logits, size_t count) {
  const float top = __builtin_inff();
  const floats tops = {top, top, top, top, top, top, top, top};
  const words none = {0};
  const LEVEL(single_survey) nothing = {-tops, tops, none, none};
  // Four of each: a comparison and a choice take longer than a load.
  LEVEL(single_survey) seen[4] = {nothing, nothing, nothing, nothing};
  size_t start = 0;
  for (; start + LANE_GROUP <= count; start += LANE_GROUP) {
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      LEVEL(look_at_eight)(LEVEL(narrow_eight)(LANE_FLOAT32, logits, start + 8 * part), &seen[part]);
    }
  }
  for (; start + 8 <= count; start += 8) {
    LEVEL(look_at_eight)(LEVEL(narrow_eight)(LANE_FLOAT32, logits, start), &seen[0]);
  }
  if (start < count && count >= 8) {
    // Those looked at twice are nothing new.
    LEVEL(look_at_eight)(LEVEL(narrow_eight)(LANE_FLOAT32, logits, count - 8), &seen[0]);
  } else if (start < count) {
    floats last;
    for (size_t k = 0; k < 8; k++) last[k] = ((const float *)logits)[k < count ? k : 0];
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

// Numbers of 16 bits as integers of the same order, or back.
INLINE shorts LEVEL(ordered)(shorts bits) { return bits ^ ((bits >> 15) & INT16_MAX); }

// Formats of 16 bits need not be widened to be compared.
INLINE lane_survey LEVEL(look_at_halves)(
    const int format, const void *logits, size_t count, int16_t infinity, int16_t least_not_tiny) {
  const int16_t *halves = logits;
  if (count == 0) return (lane_survey){-__builtin_inf(), __builtin_inf(), false, false};
  const shorts none = {0};
  shorts maximum = none + INT16_MIN, minimum = none + INT16_MAX, tiny = none, nan = none;
  for (size_t start = 0; start < count; start += LANE_GROUP) {
    shorts group;
    if (count >= LANE_GROUP) {
      // Those looked at twice are nothing new.
      const size_t first = start + LANE_GROUP <= count ? start : count - LANE_GROUP;
      __builtin_memcpy(&group, halves + first, sizeof group);
    } else {
      int16_t padded[LANE_GROUP];
      for (size_t k = 0; k < LANE_GROUP; k++) padded[k] = halves[k < count ? k : 0];
      __builtin_memcpy(&group, padded, sizeof group);
    }
    const shorts key = LEVEL(ordered)(group), size = group & INT16_MAX;
    maximum = __builtin_elementwise_max(key, maximum);
    minimum = __builtin_elementwise_min(key, minimum);
    // Of 0 both differences are negative.
    tiny |= (size - 1) ^ (size - least_not_tiny);
    nan |= infinity - size;
  }
  const shorts ends = LEVEL(ordered)(
      (shorts){__builtin_reduce_max(maximum), __builtin_reduce_min(minimum)});
  lane_survey result;
  int16_t bits[2] = {ends[0], ends[1]};
  widen_one(format, bits, 0, &result.maximum);
  widen_one(format, bits, 1, &result.minimum);
  result.has_tiny = __builtin_reduce_or(tiny) < 0;
  result.has_nan = __builtin_reduce_or(nan) < 0;
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
    case LANE_FLOAT16: return LEVEL(look_at_halves)(LANE_FLOAT16, logits, count, 0x7C00, 7);
    case LANE_BFLOAT16: return LEVEL(look_at_halves)(LANE_BFLOAT16, logits, count, 0x7F80, 0x34C8);
    case LANE_FLOAT32: return LEVEL(look_at_singles)(logits, count);
    default: return LEVEL(look_at_wide)(logits, count);
  }
}
