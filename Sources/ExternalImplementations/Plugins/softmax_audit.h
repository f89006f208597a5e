/*
 * The C interface of a softmax and its neighbours for softmax-audit, version 1.
 *
 * A shared library that exports at least one of the functions below can be audited:
 *
 *     cc -O2 -shared -fPIC -o libmine.so mine.c -lm
 *     softmax-audit audit --plugin libmine.so
 *     softmax-audit audit --plugin libmine.so --operation log-softmax
 *
 * Every function computes its operation on row-major (outer, n, inner) tensors along the middle
 * dimension: of x, which is read-only, into y. softmax and log_softmax give outer * n * inner
 * numbers; logsumexp gives one for each lane, outer * inner of them. The two do not overlap.
 * Pointers are aligned to the element and to nothing more, unless the description asks for an
 * alignment. Sizes may be 0; the pointer to a tensor without elements is then NULL, and logsumexp
 * gives -inf for each lane of n = 0. Calls are never concurrent. The value 0 means done, 2 that the
 * function does not offer what it was asked for, which is then not measured and no finding;
 * anything else means that it cannot, which is one.
 *
 * float16 and bfloat16 are passed as their bit patterns, and so are the 8-bit formats, which are
 * asked for by name: --format float8-e4m3fn. The format of the output, where it is not
 * that of the input, stands at the end of the name. A library may have any of the operations, and
 * --operation says which is meant (default: softmax). A library with several of one operation
 * begins the names of each with something of its own, as in fast_softmax_f32, and is named with it:
 * --plugin libmine.so:fast. The optional functions may begin so too. A prefix "log" of softmax
 * functions is not possible: log_softmax_f32 is a log-softmax. Names that end in _v2 are reserved.
 */
#ifndef SOFTMAX_AUDIT_H
#define SOFTMAX_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int softmax_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int softmax_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner);

int softmax_f64(const double *x, double *y, size_t outer, size_t n, size_t inner);
int softmax_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner);

/*
 * The 8-bit formats, by the names of ml_dtypes, as uint8_t: f8e4m3fn, f8e5m2, f8e4m3fnuz and
 * f8e5m2fnuz. The other operations are named by the same rule: log_softmax_f8e4m3fn,
 * logsumexp_f32_f8e5m2, attention_f8e4m3fn_bf16.
 */
int softmax_f8e4m3fn(const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fn_f16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fn_bf16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fn_f32(const uint8_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f8e4m3fn(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f8e4m3fn(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f8e4m3fn(const float *x, uint8_t *y, size_t outer, size_t n, size_t inner);

int softmax_f8e5m2(const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2_f16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2_bf16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2_f32(const uint8_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f8e5m2(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f8e5m2(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f8e5m2(const float *x, uint8_t *y, size_t outer, size_t n, size_t inner);

int softmax_f8e4m3fnuz(const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fnuz_f16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fnuz_bf16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e4m3fnuz_f32(const uint8_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f8e4m3fnuz(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f8e4m3fnuz(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f8e4m3fnuz(const float *x, uint8_t *y, size_t outer, size_t n, size_t inner);

int softmax_f8e5m2fnuz(const uint8_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2fnuz_f16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2fnuz_bf16(const uint8_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int softmax_f8e5m2fnuz_f32(const uint8_t *x, float *y, size_t outer, size_t n, size_t inner);
int softmax_f16_f8e5m2fnuz(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_bf16_f8e5m2fnuz(const uint16_t *x, uint8_t *y, size_t outer, size_t n, size_t inner);
int softmax_f32_f8e5m2fnuz(const float *x, uint8_t *y, size_t outer, size_t n, size_t inner);

/* x - logsumexp(x): -inf where a logit is -inf and another is finite. */
int log_softmax_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int log_softmax_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int log_softmax_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int log_softmax_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int log_softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner);
int log_softmax_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner);

int log_softmax_f64(const double *x, double *y, size_t outer, size_t n, size_t inner);
int log_softmax_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int log_softmax_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner);

/* max(x) + log(sum(exp(x - max(x)))), into y of outer * inner numbers. */
int logsumexp_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int logsumexp_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int logsumexp_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner);
int logsumexp_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner);

int logsumexp_f32(const float *x, float *y, size_t outer, size_t n, size_t inner);
int logsumexp_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner);

int logsumexp_f64(const double *x, double *y, size_t outer, size_t n, size_t inner);
int logsumexp_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner);
int logsumexp_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner);

/*
 * softmax, log_softmax and logsumexp of modified logits, called where a modifier is given. In
 * exact numbers, in this order: z = scale * x; z = softcap * tanh(z / softcap); z = z + mask; the
 * sink is one more logit, neither scaled nor capped, which takes its share and has no output, so
 * that probabilities sum to less than 1. scale 0 means none (1), softcap 0 none. mask has outer *
 * n * inner numbers in the format of x (finite, -inf), sink outer * inner; NULL for none. causal
 * is 0 for none, 1 for top-left (query i sees keys j <= i), 2 for bottom-right (j <= i + n -
 * queries): the lanes of n keys are those of batch * queries = outer queries, inner is 1. A masked
 * element gives exactly 0 (log_softmax: -inf), all of them where a sink is all that is left. What
 * a function does not do (a cap, say) it answers with 2. size is that of the structure that the
 * host was built with. A library has these beside the functions without _with_.
 */
struct softmax_audit_modifiers {
  size_t size;
  double scale, softcap;
  int32_t causal;
  const void *mask;
  const void *sink;
  size_t queries;
};

int softmax_with_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int softmax_with_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int softmax_with_f32(const float *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int softmax_with_f64(const double *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int softmax_with_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int log_softmax_with_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int log_softmax_with_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int log_softmax_with_f32(const float *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int log_softmax_with_f64(const double *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int log_softmax_with_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int logsumexp_with_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f16_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int logsumexp_with_bf16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_bf16_f16(const uint16_t *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_bf16_f32(const uint16_t *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_bf16_f64(const uint16_t *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int logsumexp_with_f32(const float *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f32_f16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f32_bf16(const float *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f32_f64(const float *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

int logsumexp_with_f64(const double *x, double *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f64_f16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f64_bf16(const double *x, uint16_t *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);
int logsumexp_with_f64_f32(const double *x, float *y, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_modifiers *p);

/*
 * Gradients by the logits x, of y * (g - sum(y * g)) from the logits and from stored probabilities
 * y (in the place of x), and of a log-softmax, g - softmax(x) * sum(g); g has the shape of x. The
 * format at the end of the name is that of dx.
 */
int softmax_vjp_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f16_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_vjp_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_bf16_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_bf16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_bf16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_vjp_f32(const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f32_f16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f32_bf16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f32_f64(const float *x, const float *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_vjp_f64(const double *x, const double *g, double *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f64_f16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f64_bf16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_vjp_f64_f32(const double *x, const double *g, float *dx, size_t outer, size_t n, size_t inner);

int softmax_backward_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f16_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_backward_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_bf16_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_bf16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_bf16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_backward_f32(const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f32_f16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f32_bf16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f32_f64(const float *x, const float *g, double *dx, size_t outer, size_t n, size_t inner);

int softmax_backward_f64(const double *x, const double *g, double *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f64_f16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f64_bf16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int softmax_backward_f64_f32(const double *x, const double *g, float *dx, size_t outer, size_t n, size_t inner);

int log_softmax_vjp_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f16_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int log_softmax_vjp_bf16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_bf16_f16(const uint16_t *x, const uint16_t *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_bf16_f32(const uint16_t *x, const uint16_t *g, float *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_bf16_f64(const uint16_t *x, const uint16_t *g, double *dx, size_t outer, size_t n, size_t inner);

int log_softmax_vjp_f32(const float *x, const float *g, float *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f32_f16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f32_bf16(const float *x, const float *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f32_f64(const float *x, const float *g, double *dx, size_t outer, size_t n, size_t inner);

int log_softmax_vjp_f64(const double *x, const double *g, double *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f64_f16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f64_bf16(const double *x, const double *g, uint16_t *dx, size_t outer, size_t n, size_t inner);
int log_softmax_vjp_f64_f32(const double *x, const double *g, float *dx, size_t outer, size_t n, size_t inner);

/*
 * The cross-entropy of each lane, outer * inner numbers, and its gradient by the logits, outer *
 * n * inner; there are outer * inner targets. The meanings are those of PyTorch's CrossEntropyLoss
 * without a reduction: label_smoothing from 0 to 1, lanes whose target is ignore_index have loss
 * and gradient 0, class_weights has n numbers in the format of x, or is NULL. A function that has
 * no use for a parameter that is not the usual one (0, -100, NULL) returns 2. size is that of the
 * structure that the host was built with.
 */
struct softmax_audit_cross_entropy {
  size_t size;
  double label_smoothing;
  int64_t ignore_index;
  const void *class_weights;
};

int cross_entropy_f16(const uint16_t *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f16_bf16(const uint16_t *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f16_f32(const uint16_t *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f16_f64(const uint16_t *x, const int64_t *targets, double *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_bf16(const uint16_t *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_bf16_f16(const uint16_t *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_bf16_f32(const uint16_t *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_bf16_f64(const uint16_t *x, const int64_t *targets, double *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_f32(const float *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f32_f16(const float *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f32_bf16(const float *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f32_f64(const float *x, const int64_t *targets, double *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_f64(const double *x, const int64_t *targets, double *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f64_f16(const double *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f64_bf16(const double *x, const int64_t *targets, uint16_t *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_f64_f32(const double *x, const int64_t *targets, float *loss, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_vjp_f16(const uint16_t *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f16_bf16(const uint16_t *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f16_f32(const uint16_t *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f16_f64(const uint16_t *x, const int64_t *targets, double *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_vjp_bf16(const uint16_t *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_bf16_f16(const uint16_t *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_bf16_f32(const uint16_t *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_bf16_f64(const uint16_t *x, const int64_t *targets, double *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_vjp_f32(const float *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f32_f16(const float *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f32_bf16(const float *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f32_f64(const float *x, const int64_t *targets, double *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

int cross_entropy_vjp_f64(const double *x, const int64_t *targets, double *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f64_f16(const double *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f64_bf16(const double *x, const int64_t *targets, uint16_t *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);
int cross_entropy_vjp_f64_f32(const double *x, const int64_t *targets, float *dx, size_t outer, size_t n, size_t inner,
  const struct softmax_audit_cross_entropy *p);

/*
 * Scaled dot-product attention of q (batch, heads, queries, head_dim), k (batch, kv_heads, keys,
 * head_dim) and v (batch, kv_heads, keys, value_dim) into o (batch, heads, queries, value_dim), and
 * the logsumexp of the scores of each query into lse (batch, heads, queries): float32 whatever the
 * other formats are, or NULL; a function that gives none leaves it as it is. Query head h reads
 * head h / (heads / kv_heads) of keys and values. In exact numbers, in this order: z = scale * (q .
 * k); z = softcap * tanh(z / softcap); z = z + mask; the sink of the head is one more score without
 * a value. scale 0 means 1 / sqrt(head_dim), softcap 0 none. causal is 0 for none, 1 for top-left
 * (query i sees keys j <= i), 2 for bottom-right (j <= i + keys - queries). mask has batch * heads
 * * queries * keys numbers in the format of q (finite, -inf), sinks heads of them; NULL for none.
 * Nothing in a key that a query must not see matters to it, not even a NaN. A query that sees no
 * key gives what the special lanes of the description say: NaN, or 0. A function answers with 2 to
 * a call for something that it does not do (a cap, say). size is that of the structure that the
 * host was built with.
 */
struct softmax_audit_attention {
  size_t size;
  size_t batch, heads, kv_heads, queries, keys, head_dim, value_dim;
  double scale, softcap;
  int32_t causal;
  const void *mask;
  const void *sinks;
};

int attention_f16(const uint16_t *q, const uint16_t *k, const uint16_t *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f16_bf16(const uint16_t *q, const uint16_t *k, const uint16_t *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f16_f32(const uint16_t *q, const uint16_t *k, const uint16_t *v, float *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f16_f64(const uint16_t *q, const uint16_t *k, const uint16_t *v, double *o, float *lse,
  const struct softmax_audit_attention *p);

int attention_bf16(const uint16_t *q, const uint16_t *k, const uint16_t *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_bf16_f16(const uint16_t *q, const uint16_t *k, const uint16_t *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_bf16_f32(const uint16_t *q, const uint16_t *k, const uint16_t *v, float *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_bf16_f64(const uint16_t *q, const uint16_t *k, const uint16_t *v, double *o, float *lse,
  const struct softmax_audit_attention *p);

int attention_f32(const float *q, const float *k, const float *v, float *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f32_f16(const float *q, const float *k, const float *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f32_bf16(const float *q, const float *k, const float *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f32_f64(const float *q, const float *k, const float *v, double *o, float *lse,
  const struct softmax_audit_attention *p);

int attention_f64(const double *q, const double *k, const double *v, double *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f64_f16(const double *q, const double *k, const double *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f64_bf16(const double *q, const double *k, const double *v, uint16_t *o, float *lse,
  const struct softmax_audit_attention *p);
int attention_f64_f32(const double *q, const double *k, const double *v, float *o, float *lse,
  const struct softmax_audit_attention *p);

/* Optional: the version of this interface that the library was written for, 1. */
uint32_t softmax_audit_abi(void);

/*
 * Optional: what the library says about itself, as JSON. All keys are optional, and others are
 * errors:
 *
 *     {"name": "mine", "version": "2.1",
 *      "model": "max-trick/pairwise",      a built-in variant whose error bound it keeps;
 *                                          for several operations
 *                                          {"softmax": "max-trick",
 *                                           "log-softmax": "max-trick/pairwise"}
 *      "promisedLaws": ["shift"],          laws that it keeps bit for bit
 *      "underflow": "flush",               or "gradual", the default
 *      "specialLanes": "nan-everywhere",   see --special-lanes
 *      "domain": {                         the tensors that it is made for; nothing else is asked:
 *        "lengthMultipleOf": 8, "largestLength": 1024,
 *        "largestLogit": 1e4,              the largest magnitude of a finite logit
 *        "inner": [1],                     the values of inner that there are
 *        "alignment": 32},                 what pointers are multiples of, in bytes
 *      "environment": {"tile size": "64"}} settings, kept with the results
 */
const char *softmax_audit_describe(void);

/* Optional: why the last call did not return 0. */
const char *softmax_audit_error(void);

#ifdef __cplusplus
}
#endif

#endif
