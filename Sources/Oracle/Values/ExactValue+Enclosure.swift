import FloatFormats
import MultiPrecision

extension ExactValue {
  /// The value of an enclosure that holds one float of a format and nothing further from it than
  /// 2^-64 ulp; `nil` of any other.
  ///
  /// Left open is the side of the float on which the value lies. Its rounding does not depend on
  /// it, nor does any figure of an output but this: whether the float's neighbour is a faithful
  /// rounding too. The side away from 0 is taken for it, the positive one of 0. Sums of
  /// exponentials that are too small for MPFR, such as e^(-10^30) g_1 - e^(-10^31) g_2, are such
  /// values: no precision tells more of them.
  init?(ofOpenSide enclosure: borrowing Enclosure, in format: FloatFormat) {
    var float = BigFloat(precision: format.precision)
    float.assign(enclosure.upper, .toNearestOrEven)
    let leastQuantum = format.quantumExponent
    var quantum = leastQuantum
    if !float.isZero, float.exponent - (format.precision - 1) > leastQuantum {
      quantum = float.exponent - (format.precision - 1)
    } else if float.isZero || float.exponent < leastQuantum {
      float.assign(0, .toNearestOrEven)
    } else {
      // Below the normal range floats have fewer bits.
      guard float.lowestBitExponent >= leastQuantum else { return nil }
    }
    var reach = BigFloat(precision: 64)
    for far in [true, false] {
      if far {
        reach.setDifference(enclosure.upper, float, .awayFromZero)
      } else {
        reach.setDifference(enclosure.lower, float, .awayFromZero)
      }
      guard reach.isZero || reach.exponent < quantum - 64 else { return nil }
    }
    let isNegative = float.isNegative && !float.isZero
    float.formAbsoluteValue()
    let unit = quantum - 64
    let lower: UInt128 = float.isZero ? 0 : float.magnitudeFloor(inUnitsOfPowerOfTwo: unit)
    var bound = BigFloat(precision: 53)
    bound.assign(float, .up)
    bound.formProduct(withPowerOfTwo: -quantum)
    self.init(
      lower: lower, width: 1,
      upperBound: float.isZero ? .leastNormalMagnitude : bound.double(.up).nextUp,
      quantumExponent: quantum,
      isNormal: !float.isZero && float.exponent >= format.minimumExponent, isNegative: isNegative)
  }

  /// The value that an enclosure locates in a format; `nil` where it leaves sign, binade or
  /// rounding open.
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
    // A float at the far end, such as the maximum beside which e^(-10^30) is nothing, is not the
    // number itself.
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
