import AuditedOperations
import MultiPrecision
import RealModule

/// A modified logit that is a number: z = factor value + addend, or k tanh(factor value / k) +
/// addend.
///
/// Two of a lane are equal exactly where ``isEqual(to:)`` says so. Without a cap they are dyadic
/// rationals, which are compared. With one, let a = c x / k and E = e^(2 a), so that tanh a = (E -
/// 1) / (E + 1): for different a and b other than 0, k (tanh a - tanh b) = q would be 2 (E_a -
/// E_b) = (q / k) (E_a + 1) (E_b + 1), a linear relation with rational coefficients between e^(2a
/// + 2b), e^(2a), e^(2b) and 1. Lindemann and Weierstrass exclude it unless 2a + 2b = 0, where it
/// asks for q / k = 2 and q / k = -2 at once. With b = 0 it is tanh a rational, excluded alike. So
/// capped logits are equal where their arguments and their addends are; those whose argument is 0
/// or infinite are dyadic, and no capped one is.
struct ModifiedTerm: LogitTerm, Sendable {
  /// c, or 1 of a number that is no product.
  let factor: Double
  let value: Double
  let addend: Double
  /// k; `nil` for a dyadic number.
  let cap: Double?

  /// A number, and what is added.
  init(_ value: Double, plus addend: Double = 0) {
    self.init(factor: 1, value: value, addend: addend, cap: nil)
  }

  init(factor: Double, value: Double, addend: Double, cap: Double?) {
    self.factor = factor
    self.value = value
    // Both zeros are one number.
    self.addend = addend + 0
    self.cap = cap
  }

  /// The number in binary64, good to some units in the last place of its larger part; finite ones
  /// beyond binary64 are its largest.
  var approximate: Double {
    let product = factor * value
    let capped = cap.map { $0 * Double.tanhApproximately(product / $0) } ?? product
    let sum = capped + addend
    if sum.isNaN { return 0 }
    return max(-Double.greatestFiniteMagnitude, min(.greatestFiniteMagnitude, sum))
  }

  /// Bits that hold a product of two binary64 numbers and a third one, with exponents from -2148 to
  /// 2047.
  private static let sumPrecision = 4352

  /// factor times value, without a rounding.
  private func product() -> BigFloat {
    var product = BigFloat(precision: 128)
    product.setProduct(BigFloat(factor), BigFloat(value), .toNearestOrEven)
    return product
  }

  /// A dyadic number, without a rounding.
  func exact() -> BigFloat {
    precondition(cap == nil, "a capped logit is no dyadic number")
    let product = product()
    guard addend != 0 else { return product }
    var sum = BigFloat(precision: Self.sumPrecision)
    sum.setSum(product, BigFloat(addend), .toNearestOrEven)
    return sum
  }

  /// An enclosure of the number, exact where it is dyadic.
  func enclosure(precision: Int) -> Enclosure {
    guard let limit = cap else { return Enclosure(exactly: exact()) }
    let product = product()
    let cap = BigFloat(limit)
    var result = Enclosure(precision: precision)
    // All steps grow with their argument: each end follows from its own.
    result.lower.setQuotient(product, cap, .down)
    result.lower.formHyperbolicTangent(.down)
    result.lower.formProduct(cap, .down)
    result.upper.setQuotient(product, cap, .up)
    result.upper.formHyperbolicTangent(.up)
    result.upper.formProduct(cap, .up)
    if addend != 0 {
      result.lower.formSum(BigFloat(addend), .down)
      result.upper.formSum(BigFloat(addend), .up)
    }
    return result
  }

  /// Whether both are capped, and what the cap is of is the same.
  func hasArgument(of other: ModifiedTerm) -> Bool {
    cap != nil && other.cap != nil && factor == other.factor && value == other.value
  }

  /// Whether two of a lane are the same number.
  func isEqual(to other: ModifiedTerm) -> Bool {
    guard (cap == nil) == (other.cap == nil) else { return false }
    guard cap == nil else { return value == other.value && addend == other.addend }
    if factor == other.factor, value == other.value { return addend == other.addend }
    return exact().compare(other.exact()) == 0
  }
}

extension Double {
  /// tanh, good to some units in the last place.
  static func tanhApproximately(_ x: Double) -> Double {
    guard !x.isNaN, abs(x) < 20 else { return x.isNaN ? x : x < 0 ? -1 : 1 }
    let grown = Double.expMinusOne(2 * abs(x))
    let value = grown / (grown + 2)
    return x < 0 ? -value : value
  }
}
