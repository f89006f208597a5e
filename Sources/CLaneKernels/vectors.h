// What all kernels of a level are made of: vectors of eight, formats to binary64, error-free
// operations.

#define INLINE static inline __attribute__((always_inline))

// Added to a number below 2^51 it leaves the nearest integer in the last bits.
#define ROUNDER 0x1.8p52

INLINE doubles LEVEL(load)(const double *from) {
  doubles value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

INLINE void LEVEL(store)(double *to, doubles value) { __builtin_memcpy(to, &value, sizeof value); }

INLINE doubles LEVEL(all)(double value) {
  return (doubles){value, value, value, value, value, value, value, value};
}

INLINE integers LEVEL(all_integers)(int64_t value) {
  return (integers){value, value, value, value, value, value, value, value};
}

INLINE doubles LEVEL(choose)(integers mask, doubles a, doubles b) {
  return (doubles)(((integers)a & mask) | ((integers)b & ~mask));
}

INLINE doubles LEVEL(larger)(doubles a, doubles b) { return LEVEL(choose)(a > b, a, b); }

INLINE doubles LEVEL(smaller)(doubles a, doubles b) { return LEVEL(choose)(a < b, a, b); }

INLINE doubles LEVEL(magnitude)(doubles a) {
  return (doubles)((integers)a & LEVEL(all_integers)(INT64_MAX));
}

INLINE bool LEVEL(any)(integers mask) { return __builtin_reduce_or(mask) != 0; }

// Reductions in a fixed order.
INLINE double LEVEL(add_up)(doubles a) {
  return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

INLINE int64_t LEVEL(count_up)(integers a) {
  return a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7];
}

INLINE double LEVEL(largest)(doubles a) {
  doubles result = LEVEL(larger)(a, __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3));
  result = LEVEL(larger)(result, __builtin_shufflevector(result, result, 2, 3, 0, 1, 6, 7, 4, 5));
  result = LEVEL(larger)(result, __builtin_shufflevector(result, result, 1, 0, 3, 2, 5, 4, 7, 6));
  return result[0];
}

// Eight elements of a format of at most 24 bits as binary32.
INLINE floats LEVEL(narrow_eight)(int format, const void *elements, size_t index) {
  if (format == LANE_FLOAT32) {
    floats value;
    __builtin_memcpy(&value, (const float *)elements + index, sizeof value);
    return value;
  }
#if HAS_F16C
  if (format == LANE_FLOAT16) {
    half_floats half;
    __builtin_memcpy(&half, (const uint16_t *)elements + index, sizeof half);
    return __builtin_convertvector(half, floats);
  }
#endif
  halves half;
  __builtin_memcpy(&half, (const uint16_t *)elements + index, sizeof half);
  const words bits = __builtin_convertvector(half, words);
  if (format == LANE_BFLOAT16) return (floats)(bits << 16);
  // As in widen_float16, by way of binary32.
  const words magnitude = (bits & 0x7FFF) << 13;
  const words normal = magnitude + (UINT32_C(112) << 23);
  const floats small = (floats)(normal + (UINT32_C(1) << 23)) - 0x1p-14f;
  const words is_small = (words)(magnitude < (UINT32_C(1) << 23));
  // The exponent of infinity and NaN is that of binary32.
  const words is_special = (words)(magnitude >= (UINT32_C(31) << 23));
  const words value = (((words)small & is_small) | (normal & ~is_small)) + (is_special & (UINT32_C(112) << 23));
  return (floats)(value | (bits & 0x8000) << 16);
}

// Eight elements of a format as binary64.
INLINE doubles LEVEL(widen_eight)(int format, const void *elements, size_t index) {
  if (format == LANE_FLOAT64) return LEVEL(load)((const double *)elements + index);
  return __builtin_convertvector(LEVEL(narrow_eight)(format, elements, index), doubles);
}

// A whole group of elements as binary64.
INLINE void LEVEL(widen_whole_group)(int format, const void *elements, size_t start, doubles group[4]) {
#pragma clang loop unroll(full)
  for (size_t part = 0; part < 4; part++) {
    group[part] = LEVEL(widen_eight)(format, elements, start + 8 * part);
  }
}

// The elements from `start` as binary64, at most a group, followed by `filler`.
INLINE void LEVEL(widen_group)(
    int format, const void *elements, size_t start, size_t count, double filler, doubles group[4]) {
  if (count - start >= LANE_GROUP) {
    LEVEL(widen_whole_group)(format, elements, start, group);
    return;
  }
  for (size_t part = 0; part < 4; part++) {
    const size_t first = start + 8 * part;
    if (first + 8 <= count) {
      group[part] = LEVEL(widen_eight)(format, elements, first);
      continue;
    }
    double padded[8] = {filler, filler, filler, filler, filler, filler, filler, filler};
    for (size_t k = 0; first + k < count; k++) widen_one(format, elements, first + k, padded + k);
    group[part] = LEVEL(load)(padded);
  }
}

// a + b = sum + error, exactly (Knuth).
#define TWO_SUM(sum, error, a, b)                         \
  do {                                                    \
    const doubles a_ = (a), b_ = (b);                     \
    sum = a_ + b_;                                        \
    const doubles part_ = sum - a_;                       \
    error = (a_ - (sum - part_)) + (b_ - part_);          \
  } while (0)

// The same where |a| >= |b| or a is 0 (Dekker).
#define FAST_TWO_SUM(sum, error, a, b) \
  do {                                 \
    const doubles a_ = (a), b_ = (b);  \
    sum = a_ + b_;                     \
    error = b_ - (sum - a_);           \
  } while (0)

// a b = product + error, exactly as long as the error is no smaller than 2^-1022.
INLINE doubles LEVEL(product_error)(doubles a, doubles b, doubles product) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, -product);
#else
  const doubles splitter = LEVEL(all)(0x1p27 + 1);
  const doubles a_scaled = a * splitter, b_scaled = b * splitter;
  const doubles a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  const doubles a_low = a - a_high, b_low = b - b_high;
  return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

// a b + c: one rounding where there is a fused multiply-add, else two.
INLINE doubles LEVEL(multiply_add)(doubles a, doubles b, doubles c) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}
