import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// Adding the same number to every logit changes nothing.
  ///
  /// Logits and shift are multiples of one power of two small enough that every sum is exact, so
  /// the exact softmax is the same. A softmax that subtracts the maximum gives the same bits, and
  /// is held to them where it promises so.
  package static let shift = Law(
    "shift", "A number added to every logit, exactly, leaves the outputs as they are.",
    grade: .promised,
    tolerance: "the same bits where promised; else what is tolerated of both outputs together",
    catches: [.formula, .contraction], of: [.softmax, .logSoftmax],
    budget: Budget(random: 200, edges: 16), form: shiftForm,
    cases: { shiftedLanes($0, shifts: { quantum in 0...Int(8 / quantum) }) },
    check: checkShift)

  /// Adding a number for which exp overflows or underflows changes nothing either.
  ///
  /// Catches exponentials of logits without the maximum subtracted, and logarithms of sums to which
  /// the offset is added and rounded: max + log s loses the digits of log s.
  package static let largeShift = Law(
    "large-shift",
    "A number for which exp overflows or vanishes, added to every logit, leaves the outputs as they are.",
    grade: .promised,
    tolerance:
      "the same bits where promised; else what is tolerated of both outputs together; outside a declared domain, probabilities",
    catches: [.overflow, .formula], of: [.softmax, .logSoftmax],
    budget: Budget(random: 200, edges: 16), form: shiftForm,
    cases: { format in
      shiftedLanes(
        format,
        shifts: { quantum in
          let most = Double(sign: .plus, exponent: format.precision - 1, significand: 1)
          let least = min(Double.log(format.greatestFinite) / quantum, most / 2)
          return Int(least)...Int(most) - 1
        })
    }, check: checkShift)

  /// The shift in units of a power of two, and the power.
  static let shiftForm = CaseForm.lane([-(1 << 54)...1 << 54, 0...64])

  /// Lanes of multiples of a power of two with a shift that keeps every logit exact.
  static func shiftedLanes(
    _ format: FloatFormat, shifts: @escaping @Sendable (_ quantum: Double) -> ClosedRange<Int>
  ) -> Generator<LawCase> {
    // Multiples of the quantum up to 2^P are exact.
    let reach = 1 << (format.precision - 2)
    let finest = max(0, min(format.precision - 5, 12))
    return Generator { source in
      let count = try LaneCases.lengths(1...600).generate(from: &source)
      let bits = try source.integer(in: 0...finest)
      let quantum = Double(sign: .plus, exponent: -bits, significand: 1)
      let range = shifts(quantum)
      let amount = try source.integer(in: range)
      let isDown = try source.boolean()
      let spread = max(1, min(32 << bits, reach - 1))
      let fill = try source.integer(in: -spread...spread)
      var lane = [Int](repeating: fill, count: count)
      let isDense = try source.boolean()
      if isDense {
        let seed = try source.bits(width: 24)
        var random = CounterGenerator(seed: seed, stream: "shift")
        for index in lane.indices { lane[index] = random.integer(-spread...spread) }
      } else {
        for _ in 0..<(try source.integer(in: 0...min(8, count - 1))) {
          let place = try source.integer(in: 0...count - 1)
          lane[place] = try source.integer(in: -spread...spread)
        }
      }
      let limit = 1 << format.precision
      let shift = isDown ? -amount : amount
      // What would not be exact is moved back, all of it alike.
      let overshoot = max(0, (lane.map { abs($0 + shift) }.max() ?? 0) - limit)
      let exact = shift < 0 ? shift + overshoot : shift - overshoot
      return LawCase(
        lane: lane.map { Double($0) * quantum },
        arguments: [exact, bits])
    }
  }

  private static func checkShift(
    _ input: LawCase, _ trial: LawTrial, _ notes: inout Observations
  ) throws -> LawOutcome {
    let lane = input.lane(0)
    let quantum = Double(sign: .plus, exponent: -input.arguments[1], significand: 1)
    // No further than to where the implementation is asked about logits.
    let room = trial.subject.largestLogit - (lane.map { abs($0) }.max() ?? 0)
    let most = room < .infinity ? (room / quantum).rounded(.down) * quantum : .infinity
    let amount = max(-most, min(most, Double(input.arguments[0]) * quantum))
    let shifted = lane.map { $0 + amount }
    let format = trial.subject.input
    guard shifted.allSatisfy({ format.rounded($0) == $0 }) else {
      return .inapplicable("the shift is not exact")
    }
    let before = try trial.outputs(of: input)
    let after = try trial.outputs(of: LawCase(lane: shifted))
    let change = "after \(trial.text(amount)) was added to every logit"
    if let violation = try trial.rangeViolation(before) ?? trial.emptinessViolation(before) {
      return .broken(violation)
    }
    if var violation = try trial.rangeViolation(after) ?? trial.emptinessViolation(after) {
      violation.sentence += " \(change)"
      violation.change = change
      violation.changedOutputs = after
      return .broken(violation)
    }
    if trial.subject.promisedLaws.contains("shift") {
      return trial.comparison(
        before, after, allowed: nil, change: change, changedOutputs: after, &notes)
    }
    guard let first = try trial.tolerance(of: lane),
      let second = try trial.tolerance(of: shifted)
    else {
      // Outside the domain of a declared model the outputs need only be probabilities, and they
      // are.
      return .kept
    }
    return trial.comparison(
      before, after,
      allowed: lane.indices.map {
        first.bound(at: $0, output: before[$0]) + second.bound(at: $0, output: after[$0])
      }, change: change, changedOutputs: after, &notes)
  }
}
