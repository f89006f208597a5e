import MultiPrecision
import RealModule

/// e^(-d) in binary64 for many d, with a proven bound.
///
/// d = h + r with h the nearest multiple of 1/64. The subtraction is exact: both are multiples of
/// the last place of d, and the result is no larger than 1/128. e^(-h) comes from a table that MPFR
/// has made, correctly rounded, and e^(-r) from the Taylor polynomial of degree 7.
///
/// **Bound**, in units of u = 2^-53: the table errs by 1; the remainder of the polynomial is below
/// 2^-56 / 8! < 2^-71; its last addition errs by 1, what comes before by less than 3 * 2^-7, since
/// every earlier term is multiplied by r; the product errs by 1. Together below 3.2. A d that is
/// itself a rounded difference adds d u.
struct DifferenceExponential: Sendable {
  /// Beyond this difference the value is e^-limit, an upper bound only.
  static let limit = 200.0
  private let table: [Double]

  init() {
    table = (0...Int(Self.limit) * 64).map { index in
      var power = BigFloat(precision: 53)
      power.setExponential(BigFloat(-Double(index) / 64), .toNearestOrEven)
      return power.double(.toNearestOrEven)
    }
  }

  /// e^(-d) for d >= 0.
  @inline(__always)
  func callAsFunction(_ difference: Double) -> Double {
    let d = min(difference, Self.limit)
    let place = (d * 64).rounded(.toNearestOrEven)
    let r = -(d - place * 0x1p-6)
    var sum = r * (1.0 / 5040) + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 0.5
    sum = sum * r + 1
    return table.withUnsafeBufferPointer { $0[Int(place)] } * (sum * r + 1)
  }
}
