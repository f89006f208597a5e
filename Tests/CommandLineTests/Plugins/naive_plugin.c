/* exp(x) / sum: overflows in float32. -DDECLARED says so; -DFACTOR=1.5 makes
 * another softmax of it. */
#include <math.h>
#include <stddef.h>

#ifndef FACTOR
#define FACTOR 1.0f
#endif

#ifdef DECLARED
const char *softmax_audit_describe(void) { return "{\"model\": \"naive\"}"; }
#endif

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < inner; i++) {
      const float *a = x + o * n * inner + i;
      float *b = y + o * n * inner + i;
      float sum = 0;
      for (size_t k = 0; k < n; k++) sum += b[k * inner] = expf(a[k * inner]);
      for (size_t k = 0; k < n; k++) b[k * inner] = b[k * inner] / sum * FACTOR;
    }
  return 0;
}
