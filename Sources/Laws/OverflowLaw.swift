import AuditRecords
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// No exponential overflows, whatever the logits.
  ///
  /// Lanes around and beyond the point where exp overflows in the format and in those that people
  /// compute in, all logits alike or some far below. Outside the domain of a declared model outputs
  /// must be probabilities all the same: that the model overflows too is no excuse.
  static let overflow = Law(
    "overflow", "Logits for which exp overflows give probabilities like any others.",
    grade: .required,
    tolerance:
      "as for componentwise-error; outside the domain of a declared model the outputs must be probabilities",
    catches: [.overflow, .contraction],
    budget: Budget(random: 300, edges: 24), takesAnyLane: true,
    cases: { format in
      let edges = Law.exponentialEdges(format)
      let deep = LaneCases.readable(format, count: 1...300)
      let beyond = Generator<[Double]> { source in
        let lane = try deep.generate(from: &source)
        let edge = edges[try source.integer(in: 0...edges.count - 1)]
        let lift = Double(try source.integer(in: -3...100, simplest: 0))
        let span = try source.integer(in: 0...7)
        return lane.enumerated().map { index, logit in
          // A sign for every eighth logit or so: the others are what overflows.
          let sign = span > 0 && index % 8 == span ? -1.0 : 1
          return format.finite(sign * (edge + lift) + max(-32, min(32, logit)))
        }
      }
      return Generator<[Double]>.frequency([
        (1, LaneCases.any(format, count: 1...300)), (6, beyond),
      ]).cases
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, everywhere: true, &notes)
  }

  /// Logits of any size, up to the largest there is.
  ///
  /// Differences of such logits overflow themselves; mask sentinels meet, such as -65504 and
  /// -3.4e38.
  static let largeLogits = Law(
    "large-logits",
    "Logits up to the largest finite number, and what people mask with, give probabilities.",
    grade: .required,
    tolerance:
      "as for componentwise-error; outside the domain of a declared model the outputs must be probabilities",
    catches: [.overflow, .specialValues, .contraction],
    budget: Budget(random: 300, edges: 24), takesAnyLane: true,
    cases: { format in
      Generator<[Double]>.frequency([
        (2, LaneCases.any(format, count: 1...300)),
        (3, LaneCases.nearThresholds(format, count: 1...300)),
      ]).cases
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, everywhere: true, &notes)
  }

  /// The logits at which exp overflows, in the format and in what 16-bit formats are computed in.
  fileprivate static func exponentialEdges(_ format: FloatFormat) -> [Double] {
    let computing: [FloatFormat] =
      format == .float16 || format.isOfEightBits
      ? [.float16, .float32] : format == .bfloat16 ? [.float32] : [format]
    return computing.map { format.rounded(Double.log($0.greatestFinite)) }
  }
}
