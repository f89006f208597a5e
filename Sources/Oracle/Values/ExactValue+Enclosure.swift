import FloatFormats
import MultiPrecision

extension ExactValue {
  /// The value of an enclosure with 0 inside that lies within 2^-64 of the least quantum of a format;
  /// `nil` of any other.
  ///
  /// All that it leaves open is the sign, on which one thing depends: whether the least number of
  /// that sign is a faithful rounding. The positive one is taken for it. Sums of exponentials that
  /// are too small for MPFR, such as e^(-10^30) g_1 - e^(-10^31) g_2, are such values: no precision
  /// tells more of them.
  init?(ofOpenSign enclosure: borrowing Enclosure, in format: FloatFormat) {
    guard enclosure.lower.isNegative, !enclosure.upper.isNegative || enclosure.upper.isZero else {
      return nil
    }
    var largest = BigFloat(copying: enclosure.lower)
    largest.formAbsoluteValue()
    var other = BigFloat(copying: enclosure.upper)
    other.formAbsoluteValue()
    if largest.compare(other) < 0 { swap(&largest, &other) }
    guard largest.exponent < format.quantumExponent - 64 else { return nil }
    self.init(
      lower: 0, width: 1, upperBound: .leastNormalMagnitude,
      quantumExponent: format.quantumExponent, isNormal: false)
  }

  /// The value that an enclosure locates in a format; `nil` where it leaves sign, binade or rounding open.
  ///
  /// - Parameter enclosure: Of a number that is neither of its ends, unless both are equal.
  init?(_ enclosure: borrowing Enclosure, in format: FloatFormat) {
    if enclosure.lower.isZero, enclosure.upper.isZero {
      self = .zero
      return
    }
    let isNegative = enclosure.upper.isZero || enclosure.upper.isNegative
    guard isNegative || enclosure.lower.isZero || !enclosure.lower.isNegative else { return nil }
    var near = BigFloat(copying: enclosure.lower)
    var far = BigFloat(copying: enclosure.upper)
    if isNegative { swap(&near, &far) }
    near.formAbsoluteValue()
    far.formAbsoluteValue()
    // 2^-64 of the least quantum: whatever lies below it lies strictly between 0 and one unit.
    let vanishes = far.exponent < format.quantumExponent - 64
    guard vanishes || !near.isZero else { return nil }
    let exponent = vanishes ? format.quantumExponent - 65 : near.exponent
    let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
    let isNormal = exponent >= format.minimumExponent
    let unit = quantum - 64
    let isExact = enclosure.isExact && near.lowestBitExponent >= unit
    // Units far beyond the binade of the near end would not fit into 128 bits.
    guard vanishes || far.exponent <= near.exponent + 1 else { return nil }
    let lower = vanishes ? 0 : near.magnitudeFloor(inUnitsOfPowerOfTwo: unit)
    // A float at the far end, such as the maximum beside which e^(-10^30) is nothing, is not the number itself.
    let upper =
      isExact
      ? lower
      : vanishes
        ? 1
        : far.magnitudeFloor(inUnitsOfPowerOfTwo: unit) + (far.lowestBitExponent >= unit ? 0 : 1)
    let binadeTop = UInt128(1) &<< UInt128(format.precision + 64)
    let binadeBottom = binadeTop &>> 1
    if isNormal {
      guard lower >= binadeBottom, upper <= binadeTop else { return nil }
    } else {
      guard upper <= binadeBottom else { return nil }
    }
    if !isExact {
      // Neither a float nor a midpoint may lie strictly inside: multiples of 2^63 units.
      guard lower &>> 63 == (upper - 1) &>> 63, upper - lower <= UInt128(UInt64.max) else {
        return nil
      }
    }
    var bound = BigFloat(precision: 53)
    bound.assign(far, .up)
    bound.formProduct(withPowerOfTwo: -quantum)
    self.init(
      lower: lower, width: UInt64(truncatingIfNeeded: upper - lower),
      upperBound: max(bound.double(.up), .leastNormalMagnitude), quantumExponent: quantum,
      isNormal: isNormal, isNegative: isNegative)
  }
}
