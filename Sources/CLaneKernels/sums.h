// Sums of outputs.

INLINE lane_total LEVEL(add_of)(const int format, const void *outputs, size_t count) {
  const doubles zero = LEVEL(all)(0);
  doubles sums[4] = {zero, zero, zero, zero}, lows[4] = {zero, zero, zero, zero};
  integers inexact = LEVEL(all_integers)(0);
  for (size_t start = 0; start < count; start += LANE_GROUP) {
    doubles group[4];
    LEVEL(widen_group)(format, outputs, start, count, 0, group);
#pragma clang loop unroll(full)
    for (size_t part = 0; part < 4; part++) {
      doubles error;
      TWO_SUM(sums[part], error, sums[part], group[part]);
      lows[part] += error;
      inexact |= error != zero;
    }
  }
  lane_total result = {0, 0, !LEVEL(any)(inexact)};
  for (size_t part = 0; part < 4; part++) {
    for (int lane = 0; lane < 8; lane++) {
      const double error = add_to(&result.high, sums[part][lane]);
      result.is_exact &= error == 0;
      result.low += error + lows[part][lane];
    }
  }
  return result;
}

static lane_total LEVEL(add)(int format, const void *outputs, size_t count) {
#define CALL(known) LEVEL(add_of)(known, outputs, count)
  FOR_FORMAT(format, CALL)
#undef CALL
}
