import FloatFormats
import MultiPrecision
import TestSupport

/// A nonnegative real number in integers: `significand * 2^exponent`, and a little more where
/// `sticky`.
///
/// "A little more" is anything strictly between 0 and 1 unit of 2^exponent.
struct ReferenceNumber {
  var isNegative = false
  var significand: UInt128
  var exponent: Int
  var sticky = false

  init(
    isNegative: Bool = false, significand: UInt128, exponent: Int, sticky: Bool = false
  ) {
    self.isNegative = isNegative
    self.significand = significand
    self.exponent = exponent
    self.sticky = sticky
  }

  /// A finite binary64 number, taken apart with the standard library.
  init(_ value: Double) {
    let implicit: UInt64 = value.isNormal ? 1 << 52 : 0
    self.init(
      isNegative: value.sign == .minus,
      significand: UInt128(value.significandBitPattern | implicit),
      exponent: max(Int(value.exponentBitPattern), 1) - 1075)
  }

  /// The same number in arbitrary precision; the little more becomes 2^-400 units.
  func big() -> BigFloat {
    var result = BigFloat(precision: 800)
    var part = BigFloat(precision: 64)
    result.assign(UInt64(significand >> 64), timesPowerOfTwo: exponent + 64, .toNearestOrEven)
    part.assign(
      UInt64(truncatingIfNeeded: significand), timesPowerOfTwo: exponent, .toNearestOrEven)
    result.formSum(part, .toNearestOrEven)
    if sticky {
      part.assign(1, timesPowerOfTwo: exponent - 400, .toNearestOrEven)
      result.formSum(part, .toNearestOrEven)
    }
    if isNegative { result.formNegation() }
    return result
  }

  /// The encoding of the float to which the number rounds, by integer arithmetic alone.
  func rounded(to format: FloatFormat, _ direction: BigFloat.Rounding) -> UInt64 {
    let precision = format.precision
    let signBit = isNegative ? UInt64(1) << UInt64(format.bitWidth - 1) : 0
    let fieldWidth = format.bitWidth - precision
    let infinity = ((UInt64(1) << UInt64(fieldWidth)) - 1) << UInt64(precision - 1)
    guard significand != 0 else { return signBit }

    let towardZero: Bool? =
      switch direction {
      case .toNearestOrEven: nil
      case .towardZero: true
      case .awayFromZero: false
      case .down: !isNegative
      case .up: isNegative
      }
    let leading = 127 - significand.leadingZeroBitCount + exponent
    // The bias, from which both ends of the exponent range follow.
    let bias = (1 << (fieldWidth - 1)) - 1
    if leading > bias { return signBit | (towardZero == true ? infinity - 1 : infinity) }

    let quantum = max(leading, 1 - bias) - (precision - 1)
    let shift = quantum - exponent
    precondition(shift >= 1 || !sticky)
    var units: UInt128
    var remainder: Int  // twice the cut part compared with a unit, or -2 where nothing is cut
    if shift <= 0 {
      units = significand << UInt128(-shift)
      remainder = -2
    } else if shift > 127 {
      units = 0
      // Below half: the significand has 128 bits at most.
      remainder = shift == 128 && significand >> 127 == 1 ? (significand << 1 == 0 ? 0 : 1) : -1
      if remainder == 0, sticky { remainder = 1 }
    } else {
      units = significand >> UInt128(shift)
      let cut = significand & ((UInt128(1) << UInt128(shift)) - 1)
      let half = UInt128(1) << UInt128(shift - 1)
      remainder = cut == 0 && !sticky ? -2 : cut < half ? -1 : cut == half && !sticky ? 0 : 1
    }
    let goesUp =
      if remainder == -2 {
        false
      } else if let towardZero {
        !towardZero
      } else {
        remainder > 0 || remainder == 0 && units & 1 == 1
      }
    if goesUp { units += 1 }
    // The implicit bit of a normal number, or a carry into it, adds one to the exponent field by
    // itself.
    let leastQuantum = 1 - bias - (precision - 1)
    let pattern = (UInt64(quantum - leastQuantum) << UInt64(precision - 1)) + UInt64(units)
    return signBit | min(pattern, infinity)
  }
}

/// All directions of rounding.
let allRoundings: [BigFloat.Rounding] = [
  .toNearestOrEven, .down, .up, .towardZero, .awayFromZero,
]

/// The value that the fields of an encoding mean by IEEE 754-2019, section 3.4; nil for infinities,
/// NaNs.
func meaning(of pattern: UInt64, in format: FloatFormat) -> Double? {
  let fractionBits = format.precision - 1
  let exponentBits = format.bitWidth - format.precision
  let bias = (1 << (exponentBits - 1)) - 1
  let field = Int(pattern >> UInt64(fractionBits)) & ((1 << exponentBits) - 1)
  let fraction = Double(pattern & ((1 << UInt64(fractionBits)) - 1))
  guard field != (1 << exponentBits) - 1 else { return nil }
  let sign: FloatingPointSign =
    pattern >> UInt64(format.bitWidth - 1) == 1 ? .minus : .plus
  let magnitude =
    field == 0
    ? Double(sign: .plus, exponent: 1 - bias - fractionBits, significand: fraction)
    : Double(
      sign: .plus, exponent: field - bias,
      significand: 1 + Double(sign: .plus, exponent: -fractionBits, significand: fraction))
  return sign == .minus ? -magnitude : magnitude
}

extension BinaryFloat {
  /// Whether two values are the same: one encoding, or both NaN.
  func isSame(as other: Self) -> Bool {
    bitPattern == other.bitPattern || (isNaN && other.isNaN)
  }

  static func random(using generator: inout SplitMix64) -> Self {
    Self(bitPattern: BitPattern(truncatingIfNeeded: generator.next()))
  }

  static func randomFinite(using generator: inout SplitMix64) -> Self {
    while true {
      let value = random(using: &generator)
      if value.isFinite { return value }
    }
  }

  /// The bit pattern in hexadecimal digits, for messages.
  var patternText: String { "#" + String(UInt64(bitPattern), radix: 16) }
}
