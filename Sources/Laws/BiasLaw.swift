import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import PropertyTesting
import RealModule
import SoftmaxVariants

extension Law {
  /// Errors of short lanes do not lean to one side.
  ///
  /// Truncation instead of rounding, or a sum that is always too small, is within every bound and
  /// yet adds up over a network. The mean signed error over a batch of short lanes is at most 0.25
  /// ulp; six standard errors of that mean, taken over lanes because errors of one lane are not
  /// independent, are given on top.
  ///
  /// Some errors of sound softmaxes lean as well, see ``Leaning``, and what they explain is given
  /// too. It is little where one logit dominates its lane: there the largest output shows the sum
  /// and the quotient alone.
  package static let noBias = Law(
    "bias", "The mean signed error of short lanes is at most 0.25 ulp.", grade: .consistency,
    tolerance:
      "0.25 ulp, six standard errors of the mean over lanes of at most 16 logits, and what a rounded log2 e, and functions within their accuracy, can make errors lean by",
    catches: [.rounding, .approximation, .contraction], of: [.softmax],
    budget: Budget(random: 16, edges: 0), form: .tensor(), isAboutLengths: true,
    cases: { format in
      Generator { source in
        let length = try source.integer(in: 2...16)
        let lanes = try source.integer(in: 64...512, simplest: 64, sample: 512)
        // The last kinds show errors that do not come from exponentials: half of all cases are of
        // them.
        let kind = try source.integer(in: 0...5)
        let seed = try source.bits(width: 24)
        var random = CounterGenerator(seed: seed, stream: "bias")
        return LawCase(
          lanes: (0..<lanes).map { lane -> [Double] in
            guard kind > 2 else {
              return (0..<length).map { _ -> Double in
                format.rounded(random.normal() * [1.0, 2, 4][kind])
              }
            }
            if format.isNarrow {
              return (0..<length).map { _ -> Double in format.rounded(random.normal() / 8) }
            }
            // The others add up to between 0.0015 and 0.0041. That is little, so that their
            // exponentials explain little. And it is not less: with a sum of 1 + 2^-23 k the
            // quotient 1/(1 + 2^-23 k) = 1 - 2^-23 k + 2^-46 k^2 - ... lies 2^-22 k^2 ulps past a
            // float, which is always just past an even one while k is below 1000, and anywhere from
            // k = 10 000 on. Where all quotients lie alike between two floats, the errors of a
            // sound softmax lean.
            return (0..<length).map { index -> Double in
              index == lane % length
                ? 0 : format.rounded(-5.5 - Double.log(Double(length - 1)) - random.uniform())
            }
          })
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    let leaning = Leaning(trial.subject)
    var (all, largest) = (SignedErrors(), SignedErrors())
    for number in 0..<input.laneCount {
      let lane = input.lane(number)
      // A lane with NaN or +inf, or of -inf alone, has no errors; cases from files may have one.
      guard let profile = LaneProfile(exactly: lane) else { continue }
      let reference = trial.reference(of: lane)
      let lanesOutputs = trial.lane(number, of: outputs, input)
      let errors = lanesOutputs.indices.compactMap { index in
        trial.signedUlps(of: lanesOutputs[index], at: index, in: reference).map {
          (error: $0, index: index)
        }
      }
      let explained = leaning.sensitivities(of: profile, in: trial.subject.output)
      all.add(errors.map { ($0.error, explained($0.index)) })
      largest.add(
        errors.filter { lane[$0.index] == profile.maximum }.map {
          ($0.error, explained($0.index))
        })
    }
    guard all.count >= 32 else { return .inapplicable("too few lanes have normal outputs") }
    // Next to 1 a format of 16 bits has too few numbers for roundings to cancel.
    let judged = trial.subject.output.isNarrow ? [all] : [all, largest]
    for errors in judged where errors.count >= 32 {
      let allowed = errors.allowed(leaning)
      notes.score(abs(errors.mean) / allowed)
      guard abs(errors.mean) > allowed else { continue }
      return .broken(
        Violation(
          "the mean signed error of \(errors.count) lanes is \(errors.mean) ulp, where \(allowed) is tolerated",
          kind: errors.mean < 0 ? "too small" : "too large",
          severity: abs(errors.mean) / allowed))
    }
    return .kept
  }
}

/// The mean signed errors of lanes, with how far each source of leaning can move them.
private struct SignedErrors {
  private var means: [Double] = []
  private var total = Leaning.Sensitivity()

  var count: Int { means.count }
  var mean: Double { means.reduce(0, +) / Double(means.count) }

  /// Adds a lane; nothing where it has no errors.
  mutating func add(_ errors: [(error: Double, sensitivity: Leaning.Sensitivity)]) {
    guard !errors.isEmpty else { return }
    let scale = 1 / Double(errors.count)
    means.append(errors.reduce(0) { $0 + $1.error } * scale)
    for (_, sensitivity) in errors { total.add(sensitivity, times: scale) }
  }

  func allowed(_ leaning: Leaning) -> Double {
    let count = Double(means.count)
    let mean = mean
    let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return 0.25 + 6 * (variance / count).squareRoot() + leaning.explained(total) / count
  }
}
