import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// A causal mask hides the keys that a query must not see, and no other.
  ///
  /// Catches masks that are off by one, and the other alignment where there are not as many
  /// queries as keys.
  static let causalMask = Law(
    "causal-mask",
    "With a causal mask a query gives what the keys give that it sees, and 0 for the others.",
    grade: .required, tolerance: "0 where hidden; else what is tolerated",
    catches: [.axes, .formula], of: [.softmax, .logSoftmax, .logSumExp],
    budget: Budget(random: 80, edges: 16), form: .tensor([0...1]), modifiers: [.causal],
    cases: { format in
      let numbers = LaneCases.readable(format, count: 12...12)
      return Generator { source in
        let batch = try source.integer(in: 1...2)
        let queries = try source.integer(in: 1...9)
        let keys = try source.integer(in: 1...12)
        let first = try numbers.generate(from: &source)
        let logits = (0..<batch * queries).flatMap { lane in
          (0..<keys).map { format.rounded(first[($0 + 5 * lane) % 12] + Double(lane % 3)) }
        }
        var rule = AccompanyingInputs()
        let alignment = try source.integer(in: 0...1)
        rule.modifiers = ModifierRule()
        rule.modifiers?.causal = CausalAlignment.allCases[alignment]
        let shape = batch > 1 ? [batch, queries, keys] : [queries, keys]
        guard let geometry = try? LaneGeometry(shape: shape, axis: -1) else {
          preconditionFailure("a small shape has a last axis")
        }
        return LawCase(
          geometry: geometry, logits: logits, arguments: [alignment],
          accompanying: rule)
      }
    }
  ) { input, trial, notes in
    guard input.geometry.shape.count >= 2, trial.subject.modifiers.contains(.causal) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let alignment = CausalAlignment.allCases[input.arguments[0]]
    var rule = ModifierRule()
    rule.causal = alignment
    let outputs = try trial.outputs(of: input, with: rule)
    trial.consider(nil)
    // What is hidden is as a logit of -inf is.
    let modifiers = LogitModifiers(causal: alignment)
    var hidden = input.logits
    for number in 0..<input.laneCount {
      let mask = modifiers.lane(number, of: input.geometry).mask ?? []
      input.geometry.place(
        zip(input.lane(number), mask).map { $0 + $1 }, asLane: number, in: &hidden)
    }
    return try trial.judgeSpecialLanes(of: input.replacing(logits: hidden), outputs, &notes)
  }
}
