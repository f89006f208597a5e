import MultiPrecision

/// A sum of nonnegative integers that never rounds, so that the order of addition cannot matter.
///
/// Integers below 2^128 are added in halves of 64 bits, each half into a 128-bit word that can take
/// 2^64 of them. Larger ones come as a 64-bit significand times a power of two and are kept by
/// exponent.
struct ExactSum: Sendable, Equatable {
  private var low: UInt128 = 0
  private var high: UInt128 = 0
  private var scaled: [Int: UInt128] = [:]

  /// Adds an integer.
  @inline(__always)
  mutating func add(_ value: UInt128) {
    low += value & UInt128(UInt64.max)
    high += value >> 64
  }

  /// Adds an integer below 2^64.
  @inline(__always)
  mutating func add(_ value: UInt64) { low += UInt128(value) }

  /// Adds `significand * 2^exponent`.
  mutating func add(_ significand: UInt64, timesPowerOfTwo exponent: Int) {
    if (0...64).contains(exponent) { return add(UInt128(significand) << UInt128(exponent)) }
    scaled[exponent, default: 0] += UInt128(significand)
  }

  /// Adds all that another sum holds.
  mutating func merge(_ other: ExactSum) {
    low += other.low
    high += other.high
    for (exponent, value) in other.scaled { scaled[exponent, default: 0] += value }
  }

  /// The sum in binary64, good to about 2^-50.
  var approximate: Double {
    var sum = Self.approximate(low) + Self.approximate(high) * 0x1p64
    for (exponent, value) in scaled {
      sum += Double(sign: .plus, exponent: exponent, significand: Double(value))
    }
    return sum
  }

  /// A conversion of all 128 bits at once is generic code and slow.
  private static func approximate(_ word: UInt128) -> Double {
    Double(UInt64(word >> 64)) * 0x1p64 + Double(UInt64(truncatingIfNeeded: word))
  }

  /// The sum minus another, times 2^exponent, as a multiple-precision number without error.
  func minus(_ other: ExactSum, timesPowerOfTwo exponent: Int) -> BigFloat {
    var total = BigFloat(precision: 8192)
    total.assign(0, .toNearestOrEven)
    add(to: &total)
    var subtrahend = BigFloat(precision: 8192)
    subtrahend.assign(0, .toNearestOrEven)
    other.add(to: &subtrahend)
    total.formDifference(subtrahend, .toNearestOrEven)
    total.formProduct(withPowerOfTwo: exponent)
    return total
  }

  private func add(to total: inout BigFloat) {
    var part = BigFloat(precision: 64)
    func addWord(_ word: UInt128, _ exponent: Int) {
      part.assign(
        UInt64(truncatingIfNeeded: word), timesPowerOfTwo: exponent, .toNearestOrEven)
      total.formSum(part, .toNearestOrEven)
      part.assign(UInt64(word >> 64), timesPowerOfTwo: exponent + 64, .toNearestOrEven)
      total.formSum(part, .toNearestOrEven)
    }
    addWord(low, 0)
    addWord(high, 64)
    for (exponent, value) in scaled { addWord(value, exponent) }
  }

  /// The sum divided by a count, times 2^exponent, rounded once to binary64; nil for a count of
  /// zero.
  func mean(over count: UInt64, timesPowerOfTwo exponent: Int) -> Double? {
    mean(minus: ExactSum(), over: count, timesPowerOfTwo: exponent)
  }

  /// The difference to another sum divided by a count, times 2^exponent, rounded once; nil for a
  /// count of zero.
  func mean(minus other: ExactSum, over count: UInt64, timesPowerOfTwo exponent: Int) -> Double? {
    guard count > 0 else { return nil }
    let difference = minus(other, timesPowerOfTwo: exponent)
    var mean = BigFloat(precision: 8192)
    mean.setQuotient(difference, BigFloat(integer: count), .toNearestOrEven)
    return mean.double(.toNearestOrEven)
  }
}
