import FloatFormats
import PropertyTesting

/// Lanes with a plan: ties, steps, offsets, masks.
let structured: [LogitFamily] = [
  LogitFamily(
    "constant", "all logits equal: the exact answer is 1/n", goesLong: true,
    reach: { _, _ in 10 }
  ) {
    request, random in
    let value = random.uniform(-10, 10)
    return request.values { value }
  },
  LogitFamily(
    "one-dominant", "one logit far above the rest, at any position",
    reach: { _, _ in 201 }
  ) { request, random in
    let gap = random.uniform(5, 200)
    var lane = request.values { random.uniform(-1, 1) }
    lane[random.integer(0...request.length - 1)] += gap
    return lane
  },
  LogitFamily(
    "staircase-up",
    "steps of a quarter of the unit roundoff, ascending: each addition rounds alike",
    goesLong: true, reach: { Double($1) * $0.unitRoundoff / 4 }
  ) { request, _ in
    let step = request.format.unitRoundoff / 4
    return (0..<request.length).map { Double($0) * step }
  },
  LogitFamily(
    "staircase-down", "the same steps, descending",
    reach: { Double($1) * $0.unitRoundoff / 4 }
  ) { request, _ in
    let step = request.format.unitRoundoff / 4
    return (0..<request.length).map { -Double($0) * step }
  },
  LogitFamily(
    "arithmetic", "an arithmetic progression downward, with steps between 0.01 and 2",
    reach: { 2 * Double($1) }
  ) {
    request, random in
    let step = random.uniform(0.01, 2)
    return (0..<request.length).map { -Double($0) * step }
  },
  LogitFamily(
    "near-ties", "logits within a few ulps of each other",
    reach: { _, _ in 9 }
  ) { request, random in
    let base = random.uniform(-8, 8)
    let ulp = 2 * request.format.unitRoundoff * abs(base)
    return request.values { base + ulp * Double(random.integer(-3...3)) }
  },
  LogitFamily(
    "offset",
    "uniform logits plus an offset: 10^0 to 10^6, to 10^4 in float16, to 10^15 in float64",
    // An offset rounded up to the spacing of the format, which is at most 2^-7 of it.
    reach: { format, _ in naturalPower(of: 10, format.decadesOfOffset) * (1 + 0x1p-7) + 1 }
  ) { request, random in
    var offset = 1.0
    for _ in 0..<random.integer(0...request.format.decadesOfOffset) { offset *= 10 }
    return request.values { offset + random.uniform() }
  },
  LogitFamily(
    "two-level", "one logit at 0, the rest at -(log n - log log n): the largest mean gap",
    reach: { naturalLogarithm(Double(max($1, 3))) + ($0.unitRoundoff * 64) }
  ) {
    request, _ in
    let logCount = naturalLogarithm(Double(max(request.length, 3)))
    var lane = request.values { -(logCount - naturalLogarithm(logCount)) }
    lane[0] = 0
    return lane
  },
  LogitFamily(
    "masked", "normal logits with -inf in about a third of the places",
    reach: { _, _ in 3 * LogitFamily.largestDeviate }
  ) {
    request, random in
    var lane = request.values { random.uniform() < 0.3 ? -Double.infinity : 3 * random.normal() }
    lane[random.integer(0...request.length - 1)] = random.normal()
    return lane
  },
  LogitFamily(
    "mask-sentinels", "normal logits masked with -1e4, -1e9 or the lowest number of the format",
    reach: { format, _ in format.greatestFinite }
  ) { request, random in
    let lowest = -request.format.greatestFinite
    var lane = request.values {
      switch random.integer(0...5) {
      case 0: max(lowest, -1e4)
      case 1: max(lowest, -1e9)
      case 2: lowest
      default: 3 * random.normal()
      }
    }
    lane[random.integer(0...request.length - 1)] = random.normal()
    return lane
  },
  LogitFamily(
    "special", "one NaN, one +inf, or only -inf: lanes without a softmax",
    reach: { _, _ in 3 * LogitFamily.largestDeviate }
  ) {
    request, random in
    var lane = request.values { 3 * random.normal() }
    switch request.sample % 3 {
    case 0: lane[random.integer(0...request.length - 1)] = .nan
    case 1: lane[random.integer(0...request.length - 1)] = .infinity
    default: lane = request.values { -.infinity }
    }
    return lane
  },
]

extension FloatFormat {
  /// The decades up to which `offset` goes.
  ///
  /// float16 ends at 65504, as float8-e5m2 does nearly, float8-e4m3fn at 448; the spacing of
  /// float32 at 10^6 is 1/16, that of float64 at 10^15 is 1/8.
  fileprivate var decadesOfOffset: Int {
    switch self {
    case .float8E4M3FN, .float8E4M3FNUZ: 2
    case .float16, .float8E5M2, .float8E5M2FNUZ: 4
    case .bfloat16, .float32: 6
    case .float64: 15
    }
  }
}

/// A power with a small natural exponent.
private func naturalPower(of base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { power, _ in power * base }
}
