import RealModule

extension AttentionFamily {
  /// The families, in the order in which they are listed and reported.
  ///
  /// Lengths lie beside the usual lengths of blocks, 16 to 128; dimensions are those of heads in
  /// use.
  package static let all: [AttentionFamily] = [
    AttentionFamily(
      "normal", "independent queries, keys and values: scores of standard deviation 1",
      isOrdinary: true,
      lengths: [0, 1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 255, 257, 1024, 8192],
      .normal(1)),
    AttentionFamily(
      "prefill", "one head with as many queries as keys", isOrdinary: true,
      lengths: [5, 33, 65, 130],
      isSquare: true, .normal(1)),
    AttentionFamily(
      "trained", "scores of standard deviation 2, and a first key that takes much of the mass",
      isOrdinary: true, dimension: 128, .placed(noise: 2) { key, _ in key == 0 ? 8 : 0 }),
    AttentionFamily(
      "peaked", "scores of standard deviation 12: few keys have all of the mass",
      dimension: 128, .normal(12)),
    AttentionFamily(
      "flat", "nearly equal scores and values of one sign: long sums of equal terms",
      lengths: [129, 1024, 8192], dimension: 80, .normal(0x1p-10), .ofOneSign),
    AttentionFamily(
      "ties", "scores that are multiples of few numbers, equal to the bit", dimension: 8, .ties,
      .cancelling),
    AttentionFamily(
      "block-edges", "the largest scores at both sides of the ends of blocks of 64 keys",
      .placed(noise: 0x1p-8) { key, _ in key > 0 && (key + 1) % 64 < 2 ? 6 : 0 }),
    AttentionFamily(
      "rising", "scores that grow to the last key: a new maximum in every block",
      .placed(noise: 0.25) { key, keys in 24 * Double(key) / Double(max(1, keys - 1)) }),
    AttentionFamily(
      "last-key", "a last key above all others, after sums of all others",
      .placed(noise: 1) { key, keys in key == keys - 1 ? 12 : 0 }),
    AttentionFamily(
      "spread", "scores from -150 to 150, whose exponentials are beyond any narrow format",
      .placed(noise: 1) { key, keys in
        300 * Double(key * 37 % keys) / Double(max(1, keys - 1)) - 150
      }),
    AttentionFamily(
      "high", "scores around 192, whose exponentials overflow unless the largest is subtracted",
      .placed(noise: 1) { _, _ in 192 }),
    AttentionFamily(
      "low", "scores around -192, whose exponentials vanish unless the largest is subtracted",
      .placed(noise: 1) { _, _ in -192 }),
    AttentionFamily(
      "cancelling-values", "values of both signs that are far larger than the outputs",
      .normal(1), .cancelling),
    AttentionFamily(
      "huge-values", "some values a thousand times as large as the others", .normal(2), .huge),
    AttentionFamily(
      "equal-values", "the same values at every key: an output is the value", .normal(2), .equal),
    AttentionFamily(
      "one-number", "queries, keys and values of one number", lengths: [17, 129], dimension: 1,
      .normal(3)),
    AttentionFamily(
      "wide", "queries, keys and values of 256 numbers", lengths: [17, 129], dimension: 256,
      .normal(1)),
  ]
}
