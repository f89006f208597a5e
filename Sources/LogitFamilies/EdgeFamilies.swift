import FloatFormats
import PropertyTesting

/// Lanes at the edges of the formats: overflow, underflow, the largest numbers, any bits at all.
let edges: [LogitFamily] = [
  LogitFamily(
    "overflow-edge", "logits within 2 of the point where exp overflows",
    reach: { format, _ in naturalLogarithm(format.greatestFinite) + 3 }
  ) {
    request, random in
    let edge = request.logGreatest
    return request.values { edge + random.uniform(-2, 2) }
  },
  LogitFamily(
    "sum-overflow-edge", "logits whose exponentials are finite and whose sum may not be",
    reach: { format, _ in naturalLogarithm(format.greatestFinite) + 2 }
  ) { request, random in
    let edge = request.logGreatest - naturalLogarithm(Double(request.length))
    return request.values { edge + random.uniform(-1, 1) }
  },
  LogitFamily(
    "largest", "logits up to the largest finite number, of both signs",
    reach: { format, _ in format.greatestFinite }
  ) {
    request, random in
    let largest = request.format.greatestFinite
    return request.values {
      switch random.integer(0...3) {
      case 0: largest
      case 1: -largest
      case 2: random.uniform(-largest / 2, largest / 2) * 2
      default: random.normal()
      }
    }
  },
  LogitFamily(
    "very-negative", "all logits far below the point where exp vanishes",
    reach: { format, _ in
      3 * LogitFamily.largestDeviate + 1 - 2 * naturalLogarithm(format.leastSubnormal)
    }
  ) {
    request, random in
    let edge = 2 * request.logLeastSubnormal
    return request.values { edge + 3 * random.normal() }
  },
  LogitFamily(
    "underflow-edge",
    "one logit at 0, the rest within 3 of where exp becomes subnormal or vanishes",
    reach: { format, _ in 4 - naturalLogarithm(format.leastSubnormal) }
  ) { request, random in
    var lane = request.values {
      let edge = random.uniform() < 0.5 ? request.logLeastNormal : request.logLeastSubnormal
      return edge + random.uniform(-3, 3)
    }
    lane[random.integer(0...request.length - 1)] = 0
    return lane
  },
  LogitFamily(
    "subnormal-results", "one logit at 0, the rest where the exact result is subnormal",
    reach: { format, _ in 1 - naturalLogarithm(format.leastSubnormal) }
  ) {
    request, random in
    var lane = request.values { random.uniform(request.logLeastSubnormal, request.logLeastNormal) }
    lane[random.integer(0...request.length - 1)] = 0
    return lane
  },
  LogitFamily(
    "random-bits", "any finite numbers of the format, every bit pattern alike",
    reach: { format, _ in format.greatestFinite }
  ) {
    request, random in
    request.values { request.format.randomFinite(&random) }
  },
]

extension FloatFormat {
  /// A finite number of the format, every finite encoding with the same probability.
  func randomFinite(_ random: inout CounterGenerator) -> Double {
    while true {
      let value = value(ofBits: random.next())
      if value.isFinite { return value }
    }
  }
}
