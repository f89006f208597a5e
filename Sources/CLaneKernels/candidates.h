// The search for elements with large errors, after a look at the whole lane has shown how large
// they are.

INLINE size_t LEVEL(find_of)(
    const int format, const lane_reference *reference, const void *outputs, size_t start, size_t end,
    double least_ulps, double least_distance, uint32_t *indices) {
  const bool is_pair = reference->low != NULL;
  const doubles zero = LEVEL(all)(0);
  const integers exponent_mask = LEVEL(all_integers)(INT64_C(0x7FF) << 52);
  const doubles least_binade =
      LEVEL(all)(power(reference->least_exponent + (is_pair ? LANE_PAIR_SCALE : 0)));
  const integers unit_exponent = LEVEL(all_integers)(
      (int64_t)((uint64_t)(2 * 1023 + reference->precision - 1) << 52));
  const doubles scale = LEVEL(all)(is_pair ? power(LANE_PAIR_SCALE) : 1);
  const doubles relative = LEVEL(all)(reference->relative_error);
  const doubles vanishing = LEVEL(all)(reference->vanishing);
  const doubles ulps_limit = LEVEL(all)(least_ulps), distance_limit = LEVEL(all)(least_distance);
  size_t found = 0;
  for (size_t k = start; k < end; k += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, outputs, k, end, 0, group);
    integers is_found[4];
    integers any = LEVEL(all_integers)(0);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      const doubles p = LEVEL(load)(reference->high + k + 8 * part) * reference->factor;
      const doubles p_low = is_pair ? LEVEL(load)(reference->low + k + 8 * part) : zero;
      const doubles uncertain =
          LEVEL(choose)(p < vanishing, p * (1 + 0x1p-40), p * relative);
      const doubles distance =
          (LEVEL(magnitude)((group[part] * scale - p) - p_low) + uncertain) * (1 + 0x1p-40);
      // The lower binade where both are possible: its ulp is the smaller one.
      const doubles lowest = p * (1 - 0x1p-40);
      const doubles binade =
          LEVEL(larger)((doubles)((integers)lowest & exponent_mask), least_binade);
      // No bound is less than the least normal number, however small the error.
      const doubles ulps =
          distance * (doubles)(unit_exponent - (integers)binade) + 0x1p-1022 * (1 + 0x1p-40);
      // What is no number is found.
      is_found[part] = ~((ulps < ulps_limit) & (distance < distance_limit));
      any |= is_found[part];
    }
    if (!LEVEL(any)(any)) continue;
    for (size_t part = 0; part < 4; part++) {
      for (size_t lane = 0; lane < 8 && k + 8 * part + lane < end; lane++) {
        if (is_found[part][lane]) indices[found++] = (uint32_t)(k + 8 * part + lane);
      }
    }
  }
  return found;
}

static size_t LEVEL(find)(
    const lane_reference *reference, int format, const void *outputs, size_t start, size_t end,
    double least_ulps, double least_distance, uint32_t *indices) {
#define CALL(known) \
  LEVEL(find_of)(known, reference, outputs, start, end, least_ulps, least_distance, indices)
  FOR_FORMAT(format, CALL)
#undef CALL
}
