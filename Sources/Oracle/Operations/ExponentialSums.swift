import FloatFormats
import MultiPrecision

/// Enclosures of the exponentials of a lane and of their sums.
///
/// Every operation is rounded outward, from the one approximate ingredient e^(-d_j), whose relative
/// error at precision w is at most (d_j + 2) 2^-w (step 2 of ``SoftmaxOracle``). The sum is split
/// as s = k + tail with k the number of tied maxima, so that log s = log k + log1p(tail / k) keeps
/// its relative accuracy when the maximum dominates. Terms of the tail more than (w + log2 n + 2)
/// ln 2 + 1 below its largest are bounded together by 2^-(w+2) of it.
enum ExponentialSums {
  /// Beyond this distance e^(-d) is only bounded, by 2^-(2^29): MPFR's default exponents end at 1 -
  /// 2^30, and e^(-2^29) > 2^-(0.73 2^30) stays above.
  static let representableDistance = 0x1p29
  /// The exponent b of the bound: e^(-d) < 2^b beyond that distance.
  static let boundExponent = -(1 << 29)

  /// The number of terms from which on tables are used, which cost 2300 exponentials once.
  private static let leastTabulatedCount = 512

  /// An enclosure of e^(-d) for a distinct logit.
  static func exponential(
    ofMinusDistance slot: Int, of logits: DistinctLogits, precision: Int
  ) -> Enclosure {
    var result = Enclosure(precision: precision)
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
  static func tail(of logits: DistinctLogits, precision: Int) -> Enclosure {
    guard logits.values.count > 1 else { return Enclosure(zeroAt: precision) }
    let nearest = logits.distance(1)
    guard nearest <= representableDistance else {
      var result = Enclosure(zeroAt: precision)
      // At most 2^32 terms, each below e^(-2^29) < 2^-(1.4 2^29).
      result.upper.assign(1, timesPowerOfTwo: boundExponent, .toNearestOrEven)
      return result
    }
    let logCount = Double.logUpperBound(UInt64(logits.finiteCount))
    let horizon = nearest + (Double(precision) + 2) * Double.ln2Upper + logCount + 1
    var end = 1
    while end < logits.values.count, logits.distance(end) <= horizon { end += 1 }
    let tables =
      end > leastTabulatedCount ? FixedPointExponentials.forSums(precision: precision) : nil
    var result =
      if let tables {
        sum(of: logits, 1..<end, by: tables, precision: precision)
      } else {
        sum(of: logits, Array(1..<end), precision: precision)
      }
    // What was left out is below 2^-(w+2) of the largest term, and of the sum.
    result.widen(factor: 0.25, precision: precision)
    return result
  }

  /// An enclosure of the sum of e^(-d_j) over slots, largest first, each by MPFR.
  private static func sum(
    of logits: DistinctLogits, _ slots: [Int], precision: Int
  ) -> Enclosure {
    var result = Enclosure(precision: precision)
    var terms = BigFloatArray(count: slots.count, precision: precision)
    let maximum = BigFloat(logits.values[0])
    for (k, slot) in slots.enumerated() {
      terms.setExponentialOfDifference(at: k, logits.values[slot], maximum)
    }
    result.lower.setSum(
      of: terms, 0..<slots.count, multiplicities: slots.map { logits.multiplicities[$0] })
    result.upper.assign(result.lower, .toNearestOrEven)
    // The largest distance bounds the relative error of every term; one rounding for the
    // multiplicity, one for the sum, and 3/4 for the products of errors.
    result.widen(
      factor: (logits.distance(slots[slots.count - 1]) + 4.75).nextUp, precision: precision)
    return result
  }

  /// An enclosure of the sum of e^(-d_j) over slots from the second on, by tables.
  ///
  /// With r the first slot whose logit is a multiple of 2^-64, the sum over all such slots is
  /// e^(-d_r) S. The sum of the tables falls short of S by at most N units, N being
  /// ``FixedPointExponentials/unitsShort`` times the number of terms. Other slots, few, are summed
  /// by MPFR.
  private static func sum(
    of logits: DistinctLogits, _ range: Range<Int>, by tables: FixedPointExponentials,
    precision: Int
  ) -> Enclosure {
    var distances: [UInt128] = []
    var multiplicities: [UInt64] = []
    distances.reserveCapacity(range.count)
    multiplicities.reserveCapacity(range.count)
    var others: [Int] = []
    var first: (slot: Int, units: Int128)?
    for slot in range {
      guard let units = FixedPointExponentials.units(of: logits.values[slot]) else {
        others.append(slot)
        continue
      }
      let reference = first ?? (slot, units)
      first = reference
      let distance = UInt128(reference.units &- units)
      // Beyond the tables: e^(-256), no more than a term for MPFR.
      guard distance < FixedPointExponentials.limitInUnits else {
        others.append(slot)
        continue
      }
      distances.append(distance)
      multiplicities.append(logits.multiplicities[slot])
    }
    guard let first else { return sum(of: logits, others, precision: precision) }
    let words = tables.sum(of: distances, multiplicities: multiplicities)
    var scaled = Enclosure(precision: precision)
    scaled.lower.assign(words: words, timesPowerOfTwo: -tables.bits, .down)
    scaled.upper.assign(words: words, timesPowerOfTwo: -tables.bits, .up)
    // At most 2^32 logits, 17 units each: below 2^37 units.
    var slack = BigFloat(precision: 64)
    slack.assign(
      FixedPointExponentials.unitsShort * UInt64(logits.finiteCount),
      timesPowerOfTwo: -tables.bits, .up)
    scaled.upper.formSum(slack, .up)
    let tabulated = scaled.times(
      nonnegative: exponential(ofMinusDistance: first.slot, of: logits, precision: precision),
      precision: precision)
    guard !others.isEmpty else { return tabulated }
    return tabulated.plus(
      sum(of: logits, others, precision: precision), precision: precision)
  }

  /// log k + log1p(tail / k).
  static func logOfSum(
    tied: borrowing BigFloat, tail: borrowing Enclosure, precision: Int
  ) -> Enclosure {
    var result = Enclosure(precision: precision)
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
}

// MARK: - Sums of lanes

/// The sums of the terms below the maximum that an oracle has evaluated.
///
/// A sum costs all the exponentials of a lane, and many questions are about one lane: every
/// implementation has its worst element in one of the few lanes of a cell.
final class TailCache {
  private struct Key: Hashable {
    var lane: ObjectIdentifier
    var precision: Int
  }

  private var known: [Key: (SharedEnclosure, LaneIdentity)] = [:]
  /// More than the lanes of any cell, times the precisions they are asked for.
  private static let capacity = 512

  func tail(of logits: DistinctLogits, precision: Int) -> SharedEnclosure {
    let key = Key(lane: ObjectIdentifier(logits.identity), precision: precision)
    if let (tail, _) = known[key] { return tail }
    let made = SharedEnclosure(ExponentialSums.tail(of: logits, precision: precision))
    if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
    // The identity is kept, so that no other lane can have its place in memory.
    known[key] = (made, logits.identity)
    return made
  }
}
