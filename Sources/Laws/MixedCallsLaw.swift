import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Calls in other formats, along other axes, in other shapes of as many logits, and with few
  /// logits changed leave no trace.
  ///
  /// Plans, kernels and results are looked up by what the programmer thought of: by the number of
  /// elements and not the shape, by the shape and not the axis, by the first call and not the
  /// format, by some of the logits or their total and not all of them. A program that calls one
  /// softmax for everything meets them all.
  static let mixedCalls = Law(
    "mixed-calls",
    "The same logits give the same bits before and after calls in other formats, along other axes, in other shapes and with few logits changed.",
    grade: .consistency,
    tolerance: "none: the same bits; the calls between as for componentwise-error",
    catches: [.nondeterminism, .types, .axes],
    budget: Budget(random: 12, edges: 4), form: .tensor([0...3]),
    cases: { format in
      Generator { source in
        let rank = try source.integer(in: 2...3)
        let shape = try (0..<rank).map { _ in try source.integer(in: 2...12) }
        let axis = try source.integer(in: 0...rank - 1)
        guard let geometry = try? LaneGeometry(shape: shape, axis: axis) else {
          throw Abandonment.discarded(reason: "no such shape")
        }
        let logits = (0..<geometry.elementCount).map { place in
          format.rounded(Double((place * place + 3 * place) % 29) / 4 - 3)
        }
        return LawCase(
          geometry: geometry, logits: logits, arguments: [try source.integer(in: 0...3)])
      }
    }
  ) { input, trial, notes in
    let before = try trial.outputs(of: input)
    for (kept, outputs) in [(input, before), (input.firstLane, nil)] where trial.isAsked(kept) {
      let outcome = try judgeTwins(of: kept, outputs, trial, &notes)
      if case .broken = outcome { return outcome }
    }
    let others = input.otherReadings.filter(trial.isAsked)
    let large = (0..<3000).map { Double($0 % 11) / 4 }
    func callOthers() throws -> LawOutcome {
      for format in trial.otherFormats { try trial.call(input, in: format) }
      for other in others {
        let outputs = try trial.outputs(of: other)
        let outcome = try trial.judgeLanes(of: other, outputs, &notes)
        if case .broken = outcome { return outcome }
        for format in trial.otherFormats { try trial.call(other, in: format) }
      }
      // One that needs more memory than any of the others.
      let large = LawCase(lanes: Array(repeating: large, count: 3))
      if trial.isAsked(large) { _ = try trial.outputs(of: large) }
      return .kept
    }
    func compare(_ change: String) throws -> LawOutcome {
      let after = try trial.outputs(of: input)
      return trial.comparison(
        before, after, allowed: nil, change: change, changedOutputs: after, &notes)
    }
    let between = try callOthers()
    if case .broken = between { return between }
    let again = try compare("after calls in other formats and shapes")
    if case .broken = again { return again }
    guard input.arguments[0] == 1 else { return .kept }
    // Some things are settled by the first call of a process: now one in another format comes
    // first, then one in this.
    try trial.renew()
    for format in trial.otherFormats { try trial.call(input, in: format) }
    let late = try compare("in a process whose first calls are in other formats")
    if case .broken = late { return late }
    guard let other = others.first else { return .kept }
    try trial.renew()
    _ = try trial.outputs(of: other)
    return try compare("in a process whose first call has another shape")
  }
}

/// Judges that a call leaves no trace in one that has most logits in common with it.
///
/// - Parameter outputs: The outputs of a call with the case; `nil` where it was not called yet.
private func judgeTwins(
  of kept: LawCase, _ outputs: [Double]?, _ trial: LawTrial, _ notes: inout Observations
) throws -> LawOutcome {
  let before = try outputs ?? trial.outputs(of: kept)
  for (change, twin) in kept.twins(in: trial.subject.input) where trial.isAsked(twin) {
    // Right after the call that a result may be kept of.
    let outcome = try trial.judgeLanes(of: twin, &notes)
    if case .broken = outcome { return outcome }
    let again = try trial.outputs(of: kept)
    let back = trial.comparison(
      before, again, allowed: nil, change: "after a call with \(change)", changedOutputs: again,
      &notes)
    if case .broken = back { return back }
  }
  return .kept
}

extension LawCase {
  /// The first lane alone.
  fileprivate var firstLane: LawCase {
    var single = LawCase(lane: lane(0))
    single.accompanying = accompanying
    return single
  }

  /// Cases that have the shape in common, and all of what a result may be looked up by but for one
  /// change.
  ///
  /// A lookup by some logits misses a change of another; one by the total, the change of two
  /// logits by 1 and by -1; one by the largest logit or by the set of them, another order.
  ///
  /// - Parameter format: That of the logits. A sum of one with 1 need not be a number of it, and
  ///   calls would round it.
  fileprivate func twins(in format: FloatFormat) -> [(change: String, twin: LawCase)] {
    guard logits.count > 2, let largest = logits.max(), let least = logits.min() else { return [] }
    func changed(_ change: (inout [Double]) -> Void) -> LawCase {
      var twin = self
      change(&twin.logits)
      return twin
    }
    func replaced(_ place: Int) -> LawCase {
      changed { $0[place] = $0[place] == largest ? least : largest }
    }
    let places = [logits.count / 2, 0, logits.count - 1]
    let all =
      places.map { ("one logit changed", replaced($0)) } + [
        (
          "two logits changed by 1 and by -1",
          changed {
            $0[0] = format.rounded($0[0] + 1)
            $0[$0.count / 2] = format.rounded($0[$0.count / 2] - 1)
          }
        ),
        ("the logits in another order", changed { $0.reverse() }),
      ]
    return all.filter { $0.1.logits != logits }
  }

  /// The same logits along the other axes, and in other shapes of as many.
  var otherReadings: [LawCase] {
    let count = logits.count
    guard count > 0 else { return [] }
    var geometries: [LaneGeometry] = geometry.shape.indices.filter { $0 != geometry.axis }
      .compactMap { try? LaneGeometry(shape: geometry.shape, axis: $0) }
    for outer in [1, 2, 3, 4] where count % outer == 0 {
      let length = count / outer
      geometries.append(LaneGeometry(outer: outer, length: length, inner: 1))
      geometries.append(LaneGeometry(outer: 1, length: length, inner: outer))
    }
    var seen: Set = [geometry]
    return geometries.filter { seen.insert($0).inserted }
      .map { LawCase(geometry: $0, logits: logits) }
  }
}
