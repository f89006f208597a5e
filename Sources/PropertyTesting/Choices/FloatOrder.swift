import FloatFormats

/// The order in which the floats of a format count as simple: a bijection of encodings and ranks.
///
/// What a person would rather read comes first:
///
/// 1. the integers 0, 1, 2, ... below 2^P, P being the precision;
/// 2. halves, then quarters, then eighths, ... down to denominator 2^(P-1), each by numerator;
/// 3. the larger integers, ascending;
/// 4. fractions with still larger denominators, among them all that is tiny, by denominator and
///    numerator;
/// 5. infinity, the default NaN, the other NaNs;
/// 6. the negative values, in the order of their magnitudes.
///
/// The idea of an order of floats made for readers is that of Hypothesis; this one counts instead
/// of reversing bits, so that it is the same four lines for every format: a finite fraction is m /
/// 2^k for one k >= 1 and one odd m < 2^P, and each k has 2^(P-1) of them.
package struct FloatOrder: Hashable, Sendable {
  package let format: FloatFormat

  package init(_ format: FloatFormat) { self.format = format }

  /// The largest rank.
  package var lastRank: UInt64 { UInt64.max >> UInt64(64 - format.bitWidth) }

  /// The encoding of +infinity, which is also the number of finite magnitudes.
  var infinity: UInt64 {
    UInt64(2 * format.maximumExponent + 1) << UInt64(format.precision - 1)
  }
  var signBit: UInt64 { 1 << UInt64(format.bitWidth - 1) }
  /// The leading bit of a NaN's payload, which makes it quiet.
  var quietBit: UInt64 { 1 << UInt64(format.precision - 2) }
  /// The number of integers of the first group, and the first integer beyond it.
  var integerCount: UInt64 { 1 << UInt64(format.precision) }
  /// The number of fractions with one denominator.
  var fractionsPerDenominator: UInt64 { 1 << UInt64(format.precision - 1) }
  /// The exponents k of the second group run from 1 to this one.
  var coarsestExponents: Int { format.precision - 1 }
  /// The exponents k of the fourth group end here.
  var finestExponent: Int { -format.quantumExponent }

  var firstLargeRank: UInt64 {
    integerCount + UInt64(coarsestExponents) * fractionsPerDenominator
  }
  var firstFineRank: UInt64 {
    firstLargeRank + infinity - magnitude(significand: 1, exponent: format.precision)
  }

  /// The rank of an encoded value.
  package func rank(of bits: UInt64) -> UInt64 {
    rank(ofMagnitude: bits & ~signBit) | (bits & signBit)
  }

  /// The encoded value with the given rank.
  package func bits(at rank: UInt64) -> UInt64 {
    magnitude(at: rank & ~signBit) | (rank & signBit)
  }

  /// The rank of the first fraction with denominator 2^k.
  func firstRank(ofDenominatorExponent k: Int) -> UInt64 {
    k <= coarsestExponents
      ? integerCount + UInt64(k - 1) * fractionsPerDenominator
      : firstFineRank + UInt64(k - coarsestExponents - 1) * fractionsPerDenominator
  }

  /// The exponent k of the denominator 2^k of the fractions among which a magnitude's rank lies;
  /// nil for all else.
  func denominatorExponent(at rank: UInt64) -> Int? {
    if rank < integerCount || rank >= infinity { return nil }
    if rank < firstLargeRank { return Int((rank - integerCount) / fractionsPerDenominator) + 1 }
    if rank < firstFineRank { return nil }
    return Int((rank - firstFineRank) / fractionsPerDenominator) + coarsestExponents + 1
  }

  private func rank(ofMagnitude bits: UInt64) -> UInt64 {
    if bits == 0 || bits == infinity { return bits }
    if bits > infinity {
      // The payload of the default NaN is the quiet bit alone. Flipping that bit gives it the place
      // of payload 0, which is no NaN, and leaves the place of the quiet bit empty.
      let place = (bits - infinity) ^ quietBit
      return infinity + (place < quietBit ? place + 1 : place)
    }
    let (odd, exponent) = oddPart(of: bits)
    if exponent < 0 { return firstRank(ofDenominatorExponent: -exponent) + odd / 2 }
    let bitLength = 64 - odd.leadingZeroBitCount + exponent
    if bitLength <= format.precision { return odd << UInt64(exponent) }
    return firstLargeRank + bits - magnitude(significand: 1, exponent: format.precision)
  }

  private func magnitude(at rank: UInt64) -> UInt64 {
    if rank == 0 || rank == infinity { return rank }
    if rank > infinity {
      let place = rank - infinity
      return infinity + ((place <= quietBit ? place - 1 : place) ^ quietBit)
    }
    if rank < integerCount { return magnitude(significand: rank, exponent: 0) }
    if let k = denominatorExponent(at: rank) {
      let odd = 2 * (rank - firstRank(ofDenominatorExponent: k)) + 1
      return magnitude(significand: odd, exponent: -k)
    }
    return rank - firstLargeRank + magnitude(significand: 1, exponent: format.precision)
  }

  /// A positive finite magnitude as m 2^e with m odd.
  private func oddPart(of bits: UInt64) -> (odd: UInt64, exponent: Int) {
    let fractionBits = UInt64(format.precision - 1)
    let field = Int(bits >> fractionBits)
    let fraction = bits & ((1 << fractionBits) - 1)
    let significand = field == 0 ? fraction : fraction | (1 << fractionBits)
    let exponent = format.quantumExponent + max(field, 1) - 1
    let zeros = significand.trailingZeroBitCount
    return (significand >> UInt64(zeros), exponent + zeros)
  }

  /// The encoding of m 2^e for 0 < m < 2^P where that is a finite number of the format.
  func magnitude(significand: UInt64, exponent: Int) -> UInt64 {
    let bitLength = 64 - significand.leadingZeroBitCount
    let leading = exponent + bitLength - 1
    if leading < format.minimumExponent {
      return significand << UInt64(exponent - format.quantumExponent)
    }
    let fractionBits = UInt64(format.precision - 1)
    let aligned = significand << UInt64(format.precision - bitLength)
    let field = UInt64(leading - format.minimumExponent + 1)
    return field << fractionBits | (aligned ^ (1 << fractionBits))
  }

  /// A finite magnitude as a `Double`, exactly.
  func number(ofMagnitude bits: UInt64) -> Double {
    if bits == 0 { return 0 }
    let (odd, exponent) = oddPart(of: bits)
    return Double(odd).scaled(byPowerOfTwo: exponent)
  }
}
