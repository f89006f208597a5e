// The filter of attention: a row in double-double. See Sources/Oracle/Filters/AttentionBounds.swift
// for how far it may be off.

#ifndef ATTENTION_KERNELS_H
#define ATTENTION_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/// The keys and values of a head, all finite.
typedef struct {
  /// Eight keys after another, interleaved: number i of key 8 b + l is at 8 (b dimension + i) + l.
  /// Keys that are missing to a multiple of eight are 0.
  const double *keys;
  /// The values, each with room for `value_stride` numbers, a multiple of eight, 0 where there are
  /// none.
  const double *values;
  size_t count, dimension, value_dimension, value_stride;
  /// Whether products of two numbers of queries and keys are numbers of binary64.
  bool has_exact_products;
} attention_head;

/// A query, and what becomes of its scores.
typedef struct {
  const double *numbers;
  /// The addends of the scores, -inf for keys that are hidden and for those that are missing to a
  /// multiple of eight.
  const double *addends;
  /// The scale in double-double.
  double scale, scale_low;
  /// The cap k, 0 for none, and -2 / k in double-double.
  double cap, slope, slope_low;
  /// -inf for none.
  double sink;
} attention_query;

/// The exponentials of a row.
typedef struct {
  /// The number that all scores are relative to: the largest, rounded to binary64.
  double maximum;
  /// Their sum times 2^LANE_PAIR_SCALE is high + low.
  double high, low;
  /// The most that a score is off, in units of 2^-106.
  double slack;
  /// Whether there is a sum: false where no key is seen, and where binary64 overflows.
  bool is_complete;
} attention_sum;

/// The outputs of a row in double-double, with sum p |v| of each in binary64.
///
/// `weights` and `weights_low` take as many numbers as there are keys, `outputs`, `outputs_low` and
/// `sizes` as a value has, all rounded up to a multiple of eight.
attention_sum attention_evaluate(
    int level, const attention_head *head, const attention_query *query, double *weights,
    double *weights_low, double *outputs, double *outputs_low, double *sizes);

#endif
