import AuditedOperations
import FloatFormats
import MultiPrecision
import RealModule

/// A way to compute e^(x - m) from a logit and the maximum.
protocol ExponentialArgument: SendableMetatype {
  /// The part that it adds to the name of an algorithm.
  static var modifier: String? { get }
  /// The exponential in a formula, of some difference.
  static func formula(of difference: String) -> String
  /// Whether a rounded constant makes its errors lean to one side.
  static var leansByConstant: Bool { get }

  static func exponential<C: BinaryFloat>(of logit: C, minus maximum: C) -> C
  /// The greatest distance of the argument of the function from -d, in absolute terms and in base
  /// e.
  static func error<C: BinaryFloat>(distance: Double, computingIn format: C.Type) -> Double
  /// The same exponential, followed through its stages.
  static func trace<C: BinaryFloat>(
    _ logit: Staged<C>, minus maximum: Staged<C>, _ trace: StageTrace
  ) -> Staged<C>
}

extension ExponentialArgument {
  /// The deviation of a computed e^(-d).
  static func deviation<C: BinaryFloat>(
    distance: Double, value: Double, computingIn format: C.Type
  ) -> Deviation {
    ArithmeticModel<C>.exponential(
      distance: distance, value: value,
      argumentError: error(distance: distance, computingIn: format))
  }

  /// The deviations of the computed e^(x_j - m) from w_j.
  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, computingIn format: C.Type
  ) -> [Deviation] {
    lane.distances.indices.map {
      deviation(distance: lane.distances[$0], value: lane.weights[$0], computingIn: format)
    }
  }
}

/// exp(x - m).
///
/// fl(x - m) = -d (1 + a), |a| <= u: a difference of two floats has no underflow error.
enum Difference: ExponentialArgument {
  static var modifier: String? { nil }
  static func formula(of difference: String) -> String { "exp(\(difference))" }
  static var leansByConstant: Bool { false }

  @inline(__always)
  static func exponential<C: BinaryFloat>(of logit: C, minus maximum: C) -> C {
    C.exp(logit - maximum)
  }

  static func error<C: BinaryFloat>(distance: Double, computingIn format: C.Type) -> Double {
    distance * C.format.unitRoundoff
  }

  static func trace<C: BinaryFloat>(
    _ logit: Staged<C>, minus maximum: Staged<C>, _ trace: StageTrace
  ) -> Staged<C> {
    trace.exponential(trace.difference(logit, maximum))
  }
}

/// exp2((x - m) log2 e), with the constant rounded to the format.
///
/// The argument has three relative errors: the subtraction (u), the constant (its actual error c in
/// this format), the product (u). The result is e^(-d (1 + a)) with |a| <= (1 + u)^2 (1 + c) - 1,
/// plus an underflow of the product worth at most eta/2.
enum ScaledDifference: ExponentialArgument {
  static var modifier: String? { "exp2" }
  static func formula(of difference: String) -> String { "exp2((\(difference)) * log2 e)" }
  /// log2 e is rounded, always to the same side: the error of the argument is d times that of the
  /// constant.
  static var leansByConstant: Bool { true }

  /// log2 e to 107 bits.
  static let log2E: (high: Double, low: Double) = (0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56)

  @inline(__always)
  static func exponential<C: BinaryFloat>(of logit: C, minus maximum: C) -> C {
    C.exp2((logit - maximum) * C(rounding: log2E.high))
  }

  /// The relative error of log2 e rounded to a format.
  static func constantError<C: BinaryFloat>(_ format: C.Type) -> Double {
    abs((log2E.high - C(rounding: log2E.high).exactDouble) + log2E.low) / log2E.high
  }

  static func error<C: BinaryFloat>(distance: Double, computingIn format: C.Type) -> Double {
    guard distance > 0 else { return 0 }
    let u = C.format.unitRoundoff
    let c = constantError(format)
    // (1 + u)^2 (1 + c) - 1 without the cancellation.
    return distance * (2 * u + u * u + c * (1 + u) * (1 + u)) + C.format.leastSubnormal
  }

  static func trace<C: BinaryFloat>(
    _ logit: Staged<C>, minus maximum: Staged<C>, _ trace: StageTrace
  ) -> Staged<C> {
    let shifted = trace.difference(logit, maximum)
    let constant = Staged(C(rounding: log2E.high))
    let scaled = trace.step(.scaling, shifted.computed * constant.computed, [shifted]) {
      var ln2 = BigFloat(precision: ExactNumber.precision)
      ln2.setLogarithm(BigFloat(2), .toNearestOrEven)
      $1.setQuotient($0[0].value, ln2, .toNearestOrEven)
    }
    return trace.exponentialTwo(scaled)
  }
}
