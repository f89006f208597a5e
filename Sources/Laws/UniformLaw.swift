import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// n equal logits give 1/n, as nearly as the forms of a sound softmax do.
  ///
  /// Equal logits have equal exponentials, so that of all errors those of the sum and of the last
  /// step are left: a division, a product with a reciprocal good to 1 ulp, or the exponential of
  /// -log n. So this shows poor reciprocals and a wrong n on short lanes, and accumulators that are
  /// too narrow on long ones. A declared algorithm is held to its bound, which knows that
  /// exponentials of 0 are 1 and sums of ones exact.
  static let uniform = Law(
    "uniform", "n equal logits give 1/n everywhere.", grade: .consistency,
    tolerance:
      "the bound of the declared model; else a sum of n terms, and a reciprocal good to 1 ulp or the exponential of -log n; or 0 where 1/n is subnormal and flushing is declared",
    catches: [.rounding, .lowPrecision, .approximation, .tails], of: [.softmax],
    budget: Budget(random: 400, edges: 40),
    cases: { format in
      let lengths = LaneCases.lengths(1...20_000)
      let values = LaneCases.readable(format, count: 1...1)
      return Generator { source in
        let count = try lengths.generate(from: &source)
        let value = try values.generate(from: &source)[0]
        return LawCase(lane: [Double](repeating: value, count: count))
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    let count = input.geometry.length
    guard trial.subject.model == nil else {
      return try trial.judgeLanes(of: input, outputs, &notes)
    }
    let tolerance = DefaultTolerance(
      output: trial.subject.output, underflow: trial.subject.underflow)
    guard let allowed = tolerance.boundForEqualLogits(count: count) else {
      return .inapplicable("the lane has no bound")
    }
    let mayVanish =
      trial.subject.underflow == .flush
      && 1 / Double(count) - allowed < trial.subject.output.leastNormal
    for (index, y) in outputs.enumerated() where !(mayVanish && y == 0) {
      // n y - 1 with a single rounding; NaN and infinities exceed everything.
      let error = abs((-1.0).addingProduct(y, Double(count))) / Double(count)
      notes.score(error.isFinite ? error / allowed : .greatestFiniteMagnitude)
      guard !(error <= allowed) else { continue }
      return .broken(
        Violation(
          "output \(index) of \(count) equal logits is \(trial.text(y)), where 1/\(count) rounds to "
            + trial.reciprocals(of: count).sorted().map(trial.text).joined(separator: " or ")
            + " and \(allowed) more or less is tolerated",
          kind: "uniform", severity: error / allowed))
    }
    return .kept
  }
}
