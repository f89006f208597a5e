import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting
import RealModule
import SoftmaxVariants

/// The parts common to laws: judging the outputs of one lane, and putting a failure into words.
extension LawTrial {
  /// The reason why a law can say nothing of a case whose outputs are to be compared with a bound.
  static let withoutBound = "none of its lanes has a bound"

  /// The reason why the outputs of a lane without a tolerance cannot be judged.
  func reasonWithoutTolerance(of lane: [Double]) -> String {
    LaneProfile(exactly: lane) == nil ? "the lane has no softmax" : Self.withoutBound
  }

  /// A number as people and programs read it: hexadecimal, and decimal beside it.
  func text(_ value: Double) -> String {
    value.isFinite ? "\(hexText(value)) (\(value))" : hexText(value)
  }

  /// A number of the output format in hexadecimal.
  func hexText(_ value: Double) -> String { value.hexText }

  /// Judges that the outputs of a lane of finite logits are in the range of the operation, and no
  /// NaN.
  ///
  /// - Parameter lane: The lane, where one output may be off by its tolerance.
  func rangeViolation(
    _ outputs: [Double], of lane: [Double]? = nil, lane number: Int = 0
  ) throws -> Violation? {
    let output = subject.operation.output
    for (index, y) in outputs.enumerated() where !output.range.contains(y) {
      // A loss is a difference, which may fall below 0 by as much as it may be off.
      if output.extent == .one, let lane, y < output.range.lowerBound,
        let bound = try tolerance(of: lane)?.bounds.first, output.range.lowerBound - y <= bound
      {
        continue
      }
      let kind =
        y.isNaN
        ? "NaN"
        : y < output.range.lowerBound
          ? "negative" : y.isInfinite ? "infinite" : "above \(Int(output.range.upperBound))"
      let noun = output.isDistribution ? "a probability" : "of the \(output.role)"
      let isUnwritten = isUnwritten(y)
      let state = isUnwritten ? "was never written" : "is \(text(y)): not \(noun)"
      return Violation(
        "output \(index)\(place(number)) \(state)", kind: kind,
        cause: isUnwritten ? .unwritten : nil)
    }
    return nil
  }

  /// Judges that an error can be stated of every output of a lane that has a value.
  ///
  /// Probabilities must be in their range, and 0 where masked; of other operations nothing but NaN,
  /// an infinity in the place of a number, and a number in the place of an infinity is none.
  private func mismatch(
    _ outputs: [Double], lane: [Double], number: Int
  ) throws -> Violation? {
    let output = subject.operation.output
    if output.isDistribution {
      return try rangeViolation(outputs, lane: number)
        ?? maskViolation(outputs, lane: lane, number: number)
    }
    let reference = reference(of: lane)
    for (index, y) in outputs.enumerated() {
      let value = reference.value(at: index)
      guard case .mismatch = OutputClass(y, against: value, of: output, in: subject.output) else {
        continue
      }
      let kind = y.isNaN ? "NaN" : y.isInfinite ? "infinite" : "masked"
      let isUnwritten = isUnwritten(y)
      let state = isUnwritten ? "was never written" : "is \(text(y))"
      return Violation(
        "output \(index)\(place(number)) \(state), exact is \(exactText(index, of: lane, digits: 20))",
        kind: kind, cause: isUnwritten ? .unwritten : nil)
    }
    return nil
  }

  /// Whether an output is what it was filled with before the call.
  private func isUnwritten(_ y: Double) -> Bool {
    MismatchKinds.isUnwritten(y, in: subject.output)
  }

  /// Judges that something is left: outputs that are all zero mean that a sum overflowed or every
  /// term vanished.
  func emptinessViolation(_ outputs: [Double], lane number: Int = 0) -> Violation? {
    guard subject.operation.output.isDistribution, !outputs.isEmpty, outputs.allSatisfy({ $0 == 0 })
    else { return nil }
    return Violation(
      "every output\(place(number)) is 0, where they sum to 1", kind: "vanished")
  }

  /// Judges that logits of -inf have the outputs that the operation has for them: of softmax
  /// exactly zero.
  func maskViolation(_ outputs: [Double], lane: [Double], number: Int = 0) -> Violation? {
    guard let masked = subject.operation.output.masked, subject.operation.output.extent == .lane
    else { return nil }
    let isModified = hasModifiers
    let reference = isModified ? reference(of: lane) : nil
    for index in lane.indices where outputs[index] != masked {
      let isMasked =
        reference.map { $0.special == nil && $0.slot(at: index) == Int(DistinctLogits.masked) }
        ?? (lane[index] == -.infinity)
      guard isMasked else { continue }
      let exact = masked == 0 ? "0" : "\(masked)"
      let what = isModified ? "that the mask hides" : "of -inf"
      return Violation(
        "output \(index)\(place(number)) is \(text(outputs[index])) for a logit \(what), where \(exact) is exact",
        kind: "masked")
    }
    return nil
  }

  /// Judges the outputs of a lane that has a softmax: probabilities, zero where masked, near enough
  /// to the exact values.
  ///
  /// - Parameters:
  ///   - number: The number of the lane in its case, for the text.
  ///   - everywhere: Whether lanes outside the domain of a declared model must have probabilities
  ///     all the same, however
  ///     far off. An algorithm may lose its accuracy there; it may not lose its mind.
  func judge(
    _ outputs: [Double], lane: [Double], number: Int = 0, everywhere: Bool = false,
    _ notes: inout Observations
  ) throws -> LawOutcome {
    if lane.isEmpty || isSurelyKept(outputs, lane) { return .kept }
    guard let tolerance = try tolerance(of: lane) else {
      // Outside a declared domain nothing is promised, not even a number, unless the law is about
      // just that.
      guard everywhere else { return .inapplicable(reasonWithoutTolerance(of: lane)) }
      let isDistribution = subject.operation.output.isDistribution
      let violation =
        isDistribution
        ? try rangeViolation(outputs, lane: number) ?? emptinessViolation(outputs, lane: number)
        : outputs.contains { $0.isNaN } ? try mismatch(outputs, lane: lane, number: number) : nil
      if violation != nil { notes.score(.greatestFiniteMagnitude) }
      return violation.map { .broken($0) } ?? .kept
    }
    if let violation = try mismatch(outputs, lane: lane, number: number) {
      notes.score(.greatestFiniteMagnitude)
      return .broken(violation)
    }
    guard let worst = largestError(of: outputs, lane: lane, tolerance: tolerance) else {
      return .kept
    }
    notes.score(worst.ratio)
    guard worst.ratio > 1 else { return .kept }
    let exact = exactText(worst.index, of: lane, digits: 20)
    return .broken(
      Violation(
        "output \(worst.index)\(place(number)) is \(text(outputs[worst.index])), exact is \(exact): "
          + "off by \(ratioText(worst.ratio)) times what is tolerated\(expectation(of: outputs, lane: lane))",
        kind: "error", severity: worst.ratio, cause: cause(at: worst.index, in: outputs, lane)))
  }

  /// The likely cause of an output that is off; `nil` where nothing tells.
  private func cause(
    at index: Int, in outputs: [Double], _ lane: [Double]
  ) -> Violation.Cause? {
    if reference(of: lane).inputs.isIgnored { return .notIgnored }
    return outputs[index] == 0 ? cause(ofZeroAt: index, in: outputs, lane) : nil
  }

  /// The likely cause of a zero that is off; `nil` where nothing tells.
  private func cause(
    ofZeroAt index: Int, in outputs: [Double], _ lane: [Double]
  ) -> Violation.Cause? {
    let isEmpty = outputs.allSatisfy { $0 == 0 }
    let isSmall =
      abs(reference(of: lane).value(at: index).approximate) < subject.output.leastNormal
    // Of a lane of zeros every result was flushed only where its sum fits the format.
    let profile = LaneProfile(exactly: lane)
    let fits = profile.map { $0.sum <= subject.output.greatestFinite } ?? false
    if isSmall, fits || !isEmpty { return .flushed }
    guard isEmpty, subject.operation.output.isDistribution else { return nil }
    return profile.map(canLeaveFormat) ?? true ? .vanished : .leftOut
  }

  /// Whether exponentials of the logits as they are, or sums of exponentials, can overflow, or all
  /// of them vanish.
  private func canLeaveFormat(_ profile: LaneProfile) -> Bool {
    let greatest = Double.log(subject.output.greatestFinite)
    return max(profile.maximum, 0) + profile.logSum >= greatest
      || profile.maximum <= Double.log(subject.output.leastNormal)
  }

  /// Whether the outputs of a long lane are right beyond doubt, so that they need no exact values.
  ///
  /// Of short lanes the part of the tolerance is asked for, which guides the search for larger
  /// ones.
  private func isSurelyKept(_ outputs: [Double], _ lane: [Double]) -> Bool {
    guard lane.count >= Self.longLane, subject.model == nil, !hasModifiers else { return false }
    return DefaultTolerance(
      subject.operation, output: subject.output, underflow: subject.underflow
    ).surelyCovers(outputs, of: lane)
  }

  /// The least length of lanes whose exact values cost more than they tell.
  private static let longLane = 1024

  /// Calls with a case, and judges every lane that has a softmax.
  func judgeLanes(
    of input: LawCase, everywhere: Bool = false, _ notes: inout Observations
  ) throws -> LawOutcome {
    try judgeLanes(of: input, try outputs(of: input), everywhere: everywhere, &notes)
  }

  /// Judges every lane of a case that has a softmax.
  func judgeLanes(
    of input: LawCase, _ outputs: [Double], everywhere: Bool = false, _ notes: inout Observations
  ) throws -> LawOutcome {
    var judged = false
    var reason = Self.withoutBound
    var known = RepeatedLanes(
      input, outputs, subject.operation.outputGeometry(for: input.geometry))
    for number in 0..<input.laneCount {
      if known.holds(number) { continue }
      let outcome = try judge(
        self.lane(number, of: outputs, input), lane: input.lane(number), number: number,
        everywhere: everywhere, &notes)
      switch outcome {
      case .broken: return outcome
      case .kept:
        judged = true
        known.add(number)
      case .inapplicable(let own): reason = own
      }
    }
    return judged || input.laneCount == 0 ? .kept : .inapplicable(reason)
  }

  /// Compares outputs with what they were before a change that should not matter, each with its
  /// tolerance.
  ///
  /// - Parameters:
  ///   - before: The outputs first.
  ///   - after: The outputs after the change, in the order of the first.
  ///   - allowed: How far the two may be apart, one per output; nil where they must be the same
  ///     bits.
  ///   - name: The name of an output, for people to read.
  func comparison(
    _ before: [Double], _ after: [Double], allowed: [Double]?, change: String,
    changedOutputs: [Double], named name: (Int) -> String = { "output \($0)" },
    _ notes: inout Observations
  ) -> LawOutcome {
    var worst: (ratio: Double, index: Int)?
    for index in before.indices {
      let (a, b) = (before[index], after[index])
      if let allowed, a.isFinite, b.isFinite {
        // The bounds lie far above the rounding of this difference.
        let ratio = abs(a - b) / (allowed[index] * (1 + 0x1p-40))
        if a != b, ratio > worst?.ratio ?? 0 { worst = (ratio, index) }
      } else if !a.isIdentical(to: b) {
        return .broken(
          Violation(
            "\(name(index)) is \(text(a)), and \(text(b)) \(change)", kind: "differs",
            change: change, changedOutputs: changedOutputs))
      }
    }
    if let worst {
      notes.score(worst.ratio)
      if worst.ratio > 1 {
        return .broken(
          Violation(
            "\(name(worst.index)) is \(text(before[worst.index])), and "
              + "\(text(after[worst.index])) \(change): \(ratioText(worst.ratio)) times as far "
              + "apart as is tolerated",
            kind: "error", severity: worst.ratio, change: change, changedOutputs: changedOutputs))
      }
    }
    return .kept
  }

  /// Compares the outputs of a lane with those of the lane followed by itself, each with its
  /// tolerance.
  ///
  /// - Parameters:
  ///   - change: The change, for people to read.
  ///   - expected: The exact output of a logit there, given that of the lane alone.
  ///   - allowed: How far the two may be apart, given the output of the lane alone and what is
  ///     tolerated of it before and after.
  func judgeDuplication(
    of input: LawCase, change: String, becomes expected: (Double) -> Double,
    allowed: (_ output: Double, _ before: Double, _ after: Double) -> Double,
    _ notes: inout Observations
  ) throws -> LawOutcome {
    let lane = input.lane(0)
    let before = try outputs(of: input)
    let outputs = try outputs(of: LawCase(lane: lane + lane))
    guard let first = try tolerance(of: lane), let second = try tolerance(of: lane + lane)
    else { return .inapplicable(reasonWithoutTolerance(of: lane)) }
    for half in stride(from: 0, to: outputs.count, by: max(before.count, 1)) {
      let after = before.indices.map { outputs[half + $0] }
      let outcome = comparison(
        before.map(expected), after,
        allowed: before.indices.map {
          allowed(
            before[$0], first.bound(at: $0, output: before[$0]),
            second.bound(at: half + $0, output: after[$0]))
        }, change: change, changedOutputs: outputs, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }

  /// Judges every lane of a case: those that have no softmax by the policy, the others as ever.
  func judgeSpecialLanes(
    of input: LawCase, _ outputs: [Double], _ notes: inout Observations
  ) throws -> LawOutcome {
    for number in 0..<input.laneCount {
      let lane = input.lane(number)
      let mine = self.lane(number, of: outputs, input)
      let outcome = try judgeAny(mine, lane: lane, number: number, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }

  private func judgeAny(
    _ outputs: [Double], lane: [Double], number: Int, _ notes: inout Observations
  ) throws -> LawOutcome {
    let reference = reference(of: lane)
    guard let special = reference.special else {
      // A logsumexp has an infinite value where a softmax has none, and no bound.
      if let value = reference.values.first, value.isInfinite {
        return try mismatch(outputs, lane: lane, number: number).map { .broken($0) } ?? .kept
      }
      return try judge(outputs, lane: lane, number: number, &notes)
    }
    let expectation = subject.specialLanes.expectation(
      for: special, infinityCount: reference.logits.infinityCount)
    guard expectation == .withoutNaNs, !DerivedTolerance.covers(subject.operation) else {
      return specialViolation(outputs, reference: reference, special, number: number)
        .map { .broken($0) } ?? .kept
    }
    // Without its NaNs the lane has a softmax, or is one of another kind.
    return try judgeAny(
      outputs, lane: lane.map { $0.isNaN ? -.infinity : $0 }, number: number, &notes)
  }

  /// The violation of the rules for an output of a lane that has no softmax.
  func specialViolation(
    _ outputs: [Double], reference: LaneReference, _ special: SpecialLane, number: Int
  ) -> Violation? {
    let expectation = subject.specialLanes.expectation(
      for: special, infinityCount: reference.logits.infinityCount)
    let lane: String
    switch special {
    case .holdsNaN: lane = "with a NaN"
    case .holdsInfinity: lane = "with a logit of +inf"
    case .fullyMasked: lane = "of -inf only"
    }
    func violation(_ index: Int, _ expected: String) -> Violation {
      Violation(
        "output \(index)\(place(number)), a lane \(lane), is \(text(outputs[index])), where the policy "
          + "\(subject.specialLanes.description) wants \(expected)", kind: "special")
    }
    guard subject.operation.output.isDistribution else {
      let agreed = SpecialAgreement(of: reference, by: subject.specialLanes)
        .count(outputs, special)
      return agreed == UInt64(outputs.count) ? nil : violation(0, "other outputs")
    }
    switch expectation {
    case .nanSomewhere:
      guard !outputs.isEmpty else { return nil }
      guard outputs.contains(where: { $0.isNaN }) else { return violation(0, "at least one NaN") }
      // One NaN does not excuse rubbish beside it.
      return outputs.firstIndex { !$0.isNaN && !($0 >= 0 && $0 <= 1) }.map {
        violation($0, "NaN, or a number from 0 to 1")
      }
    case .nanEverywhere:
      return outputs.firstIndex { !$0.isNaN }.map { violation($0, "NaN everywhere") }
    case .zeros:
      return outputs.firstIndex { $0 != 0 }.map { violation($0, "0 everywhere") }
    case .uniform:
      let accepted = reciprocals(of: outputs.count)
      return outputs.firstIndex { !accepted.contains($0) }.map {
        violation($0, "1/\(outputs.count) everywhere")
      }
    case .withoutNaNs:
      preconditionFailure("a lane is judged without its NaNs where they count as masks")
    case .oneHot:
      return outputs.indices.first { index in
        let isInfinite = reference.logits.slots[index] == DistinctLogits.special
        return outputs[index] != (isInfinite ? 1 : 0)
      }.map { violation($0, "1 at the infinite logit and 0 elsewhere") }
    }
  }

  /// fl(1/n) in the output format; where that has 16 bits also what comes of rounding to float32
  /// first.
  ///
  /// Rounding twice is innocent where the wider format has 2P + 2 bits or more, which float32 has
  /// for both, but not below the normal range, where a quotient can be nearer to the middle of two
  /// floats than 2^-24 of itself.
  func reciprocals(of count: Int) -> Set<Double> {
    let exact = 1 / Double(count)
    let once = subject.output.rounded(exact)
    guard subject.output.isNarrow else { return [once] }
    return [once, subject.output.rounded(Double(Float(1) / Float(count)))]
  }

  /// The expectations of the default tolerance that not every softmax of 16 bits meets; empty for
  /// others.
  ///
  /// A model is named only where it has a bound on the lane, and the outputs keep to it.
  private func expectation(of outputs: [Double], lane: [Double]) -> String {
    guard subject.model == nil, subject.output.isNarrow, subject.operation == .softmax else {
      return ""
    }
    let taken = " of a softmax that declares nothing, which is taken to add up in float32"
    guard subject.input == subject.output,
      let model = SoftmaxVariant(named: "max-trick/sequential"),
      let profile = LaneProfile(exactly: lane),
      let bounds = try? ModelTolerance(
        model: model, input: subject.input, output: subject.output, underflow: subject.underflow
      ).tolerance(of: profile)?.bounds,
      // A probability in binary64 is known to far more than a bound of 16 bits is.
      outputs.indices.allSatisfy({
        abs(outputs[$0] - profile.probability($0)) <= bounds[$0] * (1 + 0x1p-30)
      })
    else { return taken }
    return taken
      + "; one that adds up in \(subject.output.rawValue) declares it (--declare \(model.name))"
  }

  private func place(_ lane: Int) -> String { lane == 0 ? "" : " of lane \(lane)" }

  /// A number of tolerances, for people to read.
  func ratioText(_ ratio: Double) -> String {
    guard ratio.isFinite else { return "infinitely many" }
    // Barely more than what is tolerated is more.
    if ratio > 1, ratio < 1.0005 { return "1 + \(Float(ratio - 1))" }
    let digits = ratio < 10 ? 1000.0 : ratio < 1000 ? 10.0 : 1.0
    return "\((ratio * digits).rounded() / digits)"
  }
}
