import FloatFormats
import MultiPrecision
import Oracle

/// An element of a distribution: its exact probability p beside what an output makes of it, y or
/// e^y.
struct DistributionElement {
  /// The scale on which an output stands for a probability.
  enum Scale {
    case probabilities
    case logarithms
  }

  let scale: Scale
  /// The output.
  let y: Double
  /// p.
  let probability: ExactValue
  /// p, or ln p.
  let exact: ExactValue
  /// The error of the output against that.
  let error: UlpError

  /// The element of a softmax.
  init(probability y: Double, of exact: ExactValue) {
    (scale, self.y, probability, self.exact) = (.probabilities, y, exact, exact)
    error = UlpError(of: y, against: exact)
  }

  /// The element of a log-softmax.
  init(logarithm y: Double, of exact: ExactValue, probability: ExactValue) {
    (scale, self.y, self.probability, self.exact) = (.logarithms, y, probability, exact)
    error = UlpError(of: y.isFinite ? y : 0, against: exact)
  }

  /// Whether the output stands for 0.
  var isZero: Bool { scale == .probabilities ? y == 0 : y == -.infinity }

  /// Whether the output is the exact value.
  var isRight: Bool { !isZero && error.isExact && error.lower == 0 }

  /// The element as correct rounding makes it.
  var rounded: DistributionElement {
    let nearest = exact.correctlyRounded(Double.self)
    return scale == .probabilities
      ? DistributionElement(probability: nearest, of: exact)
      : DistributionElement(logarithm: nearest, of: exact, probability: probability)
  }

  /// Covers the roundings of a handful of operations, and of the sums of series.
  private static var slack: Double { 0x1p-44 }

  /// p between two numbers.
  private var bounds: (lower: Double, upper: Double) {
    let exponent = Int(probability.quantumExponent) - 64
    let lower = ExactValue.double(probability.lower).scaled(byPowerOfTwo: exponent)
    let upper = ExactValue.double(probability.upper).scaled(byPowerOfTwo: exponent)
    return (lower * (1 - Self.slack), upper * (1 + Self.slack) + .leastNonzeroMagnitude)
  }

  /// |y / p - 1|, or |y - ln p|, between two numbers; `nil` where p is too far below one ulp.
  private var deviation: (lower: Double, upper: Double)? {
    if let size = error.astronomical {
      guard scale == .logarithms else { return nil }
      let whole = size.scaled(byPowerOfTwo: Int(exact.quantumExponent))
      return (whole * (1 - Self.slack), whole * (1 + Self.slack))
    }
    var (lower, upper) = (ExactValue.double(error.lower), ExactValue.double(error.upper))
    switch scale {
    case .probabilities:
      guard exact.lower >= 1 << 44 else { return nil }
      lower /= ExactValue.double(exact.upper)
      upper /= ExactValue.double(exact.lower)
    case .logarithms:
      let exponent = Int(exact.quantumExponent) - 64
      lower = lower.scaled(byPowerOfTwo: exponent)
      upper = upper.scaled(byPowerOfTwo: exponent)
    }
    return (lower * (1 - Self.slack), upper * (1 + Self.slack) + .leastNonzeroMagnitude)
  }

  private static func isSmall(_ deviation: Double) -> Bool { deviation <= 0.125 }
}

// MARK: - Divergence

extension DistributionElement {
  /// The contribution of the element to the divergence, see ``LaneDistribution``, between two
  /// numbers; the output does not stand for 0.
  var divergence: (lower: Double, upper: Double) {
    if isRight { return (0, 0) }
    let p = bounds
    switch (scale, deviation) {
    case (.probabilities, let t?) where Self.isSmall(t.upper):
      let sign: Double = error.isNegative ? -1 : 1
      return (
        p.lower * SmallDeviation.excess(sign * t.lower) * (1 - Self.slack),
        p.upper * SmallDeviation.excess(sign * t.upper) * (1 + Self.slack)
          + .leastNonzeroMagnitude
      )
    case (.logarithms, let t?):
      let (least, most) = (
        p.lower * t.lower * (1 - Self.slack),
        p.upper * t.upper * (1 + Self.slack) + .leastNonzeroMagnitude
      )
      return error.isNegative ? (least, most) : (-most, -least)
    case (.probabilities, _): return wideDivergence
    case (.logarithms, nil): return (-.infinity, .infinity)
    }
  }

  /// y - p + p ln(p / y), which falls towards p = y and rises from there.
  private var wideDivergence: (lower: Double, upper: Double) {
    let below = end(probability.lower)
    let above = end(probability.upper)
    let first = Self.excess(of: y, over: below)
    let second = Self.excess(of: y, over: above)
    let isInside = below.compare(y) <= 0 && above.compare(y) >= 0
    return (
      isInside ? 0 : max(0, min(first.lower, second.lower)), max(first.upper, second.upper)
    )
  }

  /// An end of the enclosure of p.
  private func end(_ units: UInt128) -> BigFloat {
    let exponent = Int(probability.quantumExponent) - 64
    var value = BigFloat(precision: 192)
    value.assign(UInt64(truncatingIfNeeded: units >> 64), timesPowerOfTwo: exponent + 64, .down)
    var low = BigFloat(precision: 64)
    low.assign(UInt64(truncatingIfNeeded: units), timesPowerOfTwo: exponent, .down)
    value.formSum(low, .down)
    return value
  }

  private static func excess(
    of y: Double, over p: borrowing BigFloat
  ) -> (lower: Double, upper: Double) {
    if p.isZero { return (y, y) }
    func value(_ rounding: BigFloat.Rounding) -> Double {
      // p does not round.
      var quotient = BigFloat(precision: 192)
      quotient.setQuotient(p, BigFloat(y), rounding)
      var term = BigFloat(precision: 192)
      term.setLogarithm(quotient, rounding)
      term.formProduct(p, rounding)
      term.formDifference(p, rounding)
      term.formSum(BigFloat(y), rounding)
      return term.double(rounding)
    }
    return (value(.down), value(.up))
  }
}

// MARK: - Total variation

extension DistributionElement {
  /// |y - p| or |e^y - p| between two numbers.
  var variation: (lower: Double, upper: Double) {
    if isRight { return (0, 0) }
    let p = bounds
    if isZero { return p }
    if let t = deviation, Self.isSmall(t.upper) {
      let sign: Double = error.isNegative ? -1 : 1
      let growth: (Double) -> Double =
        scale == .probabilities ? { $0 } : { SmallDeviation.growth(sign * $0) }
      return (
        p.lower * growth(t.lower) * (1 - Self.slack),
        p.upper * growth(t.upper) * (1 + Self.slack) + .leastNonzeroMagnitude
      )
    }
    let output = Self.probability(y, scale)
    return (
      max(0, max(output.lower - p.upper, p.lower - output.upper) * (1 - Self.slack)),
      max(output.upper - p.lower, p.upper - output.lower).nextUp
    )
  }

  /// The probability that an output stands for, between two numbers.
  private static func probability(_ y: Double, _ scale: Scale) -> (lower: Double, upper: Double) {
    guard scale == .logarithms else { return (y, y) }
    func power(_ rounding: BigFloat.Rounding) -> Double {
      var power = BigFloat(precision: 64)
      power.setExponential(BigFloat(y), rounding)
      return power.double(rounding)
    }
    return (power(.down), power(.up))
  }
}

/// Functions of small numbers by their power series.
private enum SmallDeviation {
  /// t - ln(1 + t) for |t| <= 1/8, good to 2^-45 of itself.
  ///
  /// It is t^2 sum (-t)^k / (k + 2). The terms from k = 16 on are below 2^-50 of the whole. Every
  /// step rounds twice something below 0.6, beside a sum of at least 0.45, and is damped by t in
  /// each step behind it: less than 2^-50 together.
  static func excess(_ t: Double) -> Double {
    var sum = 0.0
    for coefficient in reciprocals { sum = coefficient - t * sum }
    return t * t * sum
  }

  /// |e^t - 1| for |t| <= 1/8, good to 2^-45 of itself: t (1 + t/2 (1 + t/3 (...))), in the same
  /// way.
  static func growth(_ t: Double) -> Double {
    var sum = 1.0
    for divisor in divisors { sum = 1 + t * sum / divisor }
    return abs(t * sum)
  }

  /// 1/17, 1/16, ..., 1/2.
  private static let reciprocals = (2...17).reversed().map { 1 / Double($0) }
  /// 14, 13, ..., 2.
  private static let divisors = (2...14).reversed().map { Double($0) }
}
