// The errors of outputs over their bounds, or over a floor of all bounds, (relative + slope d) p + absolute, d = log(q / p)
// with the largest probability q.

// A lower bound of log(q / p), from the bits of both: those of a normal number 2^e (1 + f) stand for e + f, which is
// at most its binary logarithm, and below it by less than 0.0861.
INLINE doubles LEVEL(least_distance)(integers greatest, doubles p) {
  const integers difference = (greatest - (integers)p) >> 32;
  const doubles rounder = LEVEL(all)(ROUNDER);
  const doubles binades = ((doubles)(difference + (integers)rounder) - rounder) * 0x1p-20 - 0.0862;
  return LEVEL(larger)(binades, LEVEL(all)(0)) * 0x1.62e42fefa39p-1;
}

INLINE void LEVEL(ratios_of)(
    const int format, const bool has_bounds, const lane_reference *reference, const void *outputs,
    const double *bounds, double floor_relative, double floor_slope, double floor_absolute,
    size_t count, double *maxima) {
  const bool is_pair = reference->low != NULL;
  const doubles zero = LEVEL(all)(0);
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const doubles relative = LEVEL(all)(reference->relative_error);
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const doubles huge = LEVEL(all)(0x1p500);
  const integers greatest = (integers)LEVEL(all)(reference->greatest);
  for (size_t start = 0; start < count; start += LANE_BLOCK) {
    const size_t length = block_length(start, count);
    doubles largest = zero;
    for (size_t k = start; k < start + length; k += LANE_GROUP) {
      doubles group[4], limits[4];
      LEVEL(widen_group)(format, outputs, k, count, 0, group);
      if (has_bounds) LEVEL(widen_group)(LANE_FLOAT64, bounds, k, count, 1, limits);
      for (size_t part = 0; part < 4; part++) {
        const doubles y = group[part] * scale;
        const doubles p = LEVEL(load)(reference->high + k + 8 * part) * reference->factor;
        // Scaled it must stay finite; a smaller bound only raises the ratio. Where p is only an upper
        // bound it does not count; 2^-40 covers its error elsewhere.
        const doubles limit =
            has_bounds ? LEVEL(smaller)(limits[part], huge) * scale
                       : LEVEL(choose)(p < vanishing, zero, p) *
                               (floor_relative * (1 - 0x1p-40) +
                                LEVEL(least_distance)(greatest, p) * floor_slope) +
                             floor_absolute * scale;
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
#define CALL(known) LEVEL(ratios_of)(known, true, reference, outputs, bounds, 0, 0, 0, count, maxima)
  FOR_FORMAT(format, CALL)
#undef CALL
}

static void LEVEL(floor_ratios)(
    const lane_reference *reference, int format, const void *outputs, double relative,
    double slope, double absolute, size_t count, double *maxima) {
#define CALL(known) \
  LEVEL(ratios_of)(known, false, reference, outputs, NULL, relative, slope, absolute, count, maxima)
  FOR_FORMAT(format, CALL)
#undef CALL
}
