import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// Permuting the logits of a lane permutes its outputs.
  ///
  /// Another order of summation rounds differently, so the outputs may differ by what is tolerated
  /// of both.
  package static let permutation = Law(
    "permutation", "Permuting the logits permutes the outputs.", grade: .promised,
    tolerance: "the same bits where promised; else what is tolerated of both outputs together",
    catches: [.tails, .nondeterminism], of: [.softmax, .logSoftmax],
    budget: Budget(random: 200, edges: 12), form: .lane([0...2, 1...63]), takesAnyLane: true,
    cases: { format in
      let lanes = LaneCases.lanes(format, count: 1...600)
      return Generator { source in
        let lane = try lanes.generate(from: &source)
        let kind = try source.integer(in: 0...2)
        return LawCase(lane: lane, arguments: [kind, try source.integer(in: 1...63)])
      }
    }
  ) { input, trial, notes in
    let lane = input.lane(0)
    var order = Array(lane.indices)
    let change: String
    switch input.arguments[0] {
    case 0:
      order.reverse()
      change = "after the lane was reversed"
    case 1:
      let turn = input.arguments[1] % max(1, lane.count)
      order = Array(order[turn...] + order[..<turn])
      change = "after the lane was rotated by \(turn)"
    default:
      order.sort { lane[$0] < lane[$1] || lane[$0] == lane[$1] && $0 < $1 }
      change = "after the lane was sorted"
    }
    let before = try trial.outputs(of: input)
    let permuted = order.map { lane[$0] }
    let outputs = try trial.outputs(of: LawCase(lane: permuted))
    var after = before
    for (place, index) in order.enumerated() { after[index] = outputs[place] }
    var allowed: [Double]?
    if !trial.subject.promisedLaws.contains("permutation") {
      guard let first = try trial.tolerance(of: lane),
        let second = try trial.tolerance(of: permuted)
      else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
      var sums = first.bounds.indices.map { first.bound(at: $0, output: before[$0]) }
      for (place, index) in order.enumerated() {
        sums[index] += second.bound(at: place, output: after[index])
      }
      allowed = sums
    }
    return trial.comparison(
      before, after, allowed: allowed, change: change, changedOutputs: outputs, &notes)
  }

  /// Padding a lane with -inf gives zeros there and changes nothing else.
  ///
  /// In front, behind and in between: padding is how batches of different lengths are made.
  package static let padding = Law(
    "padding",
    "Padding with -inf, in front, behind or in between, gives zeros and changes no other output.",
    grade: .promised,
    tolerance: "the same bits where promised; else what is tolerated of both outputs together",
    catches: [.specialValues, .tails], of: [.softmax, .logSoftmax],
    wordings: [
      .logSoftmax:
        "Padding with -inf, in front, behind or in between, gives -inf and changes no other output."
    ],
    budget: Budget(random: 200, edges: 12), form: .lane([1...140, 0...2]), takesAnyLane: true,
    cases: { format in
      let lanes = LaneCases.lanes(format, count: 1...300)
      return Generator { source in
        let lane = try lanes.generate(from: &source)
        let amount = try source.integer(in: 1...140)
        return LawCase(lane: lane, arguments: [amount, try source.integer(in: 0...2)])
      }
    }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let (amount, place) = (input.arguments[0], input.arguments[1])
    let masks = [Double](repeating: -.infinity, count: amount)
    let kept: [Int]
    let padded: [Double]
    switch place {
    case 0:
      padded = lane + masks
      kept = Array(lane.indices)
    case 1:
      padded = masks + lane
      kept = lane.indices.map { $0 + amount }
    default:
      let middle = lane.count / 2
      padded = lane[..<middle] + masks + lane[middle...]
      kept = lane.indices.map { $0 < middle ? $0 : $0 + amount }
    }
    let change =
      "after padding with \(amount) logits of -inf " + ["behind", "in front", "in between"][place]
    let before = try trial.outputs(of: input)
    let outputs = try trial.outputs(of: LawCase(lane: padded))
    if let violation = trial.maskViolation(outputs, lane: padded) { return .broken(violation) }
    let after = kept.map { outputs[$0] }
    var allowed: [Double]?
    if !trial.subject.promisedLaws.contains("padding") {
      guard let first = try trial.tolerance(of: lane), let second = try trial.tolerance(of: padded)
      else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
      allowed = lane.indices.map {
        first.bound(at: $0, output: before[$0]) + second.bound(at: kept[$0], output: after[$0])
      }
    }
    return trial.comparison(
      before, after, allowed: allowed, change: change, changedOutputs: outputs, &notes)
  }

  /// A lane followed by itself has outputs half as large.
  package static let duplication = Law(
    "duplication", "A lane followed by itself has outputs half as large.", grade: .promised,
    tolerance: "what is tolerated of both outputs together",
    catches: [.lowPrecision, .tails], of: [.softmax],
    budget: Budget(random: 200, edges: 12), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    // Halves are exact in binary64 but for the subnormal numbers of float64: one of them is given
    // on top.
    try trial.judgeDuplication(
      of: input, change: "after the lane was followed by itself (first is half of what it was)",
      becomes: { $0 / 2 }, allowed: { _, first, second in first / 2 + second + 0x1p-1074 }, &notes)
  }
}
