import AuditRecords
import AuditedOperations
import FloatFormats

/// The usual cause of a failure, read off the cells that fail and those that do not.
///
/// A hint for people, never a verdict: the command that shows the failure again is the evidence.
enum LikelyCause {
  /// The usual cause of a figure that exceeds its budget in such cells.
  static func sentence(
    _ question: Policy.Question, worst: AccuracyRow, rows: [AccuracyRow],
    underflow: UnderflowPolicy?
  ) -> String? {
    if question.figure == .mismatches {
      guard worst.failure == nil, worst.misconduct == nil else { return nil }
      return cause(ofMismatchesIn: worst)
    }
    if question.figure.descriptor == .meanSignedUlp {
      return "usually: rounding is one-sided, or happens twice"
    }
    if isAllZeros(worst) {
      return
        "every output of a lane is 0: its sum overflows the format, or what is subtracted is not its maximum"
    }
    if question.figure == .maxUlp, underflow != .flush, areFlushed(question, rows) {
      return
        "results below the normal range are flushed to zero; 'underflow: flush' accepts that where it is meant"
    }
    if isCutOff(question, worst) {
      return
        "a result a little above the least normal number is 0: the exponential is cut off before it is subnormal"
    }
    if let tail = tail(question, rows) { return tail }
    // The shortest lane that fails is the simplest witness: in a long one a small fault can have
    // grown beyond recognition.
    let simplest = simplest(question, rows) ?? worst
    if isOtherFunction(worst), isOtherFunction(simplest) {
      return
        "errors as large as the outputs are no rounding: wrong elements (axis, stride, tail, index) or another function"
    }
    if !isOtherFunction(worst) { return denominator(question, worst, rows) }
    return denominator(question, simplest, rows).map {
      "in the shortest cell that fails, \(simplest.family), length \(simplest.length): \($0)"
    }
  }

  /// Whether the denominator of a cell is off, or what it divides; nil where nothing tells.
  private static func denominator(
    _ question: Policy.Question, _ row: AccuracyRow, _ rows: [AccuracyRow]
  ) -> String? {
    if let isSum = sumIsOff(row) {
      guard isSum else {
        return
          "the outputs sum to 1 all the same: the exponential or its argument is off, and not the sum"
      }
      return "the outputs do not sum to 1: the sum is kept in too narrow a format, misses terms, "
        + "or is added in a worse order than declared" + length(question, rows)
    }
    return nil
  }

  /// The usual cause of the mismatches of a row, by the kind that most of them are of.
  private static func cause(ofMismatchesIn row: AccuracyRow) -> String? {
    let special = "lanes with NaN, +inf or only -inf are treated otherwise than special-lanes says"
    let overflow = "usually: an exponential or a sum that overflows, or a division of zero by zero"
    guard let kinds = row.mismatchKinds else {
      return row.specialOutputs != nil ? special : overflow
    }
    let causes: [(UInt64, String)] = [
      (
        kinds.unwritten,
        "the outputs are left as they were: a tail, a lane or a case of its own is not written"
      ), (kinds.special, special),
      (
        kinds.masked,
        "a mask leaks: the exponential of -inf is not 0, or the mask is taken for a large number"
      ),
      (kinds.negative, "usually: an approximation of exp outside of its range, or a difference"),
      (kinds.nan + kinds.infinite, overflow),
    ]
    // The first of several that are as frequent.
    let most = causes.reduce(0) { max($0, $1.0) }
    return most > 0 ? causes.first { $0.0 == most }?.1 : nil
  }

  /// Whether all outputs of some lane are 0: its sum is off by 1.
  private static func isAllZeros(_ row: AccuracyRow) -> Bool {
    guard let zeros = row.zeros, let sum = row.maxSumError?.value else { return false }
    return zeros >= row.length && abs(sum - 1) < 1e-6
  }

  /// Whether zeros below the normal range explain all that fails, and no result there is known to
  /// be kept.
  private static func areFlushed(_ question: Policy.Question, _ rows: [AccuracyRow]) -> Bool {
    let answered = rows.filter { $0.failure == nil && $0.maxUlpSubnormal != nil }
    // Results below the normal range without a zero among them were not flushed.
    guard !answered.contains(where: { $0.keepsSubnormalResults || isAllZeros($0) }) else {
      return false
    }
    let failing = rows.filter { row in value(question, row).map { fails(question, $0) } ?? false }
    return failing.allSatisfy { row in
      if question.limit.isBound { return row.flushesLargestError }
      guard row.maxUlpSubnormal != nil, let forgiving = row.maxUlpFlushToZero?.value else {
        return false
      }
      return !fails(question, max(forgiving, row.maxUlp?.value ?? 0))
    }
  }

  /// Whether the worst output is a 0 in the place of a normal number of at most 2^6 times the least
  /// one.
  ///
  /// Kernels compare the argument of exp with a rounded logarithm of the least normal number, or
  /// clamp it there; nobody means a 0 above it.
  private static func isCutOff(_ question: Policy.Question, _ row: AccuracyRow) -> Bool {
    let witness = question.limit.isBound ? row.bound?.worst ?? row.worst : row.worst
    guard row.operation == .softmax, let witness, Double(witness.computed) == 0,
      let exact = Double(witness.exact)
    else { return false }
    let least = row.outputFormat.leastNormal
    return exact >= least && exact <= 64 * least
  }

  /// Whether the worst error is a quarter of its output or more.
  private static func isOtherFunction(_ row: AccuracyRow) -> Bool {
    guard let ulp = row.maxUlp?.value else { return false }
    return !(ulp < Double(sign: .plus, exponent: row.outputFormat.precision - 2, significand: 1))
  }

  /// Whether most lengths fail that leave a rest when divided by the width of a vector, and none
  /// that do not.
  ///
  /// Not all of them have to: what is left out of a long lane can be too small to show.
  private static func tail(_ question: Policy.Question, _ rows: [AccuracyRow]) -> String? {
    let (failing, passing) = lengths(question, rows)
    for width in [32, 16, 8, 4] {
      let whole = passing.filter { $0 % width == 0 && $0 > 0 }
      let spared = passing.filter {
        $0 % width != 0 && $0 > width && $0 < failing.max() ?? 0
      }
      if failing.allSatisfy({ $0 % width != 0 && $0 > width }), failing.count >= 3,
        whole.count >= 3, failing.count >= 2 * spared.count
      {
        return
          "only lengths that are no multiple of \(width) fail: the tail of a lane is left out or done otherwise"
      }
    }
    return nil
  }

  /// Whether the outputs of some lane are as far from summing to 1 as the worst of them is off; nil
  /// where no error in the normal range can be compared.
  ///
  /// A wrong denominator moves all outputs of a lane by the same factor, so it moves their sum. A
  /// wrong exponential is normalized away.
  private static func sumIsOff(_ row: AccuracyRow) -> Bool? {
    guard let ulp = row.maxUlp?.value, let sum = row.maxSumError?.value, ulp > 0 else {
      return nil
    }
    // An ulp is between 2^-P and 2^(1-P) of a number; half of the lower end leaves room for other
    // roundings.
    return sum >= ulp * row.outputFormat.unitRoundoff / 2
  }

  /// At which length failures begin, where shorter lanes pass.
  private static func length(_ question: Policy.Question, _ rows: [AccuracyRow]) -> String {
    let (failing, passing) = lengths(question, rows)
    guard let shortest = failing.min(), passing.contains(where: { $0 > 1 && $0 < shortest })
    else { return "" }
    return " (no lane shorter than \(shortest) fails)"
  }

  /// The shortest cell that fails, the worst of those of one length.
  private static func simplest(
    _ question: Policy.Question, _ rows: [AccuracyRow]
  ) -> AccuracyRow? {
    rows.compactMap { row in value(question, row).map { (row, $0) } }
      .filter { fails(question, $0.1) }
      .min {
        $0.0.length != $1.0.length
          ? $0.0.length < $1.0.length : question.figure.isWorse($0.1, than: $1.1)
      }?.0
  }

  /// The lengths where some cell fails, and those where none does.
  private static func lengths(
    _ question: Policy.Question, _ rows: [AccuracyRow]
  ) -> (failing: Set<Int>, passing: Set<Int>) {
    var failing = Set<Int>()
    var all = Set<Int>()
    for row in rows {
      guard let value = value(question, row) else { continue }
      all.insert(row.length)
      if fails(question, value) { failing.insert(row.length) }
    }
    return (failing, all.subtracting(failing))
  }

  private static func value(_ question: Policy.Question, _ row: AccuracyRow) -> Double? {
    guard row.failure == nil else { return nil }
    return question.limit.isBound
      ? row.largestPartOfBound(in: question.regime)?.value
      : question.figure.value(in: row, regime: question.regime, underflow: .gradual)
  }

  private static func fails(_ question: Policy.Question, _ value: Double) -> Bool {
    let limit =
      switch question.limit {
      case .number(let number): number
      case .bound(let factor): factor
      }
    return question.figure.isFloor ? !(value >= limit) : !(value <= limit)
  }
}
