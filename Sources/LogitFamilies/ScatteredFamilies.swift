import FloatFormats
import PropertyTesting

/// Logits as they come out of models and test suites: random, at several scales.
let scattered: [LogitFamily] = [
  normalFamily(scale: 1), normalFamily(scale: 4), normalFamily(scale: 20),
  uniformFamily(scale: 1), uniformFamily(scale: 10), uniformFamily(scale: 100),
  LogitFamily(
    "llm-peaked", "a wide bulk, a few candidates, one winner: a token with most of the mass",
    goesLong: true, reach: { _, _ in max(6 + 2 * LogitFamily.largestDeviate, 25) }
  ) { request, random in
    var lane = request.values { 2 * random.normal() - 6 }
    for _ in 0..<min(8, request.length) {
      lane[random.integer(0...request.length - 1)] = random.uniform(2, 12)
    }
    lane[random.integer(0...request.length - 1)] = random.uniform(12, 25)
    return lane
  },
  LogitFamily(
    "llm-heavy-tail",
    "Student's t with 3 degrees of freedom: in long lanes one outlier has nearly all of the mass",
    // A tail that falls with the cube has no useful limit.
    goesLong: true, reach: { format, _ in format.greatestFinite }
  ) { request, random in request.values { 3 * random.studentThree() } },
  LogitFamily("integers", "small integers, which tie often", reach: { _, _ in 20 }) {
    request, random in
    request.values { Double(random.integer(-20...20)) }
  },
  LogitFamily(
    "sorted-up", "normal logits in ascending order: the maximum grows at every step",
    reach: { _, _ in 4 * LogitFamily.largestDeviate }
  ) {
    request, random in request.values { 4 * random.normal() }.sorted()
  },
  LogitFamily(
    "sorted-down", "normal logits in descending order",
    reach: { _, _ in 4 * LogitFamily.largestDeviate }
  ) { request, random in
    request.values { 4 * random.normal() }.sorted(by: >)
  },
]

private func normalFamily(scale: Int) -> LogitFamily {
  LogitFamily(
    "normal-\(scale)", "independent normal logits with standard deviation \(scale)",
    goesLong: scale == 4, isOrdinary: scale == 1,
    reach: { _, _ in Double(scale) * LogitFamily.largestDeviate }
  ) { request, random in request.values { Double(scale) * random.normal() } }
}

private func uniformFamily(scale: Int) -> LogitFamily {
  LogitFamily(
    "uniform-\(scale)", "independent logits, uniform between -\(scale) and \(scale)",
    reach: { _, _ in Double(scale) }
  ) {
    request, random in request.values { random.uniform(-Double(scale), Double(scale)) }
  }
}
