// The cost of a softmax in QD's double-double arithmetic.
//
// usage: qd_softmax N SEED REPETITIONS
// prints: the least time in nanoseconds per element.

#include <qd/dd_real.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: qd_softmax N SEED REPETITIONS\n");
    return 64;
  }
  const size_t n = std::strtoul(argv[1], nullptr, 10);
  uint64_t state = std::strtoull(argv[2], nullptr, 10);
  const int repetitions = std::atoi(argv[3]);
  std::vector<double> x(n);
  for (double &logit : x) {
    double sum = -6;
    for (int k = 0; k < 12; k++) {
      state ^= state >> 12;
      state ^= state << 25;
      state ^= state >> 27;
      sum += static_cast<double>((state * UINT64_C(0x2545F4914F6CDD1D)) >> 11) * 0x1p-53;
    }
    logit = 4 * sum;
  }
  const double largest = *std::max_element(x.begin(), x.end());
  std::vector<dd_real> w(n);
  double least = std::numeric_limits<double>::infinity();
  for (int run = 0; run < repetitions; run++) {
    const auto start = std::chrono::steady_clock::now();
    dd_real sum = 0;
    for (size_t i = 0; i < n; i++) {
      w[i] = exp(dd_real(x[i]) - largest);
      sum += w[i];
    }
    for (dd_real &p : w) p /= sum;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    least = std::min(least, elapsed.count());
  }
  std::printf("%.2f\n", 1e9 * least / static_cast<double>(n));
}
