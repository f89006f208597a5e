import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// Small probabilities are as good as the format has room for.
  ///
  /// Logits at distances from the maximum where the result becomes subnormal, where it vanishes,
  /// and beyond. A softmax that flushes subnormal results says so, and is then allowed to.
  package static let underflow = Law(
    "underflow",
    "Probabilities near and below the least normal number are as near as the format allows.",
    grade: .required,
    tolerance:
      "(K + 1) smallest subnormal numbers beside the relative part; declared flushing accepts 0 below the normal range",
    catches: [.underflow, .approximation], of: [.softmax],
    budget: Budget(random: 300, edges: 24, targeted: 0), takesAnyLane: true,
    cases: { format in
      let normal = -Double.log(format.leastNormal)
      let vanishing = -Double.log(format.leastSubnormal)
      let maxima = LaneCases.readable(format, count: 1...8)
      let small = Generator<[Double]> { source in
        let count = try LaneCases.lengths(1...300).generate(from: &source)
        let edge = [normal, vanishing][try source.integer(in: 0...1)]
        let width = [0.0, 2, 8][try source.integer(in: 0...2)]
        let top = try maxima.generate(from: &source).map { max(-32, min(32, $0)) }
        let seed = try source.bits(width: 16)
        var random = CounterGenerator(seed: seed, stream: "underflow")
        let maximum = top.max() ?? 0
        var lane = (0..<count).map { _ in
          format.finite(maximum - edge + random.uniform(-width, width))
        }
        lane.insert(contentsOf: top, at: random.integer(0...lane.count))
        return lane
      }
      return Generator<[Double]>.frequency([
        (1, LaneCases.any(format, count: 1...300)), (6, small),
      ]).cases
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}
