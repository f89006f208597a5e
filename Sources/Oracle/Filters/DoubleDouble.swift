import CLaneKernels
import MultiPrecision

/// Arithmetic of numbers in double-double.
///
/// Each operation is good to 8 u^2 of its result, u = 2^-53, and a sum to 8 u^2 of the sizes of its
/// terms, as long as nothing underflows. The errors of the high parts are exact (TwoSum, TwoProd
/// with a fused multiply-add). What is added to them is below 3 u of the result, or of the sizes,
/// with a rounding each; the products of low parts, below u^2, are left out. The quotient errs by
/// the same in its residual, which is of the size 2 u of the dividend.
extension lane_pair {
  init(_ value: Double) { self.init(high: value, low: 0) }

  /// a + b, exactly.
  init(sumOf a: Double, _ b: Double) {
    let sum = a + b
    let part = sum - a
    self.init(high: sum, low: (a - (sum - part)) + (b - part))
  }

  /// a b, exactly.
  init(productOf a: Double, _ b: Double) {
    let product = a * b
    self.init(high: product, low: (-product).addingProduct(a, b))
  }

  /// The same sum with the low part below the last place of the high one.
  private var normalized: lane_pair { lane_pair(sumOf: high, low) }

  static prefix func - (a: lane_pair) -> lane_pair { lane_pair(high: -a.high, low: -a.low) }

  static func + (a: lane_pair, b: lane_pair) -> lane_pair {
    let sum = lane_pair(sumOf: a.high, b.high)
    return lane_pair(high: sum.high, low: sum.low + (a.low + b.low)).normalized
  }

  static func * (a: lane_pair, b: lane_pair) -> lane_pair {
    let product = lane_pair(productOf: a.high, b.high)
    return lane_pair(
      high: product.high, low: product.low + (a.high * b.low + a.low * b.high)
    ).normalized
  }

  static func / (a: lane_pair, b: lane_pair) -> lane_pair {
    let quotient = a.high / b.high
    let rest = a.high.addingProduct(-quotient, b.high) + (a.low - quotient * b.low)
    return lane_pair(high: quotient, low: rest / b.high).normalized
  }

  /// An enclosure of the number that the pair differs from by at most an amount.
  func enclosure(error: Double, precision: Int) -> Enclosure {
    var enclosure = Enclosure(precision: precision)
    enclosure.lower.setSum(BigFloat(high), BigFloat(low), .down)
    enclosure.upper.setSum(BigFloat(high), BigFloat(low), .up)
    enclosure.lower.formDifference(BigFloat(error), .down)
    enclosure.upper.formSum(BigFloat(error), .up)
    return enclosure
  }
}
