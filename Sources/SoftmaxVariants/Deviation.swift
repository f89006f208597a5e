import FloatFormats
import RealModule

/// The largest relative deviations of a computed nonnegative quantity from its exact value, above
/// and below.
///
/// Bounds are evaluated on the exact values of the lane, in binary64. Deviations are kept as
/// differences, never as ends of an interval: in float64 the ends would agree to every digit that
/// binary64 has. The final bound is raised by ``evaluationSlack(count:)``, which covers what this
/// evaluation loses.
struct Deviation {
  /// The computed value is at most the exact one plus `over`.
  var over: Double
  /// The computed value is at least the exact one minus `under`.
  var under: Double

  static let none = Deviation(over: 0, under: 0)

  /// The greatest relative loss of a bound by its own evaluation in binary64, for a lane of n
  /// logits.
  ///
  /// A bound is made of nonnegative numbers by sums, products, quotients and exponentials, in which
  /// relative errors of 2^-53 or, for exponentials of arguments up to 745, 2^-42 add up: the
  /// weights, then at most n additions of each sum, then fewer than 2^6 operations. The one
  /// difference is that of a sum and its deviation, at least 2^-6 of the sum (``Tracked/isSound``),
  /// so that errors grow by at most 2^7 there: (2^-42 + n 2^-53 + 2^6 2^-53) (1 + 2^7) < 2^-34 + n
  /// 2^-45. Twice that, so that the rounding of this is in it too.
  ///
  /// A computed bound may be too small by no more than this, so a bound raised by it is one. Even
  /// for n = 2^20 that is 2^-24: an output that is correctly rounded is within its bound, however
  /// near p is to the middle of two floats.
  static func evaluationSlack(count: Int) -> Double { 0x1p-33 + Double(count) * 0x1p-44 }

  /// The larger of the two.
  var magnitude: Double { max(over, under) }
}

/// The rounding errors of one format's arithmetic and elementary functions.
struct ArithmeticModel<C: BinaryFloat> {
  /// The unit roundoff u of the computing format.
  static var unitRoundoff: Double { C.format.unitRoundoff }
  /// The smallest subnormal eta.
  static var leastSubnormal: Double { C.format.leastSubnormal }
  /// The least normal number 2^e_min.
  static var leastNormal: Double { C.format.leastNormal }
  /// The largest finite number.
  static var greatestFinite: Double { C.format.greatestFinite }
  /// The accuracy of exp, exp2 and log.
  static var elementary: ElementaryAccuracy { ElementaryAccuracy(of: C.format) }

  /// The largest error of rounding a nonnegative result between `low` and `high` to the format.
  ///
  /// At most u z for a normal z, at most eta/2 below, and never more than z itself, which is how
  /// far zero is. The last fact is used only where binary64 holds z to full precision.
  static func rounding(from low: Double, to high: Double) -> Double {
    if low >= leastNormal { return unitRoundoff * high }
    return max(unitRoundoff * high, subnormalRounding(to: high))
  }

  /// The largest error of rounding a nonnegative number up to `high` to a multiple of eta.
  static func subnormalRounding(to high: Double) -> Double {
    high > 0x1p-900 ? min(halfQuantum, high) : halfQuantum
  }

  /// Half the least subnormal; twice the least subnormal in float64.
  ///
  /// Bounds are computed in binary64, which cannot hold half of its own least subnormal, and in
  /// which each of the up to three products, quotients and sums of a subnormal deviation can lose
  /// as much again.
  static var halfQuantum: Double {
    C.format == .float64 ? 2 * leastSubnormal : leastSubnormal / 2
  }

  /// A deviation below that does not exceed the value: no output is negative.
  ///
  /// The value is known to about 1e-13, so the limit stands 2^-20 beyond it: an output of 0 attains
  /// it.
  static func capped(_ under: Double, by value: Double) -> Double {
    min(under, value * (1 + 0x1p-20))
  }

  /// The deviation of a computed e^(-d) from the exact one.
  ///
  /// - Parameters:
  ///   - distance: d >= 0; infinite for a masked logit.
  ///   - value: e^(-d), exactly.
  ///   - argumentError: How far the argument that exp is given can be from -d, in absolute terms.
  ///
  /// The value becomes e^(-d) e^(+-argumentError), then exp adds its relative error in the normal
  /// range and `ulps` eta below it. Beyond d = 1000 the value is below a quarter of the least
  /// subnormal of every format, for argument errors up to d/4.
  static func exponential(distance: Double, value: Double, argumentError: Double) -> Deviation {
    if distance == 0, argumentError == 0 { return .none }
    if distance == .infinity { return .none }
    let accuracy = elementary
    let tinyError = accuracy.ulps * leastSubnormal
    if distance > 1000 {
      return Deviation(over: accuracy.roundsFromWider ? 0 : tinyError, under: 0)
    }
    let growth = Double.expMinusOne(argumentError)
    let shrinkage = -Double.expMinusOne(-argumentError)
    let high = value + value * growth
    let low = value - value * shrinkage
    if low * (1 - accuracy.relative) >= leastNormal {
      return Deviation(
        over: value * (growth + accuracy.relative + growth * accuracy.relative),
        under: value * (shrinkage + accuracy.relative - shrinkage * accuracy.relative))
    }
    // Half a subnormal, less what the float32 function can err: below it the result is exactly
    // zero.
    if accuracy.roundsFromWider, high * (1 + 0x1p-20) < leastSubnormal / 2 {
      return Deviation(over: 0, under: capped(.infinity, by: value))
    }
    let error = max(tinyError, high * accuracy.relative)
    return Deviation(
      over: value * growth + error, under: capped(value * shrinkage + error, by: value))
  }

  /// The deviation of a rounded quotient of deviating numbers.
  ///
  /// With p = a / b: (a + over) / (b - under_b) - p = (over + p under_b) / (b - under_b), and
  /// likewise below; then one rounding. The divisor must stay positive.
  static func quotient(
    _ dividend: Deviation, by divisor: Double, _ divisorDeviation: Deviation, value: Double
  ) -> Deviation {
    let over = (dividend.over + value * divisorDeviation.under) / (divisor - divisorDeviation.under)
    let under = (dividend.under + value * divisorDeviation.over) / (divisor + divisorDeviation.over)
    return rounded(Deviation(over: over, under: under), value: value)
  }

  /// The deviation of a rounded product of deviating numbers.
  static func product(
    _ a: Double, _ aDeviation: Deviation, _ b: Double, _ bDeviation: Deviation
  ) -> Deviation {
    let over = aDeviation.over * (b + bDeviation.over) + a * bDeviation.over
    let under = aDeviation.under * b + a * bDeviation.under
    return rounded(Deviation(over: over, under: capped(under, by: a * b)), value: a * b)
  }

  /// The deviation after one more rounding to the format.
  static func rounded(_ deviation: Deviation, value: Double) -> Deviation {
    let error = rounding(from: value - deviation.under, to: value + deviation.over)
    return Deviation(
      over: deviation.over + error, under: capped(deviation.under + error, by: value))
  }
}

/// A nonnegative number in a summation whose rounding errors are being bounded.
///
/// The computed number lies between `total - under` and `total + over`. One addition of computed
/// numbers a, b errs by at most u (a + b), and, both being floats of the format, by at most the
/// smaller of them: that second fact is what keeps the bound finite where a sum stagnates, as it
/// does in bfloat16 from 256 equal terms on. The bound of a whole sum follows from these two facts
/// by induction, with no restriction on n u.
struct Tracked<C: BinaryFloat>: SummationNumber {
  var total: Double
  var over: Double
  var under: Double
  /// The further error of the computed number that a compensation holds.
  var drift: Double = 0
  /// Whether a partial sum may have exceeded the largest finite number, at whatever scale it stood
  /// then.
  var mayOverflow = false

  init(_ total: Double, _ deviation: Deviation) {
    self.total = total
    over = deviation.over
    under = deviation.under
  }

  /// The largest value the computed number can have.
  var largest: Double { total + over + drift }

  var deviation: Deviation { Deviation(over: over, under: under) }

  /// Takes over what the other summand and the present size say about overflow.
  private mutating func noteOverflow(_ other: Self) {
    mayOverflow = mayOverflow || other.mayOverflow || largest >= C.format.greatestFinite
  }

  /// Whether the computed number is known to be this whole number.
  private var isWhole: Bool {
    over == 0 && under == 0 && drift == 0 && total.rounded() == total
  }

  /// Whether the sum is certain to be positive, by 2^-6 of itself, and it and its parts to be
  /// finite.
  var isSound: Bool {
    under <= total * (1 - 0x1p-6) && largest < C.format.greatestFinite && !mayOverflow
  }

  private static func additionError(_ a: Self, _ b: Self) -> Double {
    let (x, y) = (a.largest, b.largest)
    // Whole numbers up to 2^P are floats: sums of ones are exact.
    if a.isWhole, b.isWhole, (x + y) * C.format.unitRoundoff <= 1 { return 0 }
    return min(C.format.unitRoundoff * (x + y), min(x, y))
  }

  static func + (a: Self, b: Self) -> Self {
    let error = additionError(a, b)
    var result = a
    result.total += b.total
    result.over += b.over + error
    result.under += b.under + error
    result.drift += b.drift
    result.noteOverflow(b)
    return result
  }

  /// The content of a compensation: a bound on the errors summed, and on the error of that
  /// summation.
  struct Residual {
    var magnitude: Double
    var error: Double
  }

  static var zeroResidual: Residual { Residual(magnitude: 0, error: 0) }

  /// The two-sum is exact: its error moves from the sum into the residual.
  static func twoSum(_ a: Self, _ b: Self) -> (sum: Self, error: Residual) {
    let error = additionError(a, b)
    var sum = a
    sum.total += b.total
    sum.over += b.over
    sum.under += b.under
    sum.drift += b.drift + error
    sum.noteOverflow(b)
    return (sum, Residual(magnitude: error, error: 0))
  }

  static func add(_ a: Residual, _ b: Residual) -> Residual {
    let (x, y) = (a.magnitude + a.error, b.magnitude + b.error)
    let error = min(C.format.unitRoundoff * (x + y), min(x, y))
    return Residual(magnitude: a.magnitude + b.magnitude, error: a.error + b.error + error)
  }

  /// Returns the compensation to the sum: one last rounding, of something within the residual's
  /// error.
  func adding(_ residual: Residual) -> Self {
    let held = residual.magnitude + residual.error
    let error = min(C.format.unitRoundoff * (total + over + residual.error), held)
    var result = self
    result.over += residual.error + error
    result.under += residual.error + error
    result.drift = 0
    return result
  }
}
