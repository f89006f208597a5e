import FloatFormats
import PropertyTesting

extension Law {
  /// n equal logits give the float nearest to 1/n.
  ///
  /// With the maximum subtracted every exponential is exactly 1, their sum exactly n, and the division rounds once. So
  /// this shows accumulators that are too narrow, approximate reciprocals, and a wrong n. Outputs of 16 bits may have been
  /// rounded to float32 first. A declared algorithm that rounds more often is held to its bound instead.
  static let uniform = Law(
    "uniform", "n equal logits give the float nearest to 1/n everywhere.", grade: .consistency,
    tolerance:
      "none: fl(1/n), or 0 where that is subnormal and flushing is declared; the bound of a declared algorithm that does not subtract the maximum, or takes logarithms",
    catches: [.rounding, .lowPrecision, .approximation, .tails],
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
    guard trial.subject.givesReciprocal(ofCount: count) else {
      return try trial.judgeLanes(of: input, outputs, &notes)
    }
    var accepted = trial.reciprocals(of: count)
    if trial.subject.underflow == .flush, 1 / Double(count) < trial.subject.output.leastNormal {
      accepted.insert(0)
    }
    for (index, y) in outputs.enumerated() where !accepted.contains(y) {
      return .broken(
        Violation(
          "output \(index) of \(count) equal logits is \(trial.text(y)), where 1/\(count) rounds to "
            + accepted.sorted().map(trial.text).joined(separator: " or "), kind: "uniform"))
    }
    return .kept
  }
}
