// A row of attention in double-double: its scores, their shifted exponentials, and the sums of
// values weighted by them.

// a / b in double-double, for a normalized b.
#define DIVIDE(high, low, a_high, a_low, b_high, b_low)                                        \
  do {                                                                                         \
    const doubles b_ = (b_high), n_ = (a_high);                                                \
    const doubles first_ = n_ / b_;                                                            \
    const doubles product_ = first_ * b_;                                                      \
    const doubles rest_ = ((n_ - product_) - LEVEL(product_error)(first_, b_, product_)) +     \
                          ((a_low) - first_ * (b_low));                                        \
    const doubles second_ = rest_ / b_;                                                        \
    FAST_TWO_SUM(high, low, first_, second_);                                                  \
  } while (0)

// k tanh(z / k): with E = e^(-2 |z| / k) it is k (1 - E) / (1 + E) with the sign of z.
INLINE void LEVEL(cap_scores)(const attention_query *query, doubles *z, doubles *z_low) {
  const doubles one = LEVEL(all)(1), floor = LEVEL(all)(-800), unscaled = LEVEL(all)(0x1p-512);
  const integers sign = (integers)*z & LEVEL(all_integers)(INT64_MIN);
  const doubles size = (doubles)((integers)*z ^ sign), size_low = (doubles)((integers)*z_low ^ sign);
  doubles argument, argument_low, e, e_low, numerator, numerator_low, denominator, denominator_low;
  MULTIPLY(
      argument, argument_low, size, size_low, LEVEL(all)(query->slope), LEVEL(all)(query->slope_low));
  const integers is_near = argument > floor;
  argument = LEVEL(choose)(is_near, argument, floor);
  argument_low = (doubles)((integers)argument_low & is_near);
  LEVEL(exponential_pair)(argument, argument_low, &e, &e_low);
  e *= unscaled;
  e_low *= unscaled;
  TWO_SUM(numerator, numerator_low, one, -e);
  numerator_low -= e_low;
  TWO_SUM(denominator, denominator_low, one, e);
  denominator_low += e_low;
  doubles ratio, ratio_low, capped, capped_low;
  DIVIDE(ratio, ratio_low, numerator, numerator_low, denominator, denominator_low);
  MULTIPLY(capped, capped_low, ratio, ratio_low, LEVEL(all)(query->cap), LEVEL(all)(0));
  *z = (doubles)((integers)capped ^ sign);
  *z_low = (doubles)((integers)capped_low ^ sign);
}

// The scores of all keys, -inf for hidden ones; gives the largest, and the most that one of them
// may be off in units of 2^-106.
INLINE double LEVEL(attention_scores)(
    const attention_head *head, const attention_query *query, double *scores, double *scores_low,
    double *slack) {
  const doubles least = LEVEL(all)(-__builtin_inf()), zero = LEVEL(all)(0);
  const double size = (double)head->dimension;
  const double factor = (2 * size * size + 4 * size + 150) * __builtin_fabs(query->scale);
  doubles top = least, worst = zero;
  for (size_t start = 0; start < head->count; start += 8) {
    const double *keys = head->keys + start * head->dimension;
    doubles sum = zero, rest = zero, sizes = zero;
    for (size_t place = 0; place < head->dimension; place++) {
      const doubles key = LEVEL(load)(keys + 8 * place), q = LEVEL(all)(query->numbers[place]);
      const doubles product = key * q;
      doubles error;
      TWO_SUM(sum, error, sum, product);
      rest += head->has_exact_products ? error : error + LEVEL(product_error)(key, q, product);
      sizes += LEVEL(magnitude)(product);
    }
    doubles z, z_low;
    TWO_SUM(sum, rest, sum, rest);
    MULTIPLY(z, z_low, sum, rest, LEVEL(all)(query->scale), LEVEL(all)(query->scale_low));
    if (query->cap > 0) LEVEL(cap_scores)(query, &z, &z_low);
    const doubles addend = LEVEL(load)(query->addends + start);
    const integers is_seen = addend > least;
    doubles error;
    TWO_SUM(z, error, z, addend);
    z_low += error;
    TWO_SUM(z, z_low, z, z_low);
    z = LEVEL(choose)(is_seen, z, least);
    LEVEL(store)(scores + start, z);
    LEVEL(store)(scores_low + start, (doubles)((integers)z_low & is_seen));
    top = LEVEL(larger)(top, z);
    const doubles error_size = LEVEL(all)(factor) * sizes +
                               100 * (LEVEL(magnitude)(addend) + LEVEL(all)(query->cap));
    worst = LEVEL(larger)(worst, (doubles)((integers)error_size & is_seen));
  }
  *slack = LEVEL(largest)(worst);
  return LEVEL(largest)(top);
}

// e^(z - m) 2^LANE_PAIR_SCALE in the place of the scores, and their sum.
INLINE void LEVEL(attention_weights)(
    size_t count, double maximum, double sink, double *weights, double *weights_low, double *sum,
    double *sum_low) {
  const doubles zero = LEVEL(all)(0), floor = LEVEL(all)(-800), least = LEVEL(all)(-__builtin_inf());
  doubles total = zero, rest = zero;
  for (size_t start = 0; start <= count; start += 8) {
    // The sink comes last, by itself.
    const bool is_sink = start >= count;
    doubles z = is_sink ? least : LEVEL(load)(weights + start);
    if (is_sink) z[0] = sink;
    const doubles z_low = is_sink ? zero : LEVEL(load)(weights_low + start);
    const integers is_seen = z > least;
    doubles d, d_low, e, e_low, error;
    TWO_SUM(d, d_low, z, LEVEL(all)(-maximum));
    d_low += z_low;
    const integers is_near = d > floor;
    d = LEVEL(choose)(is_near, d, floor);
    d_low = (doubles)((integers)d_low & is_near);
    LEVEL(exponential_pair)(d, d_low, &e, &e_low);
    e = (doubles)((integers)e & is_seen);
    e_low = (doubles)((integers)e_low & is_seen);
    if (!is_sink) {
      LEVEL(store)(weights + start, e);
      LEVEL(store)(weights_low + start, e_low);
    }
    TWO_SUM(total, error, total, e);
    rest += error + e_low;
    if (is_sink) break;
  }
  double high = 0, low = 0;
  for (int lane = 0; lane < 8; lane++) low += add_to(&high, total[lane]) + rest[lane];
  *sum = high + low;
  *sum_low = low - (*sum - high);
}

static attention_sum LEVEL(attention_row)(
    const attention_head *head, const attention_query *query, double *weights, double *weights_low,
    double *outputs, double *outputs_low, double *sizes) {
  attention_sum result = {0};
  result.maximum = LEVEL(attention_scores)(head, query, weights, weights_low, &result.slack);
  if (query->sink > result.maximum) result.maximum = query->sink;
  if (!(__builtin_fabs(result.maximum) < __builtin_inf())) return result;
  const size_t count = (head->count + 7) / 8 * 8;
  LEVEL(attention_weights)(
      count, result.maximum, query->sink, weights, weights_low, &result.high, &result.low);
  const doubles zero = LEVEL(all)(0);
  const doubles sum = LEVEL(all)(result.high), sum_low = LEVEL(all)(result.low);
  for (size_t start = 0; start < head->value_dimension; start += 8) {
    const double *values = head->values + start;
    doubles high = zero, low = zero, size = zero;
    for (size_t key = 0; key < head->count; key++, values += head->value_stride) {
      const doubles value = LEVEL(load)(values);
      const doubles weight = LEVEL(all)(weights[key]), weight_low = LEVEL(all)(weights_low[key]);
      const doubles product = weight * value;
      const doubles rest = LEVEL(multiply_add)(
          weight_low, value, LEVEL(product_error)(weight, value, product));
      doubles error;
      TWO_SUM(high, error, high, product);
      low += error + rest;
      size += LEVEL(magnitude)(product);
    }
    TWO_SUM(high, low, high, low);
    doubles quotient, quotient_low;
    DIVIDE(quotient, quotient_low, high, low, sum, sum_low);
    LEVEL(store)(outputs + start, quotient);
    LEVEL(store)(outputs_low + start, quotient_low);
    LEVEL(store)(sizes + start, size / sum);
  }
  result.is_complete = true;
  return result;
}

#undef DIVIDE
