// The hot loops of the oracle's filters and of the measurement: exponentials of a lane in binary64
// and in double-double, and the comparison of a lane of outputs with them.
//
// Every function takes the dispatch level. The levels compute the same operations in the same
// order. Those that have fused multiply-adds give the same results down to the last bit; the
// portable level of x86-64 has none, and rounds twice where they round once. Nothing is fused but
// what is written so, and every bound holds for both.
//
// The error bounds that callers rely on are derived in Sources/Oracle/Filters/FilterBounds.swift.

#ifndef LANE_KERNELS_H
#define LANE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attention_kernels.h"

// What the hardware offers; each level includes those before it. AVX2 stands for FMA and F16C as
// well.
enum { LANE_LEVEL_PORTABLE = 0, LANE_LEVEL_AVX2 = 1, LANE_LEVEL_AVX512 = 2 };

// The encodings of logits and outputs.
enum { LANE_FLOAT16 = 0, LANE_BFLOAT16 = 1, LANE_FLOAT32 = 2, LANE_FLOAT64 = 3 };

// Elements are judged in blocks of this many; maxima are kept for each block.
enum { LANE_BLOCK = 256 };

// Lanes of terms and probabilities have room for whole groups of this many.
enum { LANE_GROUP = 32 };

// Double-double probabilities and outputs are kept times 2^LANE_PAIR_SCALE, where nothing that
// counts is subnormal.
enum { LANE_PAIR_SCALE = 512 };

// The bins of a histogram of errors: one for 0, and 64 for each octave from 2^-40 to 2^62. Then
// some that nobody reads, one for each place of a vector: of additions in one place each waits for
// the one before.
enum { LANE_BINS = 1 + 64 * 102, LANE_SPARE_BINS = 8 };

/// The highest level that this processor has.
int lane_best_level(void);

/// Whether a level has fused multiply-add.
bool lane_level_is_fused(int level);

/// The coefficients of the polynomial for e^r in binary64, degrees 0 to 10.
const double *lane_single_coefficients(void);

/// ln 2 in the two parts that the reduction in binary64 uses, and ln 2 / 256 in the three of
/// double-double.
const double *lane_reduction_parts(void);

/// 2^(j/256) for j below 256, each as a high and a low part.
const double *lane_powers_of_two(void);

// 200 2^-29. A float32 number of this size or more is a multiple of 2^-45: the difference of two is
// exact up to 2^8.
#define LANE_TINY 0x1.9p-22

/// The findings of a first look at a lane.
typedef struct {
  /// The largest logit; -inf for an empty lane. Meaningless where there is a NaN.
  double maximum;
  /// The least logit, -inf among them.
  double minimum;
  /// Whether a logit other than 0 is smaller than LANE_TINY; true for binary64, where nobody asks.
  bool has_tiny;
  bool has_nan;
} lane_survey;

lane_survey lane_look(int level, int format, const void *logits, size_t count);

/// The sum of the shifted exponentials of a lane, and what was counted on the way.
typedef struct {
  /// The sum is high + low.
  double high, low;
  /// The number of logits that equal the maximum.
  uint64_t ties;
  /// The number of logits that are not -inf.
  uint64_t finite;
} lane_sum;

/// e^(x - maximum) in binary64, for the maximum of the survey; 0 for -inf, and e^-200 for anything
/// below maximum - 200.
///
/// `terms` takes count elements, rounded up to a multiple of LANE_GROUP.
lane_sum lane_exponentials(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *terms);

/// e^(x - maximum) 2^LANE_PAIR_SCALE in double-double, for the maximum of the survey; 0 for -inf,
/// and e^-800 for anything below maximum - 800.
///
/// The sum is not scaled. `high` and `low` take count elements, rounded up to a multiple of
/// LANE_GROUP.
lane_sum lane_exponential_pairs(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *high, double *low);

/// The sum of e^(x - maximum) over the logits below the maximum, in binary64.
///
/// Where one logit dominates it tells how far the sum of all is from 1. `terms` takes all terms as
/// above, or is NULL.
lane_sum lane_tail(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    double *terms);

/// The same sum in double-double.
lane_sum lane_tail_pairs(
    int level, int format, const void *logits, size_t count, const lane_survey *survey);

/// Multiplies values, whole groups of them, by a factor.
void lane_multiply(int level, double *values, size_t count, double factor);

/// (x - maximum) - log_sum in binary64; -inf for -inf.
///
/// `values` takes count elements, rounded up to a multiple of LANE_GROUP.
void lane_log_probabilities(
    int level, int format, const void *logits, size_t count, double maximum, double log_sum,
    double *values);

/// A number in double-double: high + low.
typedef struct {
  double high, low;
} lane_pair;

// Values of other operations in double-double are smaller than this, and so are the outputs that
// they are compared with.
#define LANE_PAIR_LIMIT 0x1p400

/// (maximum - x) + log_sum times 2^LANE_PAIR_SCALE in double-double, the sizes of
/// log-probabilities; +inf for -inf, and NaN where maximum - x is LANE_PAIR_LIMIT or more.
///
/// `high` and `low` take count elements, rounded up to a multiple of LANE_GROUP.
void lane_log_probability_pairs(
    int level, int format, const void *logits, size_t count, double maximum, lane_pair log_sum,
    double *high, double *low);

/// Sums over a lane that its gradients take.
typedef struct {
  /// That of the exponentials; 0 where there are none.
  lane_pair sum;
  /// That of the numbers with their weights.
  lane_pair weighted;
  /// That of the sizes of the same terms, in binary64.
  double sizes;
} lane_weighted_sum;

/// e^(x - maximum) in double-double, for the maximum of the survey; 0 for -inf, and e^-200 for
/// anything below maximum - 200.
///
/// With numbers of the format of the logits their sum weighted by the exponentials is formed, and
/// of those only the high parts are stored; without, both are. For formats of at most 24 bits.
/// `terms` and `terms_low` take count elements, rounded up to a multiple of LANE_GROUP.
lane_weighted_sum lane_weigh(
    int level, int format, const void *logits, size_t count, const lane_survey *survey,
    const void *numbers, double *terms, double *terms_low);

/// The sum of numbers, or of their products with others, of a format of at most 24 bits.
lane_weighted_sum lane_dot(
    int level, int format, const void *numbers, const void *others, size_t count);

/// share (number - mean) for each element, NaN where the difference is smaller than `least` and the
/// share not 0, and the yardsticks |share| (|number| + size).
///
/// Shares are those given, of the format of the numbers, or the terms in the place of the values
/// times `factor`. Values and yardsticks take count elements, rounded up to a multiple of
/// LANE_GROUP.
void lane_centre(
    int level, int format, const void *shares, const void *numbers, size_t count, lane_pair mean,
    double size, double factor, double least, double *values, double *yardsticks);

/// number factor - term share for each element, and the yardsticks |number factor| + term size.
///
/// Numbers are of any format, or all 1. Terms are those of lane_weigh, in the place of the values
/// and, their low parts, of the yardsticks. NaN stands where a value is smaller than its yardstick
/// times `error`, `least` more where the number is not 0, and where the term is 0 and the number is
/// not.
void lane_less_share(
    int level, int format, const void *numbers, size_t count, lane_pair factor, lane_pair share,
    double size, double error, double least, double *values, double *yardsticks);

/// Sums over a lane that its loss takes.
typedef struct {
  /// That of the distances of finite logits from the maximum times their weights.
  lane_pair distances;
  /// That of the weights.
  lane_pair weights;
  /// Whether a logit of -inf has a weight other than 0.
  bool is_infinite;
} lane_distances;

/// Sums with the weights given, or with weights of 1.
lane_distances lane_weigh_distances(
    int level, int format, const void *logits, size_t count, double maximum,
    const double *weights);

/// The scaled errors of a lane of outputs, and what was counted on the way.
typedef struct {
  /// The outputs that are the infinity that their value is, and those that are -0.
  uint64_t agreed, negative_zeros;
  /// The sum of the halves of scaled errors below 2^11, in 2^-40, as a 128-bit integer.
  uint64_t halves_low, halves_high;
  /// The sum of those of the others, in 2^-40.
  double large_halves;
} lane_mirror_tally;

/// Changes the sign of all values that are negative, and of their outputs, so that what measures
/// probabilities can measure them: an output errs by as much as its negative does against the
/// negative value.
///
/// The last bit of a value is set where it was negative and cleared where it was positive, for the
/// sums of signed errors: an error of 2^-52 of it. An infinite value becomes 0, and its output 0
/// where both agree, else NaN. A value that is NaN stays one. For formats of at most 24 bits.
///
/// The scaled error of an output is |output - value| in units of u Y, u = 2^-precision and Y its
/// yardstick: the given one, or the size of the value, but no less than `least_yardstick`. It is
/// good to 9 roundings of itself beside what the value's own error makes. Errors that are no
/// number count nowhere.
///
/// `values` has count elements, rounded up to a multiple of LANE_GROUP, and so has the room for
/// outputs `mirrored`. There are count `yardsticks`, all of them positive. `scaled` takes the
/// largest scaled error of each block.
lane_mirror_tally lane_mirror(
    int level, int format, const void *outputs, size_t count, const double *yardsticks,
    double least_yardstick, int precision, double *values, void *mirrored, double *scaled);

/// The same for outputs of binary64 and sizes of values in double-double, times 2^LANE_PAIR_SCALE,
/// where all values of a lane have one sign: that of the outputs changes if it is the negative one.
///
/// An infinite size becomes 0, and its output 0 where both agree, else NaN. A size becomes NaN
/// where the output is LANE_PAIR_LIMIT or more. The yardstick is the size of the value, but no less
/// than `least_yardstick`, both without the power of two.
lane_mirror_tally lane_mirror_pairs(
    int level, const double *outputs, size_t count, bool is_negative, double least_yardstick,
    int precision, double *high, double *low, double *mirrored, double *scaled);

/// Divides the pairs by a sum, in place.
void lane_divide_pairs(int level, double *high, double *low, size_t count, lane_sum sum);

/// The probabilities that outputs are compared with, and how good they are.
typedef struct {
  /// Binary64: the terms, to be multiplied by `factor`. Double-double: the high parts of the scaled
  /// probabilities.
  const double *high;
  /// NULL in binary64, else the low parts.
  const double *low;
  double factor;
  /// A bound on the relative error of a probability.
  double relative_error;
  /// A power of two, scaled as the probabilities, that those of the largest logits do not reach;
  /// else +inf.
  double cap;
  /// Below this, scaled as the probabilities, one is only an upper bound of the exact value.
  double vanishing;
  /// The largest probability, scaled as they are.
  double greatest;
  /// The precision and the least exponent of the output format.
  int precision, least_exponent;
  /// Whether the values are mirrored ones, their last bits as lane_mirror leaves them: a negative
  /// output errs like any other, and an infinite one is open. A value that is NaN is open too.
  /// Pairs have one sign in a lane, and no bit for it: signed sums are those of mirrored errors.
  bool is_signed;
} lane_reference;

/// The comparison of one lane of outputs with its probabilities.
typedef struct {
  uint64_t finite_pairs, mismatches, negative_zeros;
  /// The bins below 1/2 hold the errors of correct roundings, and those below 1 that of faithful
  /// ones. How many there are besides; less than 0 where some of a bin are none.
  int64_t correctly_rounded_besides, faithful_besides;
  /// Elements whose exact value is normal.
  uint64_t normal;
  /// Outputs that are 0 although the probability is positive, open ones left out.
  uint64_t zeros;
  /// Elements that the enclosure does not decide: counted nowhere else.
  uint64_t open;
  /// The sums of |error| and of error over normal elements, in 2^-40 ulp, as 128-bit integers.
  uint64_t absolute_low, absolute_high, signed_low, signed_high;
  /// The sum of the squares, in 2^-80 ulp.
  double squares;
  /// The greatest distance of the first sum from that of exact probabilities, in 2^-40 ulp.
  double uncertainty;
  /// The sum of the outputs is high + low.
  double sum_high, sum_low;
} lane_tally;

/// Upper bounds over the elements of one block that the enclosure decides; 0 where there are none.
typedef struct {
  /// |error| where the exact value is normal; subnormal and the output not 0; subnormal and the
  /// output 0.
  double normal, subnormal, subnormal_zero;
  /// |output - p|, scaled as the probabilities.
  double distance;
} lane_maxima;

/// The counts of the elements of a lane.
typedef struct {
  /// LANE_BINS + LANE_SPARE_BINS counts of errors whose bin is known.
  uint32_t *bins;
  /// The same for the others: the lowest and the highest bin that each can be in.
  uint32_t *lowest_bins, *highest_bins;
  /// One for each block.
  lane_maxima *maxima;
  /// Takes the indices of open elements, `count` at most.
  uint32_t *open;
} lane_output;

lane_tally lane_measure(
    int level, const lane_reference *reference, int format, const void *outputs, size_t count,
    const lane_output *output);

/// The largest |output - p| / bound of each block: upper bounds. Elements that are no finite pair
/// are passed over.
void lane_ratios(
    int level, const lane_reference *reference, int format, const void *outputs,
    const double *bounds, size_t count, double *maxima);

/// Whether an element from `start` to `end` can have an |output - p| of `part` of its bound or
/// more, where no bound is less than (relative + slope d) p + absolute, d the distance of the logit
/// from the largest. False is certain.
///
/// `start` is a multiple of LANE_GROUP, and so is `end` unless the lane ends there. `part` is
/// positive.
bool lane_reaches_floor(
    int level, const lane_reference *reference, int format, const void *outputs, size_t start,
    size_t end, double relative, double slope, double absolute, double part);

/// The sum of outputs, none of them negative, infinite or NaN: high + low.
typedef struct {
  double high, low;
  /// Whether no addition rounded: then the sum is `high`.
  bool is_exact;
} lane_total;

lane_total lane_add(int level, int format, const void *outputs, size_t count);

/// The first of lanes that lie one behind the other of which an element can have an |output - p| of
/// `part` of its bound or more, where no bound is less than (relative + slope d) p + absolute, d
/// the distance of the logit from the largest of its lane; `lanes` where there is none, which is
/// certain.
///
/// Elements count whose p can be normal or, without `is_normal`, subnormal. `part` is 0 or more.
/// `greatest` and `relatives` have a number for each lane: the largest probability, not scaled, and
/// `relative`.
size_t lane_first_reaching(
    int level, const lane_reference *reference, bool is_normal, int format, const void *outputs,
    size_t length, size_t lanes, const double *greatest, const double *relatives, double slope, double absolute,
    double part);

/// The findings of the evaluation of a lane that has others behind it.
typedef struct {
  /// The largest and the least logit.
  double maximum, minimum;
  /// The largest probability, not scaled.
  double greatest;
  /// The number of logits that equal the maximum.
  double ties;
  /// As in lane_survey.
  bool has_tiny;
} short_lane;

/// The probabilities of lanes that lie one behind the other, each evaluated as a lane is by itself:
/// in binary64, or in double-double and scaled where `low` is not NULL.
///
/// Lanes are evaluated up to the first that holds a NaN or an infinity that is the largest logit,
/// or whose logits other than -inf are all equal; what is returned is how many there are. `high`
/// and `low` take all elements, and LANE_GROUP more.
size_t lane_evaluate_short(
    int level, int format, const void *logits, size_t length, size_t lanes, double *high,
    double *low, short_lane *found);

/// The sums of the outputs of lanes that lie one behind the other, up to the first of which some
/// output is negative, infinite or NaN, or not 0 where the probability is; what is returned is how
/// many there are.
///
/// A sum is good to (n^2 + 64) 2^-106 of it for n outputs: TwoSum leaves errors of at most u of the
/// partial sums, which add up to n u of the sum at most, with n roundings.
size_t lane_add_short(
    int level, int format, const void *outputs, const double *probabilities, size_t length,
    size_t lanes, lane_pair *sums);

/// The class of an element, and the upper bounds that lane_measure takes into its maxima.
typedef struct {
  /// One of the following. Of those before LANE_ELEMENT_NORMAL the kind is all that is known.
  int kind;
  /// One ulp of the probability is 2^quantum, scaled as the probabilities.
  int quantum;
  /// |error| in ulp is at least the one and at most the other.
  double least_ulps, ulps;
  /// |output - p|, scaled as the probabilities, is at most this.
  double distance;
} lane_element;

enum {
  LANE_ELEMENT_MISMATCH = 0,
  LANE_ELEMENT_MASKED = 1,
  LANE_ELEMENT_OPEN = 2,
  LANE_ELEMENT_NORMAL = 3,
  LANE_ELEMENT_SUBNORMAL = 4,
  LANE_ELEMENT_SUBNORMAL_ZERO = 5
};

/// The elements from `start` to `end` that can have one of the given errors, or more: of all others
/// lane_judge gives bounds that are less.
///
/// `indices` takes end - start of them; what is returned is how many there are.
size_t lane_find(
    int level, const lane_reference *reference, int format, const void *outputs, size_t start,
    size_t end, double least_ulps, double least_distance, uint32_t *indices);

/// Judges `count` elements from `start` on.
void lane_judge(
    const lane_reference *reference, int format, const void *outputs, size_t start, size_t count,
    lane_element *elements);

#endif
