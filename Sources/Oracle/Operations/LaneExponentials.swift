import FloatFormats
import MultiPrecision

/// The exponentials e^(-d_j) of a lane, and their sum s = k + tail, at one working precision.
///
/// k is the number of tied maxima, whose exponentials are 1. What is lost in 1 - p of a maximum
/// that dominates is kept in the tail.
final class LaneExponentials {
  let logits: DistinctLogits
  let precision: Int
  private let tailSum: SharedEnclosure
  private let sum: SharedEnclosure
  private var terms: [SharedEnclosure?]

  /// - Parameter logits: A lane with a finite logit.
  init(_ logits: DistinctLogits, precision: Int, _ cache: EvaluationCache) {
    self.logits = logits
    self.precision = precision
    tailSum = cache.tails.tail(of: logits, precision: precision)
    let tied = Enclosure(exactly: BigFloat(integer: logits.multiplicities[0]))
    sum = SharedEnclosure(tied.plus(tailSum.enclosure, precision: precision))
    terms = Array(repeating: nil, count: logits.values.count)
  }

  /// k.
  var tiedCount: UInt64 { logits.multiplicities[0] }

  /// A number divided by k^2, without a rounding; `nil` where the quotient has no end in binary.
  func quotientOfSquare(_ number: borrowing BigFloat) -> BigFloat? {
    let tied = BigFloat(integer: tiedCount)
    var squared = BigFloat(precision: 128)
    squared.setProduct(tied, tied, .toNearestOrEven)
    var quotient = BigFloat(precision: ExactSums.precision)
    guard quotient.setQuotient(number, squared, .toNearestOrEven) == 0 else { return nil }
    return quotient
  }

  /// The sum of all exponentials below 1.
  func tail() -> Enclosure { tailSum.enclosure.copy() }

  /// s.
  func total() -> Enclosure { sum.enclosure.copy() }

  /// e^(-d) of a distinct logit.
  func term(_ slot: Int) -> SharedEnclosure {
    if let term = terms[slot] { return term }
    let term = SharedEnclosure(
      ExponentialSums.exponential(ofMinusDistance: slot, of: logits, precision: precision))
    terms[slot] = term
    return term
  }

  /// e^(-d) / s.
  func probability(_ slot: Int) -> Enclosure {
    term(slot).enclosure.divided(by: sum.enclosure, precision: precision)
  }

  /// The sums of e^(-d_j) g_j and of e^(-d_j) |g_j| over the elements below the maximum.
  func tails(weightedBy weights: [Double]) -> (signed: SharedEnclosure, absolute: SharedEnclosure) {
    var signed = Enclosure(zeroAt: precision)
    var absolute = Enclosure(zeroAt: precision)
    var weight = BigFloat(precision: 53)
    for (index, slot) in logits.slots.enumerated() where slot > 0 && weights[index] != 0 {
      weight.assign(weights[index], .toNearestOrEven)
      var product = term(Int(slot)).enclosure.times(weight, precision: precision)
      signed.lower.formSum(product.lower, .down)
      signed.upper.formSum(product.upper, .up)
      if weight.isNegative { product = product.negated() }
      absolute.lower.formSum(product.lower, .down)
      absolute.upper.formSum(product.upper, .up)
    }
    return (SharedEnclosure(signed), SharedEnclosure(absolute))
  }

  /// The exact sums of g_j and of |g_j| over the tied maxima.
  func tiedSums(of weights: [Double]) -> (signed: SharedEnclosure, absolute: SharedEnclosure) {
    let tied = logits.slots.indices.filter { logits.slots[$0] == 0 }.map { weights[$0] }
    return (
      SharedEnclosure(Enclosure(exactly: ExactSums.sum(of: tied))),
      SharedEnclosure(Enclosure(exactly: ExactSums.sum(of: tied.map(abs))))
    )
  }
}

/// Sums and products of binary64 numbers without a rounding.
enum ExactSums {
  /// The bits that a sum of 2^32 binary64 numbers may have, and some more: their exponents are
  /// between -1074 and 1023.
  static let precision = 2304
  /// The bits of a sum of 2^32 products of two numbers, and of such a sum times another number.
  static let productPrecision = 4480

  static func sum(of values: some Sequence<Double>) -> BigFloat {
    var sum = BigFloat(precision: precision)
    sum.setSum(of: values, .toNearestOrEven)
    return sum
  }
}
