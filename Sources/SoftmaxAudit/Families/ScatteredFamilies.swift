import FloatFormats
import PropertyTesting

/// Logits as they come out of models and test suites: random, at several scales.
let scattered: [LogitFamily] = [
  normalFamily(scale: 1), normalFamily(scale: 4), normalFamily(scale: 20),
  uniformFamily(scale: 1), uniformFamily(scale: 10), uniformFamily(scale: 100),
  LogitFamily(
    "llm-peaked", "a language model that is sure: a wide bulk, a few candidates, one winner",
    goesLong: true
  ) { request, random in
    var lane = request.values { 2 * random.normal() - 6 }
    for _ in 0..<min(8, request.length) {
      lane[random.integer(0...request.length - 1)] = random.uniform(2, 12)
    }
    lane[random.integer(0...request.length - 1)] = random.uniform(12, 25)
    return lane
  },
  LogitFamily(
    "llm-heavy-tail", "a language model that is not sure: Student's t with 3 degrees of freedom",
    goesLong: true
  ) { request, random in request.values { 3 * random.studentThree() } },
  LogitFamily("integers", "small integers, which tie often") { request, random in
    request.values { Double(random.integer(-20...20)) }
  },
  LogitFamily("sorted-up", "normal logits in ascending order: the maximum grows at every step") {
    request, random in request.values { 4 * random.normal() }.sorted()
  },
  LogitFamily("sorted-down", "normal logits in descending order") { request, random in
    request.values { 4 * random.normal() }.sorted(by: >)
  },
]

private func normalFamily(scale: Int) -> LogitFamily {
  LogitFamily(
    "normal-\(scale)", "independent normal logits with standard deviation \(scale)",
    goesLong: scale == 4
  ) { request, random in request.values { Double(scale) * random.normal() } }
}

private func uniformFamily(scale: Int) -> LogitFamily {
  LogitFamily("uniform-\(scale)", "independent logits, uniform between -\(scale) and \(scale)") {
    request, random in request.values { random.uniform(-Double(scale), Double(scale)) }
  }
}
