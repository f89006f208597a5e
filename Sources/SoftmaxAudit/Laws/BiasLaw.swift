import FloatFormats
import PropertyTesting
import SoftmaxOracle
import SoftmaxVariants

extension Law {
  /// Errors of short lanes do not lean to one side.
  ///
  /// Truncation instead of rounding, or a reciprocal that is always too small, is within every bound and yet adds up over
  /// a network. The mean signed error over a batch of short lanes is at most 0.25 ulp; six standard errors of that mean,
  /// taken over lanes because errors of one lane are not independent, are given on top. A declared algorithm that leans by
  /// a rounded constant is held to its bound instead.
  static let noBias = Law(
    "bias", "The mean signed error of short lanes is at most 0.25 ulp.", grade: .consistency,
    tolerance: "0.25 ulp and six standard errors of the mean over lanes of at most 16 logits",
    catches: [.rounding, .approximation, .contraction],
    budget: Budget(random: 12, edges: 0), form: .tensor(),
    cases: { format in
      Generator { source in
        let length = try source.integer(in: 2...16)
        let lanes = try source.integer(in: 64...512, simplest: 64, sample: 512)
        let spread = [1.0, 2, 4][try source.integer(in: 0...2)]
        let seed = try source.bits(width: 24)
        var random = CounterGenerator(seed: seed, stream: "bias")
        return LawCase(
          lanes: (0..<lanes).map { _ -> [Double] in
            (0..<length).map { _ -> Double in format.rounded(random.normal() * spread) }
          })
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    if trial.subject.model?.leansByConstant == true {
      return try trial.judgeLanes(of: input, outputs, &notes)
    }
    var means: [Double] = []
    for number in 0..<input.laneCount {
      let reference = trial.reference(of: input.lane(number))
      // A lane with NaN or +inf, or of -inf alone, has no errors; cases from files may have one.
      guard reference.special == nil else { continue }
      let errors = input.geometry.lane(number, of: outputs).enumerated().compactMap {
        trial.signedUlps(of: $0.element, at: $0.offset, in: reference)
      }
      guard !errors.isEmpty else { continue }
      means.append(errors.reduce(0, +) / Double(errors.count))
    }
    guard means.count >= 32 else { return .inapplicable("too few lanes have normal outputs") }
    let count = Double(means.count)
    let mean = means.reduce(0, +) / count
    let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let allowed = 0.25 + 6 * (variance / count).squareRoot()
    notes.score(abs(mean) / allowed)
    guard abs(mean) > allowed else { return .kept }
    return .broken(
      Violation(
        "the mean signed error of \(means.count) lanes is \(mean) ulp, where \(allowed) is tolerated",
        kind: mean < 0 ? "too small" : "too large", severity: abs(mean) / allowed))
  }
}
