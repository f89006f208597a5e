import MultiPrecision
import Synchronization

/// Exponentials e^(-d) of exact distances d in fixed point, each a product of few tabulated ones.
///
/// A witness in a lane of 131 072 logits asks for the sum of as many exponentials to 192 bits, for
/// which `mpfr_exp` takes microseconds each. Differences of logits of ordinary size are multiples
/// of 2^-64, and e^(-d) is then the product of the exponentials of the nine bytes of d: integers of
/// few words, multiplied in nanoseconds.
///
/// **Error.** Numbers are integers in units of 2^-W, W the number of bits, truncated. A tabulated
/// exponential of one byte falls short by less than one unit. A truncated product of two numbers of
/// at most 1 that fall short by less than a and b units falls short by less than a + b + 1: one of
/// k bytes by less than 2 k - 1 units, at most ``unitsShort``.
struct FixedPointExponentials: Sendable {
  /// The units by which an exponential may fall short: 2 k - 1 for k = 9 bytes.
  static let unitsShort: UInt64 = 17

  /// The number of bytes of a distance: one before the point and eight behind it.
  private static let byteCount = 9
  /// The distance from which on there is no exponential, 256 in units of 2^-64.
  static let limitInUnits = UInt128(1) &<< 72
  /// The largest number of words: larger tables than 150 kB are seldom read often enough.
  private static let largestWordCount = 8

  /// The number of words of 64 bits of a number.
  let wordCount: Int
  /// The exponential of value v of byte k (least first) at (256 k + v) `wordCount`, least word
  /// first; that of v = 0, which is 1, is never read.
  private let table: [UInt64]

  /// The number of bits behind the point.
  var bits: Int { 64 * wordCount }

  /// The exponentials to use for sums at a precision, 64 bits finer than it; `nil` where tables
  /// would be too large.
  ///
  /// A sum of 2^32 terms falls short by 2^37 units at most, 2^-27 of the last bit asked for.
  static func forSums(precision: Int) -> FixedPointExponentials? {
    let wordCount = (precision + 64 + 63) / 64
    guard wordCount <= largestWordCount else { return nil }
    return known.withLock { known in
      if let made = known[wordCount] { return made }
      let made = FixedPointExponentials(wordCount: wordCount)
      known[wordCount] = made
      return made
    }
  }

  private static let known = Mutex<[Int: FixedPointExponentials]>([:])

  init(wordCount: Int) {
    self.wordCount = wordCount
    var table = [UInt64](repeating: 0, count: Self.byteCount * 256 * wordCount)
    let precision = 64 * wordCount + 64
    var exponential = BigFloat(precision: precision)
    var distance = BigFloat(precision: 64)
    for byte in 0..<Self.byteCount {
      for value in 1..<256 {
        distance.assign(UInt64(value), timesPowerOfTwo: 8 * byte - 64, .towardZero)
        distance.formNegation()
        // No multiple of a unit lies between an exponential and its rounding down, which has more
        // bits: truncated to such a multiple, it falls short by less than one unit.
        exponential.setExponential(distance, .down)
        let words = exponential.fractionWords(wordCount)
        for (k, word) in words.enumerated() {
          table[(256 * byte + value) * wordCount + k] = word
        }
      }
    }
    self.table = table
  }

  /// The sum of the exponentials of distances, each taken as often as told.
  ///
  /// - Parameters:
  ///   - distances: Below ``limitInUnits``.
  ///   - multiplicities: As many numbers as distances, whose sum is at most 2^32.
  /// - Returns: The sum in units of 2^-`bits`, least word first, the whole part in the word behind
  ///   the others. It falls short by at most ``unitsShort`` times the sum of the multiplicities.
  func sum(of distances: [UInt128], multiplicities: [UInt64]) -> [UInt64] {
    let count = wordCount
    var sum = [UInt64](repeating: 0, count: count + 1)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 3 * count) { scratch in
      let term = scratch.baseAddress!
      let product = term + count
      sum.withUnsafeMutableBufferPointer { sum in
        table.withUnsafeBufferPointer { table in
          for (distance, multiplicity) in zip(distances, multiplicities) {
            if distance == 0 {
              sum[count] += multiplicity
            } else {
              form(term, distance, table.baseAddress!, product)
              Self.add(term, times: multiplicity, to: sum.baseAddress!, count)
            }
          }
        }
      }
    }
    return sum
  }

  /// Stores e^(-d) for d > 0.
  @inline(__always)
  private func form(
    _ term: UnsafeMutablePointer<UInt64>, _ distance: UInt128, _ table: UnsafePointer<UInt64>,
    _ product: UnsafeMutablePointer<UInt64>
  ) {
    var isFirst = true
    var left = distance
    var entries = table
    while left != 0 {
      let value = Int(truncatingIfNeeded: left & 0xff)
      if value != 0 {
        let entry = entries + value * wordCount
        if isFirst {
          term.update(from: entry, count: wordCount)
          isFirst = false
        } else {
          Self.multiply(term, by: entry, wordCount, product)
        }
      }
      left &>>= 8
      entries += 256 * wordCount
    }
  }

  /// Replaces a number by its product with another, truncated.
  @inline(__always)
  private static func multiply(
    _ number: UnsafeMutablePointer<UInt64>, by other: UnsafePointer<UInt64>, _ count: Int,
    _ product: UnsafeMutablePointer<UInt64>
  ) {
    product.update(repeating: 0, count: 2 * count)
    for i in 0..<count {
      var carry: UInt64 = 0
      let factor = number[i]
      for j in 0..<count {
        // (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1: nothing overflows.
        let full = factor.multipliedFullWidth(by: other[j])
        let (low, first) = full.low.addingReportingOverflow(product[i + j])
        let (sum, second) = low.addingReportingOverflow(carry)
        product[i + j] = sum
        carry = full.high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
      }
      product[i + count] = carry
    }
    number.update(from: product + count, count: count)
  }

  /// Adds a number, taken so many times, to a sum of one word more.
  @inline(__always)
  private static func add(
    _ number: UnsafePointer<UInt64>, times multiplicity: UInt64,
    to sum: UnsafeMutablePointer<UInt64>, _ count: Int
  ) {
    var carry: UInt64 = 0
    for k in 0..<count {
      let full = number[k].multipliedFullWidth(by: multiplicity)
      let (low, first) = full.low.addingReportingOverflow(sum[k])
      let (total, second) = low.addingReportingOverflow(carry)
      sum[k] = total
      carry = full.high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
    }
    sum[count] &+= carry
  }
}

extension FixedPointExponentials {
  /// A logit in units of 2^-64; `nil` where it is no multiple of them or beyond 2^62.
  static func units(of logit: Double) -> Int128? {
    guard abs(logit) < 0x1p62 else { return nil }
    let whole = logit.rounded(.towardZero)
    // The fractional part of a binary64 number is one, and so is its multiple by a power of two.
    let fraction = (logit - whole) * 0x1p64
    guard fraction == fraction.rounded(.towardZero) else { return nil }
    let magnitude = Int128(UInt64(abs(fraction)))
    return (Int128(Int64(whole)) &<< 64) &+ (fraction < 0 ? -magnitude : magnitude)
  }
}
