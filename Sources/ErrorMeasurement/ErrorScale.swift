import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// The unit of the scaled error of one output: max(u Y, eta / 2), Y the yardstick of its exact
/// value v.
///
/// | operation | yardstick Y |
/// |---|---|
/// | softmax | p |
/// | log-softmax | max(1, abs(l)) |
/// | logsumexp | max(1, abs(L), ln s) |
/// | others | the size of the terms that v is made of, as the oracle has it |
struct ErrorScale {
  /// The dependence of the unit on the yardstick.
  private enum Unit {
    /// eta / 2: u Y is less.
    case halfOfLeast
    /// u |v|.
    case value
    /// u.
    case one
    /// u Y, Y another number.
    case yardstick
  }

  private let unit: Unit
  private let exact: ExactValue
  private let format: FloatFormat
  /// Half of the scaled error of an error of one ulp is this number, good to 2^-37, times a power
  /// of two.
  private let factor: Double
  private let exponent: Int

  /// - Returns: `nil` where the oracle reached its precision cap.
  init?(
    of exact: ExactValue, at index: Int, in reference: some ExactLane, oracle: SoftmaxOracle
  ) {
    self.exact = exact
    format = reference.format
    let value = exact.approximate.magnitude
    var yardstick = value
    switch reference.operation {
    case .logSumExp where reference.inputs.modified != nil:
      // The largest number may be the sink, and is known to binary64 alone.
      guard
        let enclosure = oracle.yardstick(
          slot: reference.slot(at: index), of: reference.inputs, relativeBits: 40)
      else { return nil }
      yardstick = enclosure.upper.double(.up)
      unit = .yardstick
    case .softmax:
      unit = exact.isNormal ? .value : .halfOfLeast
    case .logSoftmax:
      unit = value >= 1 ? .value : .one
    case .logSumExp:
      // ln s = L - m, which is at most L where m is not negative.
      let logarithm = exact.approximate - min(reference.logits.values[0], 0)
      unit = logarithm > max(1, value) ? .yardstick : value >= 1 ? .value : .one
      yardstick = logarithm
    default:
      if let known = reference.approximateYardstick(at: index) {
        yardstick = known
      } else {
        guard
          let enclosure = oracle.yardstick(
            slot: reference.slot(at: index), of: reference.inputs, relativeBits: 40)
        else { return nil }
        yardstick = enclosure.upper.double(.up)
      }
      unit = yardstick < format.leastNormal ? .halfOfLeast : .yardstick
    }
    // An error of one ulp is 2^(q + P) / Y.
    let quantum = Int(exact.quantumExponent)
    switch unit {
    case .halfOfLeast:
      (factor, exponent) = (1, quantum - format.quantumExponent)
    case .one:
      (factor, exponent) = (1, quantum + format.precision - 1)
    case .yardstick:
      let scale = Int(yardstick.exponent)
      factor = 1 / yardstick.scaled(byPowerOfTwo: -scale)
      exponent = quantum + format.precision - 1 - scale
    case .value:
      // One over the significand of v, by its fixed point.
      let significand = ExactValue.double(exact.lower) * 0x1p-64
      factor = min(
        1, Double(sign: .plus, exponent: format.precision - 1, significand: 1) / significand)
      exponent = 0
    }
  }

  /// Half of the scaled error of an error, good to 2^-37 of itself.
  func half(ofUlps ulps: Double) -> Double {
    exponent == 0 ? ulps * factor : (ulps * factor).scaled(byPowerOfTwo: exponent)
  }

  /// An upper bound of a scaled error.
  func upperBound(of error: UlpError) -> Double {
    2 * half(ofUlps: error.magnitudeUpperBound) * (1 + 0x1p-36)
  }

  /// A scaled error rounded up to a figure; `nil` where the fixed point leaves it open.
  ///
  /// - Parameter ulps: The certified error in ULP.
  func figure(of error: UlpError, output y: Double, ulps: Double) -> Double? {
    // What is nearer than any figure can tell is so in other units.
    if ulps <= CertifiedUlp.least, !exact.isBalanced { return ulps }
    switch unit {
    case .halfOfLeast, .one:
      // Rounding up to 30 bits commutes with powers of two.
      guard ulps < .infinity, !exact.isBalanced else { return nil }
      return max(2 * half(ofUlps: ulps), CertifiedUlp.least)
    case .yardstick:
      guard error.astronomical == nil, error.lower > 0, !exact.isBalanced else { return nil }
      let least = 2 * half(ofUlps: ExactValue.double(error.lower) * 0x1p-64) * (1 - 0x1p-36)
      let most = 2 * half(ofUlps: ExactValue.double(error.upper) * 0x1p-64) * (1 + 0x1p-36)
      let figure = CertifiedUlp.roundedUp(most)
      return least > 0x1p-900 && CertifiedUlp.roundedUp(least) == figure ? figure : nil
    // |v| / (u |v|), which no enclosure tells from 1 / u.
    case .value where y == 0:
      return Double(sign: .plus, exponent: format.precision, significand: 1)
    case .value: break
    }
    guard error.astronomical == nil, error.lower > 0 else { return nil }
    let scale = Double(sign: .plus, exponent: format.precision, significand: 1)
    // Four roundings, each of at most 2^-52.
    let least =
      ExactValue.double(error.lower) / ExactValue.double(exact.upper) * scale * (1 - 0x1p-49)
    let most =
      ExactValue.double(error.upper) / ExactValue.double(exact.lower) * scale * (1 + 0x1p-49)
    let figure = CertifiedUlp.roundedUp(most)
    return CertifiedUlp.roundedUp(least) == figure ? figure : nil
  }

  /// The same by the oracle; `nil` where it reached its precision cap.
  ///
  /// An enclosure of |y - v| / (u Y) narrows until both ends have one figure. Two quotients can be
  /// so near to a figure, or be one, that no enclosure tells, and algebra does:
  ///
  /// * Of k tied maxima p = 1 / (k + t), t the sum of the other exponentials, however small: |y -
  ///   p| / p = |k y - 1 + y t|, which is above k y - 1 where that is positive, and where y < p
  ///   below 1 - k y.
  /// * Where all logits are equal, values without a logarithm are rational. Their numerators and
  ///   denominators are made of a few binary64 numbers and of counts, so that a quotient that is no
  ///   figure is further from every figure than 2^-16384 of itself.
  ///
  /// - Parameters:
  ///   - y: The output.
  ///   - isBelow: Whether y is below the exact value.
  func figure(
    of y: Double, isBelow: Bool, slot: Int, inputs: OperationLane, oracle: SoftmaxOracle
  ) -> Double? {
    let precision = format.precision
    switch unit {
    case .halfOfLeast, .one:
      return CertifiedUlp.figure(
        of: y, slot: slot, of: inputs,
        quantumExponent: unit == .one ? -precision : format.quantumExponent - 1, oracle: oracle)
    case .value, .yardstick: break
    }
    var (floor, ceiling) = (0.0, Double.infinity)
    let isPlain = inputs.modified == nil
    if inputs.operation == .softmax, slot == 0, isPlain || inputs.constantCount != nil {
      let excess = Self.excess(
        of: y, over: inputs.constantCount ?? inputs.logits.multiplicities[0])
      var size = BigFloat(copying: excess)
      size.formAbsoluteValue()
      // p = 1 / k.
      if inputs.constantCount != nil {
        return CertifiedUlp.roundedUp(size, timesPowerOfTwo: precision)
      }
      if !excess.isZero, !excess.isNegative {
        floor = CertifiedUlp.leastFigure(above: size, timesPowerOfTwo: precision)
      } else if isBelow {
        ceiling = CertifiedUlp.roundedUp(size, timesPowerOfTwo: precision)
      }
    }
    var besideFigure: Double?
    var relativeBits = 80
    while relativeBits <= oracle.precisionCap {
      guard
        let distance = oracle.distance(
          from: y, slot: slot, of: inputs, relativeBits: relativeBits),
        let yardstick = oracle.yardstick(slot: slot, of: inputs, relativeBits: relativeBits)
      else { break }
      if distance.isBeyondFigures, !distance.isExact { return CertifiedUlp.least }
      if distance.isExact, yardstick.isExact {
        var quotient = BigFloat(precision: CertifiedUlp.bits)
        quotient.setQuotient(distance.upper, yardstick.lower, .up)
        return CertifiedUlp.roundedUp(quotient, timesPowerOfTwo: precision)
      }
      var quotient = BigFloat(precision: relativeBits + 64)
      quotient.setQuotient(distance.lower, yardstick.upper, .down)
      let least = max(floor, CertifiedUlp.roundedUp(quotient, timesPowerOfTwo: precision))
      quotient.setQuotient(distance.upper, yardstick.lower, .up)
      let most = min(ceiling, CertifiedUlp.roundedUp(quotient, timesPowerOfTwo: precision))
      if least == most || inputs.constantCount != nil && relativeBits > 16384 { return least }
      if CertifiedUlp.isBesideFigure(relativeBits, inputs) { besideFigure = most }
      relativeBits *= 2
    }
    return besideFigure
  }

  /// k y - 1, exactly: 4096 bits hold an integer below 2^64 times a binary64 number, and 1 less.
  private static func excess(of y: Double, over count: UInt64) -> BigFloat {
    var excess = BigFloat(precision: 4096)
    excess.assign(y, .toNearestOrEven)
    excess.formProduct(count, .toNearestOrEven)
    excess.formDifference(BigFloat(1), .toNearestOrEven)
    return excess
  }
}

extension ExactValue {
  /// A 128-bit integer within 2^-52 of itself.
  static func double(_ value: UInt128) -> Double {
    Double(UInt64(truncatingIfNeeded: value &>> 64)) * 0x1p64
      + Double(UInt64(truncatingIfNeeded: value))
  }
}
