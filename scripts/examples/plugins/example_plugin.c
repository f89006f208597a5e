/*
 * An example of a plug-in for softmax-audit: the softmax that subtracts the maximum, in float32 and
 * float64.
 *
 *     cc -O2 -shared -fPIC -o example_plugin.so example_plugin.c -lm
 *     softmax-audit audit --plugin example_plugin.so
 */
#include "softmax_audit.h"

#include <math.h>

#define DEFINE_SOFTMAX(name, type, exponential)                                     \
  int name(const type *x, type *y, size_t outer, size_t n, size_t inner) {          \
    for (size_t o = 0; o < outer; o++) {                                            \
      for (size_t i = 0; i < inner; i++) {                                          \
        const type *lane = x + o * n * inner + i;                                   \
        type *result = y + o * n * inner + i;                                       \
        type maximum = -INFINITY, sum = 0;                                          \
        for (size_t k = 0; k < n; k++)                                              \
          if (lane[k * inner] > maximum) maximum = lane[k * inner];                 \
        for (size_t k = 0; k < n; k++) {                                            \
          result[k * inner] = exponential(lane[k * inner] - maximum);               \
          sum += result[k * inner];                                                 \
        }                                                                           \
        for (size_t k = 0; k < n; k++) result[k * inner] /= sum;                    \
      }                                                                             \
    }                                                                               \
    return 0;                                                                       \
  }

DEFINE_SOFTMAX(softmax_f32, float, expf)
DEFINE_SOFTMAX(softmax_f64, double, exp)

uint32_t softmax_audit_abi(void) { return 1; }

const char *softmax_audit_describe(void) {
  return "{\"name\": \"example\", \"version\": \"1.0\", \"model\": \"max-trick/sequential\","
         " \"promisedLaws\": [\"shift\"]}";
}
