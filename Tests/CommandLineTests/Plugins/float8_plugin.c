/* Softmaxes of 8-bit floats: one in float32 that is rounded once, and some with one mistake. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The fields of a format: bits of the fraction, exponent bias, the largest number, and what stands
 * for NaN, whether 0x80 is one. */
struct kind { int fraction, bias; float largest; uint8_t nan; int fnuz; };
static const struct kind e4m3fn = {3, 7, 448, 0x7F, 0}, e5m2 = {2, 15, 57344, 0x7E, 0};
static const struct kind e4m3fnuz = {3, 8, 240, 0x80, 1}, e5m2fnuz = {2, 16, 57344, 0x80, 1};

static float widen(uint8_t code, const struct kind *kind, int nan_is_number) {
  const int field = (code & 0x7F) >> kind->fraction;
  const int fraction = code & ((1 << kind->fraction) - 1);
  if (!nan_is_number) {
    if (kind->fnuz ? code == 0x80 : kind->fraction == 3 && (code & 0x7F) == 0x7F) return NAN;
    if (!kind->fnuz && kind->fraction == 2 && field == 31) {
      return fraction ? NAN : code >> 7 ? -INFINITY : INFINITY;
    }
  }
  const float magnitude = field
    ? ldexpf((float)(fraction + (1 << kind->fraction)), field - kind->bias - kind->fraction)
    : ldexpf((float)fraction, 1 - kind->bias - kind->fraction);
  return code >> 7 ? -magnitude : magnitude;
}

enum { NEAREST, TRUNCATED };

/* The encoding of a number, saturated. */
static uint8_t narrow(float value, const struct kind *kind, int rounding) {
  if (value != value) return kind->nan;
  const float magnitude = fabsf(value);
  const uint8_t sign = signbit(value) ? 0x80 : 0;
  int exponent = magnitude > 0 ? ilogbf(magnitude) : 1 - kind->bias;
  if (exponent < 1 - kind->bias) exponent = 1 - kind->bias;
  const float units = ldexpf(magnitude, kind->fraction - exponent);
  long rounded = rounding == TRUNCATED ? (long)units : lrintf(units);
  long code = ((long)(exponent + kind->bias - 1) << kind->fraction) + rounded;
  if (widen(code > 0x7F ? 0x7F : code, kind, 1) > kind->largest || code > 0x7F) {
    code = narrow(kind->largest, kind, NEAREST);
  }
  return kind->fnuz && code == 0 ? 0 : sign | (uint8_t)code;
}

static float through_half(float value) { return (float)(_Float16)value; }
static float same(float value) { return value; }

/* In memory of its own; the lanes are strided. */
static int softmax(
    const uint8_t *codes, const float *logits, uint8_t *y, size_t outer, size_t n, size_t inner,
    const struct kind *input, const struct kind *output, int rounding, float (*through)(float),
    int nan_is_number) {
  float *terms = malloc((n ? n : 1) * sizeof(float));
  if (!terms) return 1;
  for (size_t lane = 0; lane < outer * inner; lane++) {
    const size_t start = lane / inner * n * inner + lane % inner;
    float maximum = -INFINITY, sum = 0;
    int holds_nan = 0;
    for (size_t k = 0; k < n; k++) {
      const size_t place = start + k * inner;
      terms[k] = codes ? widen(codes[place], input, nan_is_number) : logits[place];
      holds_nan |= terms[k] != terms[k];
      if (terms[k] > maximum) maximum = terms[k];
    }
    for (size_t k = 0; k < n; k++) sum += terms[k] = expf(terms[k] - maximum);
    for (size_t k = 0; k < n; k++) {
      const float p = holds_nan ? NAN : terms[k] / sum;
      y[start + k * inner] = narrow(through(p), output, rounding);
    }
  }
  free(terms);
  return 0;
}

#define SOUND(name, kind)                                                                        \
  int softmax_f8##name(const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner) {     \
    return softmax(x, 0, y, outer, n, inner, &kind, &kind, NEAREST, same, 0);                    \
  }                                                                                              \
  int softmax_f32_f8##name(const float *x, uint8_t *y, size_t outer, size_t n, size_t inner) {   \
    return softmax(0, x, y, outer, n, inner, &kind, &kind, NEAREST, same, 0);                    \
  }
SOUND(e4m3fn, e4m3fn)
SOUND(e5m2, e5m2)
SOUND(e4m3fnuz, e4m3fnuz)
SOUND(e5m2fnuz, e5m2fnuz)

#define FAULTY(name, rounding, through, nan_is_number)                                           \
  int name##_softmax_f8e4m3fn(                                                                   \
      const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner) {                      \
    return softmax(                                                                              \
        x, 0, y, outer, n, inner, &e4m3fn, &e4m3fn, rounding, through, nan_is_number);           \
  }                                                                                              \
  int name##_softmax_f32_f8e4m3fn(                                                               \
      const float *x, uint8_t *y, size_t outer, size_t n, size_t inner) {                        \
    return softmax(                                                                              \
        0, x, y, outer, n, inner, &e4m3fn, &e4m3fn, rounding, through, nan_is_number);           \
  }
FAULTY(truncating, TRUNCATED, same, 0)
FAULTY(twice, NEAREST, through_half, 0)
FAULTY(nan_as_number, NEAREST, same, 1)

/* Exponentials without the maximum, kept in the format, where what is too large becomes NaN. */
int unsaturated_softmax_f8e4m3fn(
    const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner) {
  for (size_t lane = 0; lane < outer * inner; lane++) {
    const size_t start = lane / inner * n * inner + lane % inner;
    float sum = 0;
    for (size_t pass = 0; pass < 2; pass++) {
      for (size_t k = 0; k < n; k++) {
        float term = expf(widen(x[start + k * inner], &e4m3fn, 0));
        if (term > 464) term = NAN;
        if (pass == 0) sum += term; else y[start + k * inner] = narrow(term / sum, &e4m3fn, NEAREST);
      }
    }
  }
  return 0;
}
