// The cost of a softmax in Arb's ball arithmetic.
//
// usage: arb_softmax PRECISION N SEED REPETITIONS
// prints: the least time in nanoseconds per element.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if __has_include(<flint/arb.h>)
#include <flint/arb.h>
#else
#include <arb.h>
#endif

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: arb_softmax PRECISION N SEED REPETITIONS\n");
    return 64;
  }
  const slong precision = atol(argv[1]), n = atol(argv[2]), repetitions = atol(argv[4]);
  uint64_t state = strtoull(argv[3], NULL, 10);
  double *x = malloc((size_t)n * sizeof *x), largest = -HUGE_VAL;
  for (slong i = 0; i < n; i++) {
    double sum = -6;
    for (int k = 0; k < 12; k++) {
      state ^= state >> 12;
      state ^= state << 25;
      state ^= state >> 27;
      sum += (double)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * 0x1p-53;
    }
    x[i] = 4 * sum;
    if (x[i] > largest) largest = x[i];
  }
  arb_ptr w = _arb_vec_init(n);
  arb_t maximum, sum;
  arb_init(maximum);
  arb_init(sum);
  double least = HUGE_VAL;
  for (slong run = 0; run < repetitions; run++) {
    const double start = seconds();
    arb_set_d(maximum, largest);
    arb_zero(sum);
    for (slong i = 0; i < n; i++) {
      arb_set_d(w + i, x[i]);
      arb_sub(w + i, w + i, maximum, precision);
      arb_exp(w + i, w + i, precision);
      arb_add(sum, sum, w + i, precision);
    }
    for (slong i = 0; i < n; i++) arb_div(w + i, w + i, sum, precision);
    least = fmin(least, seconds() - start);
  }
  printf("%.2f\n", 1e9 * least / (double)n);
  _arb_vec_clear(w, n);
  arb_clear(maximum);
  arb_clear(sum);
  free(x);
  return 0;
}
