import AuditRecords
import FloatFormats
import MultiPrecision
import Oracle

/// The total variation of lanes without mismatch: half the sum of |y - p| over a lane.
struct TotalVariation: MeasuredFigure {
  /// The largest of a lane.
  private(set) var largest: Double?
  /// The lanes that are in the mean.
  private var lanes: UInt64 = 0
  /// The sum over these, each rounded to 32 bits.
  private var sum = ExactSum()
  /// Whether one of them is beyond binary64.
  private var hasInfinite = false

  /// Takes a lane into the mean.
  mutating func add(_ variation: Double) {
    lanes += 1
    guard variation < .infinity else {
      hasInfinite = true
      return
    }
    guard variation > 0 else { return }
    let exponent = Int(variation.exponent) - 31
    sum.add(
      UInt64(variation.scaled(byPowerOfTwo: -exponent).rounded()), timesPowerOfTwo: exponent)
  }

  /// Takes a certified figure of a lane into account.
  mutating func raise(to figure: Double) { largest = max(largest ?? figure, figure) }

  /// Whether a lane can still raise the maximum.
  func canBeRaised(by upperBound: Double) -> Bool {
    largest.map { CertifiedUlp.roundedUp(upperBound) > $0 } ?? true
  }

  /// Takes over what other lanes have.
  mutating func merge(_ other: TotalVariation) {
    if let figure = other.largest { raise(to: figure) }
    lanes += other.lanes
    sum.merge(other.sum)
    hasInfinite = hasInfinite || other.hasInfinite
  }

  /// No figure has a place.
  func movedLanes(by offset: Int) -> TotalVariation { self }

  /// Sets the figures of a row.
  func write(to row: inout AccuracyRow) {
    row.maxTotalVariation = largest.map { Figure($0) }
    row.meanTotalVariation =
      hasInfinite
      ? Figure(.infinity) : sum.mean(over: lanes, timesPowerOfTwo: 0).map { Figure($0) }
  }
}

/// The total variation of a lane, between two numbers.
struct VariationBounds {
  var lower: Double
  var upper: Double

  init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  var middle: Double { lower / 2 + upper / 2 }

  /// Whether the bounds agree to six digits.
  var isTight: Bool { upper < .infinity && (upper - lower) * 1e6 <= lower }

  /// The total variation as a figure; nil where the bounds do not decide it.
  var figure: Double? {
    guard lower > 0x1p-900, upper < 0x1p900 else { return nil }
    let figure = CertifiedUlp.roundedUp(upper)
    return CertifiedUlp.roundedUp(lower) == figure ? figure : nil
  }
}

/// The total variation of a lane as a certified figure.
enum CertifiedVariation {
  /// Half the sum of |y - p| over a lane without mismatch, rounded up; nil where it is undecided.
  static func figure<G: BinaryFloat>(
    of outputs: [G], reference: some ExactLane, oracle: SoftmaxOracle
  ) -> Double? {
    // A first look, at the enclosures that there are.
    var lower = sum()
    var upper = sum()
    var least = sum()
    var most = sum()
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      if exact.isUndecided { return nil }
      if exact.isZero { continue }
      distance(y, exact, &least, &most)
      lower.formSum(least, .down)
      upper.formSum(most, .up)
    }
    let figure = half(upper)
    if half(lower) == figure { return figure }
    return algebraicFigure(of: outputs, reference, oracle)
  }

  private static func sum() -> BigFloat {
    var sum = BigFloat(precision: 320)
    sum.assign(0, .toNearestOrEven)
    return sum
  }

  private static func half(_ value: borrowing BigFloat) -> Double {
    CertifiedUlp.roundedUp(value, timesPowerOfTwo: -1)
  }

  /// |y - p| between two numbers.
  private static func distance<G: BinaryFloat>(
    _ y: G, _ exact: ExactValue, _ least: inout BigFloat, _ most: inout BigFloat
  ) {
    let error = UlpError(of: y, against: exact)
    let unit = Int(exact.quantumExponent) - 64
    if error.astronomical == nil {
      assign(error.lower, unit, to: &least)
      assign(error.upper, unit, to: &most)
    } else {
      // y is far above p.
      let value = BigFloat(y.exactDouble)
      assign(exact.upper, unit, to: &least)
      least.formDifference(value, .up)
      least.formAbsoluteValue()
      assign(exact.lower, unit, to: &most)
      most.formDifference(value, .down)
      most.formAbsoluteValue()
    }
  }

  /// Sets a number to an integer of units; 320 bits hold it.
  private static func assign(_ integer: UInt128, _ unit: Int, to value: inout BigFloat) {
    value.assign(UInt64(truncatingIfNeeded: integer >> 64), timesPowerOfTwo: unit + 64, .down)
    var low = BigFloat(precision: 64)
    low.assign(UInt64(truncatingIfNeeded: integer), timesPowerOfTwo: unit, .down)
    value.formSum(low, .down)
  }

  /// The figure by algebra, where enclosures of the terms leave it open.
  ///
  /// With s the sign of y - p the sum is sum(s y) - sum(s p). Let a be the mean of s over the k
  /// logits of the first slot, the largest. As the probabilities sum to 1, sum(s p) = a + sum((s -
  /// a) p) over the others; with a sink they do not, a is 0 and k is 1:
  /// k times the sum is a dyadic number, and integers times probabilities, which are found to any
  /// relative precision however small they are. Where all of these integers are 0 the sum is
  /// rational, and by Lindemann and Weierstrass only there: powers of e with different rational
  /// exponents are linearly independent over the rationals. A figure that is the dyadic part
  /// exactly is decided by the sign of the rest. With a soft cap there is no such proof, and some
  /// are left undecided.
  private static func algebraicFigure<G: BinaryFloat>(
    of outputs: [G], _ reference: some ExactLane, _ oracle: SoftmaxOracle
  ) -> Double? {
    if let count = reference.inputs.constantCount {
      return constantFigure(of: outputs, reference, count)
    }
    let slots = outputs.indices.map(reference.slot)
    var multiplicities = [Int64](repeating: 0, count: (slots.max() ?? -1) + 1)
    for slot in slots where slot >= 0 { multiplicities[slot] += 1 }
    var signs = [Int64](repeating: 0, count: multiplicities.count)
    // 4096 bits hold sums of binary64 numbers whatever their exponents.
    var dyadic = BigFloat(precision: 4096)
    dyadic.assign(0, .toNearestOrEven)
    for (index, y) in outputs.enumerated() {
      let exact = reference.value(at: index)
      if exact.isZero { continue }
      let isNegative = UlpError(of: y, against: exact).isNegative
      signs[reference.slot(at: index)] += isNegative ? -1 : 1
      if isNegative {
        dyadic.formDifference(BigFloat(y.exactDouble), .toNearestOrEven)
      } else {
        dyadic.formSum(BigFloat(y.exactDouble), .toNearestOrEven)
      }
    }
    let sumsToOne = !reference.inputs.hasSink
    let count = sumsToOne ? UInt64(multiplicities[0]) : 1
    let first = sumsToOne ? signs[0] : 0
    dyadic.formProduct(count, .toNearestOrEven)
    dyadic.formDifference(BigFloat(Double(first)), .toNearestOrEven)
    let factors = signs.indices.map { first * multiplicities[$0] - signs[$0] * Int64(count) }
    // The dyadic part as a figure, if it is one.
    var part = BigFloat(precision: CertifiedUlp.bits)
    let isFigure = part.setQuotient(dyadic, BigFloat(integer: 2 * count), .up) == 0
    if factors.allSatisfy({ $0 == 0 }) {
      part.formAbsoluteValue()
      return CertifiedUlp.roundedUp(part, timesPowerOfTwo: 0)
    }
    var relativeBits = 80
    while relativeBits <= oracle.precisionCap {
      var lower = BigFloat(precision: relativeBits + 128)
      var upper = BigFloat(precision: relativeBits + 128)
      lower.assign(0, .down)
      upper.assign(0, .up)
      for (slot, factor) in factors.enumerated() where factor != 0 {
        guard
          var p = oracle.distance(
            from: 0, slot: slot, of: reference.inputs, relativeBits: relativeBits)
        else { return nil }
        p.lower.formProduct(factor.magnitude, .down)
        p.upper.formProduct(factor.magnitude, .up)
        if factor > 0 {
          lower.formSum(p.lower, .down)
          upper.formSum(p.upper, .up)
        } else {
          lower.formDifference(p.upper, .down)
          upper.formDifference(p.lower, .up)
        }
      }
      let least = figure(dyadic, lower, by: 2 * count, .down)
      let most = figure(dyadic, upper, by: 2 * count, .up)
      if least == most { return most }
      // No probability is 0, so that the rest is neither end of its enclosure.
      let isAbove = lower.isZero || !lower.isNegative
      let isBelow = upper.isZero || upper.isNegative
      if isFigure, part.double(.toNearestOrEven) == least, isAbove != isBelow {
        return isBelow ? least : most
      }
      relativeBits *= 2
    }
    return nil
  }

  /// (a + b) / divisor, rounded in a direction, as a figure.
  private static func figure(
    _ a: borrowing BigFloat, _ b: borrowing BigFloat, by divisor: UInt64,
    _ rounding: BigFloat.Rounding
  ) -> Double {
    var sum = BigFloat(precision: 4096)
    sum.setSum(a, b, rounding)
    if sum.isNegative { return 0 }
    var quotient = BigFloat(precision: 4096)
    quotient.setQuotient(sum, BigFloat(integer: divisor), rounding)
    return CertifiedUlp.roundedUp(quotient, timesPowerOfTwo: 0)
  }

  /// The figure of a lane of k equal logits, the sink among them, and others of -inf: sum |k y - 1|
  /// / (2 k).
  private static func constantFigure<G: BinaryFloat>(
    of outputs: [G], _ reference: some ExactLane, _ count: UInt64
  ) -> Double? {
    var total = BigFloat(precision: 4096)
    total.assign(0, .toNearestOrEven)
    var term = BigFloat(precision: 4096)
    for (index, y) in outputs.enumerated() where reference.slot(at: index) >= 0 {
      term.assign(y.exactDouble, .toNearestOrEven)
      term.formProduct(count, .toNearestOrEven)
      term.formDifference(BigFloat(1), .toNearestOrEven)
      term.formAbsoluteValue()
      total.formSum(term, .toNearestOrEven)
    }
    return figure(ofQuotient: &total, by: 2 * count)
  }

  private static func figure(ofQuotient total: inout BigFloat, by divisor: UInt64) -> Double {
    total.formAbsoluteValue()
    var quotient = BigFloat(precision: CertifiedUlp.bits)
    quotient.setQuotient(total, BigFloat(integer: divisor), .up)
    return CertifiedUlp.roundedUp(quotient, timesPowerOfTwo: 0)
  }
}
