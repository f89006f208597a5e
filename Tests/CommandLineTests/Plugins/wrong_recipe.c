/* Outputs that are no softmax of the logits. FACTOR is a temperature; RECIPE chooses besides. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum { SOFTMAX, NOISE, WRONG_LANE };

#ifndef RECIPE
#define RECIPE SOFTMAX
#endif
#ifndef FACTOR
#define FACTOR 1.0f
#endif

int softmax_f32(const float *x, float *y, size_t outer, size_t n, size_t inner) {
  uint64_t state = 1;
  for (size_t lane = 0; lane < outer * inner; lane++) {
    size_t start = lane / inner * n * inner + lane % inner;
    float maximum = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) {
      float logit = x[start + i * inner] * FACTOR;
      if (RECIPE == NOISE) {
        /* A sample of the Gumbel-softmax: -log(-log(uniform)) is added to each logit. */
        state = state * 6364136223846793005u + 1442695040888963407u;
        logit -= logf(-logf(((float)(state >> 41) + 0.5f) * 0x1p-23f));
      }
      y[start + i * inner] = logit;
      maximum = fmaxf(maximum, logit);
    }
    for (size_t i = 0; i < n; i++) {
      float *place = y + start + i * inner;
      sum += *place = expf(*place - maximum);
    }
    if (RECIPE == WRONG_LANE && lane == 3 && n > 4096) sum *= 1.5f;
    for (size_t i = 0; i < n; i++) y[start + i * inner] /= sum;
  }
  return 0;
}
