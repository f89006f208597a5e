import AuditedOperations

/// A way to compute a loss, a gradient or a Jacobian.
///
/// It is written once, over numbers: floats of a format, and such as keep account of their errors
/// (``RunningError``), which are its bound. To add one: a type that conforms, and a line in the
/// list of ``DerivedVariant``.
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
  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number]

  /// The same in float32, and in float64: a call of the generic function by way of a value of this
  /// protocol runs code that is specialized for no format, ten times as slow.
  static func float32Outputs(
    _ lane: DerivedInputs<Rounded<Float>>, _ summation: Summation,
    store: (Rounded<Float>) -> Rounded<Float>
  ) -> [Rounded<Float>]
  static func float64Outputs(
    _ lane: DerivedInputs<Rounded<Double>>, _ summation: Summation,
    store: (Rounded<Double>) -> Rounded<Double>
  ) -> [Rounded<Double>]
  /// The outputs with the errors that these can have.
  static func float32Errors(
    _ lane: DerivedInputs<RunningError<Float>>, _ summation: Summation,
    store: (RunningError<Float>) -> RunningError<Float>
  ) -> [RunningError<Float>]
  static func float64Errors(
    _ lane: DerivedInputs<RunningError<Double>>, _ summation: Summation,
    store: (RunningError<Double>) -> RunningError<Double>
  ) -> [RunningError<Double>]
}

extension DerivedAlgorithm {
  static func float32Outputs(
    _ lane: DerivedInputs<Rounded<Float>>, _ summation: Summation,
    store: (Rounded<Float>) -> Rounded<Float>
  ) -> [Rounded<Float>] { outputs(lane, summation, store: store) }

  static func float64Outputs(
    _ lane: DerivedInputs<Rounded<Double>>, _ summation: Summation,
    store: (Rounded<Double>) -> Rounded<Double>
  ) -> [Rounded<Double>] { outputs(lane, summation, store: store) }

  static func float32Errors(
    _ lane: DerivedInputs<RunningError<Float>>, _ summation: Summation,
    store: (RunningError<Float>) -> RunningError<Float>
  ) -> [RunningError<Float>] { outputs(lane, summation, store: store) }

  static func float64Errors(
    _ lane: DerivedInputs<RunningError<Double>>, _ summation: Summation,
    store: (RunningError<Double>) -> RunningError<Double>
  ) -> [RunningError<Double>] { outputs(lane, summation, store: store) }

  /// Differences of logits up to 2^126 do not overflow in float32.
  static var largestLogit: Double { 0x1p126 }

  /// The sum of terms; 0 of none.
  static func sum<Number: DerivedNumber>(_ terms: [Number], _ summation: Summation) -> Number {
    // The two-sum of an infinity is NaN.
    let summation = terms.allSatisfy { $0.isFinite } ? summation : .sequential
    return terms.isEmpty
      ? .zero : summation.sum(count: terms.count) { Unscaled(terms[$0]) }.number
  }

  /// m, e^(x - m) and their sum.
  static func shifted<Number: DerivedNumber>(
    _ logits: [Number], _ summation: Summation
  ) -> (maximum: Number, exponentials: [Number], sum: Number) {
    var maximum = logits[0]
    for logit in logits where logit.exceeds(maximum) { maximum = logit }
    let exponentials = logits.map { Number.exp($0 - maximum) }
    return (maximum, exponentials, sum(exponentials, summation))
  }

  /// e^(x - m) / s.
  static func softmax<Number: DerivedNumber>(
    _ logits: [Number], _ summation: Summation
  ) -> [Number] {
    let (_, exponentials, sum) = shifted(logits, summation)
    return exponentials.map { $0 / sum }
  }

  /// (x - m) - ln s.
  static func logSoftmax<Number: DerivedNumber>(
    _ logits: [Number], _ summation: Summation
  ) -> [Number] {
    let (maximum, _, sum) = shifted(logits, summation)
    let logarithm = Number.log(sum)
    return logits.map { ($0 - maximum) - logarithm }
  }

  /// p (g - sum p g).
  static func centred<Number: DerivedNumber>(
    _ probabilities: [Number], _ upstream: [Number], _ summation: Summation
  ) -> [Number] {
    let dot = sum(zip(probabilities, upstream).map { $0 * $1 }, summation)
    return zip(probabilities, upstream).map { $0 * ($1 - dot) }
  }
}
