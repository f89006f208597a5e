// The cost of a softmax written directly in MPFR: what the oracle is compared with.
//
// usage: mpfr_softmax FORMAT PRECISION N SEED REPETITIONS
// prints: a checksum of the logits, the least and the median time in nanoseconds per element.
//
// Memory is allocated outside the timed part, and nothing is bounded, sorted or rounded: this is
// the least work that gives all the probabilities of a lane to the given precision.

#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state;

// xorshift64* (S. Vigna, ACM TOMS 42(4), 2016), the upper 53 bits as a number in [0, 1).
static double uniform(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (double)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * 0x1p-53;
}

// Twelve uniform numbers have variance 1 together: close to normal, and the same in every language.
static double logit(int single) {
  double sum = -6;
  for (int k = 0; k < 12; k++) sum += uniform();
  return single ? (double)(float)(4 * sum) : 4 * sum;
}

static double seconds_since(const struct timespec *start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static void softmax(const double *x, size_t n, mpfr_t *w, mpfr_ptr *pointers, mpfr_t maximum, mpfr_t sum) {
  double largest = x[0];
  for (size_t i = 1; i < n; i++) {
    if (x[i] > largest) largest = x[i];
  }
  mpfr_set_d(maximum, largest, MPFR_RNDN);
  for (size_t i = 0; i < n; i++) {
    mpfr_set_d(w[i], x[i], MPFR_RNDN);
    mpfr_sub(w[i], w[i], maximum, MPFR_RNDN);
    mpfr_exp(w[i], w[i], MPFR_RNDN);
  }
  mpfr_sum(sum, pointers, n, MPFR_RNDN);
  for (size_t i = 0; i < n; i++) mpfr_div(w[i], w[i], sum, MPFR_RNDN);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) {
    fprintf(stderr, "mpfr_softmax: out of memory\n");
    exit(70);
  }
  return memory;
}

int main(int argc, char **argv) {
  const int single = argc > 1 && strcmp(argv[1], "float32") == 0;
  if (argc != 6 || (!single && strcmp(argv[1], "float64") != 0)) {
    fprintf(stderr, "usage: mpfr_softmax float32|float64 PRECISION N SEED REPETITIONS\n");
    return 64;
  }
  const long precision = atol(argv[2]), n = atol(argv[3]), repetitions = atol(argv[5]);
  state = strtoull(argv[4], NULL, 10);
  if (precision < 2 || n < 1 || state == 0 || repetitions < 1) {
    fprintf(stderr, "mpfr_softmax: all numbers must be positive\n");
    return 64;
  }
  const size_t count = (size_t)n, runs = (size_t)repetitions;
  double *x = allocate(count, sizeof *x), *times = allocate(runs, sizeof *times);
  mpfr_t *w = allocate(count, sizeof *w);
  mpfr_ptr *pointers = allocate(count, sizeof *pointers);
  mpfr_t maximum, sum;
  mpfr_init2(maximum, precision);
  mpfr_init2(sum, precision);
  uint64_t checksum = 0;
  for (size_t i = 0; i < count; i++) {
    x[i] = logit(single);
    uint64_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    checksum = checksum * 31 + bits;
    mpfr_init2(w[i], precision);
    pointers[i] = w[i];
  }
  softmax(x, count, w, pointers, maximum, sum);
  for (size_t k = 0; k < runs; k++) {
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    softmax(x, count, w, pointers, maximum, sum);
    times[k] = 1e9 * seconds_since(&start) / (double)n;
  }
  qsort(times, runs, sizeof *times, ascending);
  printf("%016llx %.2f %.2f\n", (unsigned long long)checksum, times[0], times[runs / 2]);
  for (size_t i = 0; i < count; i++) mpfr_clear(w[i]);
  mpfr_clears(maximum, sum, (mpfr_ptr)0);
  mpfr_free_cache();
  free(pointers);
  free(w);
  free(times);
  free(x);
  return 0;
}
