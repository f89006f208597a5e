import FloatFormats
import MultiPrecision

/// What the oracle can evaluate exactly for a lane.
public enum SoftmaxOperation: String, CaseIterable, Codable, Sendable {
  /// e^(x_i) / sum_j e^(x_j), for each element.
  case softmax
  /// log of the softmax, for each element.
  case logSoftmax = "log-softmax"
  /// log sum_j e^(x_j), one number for the lane.
  case logSumExp = "logsumexp"
}

/// Two numbers between which an exact real number lies, ends included.
public struct Enclosure: ~Copyable {
  public var lower: BigFloat
  public var upper: BigFloat

  /// Whether both ends agree: the number is known exactly.
  public var isExact: Bool { lower.compare(upper) == 0 }

  /// Whether the width is at most 2^-bits times the smaller end, and the ends have one sign.
  public func isTight(relativeBits bits: Int) -> Bool {
    if isExact { return true }
    guard !lower.isZero, !upper.isZero, lower.isNegative == upper.isNegative else { return false }
    var width = BigFloat(precision: 64)
    width.setDifference(upper, lower, .up)
    var limit = BigFloat(precision: 64)
    if lower.isNegative {
      limit.assign(upper, .towardZero)
    } else {
      limit.assign(lower, .towardZero)
    }
    limit.formAbsoluteValue()
    limit.formProduct(withPowerOfTwo: -bits)
    return width.compare(limit) <= 0
  }

  /// Moves both ends outward by a relative amount, `factor` 2^-precision.
  mutating func widen(factor: Double, precision: Int) {
    let factor = BigFloat(factor)
    var slack = BigFloat(precision: 64)
    slack.setProduct(lower, factor, .awayFromZero)
    slack.formAbsoluteValue()
    slack.formProduct(withPowerOfTwo: -precision)
    lower.formDifference(slack, .down)
    slack.setProduct(upper, factor, .awayFromZero)
    slack.formAbsoluteValue()
    slack.formProduct(withPowerOfTwo: -precision)
    upper.formSum(slack, .up)
  }
}

extension SoftmaxOracle {
  /// An enclosure of an exact value of a lane, as tight as asked.
  ///
  /// Every operation is rounded outward, from the one approximate ingredient e^(-d_j), whose relative error
  /// at precision w is at most (d_j + 2) 2^-w (step 2 of ``SoftmaxOracle``). The sum is split as s = k + tail
  /// with k the number of tied maxima, so that log s = log k + log1p(tail / k) keeps its relative accuracy
  /// when the maximum dominates. Terms of the tail more than (w + log2 n + 2) ln 2 + 1 below its largest are
  /// bounded together by 2^-(w+2) of it.
  ///
  /// - Parameters:
  ///   - operation: What to evaluate.
  ///   - slot: The index of the distinct logit; ignored for `logSumExp`.
  ///   - logits: A lane with at least one finite logit, no NaN and no +inf.
  ///   - relativeBits: The width asked for is 2^-relativeBits of the value.
  /// - Returns: The enclosure, or nil where the precision cap was reached first.
  public func enclosure(
    of operation: SoftmaxOperation, slot: Int = 0, logits: DistinctLogits, relativeBits: Int
  ) -> Enclosure? {
    precondition(logits.finiteCount > 0 && !logits.hasNaN && logits.infinityCount == 0)
    var precision = max(64, (relativeBits + 80) / 64 * 64)
    while precision <= max(precisionCap, 2 * relativeBits) {
      let enclosure = enclosure(
        of: operation, slot: slot, logits: logits, precision: precision)
      if enclosure.isTight(relativeBits: relativeBits) { return enclosure }
      precision *= 2
    }
    return nil
  }

  /// The correct rounding of an exact value of a lane in a format, or nil at the precision cap.
  public func rounded<F: BinaryFloat>(
    _ operation: SoftmaxOperation, slot: Int = 0, logits: DistinctLogits, as type: F.Type = F.self
  ) -> F? {
    var bits = F.format.precision + 24
    while bits <= precisionCap {
      let enclosure = enclosure(
        of: operation, slot: slot, logits: logits, precision: bits + 40)
      let below = F(rounding: enclosure.lower)
      let above = F(rounding: enclosure.upper)
      if below.bitPattern == above.bitPattern { return below }
      // A negative number between -0 and its upper end 0: the log-softmax of a dominant maximum.
      if below.isZero, enclosure.upper.isZero { return below }
      bits *= 2
    }
    return nil
  }

  /// Decimal text with the given number of correctly rounded digits, or nil at the precision cap.
  public func decimalText(
    _ operation: SoftmaxOperation, slot: Int = 0, logits: DistinctLogits, digits: Int
  ) -> String? {
    // log2(10) < 3.33.
    var bits = digits * 333 / 100 + 16
    while bits <= max(precisionCap, 8 * digits) {
      guard
        let enclosure = enclosure(
          of: operation, slot: slot, logits: logits, relativeBits: bits)
      else { return nil }
      let below = enclosure.lower.decimalText(digits: digits)
      if below == enclosure.upper.decimalText(digits: digits) { return below }
      bits *= 2
    }
    return nil
  }

  /// The enclosure that one working precision gives.
  func enclosure(
    of operation: SoftmaxOperation, slot: Int, logits: DistinctLogits, precision: Int
  ) -> Enclosure {
    let tied = BigFloat(integer: logits.multiplicities[0])
    let tail = tails.tail(of: logits, precision: precision)
    switch operation {
    case .softmax:
      var total = Enclosure(
        lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
      total.lower.setSum(tied, tail.enclosure.lower, .down)
      total.upper.setSum(tied, tail.enclosure.upper, .up)
      let term = Self.exponential(ofMinusDistance: slot, of: logits, precision: precision)
      var result = Enclosure(
        lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
      result.lower.setQuotient(term.lower, total.upper, .down)
      result.upper.setQuotient(term.upper, total.lower, .up)
      return result

    case .logSumExp, .logSoftmax:
      var result = Self.logOfSum(tied: tied, tail: tail.enclosure, precision: precision)
      let maximum = BigFloat(logits.values[0])
      if operation == .logSumExp {
        result.lower.formSum(maximum, .down)
        result.upper.formSum(maximum, .up)
        return result
      }
      // x_i - m, then minus log s.
      var difference = Enclosure(
        lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
      let logit = BigFloat(logits.values[slot])
      difference.lower.setDifference(logit, maximum, .down)
      difference.upper.setDifference(logit, maximum, .up)
      difference.lower.formDifference(result.upper, .down)
      difference.upper.formDifference(result.lower, .up)
      // A lane with one finite logit: log 1, whose ends came out as -0 and +0.
      if difference.lower.isZero { difference.lower.assign(0, .toNearestOrEven) }
      if difference.upper.isZero { difference.upper.assign(0, .toNearestOrEven) }
      return difference
    }
  }

  /// log k + log1p(tail / k).
  private static func logOfSum(
    tied: borrowing BigFloat, tail: borrowing Enclosure, precision: Int
  ) -> Enclosure {
    var result = Enclosure(
      lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
    var ratio = BigFloat(precision: precision)
    var logarithm = BigFloat(precision: precision)
    ratio.setQuotient(tail.lower, tied, .down)
    result.lower.setLogarithmOnePlus(ratio, .down)
    logarithm.setLogarithm(tied, .down)
    result.lower.formSum(logarithm, .down)
    ratio.setQuotient(tail.upper, tied, .up)
    result.upper.setLogarithmOnePlus(ratio, .up)
    logarithm.setLogarithm(tied, .up)
    result.upper.formSum(logarithm, .up)
    return result
  }

  /// Beyond this distance e^(-d) is only bounded, by 2^-(2^29): MPFR's default exponents end at 1 - 2^30,
  /// and e^(-2^29) > 2^-(0.73 2^30) stays above.
  private static let representableDistance = 0x1p29
  /// The exponent b of the bound: e^(-d) < 2^b beyond that distance.
  private static let boundExponent = -(1 << 29)

  /// An enclosure of e^(-d) for a distinct logit.
  private static func exponential(
    ofMinusDistance slot: Int, of logits: DistinctLogits, precision: Int
  ) -> Enclosure {
    var result = Enclosure(
      lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
    if slot == 0 {
      result.lower.assign(1, .toNearestOrEven)
      result.upper.assign(1, .toNearestOrEven)
      return result
    }
    let distance = logits.distance(slot)
    guard distance <= representableDistance else {
      result.lower.assign(0, .toNearestOrEven)
      result.upper.assign(1, timesPowerOfTwo: boundExponent, .toNearestOrEven)
      return result
    }
    var difference = BigFloat(precision: precision)
    difference.setDifference(
      BigFloat(logits.values[slot]), BigFloat(logits.values[0]), .toNearestOrEven)
    result.lower.setExponential(difference, .toNearestOrEven)
    result.upper.assign(result.lower, .toNearestOrEven)
    result.widen(factor: (distance + 2).nextUp, precision: precision)
    return result
  }

  /// An enclosure of the sum of e^(-d_j) over all logits below the maximum.
  fileprivate static func tail(of logits: DistinctLogits, precision: Int) -> Enclosure {
    var result = Enclosure(
      lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
    result.lower.assign(0, .toNearestOrEven)
    result.upper.assign(0, .toNearestOrEven)
    guard logits.values.count > 1 else { return result }
    let nearest = logits.distance(1)
    guard nearest <= representableDistance else {
      // At most 2^32 terms, each below e^(-2^29) < 2^-(1.4 2^29).
      result.upper.assign(1, timesPowerOfTwo: boundExponent, .toNearestOrEven)
      return result
    }
    let logCount = Double.logUpperBound(UInt64(logits.finiteCount))
    let horizon = nearest + (Double(precision) + 2) * Double.ln2Upper + logCount + 1
    var end = 1
    while end < logits.values.count, logits.distance(end) <= horizon { end += 1 }
    var terms = BigFloatArray(count: end, precision: precision)
    let maximum = BigFloat(logits.values[0])
    for slot in 1..<end {
      terms.setExponentialOfDifference(at: slot, logits.values[slot], maximum)
    }
    result.lower.setSum(of: terms, 1..<end, multiplicities: logits.multiplicities)
    result.upper.assign(result.lower, .toNearestOrEven)
    // The largest distance bounds the relative error of every term; one rounding for the multiplicity, one
    // for the sum, a quarter for what was left out.
    result.widen(factor: (logits.distance(end - 1) + 5).nextUp, precision: precision)
    return result
  }
}

// MARK: - Distance from a computed value

extension SoftmaxOracle {
  /// An enclosure of |y - p| for a finite y >= 0, as tight as asked.
  ///
  /// The one case in which precision cannot help is decided by structure: y = 1/k exactly, with k tied maxima and
  /// lower logits so far below that p = 1/(k + tail) agrees with 1/k to any number of bits. Then
  /// |y - p| = tail / (k (k + tail)), which has no cancellation.
  ///
  /// - Parameters:
  ///   - y: The computed value; finite and not negative.
  ///   - slot: The index of the distinct logit.
  ///   - logits: A lane with at least one finite logit, no NaN and no +inf.
  ///   - relativeBits: The width asked for is 2^-relativeBits of the distance.
  /// - Returns: The enclosure, with two equal ends where the distance is known exactly, or nil where the precision cap
  ///   was reached first.
  public func distance(
    from y: Double, slot: Int, logits: DistinctLogits, relativeBits: Int
  ) -> Enclosure? {
    let tied = logits.multiplicities[0]
    let isTiedReciprocal =
      slot == 0 && tied.nonzeroBitCount == 1 && y == 1 / Double(tied) && logits.values.count > 1
    // The least precision is that of 40 digits, so that a witness and its figure share one sum.
    var precision = max(192, (relativeBits + 80) / 64 * 64)
    while precision <= precisionCap {
      let result =
        isTiedReciprocal
        ? shortfall(of: logits, precision: precision)
        : distance(from: y, slot: slot, logits: logits, precision: precision)
      if result.isTight(relativeBits: relativeBits) { return result }
      precision *= 2
    }
    return nil
  }

  private func distance(
    from y: Double, slot: Int, logits: DistinctLogits, precision: Int
  ) -> Enclosure {
    var result = enclosure(of: .softmax, slot: slot, logits: logits, precision: precision)
    let value = BigFloat(y)
    if result.upper.compare(value) <= 0 {
      var distance = Enclosure(
        lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
      distance.lower.setDifference(value, result.upper, .down)
      distance.upper.setDifference(value, result.lower, .up)
      return distance
    }
    if result.lower.compare(value) >= 0 {
      result.lower.formDifference(value, .down)
      result.upper.formDifference(value, .up)
      return result
    }
    // The value lies inside: the distance is between 0 and the larger part.
    var above = BigFloat(precision: precision)
    above.setDifference(result.upper, value, .up)
    result.lower.formDifference(value, .down)
    result.lower.formNegation()
    if above.compare(result.lower) < 0 { above.assign(result.lower, .up) }
    result.upper.assign(above, .up)
    result.lower.assign(0, .toNearestOrEven)
    return result
  }

  /// tail / (k (k + tail)) = 1/k - p for the k tied maxima.
  private func shortfall(of logits: DistinctLogits, precision: Int) -> Enclosure {
    let tied = BigFloat(integer: logits.multiplicities[0])
    let tail = tails.tail(of: logits, precision: precision)
    var denominator = BigFloat(precision: precision)
    denominator.setSum(tied, tail.enclosure.upper, .up)
    denominator.formProduct(tied, .up)
    var larger = BigFloat(precision: precision)
    larger.setSum(tied, tail.enclosure.lower, .down)
    larger.formProduct(tied, .down)
    var result = Enclosure(
      lower: BigFloat(precision: precision), upper: BigFloat(precision: precision))
    result.lower.setQuotient(tail.enclosure.lower, denominator, .down)
    result.upper.setQuotient(tail.enclosure.upper, larger, .up)
    return result
  }
}

// MARK: - Sums of lanes

/// The sums of the terms below the maximum that an oracle has evaluated.
///
/// A sum costs all the exponentials of a lane, and many questions are about one lane: every implementation has its worst
/// element in one of the few lanes of a cell.
final class TailCache {
  /// A sum that many questions read.
  final class Tail {
    let enclosure: Enclosure
    init(_ enclosure: consuming Enclosure) { self.enclosure = enclosure }
  }

  private struct Key: Hashable {
    var lane: ObjectIdentifier
    var precision: Int
  }

  private var known: [Key: (Tail, LaneIdentity)] = [:]
  /// More than the lanes of any cell, times the precisions they are asked for.
  private static let capacity = 512

  func tail(of logits: DistinctLogits, precision: Int) -> Tail {
    let key = Key(lane: ObjectIdentifier(logits.identity), precision: precision)
    if let (tail, _) = known[key] { return tail }
    let made = Tail(SoftmaxOracle.tail(of: logits, precision: precision))
    if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
    // The identity is kept, so that no other lane can have its place in memory.
    known[key] = (made, logits.identity)
    return made
  }
}
