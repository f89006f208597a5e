import FloatFormats

/// What a failure usually comes from, read off the cells that fail and those that do not.
///
/// A hint for people, never a verdict: the command that shows the failure again is the evidence.
enum LikelyCause {
  /// What usually breaks a law; nil for what hosts look at by themselves.
  static func sentence(law name: String) -> String? {
    guard let law = Law.named(name), !law.catches.isEmpty else { return nil }
    let causes = law.catches.prefix(3).map { cause in
      cause.summary.prefix(1).lowercased() + cause.summary.dropFirst()
    }
    return "usually: " + causes.joined(separator: "; or ")
  }

  /// What usually makes a figure exceed its budget in such cells.
  static func sentence(
    _ question: Policy.Question, worst: AccuracyRow, rows: [AccuracyRow],
    underflow: UnderflowPolicy?
  ) -> String? {
    switch question.figure {
    case .mismatches:
      guard worst.failure == nil, worst.misconduct == nil else { return nil }
      return worst.specialOutputs != nil
        ? "lanes with NaN, +inf or only -inf are treated otherwise than special-lanes says"
        : "usually: an exponential or a sum that overflows, or a division of zero by zero"
    case .biasUlp: return "usually: rounding is one-sided, or happens twice"
    case .correctlyRounded, .meanUlp, .p99Ulp, .maxNormUlp, .sumError, .maxUlp: break
    }
    if question.figure == .maxUlp, isFlushed(worst), underflow != .flush {
      return
        "results below the normal range are flushed to zero; 'underflow: flush' accepts that where it is meant"
    }
    if let tail = tail(question, rows) { return tail }
    if isOtherFunction(worst) {
      return
        "errors as large as the outputs are no rounding: wrong elements (axis, stride, tail, index) or another function"
    }
    return length(question, rows)
  }

  /// Whether zeros below the normal range are the worst of a row.
  private static func isFlushed(_ row: AccuracyRow) -> Bool {
    guard let strict = row.maxUlpSubnormal?.value, let forgiving = row.maxUlpFlushToZero?.value
    else { return false }
    return forgiving < strict / 4
  }

  /// Whether the worst error is a quarter of its output or more.
  private static func isOtherFunction(_ row: AccuracyRow) -> Bool {
    guard let output = FloatFormat(rawValue: row.outputFormat), let ulp = row.maxUlp?.value
    else { return false }
    return !(ulp < Double(sign: .plus, exponent: output.precision - 2, significand: 1))
  }

  /// Whether all failing lengths leave a rest when divided by the width of a vector, and the others do not.
  private static func tail(_ question: Policy.Question, _ rows: [AccuracyRow]) -> String? {
    let (failing, passing) = lengths(question, rows)
    guard failing.count >= 2 else { return nil }
    for width in [4, 8, 16, 32] {
      let whole = passing.filter { $0 % width == 0 && $0 > 0 }
      if failing.allSatisfy({ $0 % width != 0 }), whole.count >= 3,
        passing.allSatisfy({ $0 % width == 0 || $0 < width })
      {
        return
          "only lengths that are no multiple of \(width) fail: the tail of a lane is left out or done otherwise"
      }
    }
    return nil
  }

  /// Whether failures begin at some length, or are there from the shortest lanes.
  private static func length(_ question: Policy.Question, _ rows: [AccuracyRow]) -> String? {
    let (failing, passing) = lengths(question, rows)
    guard let shortest = failing.min() else { return nil }
    if shortest <= 17 {
      return
        "lanes of \(shortest) logits fail already: the exponential, the division or a rounding is to blame, not the sum"
    }
    guard passing.contains(where: { $0 > 1 && $0 < shortest }) else { return nil }
    return
      "no lane shorter than \(shortest) fails: the sum is kept in too narrow a format, or added in a worse order than declared"
  }

  /// The lengths where some cell fails, and those where none does.
  private static func lengths(
    _ question: Policy.Question, _ rows: [AccuracyRow]
  ) -> (failing: Set<Int>, passing: Set<Int>) {
    var failing = Set<Int>()
    var all = Set<Int>()
    for row in rows where row.failure == nil {
      let value =
        question.limit.isBound
        ? row.bound?.maxRatio?.value
        : question.figure.value(in: row, regime: question.regime, underflow: .gradual)
      guard let value else { continue }
      all.insert(row.length)
      let limit =
        switch question.limit {
        case .number(let number): number
        case .bound(let factor): factor
        }
      let isKept = question.figure.isFloor ? value >= limit : value <= limit
      if !isKept { failing.insert(row.length) }
    }
    return (failing, all.subtracting(failing))
  }
}
