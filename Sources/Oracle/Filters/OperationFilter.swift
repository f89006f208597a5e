import AuditedOperations
import CLaneKernels
import FloatFormats

/// The values of an operation on one lane in binary64, with a proven bound, and one by one in
/// double-double.
protocol OperationFilter {
  /// The logits of the lane.
  var logits: SurveyedLogits { get }
  /// The reason why the lane has no value, if it has none.
  var special: SpecialLane? { get }
  /// The number of outputs.
  var count: Int { get }
  /// Whether a lane that is not special is left to the filter: not where outputs could agree with
  /// values by the dozen, because all are rational numbers of few bits.
  var isServed: Bool { get }
  /// Whether yardsticks are other numbers than the sizes of values.
  var hasYardsticks: Bool { get }

  /// Writes all values, for logits of at most 24 bits.
  ///
  /// - Parameters:
  ///   - values: Takes whole groups of the kernels'. NaN stands for a value that is left open.
  ///   - yardsticks: Takes as many, where there are some.
  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy

  /// Whether the operation has its values in double-double, all at once; for outputs of float64.
  var offersPairs: Bool { get }
  /// Whether a lane that is served has them.
  var hasPairs: Bool { get }

  /// Writes the sizes of all values in double-double, times 2^LANE_PAIR_SCALE, of a lane that has
  /// them.
  ///
  /// - Parameters:
  ///   - high: Takes whole groups of the kernels'. +inf stands for an infinite value, and NaN for
  ///     one that is left open.
  ///   - low: Takes as many.
  func evaluatePairs(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>
  ) -> PairAccuracy

  /// A value that needs no evaluation: that of a logit of -inf; `nil` for all others.
  func knownValue(of index: Int) -> ExactValue?

  /// An enclosure of a value by double-double; `nil` where the arbiter has to tell.
  func enclosure(of index: Int) -> Enclosure?

  /// The yardstick of a value, good to 2^-40; `nil` where the arbiter has to tell.
  func yardstick(of index: Int) -> Double?
}

extension OperationFilter {
  var special: SpecialLane? { logits.lackOfProbabilities }
  var hasYardsticks: Bool { false }
  var offersPairs: Bool { false }
  var hasPairs: Bool { false }
  func evaluatePairs(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>
  ) -> PairAccuracy { preconditionFailure("no values in double-double") }
  func knownValue(of index: Int) -> ExactValue? { nil }
  func yardstick(of index: Int) -> Double? { nil }
}

/// The bounds on the errors of a filter's values.
struct FilterAccuracy {
  /// A bound on the relative error of a value.
  var relativeError: Double
  /// Below this the size of a value is only an upper bound of that of the exact one.
  var vanishing = FilterBounds.tailVanishes
  /// A power of two that is above all sizes; else +inf.
  var cap = Double.infinity
  /// The least yardstick: smaller ones count as this.
  var leastYardstick: Double
}

/// The bounds on the errors of a filter's values in double-double, and their sign.
struct PairAccuracy {
  /// A bound on the relative error of a value.
  var relativeError: Double
  /// Whether the values are negative: all of a lane have one sign.
  var areNegative: Bool
  /// The least yardstick: smaller sizes count as this.
  var leastYardstick: Double

  /// Writes the one value of a lane.
  ///
  /// - Parameter isOpen: Whether it is left open.
  static func write(
    _ value: lane_pair, isOpen: Bool, _ high: UnsafeMutablePointer<Double>,
    _ low: UnsafeMutablePointer<Double>
  ) {
    let scale = Double(
      sign: value.high < 0 ? .minus : .plus, exponent: Int(LANE_PAIR_SCALE), significand: 1)
    high[0] = isOpen ? .nan : value.high * scale
    low[0] = isOpen ? 0 : value.low * scale
  }
}
