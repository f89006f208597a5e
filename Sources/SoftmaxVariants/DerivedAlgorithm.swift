import AuditedOperations
import FloatFormats

/// A way to compute a loss, a gradient or a Jacobian.
///
/// It declares no bound of its own: the default tolerance of these operations covers every sound
/// form (`DerivedTolerance`). To add one: a type that conforms, and a line in the list of
/// ``DerivedVariant``.
protocol DerivedAlgorithm: SendableMetatype {
  static var operation: AuditedOperation { get }
  /// The first part of a variant's name.
  static var name: String { get }
  /// The formula, in one line.
  static var formula: String { get }
  /// The place where the form is in use.
  static var source: String { get }
  /// The largest magnitude of a finite logit that it is made for.
  static var largestLogit: Double { get }

  /// The outputs of a lane of one element or more.
  ///
  /// - Parameter store: Rounds a number to the format of the inputs, as a tensor stores it.
  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C]

  /// The same in float32, and in float64: a call of the generic function by way of a value of this
  /// protocol runs code that is specialized for no format, ten times as slow.
  static func float32Outputs(
    _ lane: LaneInputs<Float>, _ summation: Summation, store: (Float) -> Float
  ) -> [Float]
  static func float64Outputs(
    _ lane: LaneInputs<Double>, _ summation: Summation, store: (Double) -> Double
  ) -> [Double]
}

extension DerivedAlgorithm {
  static func float32Outputs(
    _ lane: LaneInputs<Float>, _ summation: Summation, store: (Float) -> Float
  ) -> [Float] { outputs(lane, summation, store: store) }

  static func float64Outputs(
    _ lane: LaneInputs<Double>, _ summation: Summation, store: (Double) -> Double
  ) -> [Double] { outputs(lane, summation, store: store) }

  /// Differences of logits up to 2^126 do not overflow in float32.
  static var largestLogit: Double { 0x1p126 }

  /// The sum of terms; 0 of none.
  static func sum<C: BinaryFloat>(_ terms: [C], _ summation: Summation) -> C {
    // The two-sum of an infinity is NaN.
    let summation = terms.allSatisfy { $0.isFinite } ? summation : .sequential
    return terms.isEmpty
      ? .zero : summation.sum(count: terms.count) { Unscaled(Rounded(terms[$0])) }.number.value
  }

  /// m, e^(x - m) and their sum.
  static func shifted<C: BinaryFloat>(
    _ logits: [C], _ summation: Summation
  ) -> (maximum: C, exponentials: [C], sum: C) {
    var maximum = logits[0]
    for logit in logits where logit > maximum { maximum = logit }
    let exponentials = logits.map { C.exp($0 - maximum) }
    return (maximum, exponentials, sum(exponentials, summation))
  }

  /// e^(x - m) / s.
  static func softmax<C: BinaryFloat>(_ logits: [C], _ summation: Summation) -> [C] {
    let (_, exponentials, sum) = shifted(logits, summation)
    return exponentials.map { $0 / sum }
  }

  /// (x - m) - ln s.
  static func logSoftmax<C: BinaryFloat>(_ logits: [C], _ summation: Summation) -> [C] {
    let (maximum, _, sum) = shifted(logits, summation)
    let logarithm = C.log(sum)
    return logits.map { ($0 - maximum) - logarithm }
  }

  /// p (g - sum p g).
  static func centred<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ summation: Summation
  ) -> [C] {
    let dot = sum(zip(probabilities, upstream).map { $0 * $1 }, summation)
    return zip(probabilities, upstream).map { $0 * ($1 - dot) }
  }
}
