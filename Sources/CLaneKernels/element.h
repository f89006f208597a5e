// Single elements: formats to binary64, and the judgement of an output whose case is not the common
// one.

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline uint32_t word_of(float value) {
  uint32_t word;
  __builtin_memcpy(&word, &value, sizeof word);
  return word;
}

static inline double from_bits(uint64_t bits) {
  double value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

static inline double power(int exponent) { return from_bits((uint64_t)(exponent + 1023) << 52); }

// binary16 by its bits: the processor need not have the conversion, and subnormals cost nothing
// extra.
static inline double widen_float16(uint16_t half) {
  const uint64_t magnitude = (uint64_t)(half & 0x7FFF) << 42;
  const uint64_t exponent = magnitude >> 52;
  const uint64_t rebias = UINT64_C(1008) << 52, one = UINT64_C(1) << 52;
  const uint64_t normal = exponent == 31 ? magnitude | UINT64_C(0x7FF) << 52 : magnitude + rebias;
  const double small = from_bits(magnitude + rebias + one) - 0x1p-14;
  const double value = exponent == 0 ? small : from_bits(normal);
  return from_bits(bits_of(value) | (uint64_t)(half & 0x8000) << 48);
}

static inline double widen_bfloat16(uint16_t brain) {
  const uint32_t bits = (uint32_t)brain << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static inline void widen_one(int format, const void *elements, size_t index, double *value) {
  switch (format) {
    case LANE_FLOAT16: *value = widen_float16(((const uint16_t *)elements)[index]); break;
    case LANE_BFLOAT16: *value = widen_bfloat16(((const uint16_t *)elements)[index]); break;
    case LANE_FLOAT32: *value = (double)((const float *)elements)[index]; break;
    default: *value = ((const double *)elements)[index];
  }
}

static inline size_t element_size(int format) {
  switch (format) {
    case LANE_FLOAT16:
    case LANE_BFLOAT16: return sizeof(uint16_t);
    case LANE_FLOAT32: return sizeof(float);
    default: return sizeof(double);
  }
}

// How many elements of a lane are in the block that begins at `start`.
static inline size_t block_length(size_t start, size_t count) {
  return count - start < LANE_BLOCK ? count - start : LANE_BLOCK;
}

// Adds to a sum; what is returned is the exact error (Knuth).
static inline double add_to(double *sum, double value) {
  const double next = *sum + value;
  const double part = next - *sum;
  const double error = (*sum - (next - part)) + (value - part);
  *sum = next;
  return error;
}

static inline void probability_of(
    const lane_reference *reference, size_t index, double *high, double *low) {
  *high = reference->low ? reference->high[index] : reference->high[index] * reference->factor;
  *low = reference->low ? reference->low[index] : 0;
}

// Errors are added up on a grid, in units of 2^-40 ulp.
#define GRID_EXPONENT 40
#define GRID 0x1p40

// The lowest bin of the histogram but one, as the exponent and six bits of a significand.
#define FIRST_BIN ((int64_t)(1023 - GRID_EXPONENT) << 6)

// An error in units of the grid; 0 for a negative one.
static inline double grid_of(double magnitude) {
  const double grid = magnitude * GRID;
  if (!(grid > 0)) return 0;
  return grid < 0x1p52 ? (grid + 0x1p52) - 0x1p52 : grid;
}

// The bin of an error on the grid.
static inline uint32_t bin_of(double grid) {
  if (grid == 0) return 0;
  return (uint32_t)(1 + (int64_t)(bits_of(grid / GRID) >> 46) - FIRST_BIN);
}

// All that is known of one element.
typedef struct {
  lane_element bounds;
  bool is_correctly_rounded, is_faithful;
  // The error in ulp, and how far it can be off.
  double error, slack;
} judgement;

// Compares one output with the enclosure of its probability.
//
// What is certain: p differs from high + low by at most relative_error of itself, or lies between 0
// and that where it is vanishing. The binade, both comparisons and the kind are decided by the
// ends; where they disagree the element is open.
static judgement judge(const lane_reference *reference, double y, double high, double low) {
  judgement result = {{LANE_ELEMENT_MISMATCH, 0, 0, 0, 0}, false, false, 0, 0};
  if (reference->is_signed) {
    if (y != y) return result;
    if (high != high || __builtin_isinf(y)) {
      result.bounds.kind = LANE_ELEMENT_OPEN;
      return result;
    }
  } else if (!(y >= 0) || y == __builtin_inf()) {
    // A NaN fails the first comparison; -0 passes.
    return result;
  }
  if (high == 0) {
    if (y == 0) {
      result.bounds.kind = LANE_ELEMENT_MASKED;
      result.is_correctly_rounded = result.is_faithful = true;
    }
    return result;
  }
  result.bounds.kind = LANE_ELEMENT_OPEN;
  const bool is_pair = reference->low != NULL;
  const double scaled = is_pair ? y * power(LANE_PAIR_SCALE) : y;
  const int scale = is_pair ? LANE_PAIR_SCALE : 0;
  const bool is_vanishing = high < reference->vanishing;

  // Numbers with the binades of the ends of the enclosure.
  double bottom, top;
  if (!is_pair) {
    const double slack = reference->relative_error + 0x1p-51;
    bottom = high * (1 - slack);
    top = high * (1 + slack);
  } else if (bits_of(high) << 12 != 0 || __builtin_fabs(low) > 2 * reference->relative_error * high) {
    // No power of two is nearer to the pair than its error, as long as its high part is none.
    bottom = top = bits_of(high) << 12 == 0 && low < 0 ? from_bits(bits_of(high) - 1) : high;
  } else {
    bottom = from_bits(bits_of(high) - 1);
    top = high;
  }
  if (top >= reference->cap && bottom < reference->cap) top = from_bits(bits_of(reference->cap) - 1);
  const int least = reference->least_exponent + scale;
  const bool is_normal = bottom >= power(least) && !is_vanishing;
  if (!is_normal && top >= power(least)) return result;
  const int exponent = is_normal ? (int)(bits_of(bottom) >> 52) - 1023 : least;
  if (is_normal && (int)(bits_of(top) >> 52) - 1023 != exponent) return result;

  const double difference = (scaled - high) - low;
  const double uncertain = is_vanishing ? high * (1 + 0x1p-40) : high * reference->relative_error;
  const double units = power(reference->precision - 1 - exponent);
  const double error = difference * units;
  const double magnitude = __builtin_fabs(error);
  if (!(magnitude < 0x1p62)) return result;
  const double slack = uncertain * units * (1 + 0x1p-50) + magnitude * 0x1p-50;
  const double least_error = magnitude - slack, largest_error = magnitude + slack;

  bool is_correctly_rounded = false, is_faithful = false;
  if (largest_error < 0.5) {
    is_correctly_rounded = is_faithful = true;
  } else if (!(least_error > 0.5)) {
    return result;
  } else if (is_normal && scaled < power(exponent)) {
    // A float of the binade below is neither neighbour of p.
    is_faithful = false;
  } else if (largest_error < 1) {
    is_faithful = true;
  } else if (!(least_error > 1)) {
    return result;
  }
  result.bounds.kind = is_normal ? LANE_ELEMENT_NORMAL
                       : y == 0  ? LANE_ELEMENT_SUBNORMAL_ZERO
                                 : LANE_ELEMENT_SUBNORMAL;
  result.bounds.quantum = exponent - (reference->precision - 1);
  result.bounds.least_ulps = least_error;
  // Errors far below all others can vanish where they are scaled; the bound stays positive.
  result.bounds.ulps = largest_error + 0x1p-1022;
  result.bounds.distance = (__builtin_fabs(difference) + uncertain) * (1 + 0x1p-48);
  result.is_correctly_rounded = is_correctly_rounded;
  result.is_faithful = is_faithful;
  result.error = error;
  result.slack = slack;
  return result;
}

static inline void add_wide(uint64_t *low, uint64_t *high, __int128 value) {
  const __int128 sum = (__int128)(((unsigned __int128)*high << 64) | *low) + value;
  *low = (uint64_t)sum;
  *high = (uint64_t)(sum >> 64);
}

static inline void raise_to(double *maximum, double value) {
  if (value > *maximum) *maximum = value;
}

// Judges one element and counts it.
static void tally_one(
    const lane_reference *reference, double y, double high, double low, size_t index,
    const lane_output *output, lane_maxima *maxima, lane_tally *tally) {
  const judgement found = judge(reference, y, high, low);
  switch (found.bounds.kind) {
    case LANE_ELEMENT_MISMATCH: tally->mismatches += 1; return;
    case LANE_ELEMENT_OPEN: output->open[tally->open++] = (uint32_t)index; return;
    default: break;
  }
  tally->finite_pairs += 1;
  tally->correctly_rounded_besides += found.is_correctly_rounded;
  tally->faithful_besides += found.is_faithful;
  tally->negative_zeros += y == 0 && __builtin_signbit(y);
  tally->zeros += y == 0 && high > 0;
  raise_to(&maxima->distance, found.bounds.distance);
  switch (found.bounds.kind) {
    case LANE_ELEMENT_SUBNORMAL: raise_to(&maxima->subnormal, found.bounds.ulps); return;
    case LANE_ELEMENT_SUBNORMAL_ZERO:
      raise_to(&maxima->subnormal_zero, found.bounds.ulps);
      return;
    case LANE_ELEMENT_NORMAL: break;
    default: return;
  }
  tally->normal += 1;
  raise_to(&maxima->normal, found.bounds.ulps);
  const double magnitude = __builtin_fabs(found.error);
  const double grid = grid_of(magnitude);
  const __int128 wide = (__int128)grid;
  add_wide(&tally->absolute_low, &tally->absolute_high, wide);
  const bool was_negative =
      reference->is_signed && !reference->low && (bits_of(high) & 1) != 0;
  add_wide(
      &tally->signed_low, &tally->signed_high, (found.error < 0) != was_negative ? -wide : wide);
  tally->squares += grid * grid;
  const double least = grid_of(magnitude - found.slack), largest = grid_of(magnitude + found.slack);
  tally->uncertainty += largest - least;
  const uint32_t lowest = bin_of(least), highest = bin_of(largest);
  if (lowest == highest) {
    output->bins[lowest] += 1;
    // Of a unit of the grid next to 1/2 or 1 the bin does not tell which side it is on.
    tally->correctly_rounded_besides -= lowest < bin_of(GRID / 2);
    tally->faithful_besides -= lowest < bin_of(GRID);
  } else {
    output->lowest_bins[lowest] += 1;
    output->highest_bins[highest] += 1;
  }
}
