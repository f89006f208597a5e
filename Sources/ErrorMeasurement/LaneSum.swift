import FloatFormats
import MultiPrecision

/// The exact sum of the outputs of a lane, minus one.
///
/// Outputs are added as integers into words 32 bits apart, each wide enough for 2^43 additions;
/// nothing is rounded. A checker that summed in floating point would saturate like the code it
/// checks.
package struct LaneSum {
  /// The exponent of the lowest word: below the least subnormal of binary64.
  private static let lowest = -1088
  private static let wordCount = 70
  private var words = [Int128](repeating: 0, count: wordCount)
  private var touched = 0..<0

  package init() {}

  /// Starts a new lane.
  mutating func reset() {
    for index in touched { words[index] = 0 }
    touched = 0..<0
  }

  /// Adds a finite number of binary64, for callers of other floors.
  package mutating func add(number: Double) { add(number) }

  /// Adds a finite value.
  @inline(__always)
  mutating func add<G: BinaryFloat>(_ value: G) {
    let (significand, exponent) = value.decomposed
    guard significand != 0 else { return }
    let offset = exponent - Self.lowest
    let word = offset >> 5
    let part = Int128(significand) << Int128(offset & 31)
    words[word] += value.isNegative ? -part : part
    if touched.isEmpty {
      touched = word..<word + 1
    } else {
      touched = min(touched.lowerBound, word)..<max(touched.upperBound, word + 1)
    }
  }

  /// |sum - 1|, good to about 2^-50 of itself.
  package mutating func approximateDefect() -> Double {
    let oneWord = (0 - Self.lowest) >> 5
    let one = Int128(1) << Int128((0 - Self.lowest) & 31)
    let low = min(touched.lowerBound, oneWord)
    let high = max(touched.upperBound, oneWord + 1)
    // Carry so that every word but the last is below 2^32 and nothing cancels any more except the
    // sign.
    var carried: [Int128] = []
    carried.reserveCapacity(high - low + 1)
    var carry: Int128 = 0
    for index in low..<high {
      let value =
        (touched.contains(index) ? words[index] : 0) - (index == oneWord ? one : 0) + carry
      carry = value >> 32
      carried.append(value & 0xFFFF_FFFF)
    }
    carried.append(carry)
    if carry < 0 {
      // Negative in total: negate digit by digit.
      var borrow: Int128 = 0
      for index in carried.indices {
        let value = -carried[index] + borrow
        if index == carried.count - 1 {
          carried[index] = value
        } else {
          carried[index] = value & 0xFFFF_FFFF
          borrow = value >> 32
        }
      }
    }
    var result = 0.0
    for index in carried.indices.reversed() {
      result += Double(carried[index]).scaled(byPowerOfTwo: Self.lowest + 32 * (low + index))
    }
    return result
  }

  /// |sum - 1| as a certified figure.
  func certifiedDefect() -> Double {
    var total = BigFloat(precision: 4096)
    total.assign(-1, .toNearestOrEven)
    var part = BigFloat(precision: 128)
    for index in touched where words[index] != 0 {
      let magnitude = words[index].magnitude
      part.assign(UInt64(magnitude >> 64), timesPowerOfTwo: 64, .toNearestOrEven)
      var low = BigFloat(precision: 64)
      low.assign(UInt64(truncatingIfNeeded: magnitude), timesPowerOfTwo: 0, .toNearestOrEven)
      part.formSum(low, .toNearestOrEven)
      part.formProduct(withPowerOfTwo: Self.lowest + 32 * index)
      if words[index] < 0 { part.formNegation() }
      total.formSum(part, .toNearestOrEven)
    }
    total.formAbsoluteValue()
    return CertifiedUlp.roundedUp(total, timesPowerOfTwo: 0)
  }
}
