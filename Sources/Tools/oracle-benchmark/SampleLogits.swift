/// Logits close to normal with deviation 4, made as in scripts/benchmarks/mpfr_softmax.c, bit for
/// bit.
enum SampleLogits {
  static func make(count: Int, seed: UInt64) -> [Double] {
    var state = seed

    // xorshift64* (S. Vigna, ACM TOMS 42(4), 2016), the upper 53 bits as a number in [0, 1).
    func uniform() -> Double {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) * 0x1p-53
    }

    return (0..<count).map { _ in
      var sum = -6.0
      for _ in 0..<12 { sum += uniform() }
      return 4 * sum
    }
  }
}
