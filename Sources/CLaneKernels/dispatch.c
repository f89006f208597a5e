#include "lane_kernels.h"

#include "power_of_two_table.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

typedef double doubles __attribute__((vector_size(64)));
typedef int64_t integers __attribute__((vector_size(64)));
typedef uint64_t naturals __attribute__((vector_size(64)));
typedef float floats __attribute__((vector_size(32)));
typedef uint32_t words __attribute__((vector_size(32)));
typedef int32_t narrow_integers __attribute__((vector_size(32)));
typedef uint16_t halves __attribute__((vector_size(16)));
typedef int16_t shorts __attribute__((vector_size(64)));
#if defined(__x86_64__)
typedef _Float16 half_floats __attribute__((vector_size(16)));
#endif

// The Chebyshev expansion of e^r on |r| <= ln 2 / 2, cut after degree 10.
static const double coefficients[11] = {
    1.0,
    0x1.000000000001ep+0,
    0x1.0000000000011p-1,
    0x1.555555554b752p-3,
    0x1.555555554f0ccp-5,
    0x1.1111112dd6fbap-7,
    0x1.6c16c187fc3e6p-10,
    0x1.a01978c559bacp-13,
    0x1.a01991aba6f13p-16,
    0x1.72faf16b7bd05p-19,
    0x1.28b40639f7187p-22,
};

static const double reduction[5] = {
    0x1.62e42fefa3800p-1,  0x1.ef35793c76730p-45, 0x1.62e42fef80000p-9,
    0x1.1cf79abc00000p-44, 0x1.3c7673007e5edp-77,
};

const double *lane_single_coefficients(void) { return coefficients; }
const double *lane_reduction_parts(void) { return reduction; }
const double *lane_powers_of_two(void) { return &power_of_two[0][0]; }

// What is done to an element on its own is the same code for all levels.
#include "element.h"

// One source for all levels. `LEVEL(name)` gives a function its own name at each.
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

// Calls what takes a format as a constant.
#define FOR_FORMAT(format, call)                       \
  switch (format) {                                    \
    case LANE_FLOAT16: return call(LANE_FLOAT16);      \
    case LANE_BFLOAT16: return call(LANE_BFLOAT16);    \
    case LANE_FLOAT32: return call(LANE_FLOAT32);      \
    default: return call(LANE_FLOAT64);                \
  }

// The same of formats of at most 24 bits.
#define FOR_FORMAT_TO_24_BITS(format, call)            \
  switch (format) {                                    \
    case LANE_FLOAT16: return call(LANE_FLOAT16);      \
    case LANE_BFLOAT16: return call(LANE_BFLOAT16);    \
    default: return call(LANE_FLOAT32);                \
  }

#if defined(__aarch64__)
#define PORTABLE_HAS_FMA 1
#else
#define PORTABLE_HAS_FMA 0
#endif
#define LEVEL(name) JOIN(name, _portable)
#define HAS_FMA PORTABLE_HAS_FMA
#define HAS_F16C 0
#include "kernels.h"
#undef LEVEL
#undef HAS_FMA
#undef HAS_F16C

#if defined(__x86_64__)
#define HAS_F16C 1
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LEVEL(name) JOIN(name, _avx2)
#define HAS_FMA 1
#include "kernels.h"
#undef LEVEL
#undef HAS_FMA
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,f16c"))), apply_to = function)
#define LEVEL(name) JOIN(name, _avx512)
#define HAS_FMA 1
#include "kernels.h"
#undef LEVEL
#undef HAS_FMA
#pragma clang attribute pop

#define DISPATCH(call)                                     \
  switch (level) {                                         \
    case LANE_LEVEL_AVX512: return call(_avx512);          \
    case LANE_LEVEL_AVX2: return call(_avx2);              \
    default: return call(_portable);                       \
  }
#else
#define DISPATCH(call) \
  (void)level;         \
  return call(_portable);
#endif

int lane_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) {
    return LANE_LEVEL_PORTABLE;
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    return LANE_LEVEL_AVX512;
  }
  return LANE_LEVEL_AVX2;
#else
  return LANE_LEVEL_PORTABLE;
#endif
}

bool lane_level_is_fused(int level) {
#if defined(__x86_64__)
  return level != LANE_LEVEL_PORTABLE;
#else
  (void)level;
  return PORTABLE_HAS_FMA;
#endif
}

lane_survey lane_look(int level, int format, const void *logits, size_t count) {
#define CALL(suffix) JOIN(look, suffix)(format, logits, count)
  DISPATCH(CALL)
#undef CALL
}

lane_sum lane_exponentials(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *terms) {
#define CALL(suffix) JOIN(exponentials, suffix)(format, logits, count, survey, terms)
  DISPATCH(CALL)
#undef CALL
}

lane_sum lane_exponential_pairs(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *high, double *low) {
#define CALL(suffix) JOIN(exponential_pairs, suffix)(format, logits, count, survey, high, low)
  DISPATCH(CALL)
#undef CALL
}

lane_sum lane_tail(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *terms) {
#define CALL(suffix) JOIN(tail, suffix)(format, logits, count, survey, terms)
  DISPATCH(CALL)
#undef CALL
}

void lane_multiply(int level, double *values, size_t count, double factor) {
#define CALL(suffix) JOIN(multiply, suffix)(values, count, factor)
  DISPATCH(CALL)
#undef CALL
}

lane_sum lane_tail_pairs(
    int level, int format, const void *logits, size_t count, const lane_survey *survey) {
#define CALL(suffix) JOIN(tail_pairs, suffix)(format, logits, count, survey)
  DISPATCH(CALL)
#undef CALL
}

void lane_log_probabilities(
    int level, int format, const void *logits, size_t count, double maximum, double log_sum,
    double *values) {
#define CALL(suffix) JOIN(log_probabilities, suffix)(format, logits, count, maximum, log_sum, values)
  DISPATCH(CALL)
#undef CALL
}

void lane_log_probability_pairs(
    int level, int format, const void *logits, size_t count, double maximum, lane_pair log_sum,
    double *high, double *low) {
#define CALL(suffix) \
  JOIN(log_probability_pairs, suffix)(format, logits, count, maximum, log_sum, high, low)
  DISPATCH(CALL)
#undef CALL
}

lane_weighted_sum lane_weigh(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    const void *numbers, double *terms, double *terms_low) {
#define CALL(suffix) JOIN(weigh, suffix)(format, logits, count, survey, numbers, terms, terms_low)
  DISPATCH(CALL)
#undef CALL
}

lane_weighted_sum lane_dot(
    int level, int format, const void *numbers, const void *others, size_t count) {
#define CALL(suffix) JOIN(dot, suffix)(format, numbers, others, count)
  DISPATCH(CALL)
#undef CALL
}

void lane_centre(
    int level, int format, const void *shares, const void *numbers, size_t count, lane_pair mean,
    double size, double factor, double least, double *values, double *yardsticks) {
#define CALL(suffix)      \
  JOIN(centre, suffix)(   \
      format, shares, numbers, count, mean, size, factor, least, values, yardsticks)
  DISPATCH(CALL)
#undef CALL
}

void lane_less_share(
    int level, int format, const void *numbers, size_t count, lane_pair factor, lane_pair share,
    double size, double error, double least, double *values, double *yardsticks) {
#define CALL(suffix)        \
  JOIN(less_share, suffix)( \
      format, numbers, count, factor, share, size, error, least, values, yardsticks)
  DISPATCH(CALL)
#undef CALL
}

lane_distances lane_weigh_distances(
    int level, int format, const void *logits, size_t count, double maximum,
    const double *weights) {
#define CALL(suffix) JOIN(weigh_distances, suffix)(format, logits, count, maximum, weights)
  DISPATCH(CALL)
#undef CALL
}

lane_mirror_tally lane_mirror(
    int level, int format, const void *outputs, size_t count, const double *yardsticks,
    double least_yardstick, int precision, double *values, void *mirrored, double *scaled) {
#define CALL(suffix)     \
  JOIN(mirror, suffix)(  \
      format, outputs, count, yardsticks, least_yardstick, precision, values, mirrored, scaled)
  DISPATCH(CALL)
#undef CALL
}

lane_mirror_tally lane_mirror_pairs(
    int level, const double *outputs, size_t count, bool is_negative, double least_yardstick,
    int precision, double *high, double *low, double *mirrored, double *scaled) {
#define CALL(suffix)           \
  JOIN(mirror_pairs, suffix)(  \
      outputs, count, is_negative, least_yardstick, precision, high, low, mirrored, scaled)
  DISPATCH(CALL)
#undef CALL
}

void lane_divide_pairs(int level, double *high, double *low, size_t count, lane_sum sum) {
#define CALL(suffix) JOIN(divide_pairs, suffix)(high, low, count, sum)
  DISPATCH(CALL)
#undef CALL
}

size_t lane_evaluate_short(
    int level, int format, const void *logits, size_t length, size_t lanes, double *high,
    double *low, short_lane *found) {
#define CALL(suffix)                                                                      \
  (low ? JOIN(short_pairs, suffix)(format, logits, length, lanes, high, low, found)        \
       : JOIN(short_singles, suffix)(format, logits, length, lanes, high, low, found))
  DISPATCH(CALL)
#undef CALL
}

size_t lane_add_short(
    int level, int format, const void *outputs, const double *probabilities, size_t length,
    size_t lanes, lane_pair *sums) {
#define CALL(suffix) \
  JOIN(add_lanes, suffix)(format, outputs, probabilities, length, lanes, sums)
  DISPATCH(CALL)
#undef CALL
}

lane_tally lane_measure(
    int level, const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output) {
#define CALL(suffix)                                                                      \
  (reference->low ? JOIN(measure_pairs, suffix)(reference, format, outputs, count, output) \
                  : JOIN(measure_singles, suffix)(reference, format, outputs, count, output))
  DISPATCH(CALL)
#undef CALL
}

lane_total lane_add(int level, int format, const void *outputs, size_t count) {
#define CALL(suffix) JOIN(add, suffix)(format, outputs, count)
  DISPATCH(CALL)
#undef CALL
}

attention_sum attention_evaluate(
    int level, const attention_head *head, const attention_query *query, double *weights,
    double *weights_low, double *outputs, double *outputs_low, double *sizes) {
#define CALL(suffix) \
  JOIN(attention_row, suffix)(head, query, weights, weights_low, outputs, outputs_low, sizes)
  DISPATCH(CALL)
#undef CALL
}

void lane_ratios(
    int level, const lane_reference *reference, int format, const void *outputs,
    const double *bounds, size_t count, double *maxima) {
#define CALL(suffix) JOIN(ratios, suffix)(reference, format, outputs, bounds, count, maxima)
  DISPATCH(CALL)
#undef CALL
}

bool lane_reaches_floor(
    int level, const lane_reference *reference, int format, const void *outputs, size_t start,
    size_t end, double relative, double slope, double absolute, double part) {
  // 2^-40 covers the roundings of both sides. Scaled first: a part of a subnormal number would be
  // rounded by much more.
  const double least = part * (1 - 0x1p-40);
  const double scaled = absolute * (reference->low ? power(LANE_PAIR_SCALE) : 1) * least;
#define CALL(suffix)           \
  JOIN(reaches_floor, suffix)( \
      reference, format, outputs, start, end, relative * least, slope * least, scaled)
  DISPATCH(CALL)
#undef CALL
}

size_t lane_first_reaching(
    int level, const lane_reference *reference, bool is_normal, int format, const void *outputs,
    size_t length, size_t lanes, const double *greatest, const double *relatives, double slope, double absolute,
    double part) {
  // As in lane_reaches_floor.
  const double least = part * (1 - 0x1p-40);
  const double scaled = absolute * (reference->low ? power(LANE_PAIR_SCALE) : 1) * least;
#define CALL(suffix)            \
  JOIN(first_reaching, suffix)( \
      reference, is_normal, format, outputs, length, lanes, greatest, relatives, least,  \
      slope * least, scaled)
  DISPATCH(CALL)
#undef CALL
}

size_t lane_find(
    int level, const lane_reference *reference, int format, const void *outputs, size_t start,
    size_t end, double least_ulps, double least_distance, uint32_t *indices) {
#define CALL(suffix) \
  JOIN(find, suffix)(reference, format, outputs, start, end, least_ulps, least_distance, indices)
  DISPATCH(CALL)
#undef CALL
}

void lane_judge(
    const lane_reference *reference, int format, const void *outputs, size_t start, size_t count,
    lane_element *elements) {
  for (size_t k = 0; k < count; k++) {
    double y, high, low;
    widen_one(format, outputs, start + k, &y);
    probability_of(reference, start + k, &high, &low);
    elements[k] = judge(reference, y, high, low).bounds;
  }
}
