import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Gradients are linear in the upstream: times minus a power of two, every result is times it,
  /// bit for bit where nothing underflows or overflows.
  static let upstreamScale = Law(
    "upstream-scale",
    "An upstream times minus a power of two gives gradients times the same, bit for bit where nothing leaves the normal range.",
    grade: .consistency, tolerance: "none in the normal range",
    catches: [.formula, .temperature, .quantized],
    of: [.softmaxVJP, .softmaxBackward, .logSoftmaxVJP],
    budget: Budget(random: 100, edges: 12), form: .lane([-6...6]),
    // Products with a wide upstream leave the normal range of narrow formats.
    accompanying: { if $0.upstream == .wide { $0.upstream = .scattered } },
    cases: { format in
      let lanes = LaneCases.readable(format, count: 1...300)
      return Generator { source in
        let lane = try lanes.generate(from: &source).map { max(-8, min(8, $0)) }
        return LawCase(lane: lane, arguments: [try source.integer(in: -6...6, simplest: 0)])
      }
    }
  ) { input, trial, notes in
    let factor = -Double(sign: .plus, exponent: input.arguments[0], significand: 1)
    var scaled = input
    scaled.accompanying?.upstreamFactor = factor
    let before = try trial.outputs(of: input)
    let after = try trial.outputs(of: scaled)
    let least = trial.subject.output.leastNormal * 0x1p20
    let most = trial.subject.output.greatestFinite * 0x1p-20
    let inside = before.indices.filter { index in
      [before[index], after[index]].allSatisfy { abs($0) >= least && abs($0) <= most }
    }
    return trial.comparison(
      inside.map { before[$0] * factor }, inside.map { after[$0] }, allowed: nil,
      change: "with an upstream \(factor) times as large (first is so many times what it was)",
      changedOutputs: after, &notes)
  }
}
