import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

/// The demand of the errors of one lane on a model: the least log M that covers them, or F of a
/// logarithm, for each way its subtraction and its end may err.
struct LaneObservation: Sendable {
  let family: String
  let length: Int
  let sample: Int
  /// s.
  let sum: Double
  /// log s.
  let logSum: Double
  /// sum_j p_j d_j.
  let meanDistance: Double
  /// Of logarithms the mean of |v|, the log-probabilities weighed by their probabilities; else 0.
  let meanMagnitude: Double
  /// log T for each kind.
  let logSpreads: [Double]
  /// The least log M, or F, for each kind, without and with flushing; infinite where none covers an
  /// output.
  let needed: [[Double]]

  /// The errors that models have in common but for their sums and functions.
  struct Kind: Hashable {
    /// The error c u of the argument per unit of distance.
    var slope: Double
    /// r of a logarithm; 0 for softmax, where it is a part of M.
    var rounding = 0.0
  }

  /// The kinds of errors that models of an operation and output format can have.
  static func kinds(of operation: AuditedOperation, output: FloatFormat) -> [Kind] {
    var kinds: [Kind] = []
    for format in ErrorModelSearch.computingFormats(output: output) {
      for subtraction in ErrorModel.Subtraction.allCases {
        let model = ErrorModel(
          computing: format, exponentialUlps: 1, subtraction: subtraction, order: .exact,
          accumulation: format, flushes: false)
        let kind = Kind(of: model, operation, output: output)
        if !kinds.contains(kind) { kinds.append(kind) }
      }
    }
    return kinds
  }

  /// The absolute errors that outputs may have besides, without and with flushing.
  private static func floors(output: FloatFormat) -> [Double] {
    [5 * output.leastSubnormal, 5 * output.leastSubnormal + output.leastNormal]
  }

  /// Looks at the outputs of a lane that has a softmax; nil where one of them is no number in [0,
  /// inf).
  init?(
    _ outputs: [Double], lane: FilteredLane, profile: LaneProfile, family: String, sample: Int
  ) {
    let output = lane.format
    let kinds = Self.kinds(of: .softmax, output: output)
    let floors = Self.floors(output: output)
    var needed = kinds.map { _ in [0.0, 0.0] }
    for (index, y) in outputs.enumerated() {
      guard y.isFinite, y >= 0 else { return nil }
      // A masked element is exactly 0, and any other output a mismatch.
      if profile.logits[index] == -.infinity {
        guard y == 0 else { return nil }
        continue
      }
      // A difference may overflow; nothing depends on how far beyond this it is.
      let distance = min(profile.distances[index], 0x1p200)
      let (p, error) = Self.error(of: y, lane, index)
      for flush in 0..<2 {
        let excess = error - floors[flush]
        guard excess > 0 else { continue }
        let logExcess = p > 0 ? Double.log(onePlus: excess / p) : .infinity
        for (place, kind) in kinds.enumerated() {
          needed[place][flush] = max(needed[place][flush], logExcess - kind.slope * distance)
        }
      }
    }
    self.init(
      profile, kinds, needed: needed, family: family, sample: sample)
  }

  /// Looks at the outputs of a lane that has a log-softmax or logsumexp; nil where one of them does
  /// not match.
  init?<G: BinaryFloat>(
    logarithms outputs: [G], lane: FilteredOperationLane, profile: LaneProfile, family: String,
    sample: Int
  ) {
    let operation = lane.operation
    let kinds = Self.kinds(of: operation, output: lane.format)
    let floors = Self.floors(output: lane.format)
    var needed = kinds.map { _ in [0.0, 0.0] }
    var mean = 0.0
    for (index, y) in outputs.enumerated() {
      let exact = lane.value(at: index)
      switch OutputClass(y, against: exact, of: operation.output, in: lane.format) {
      case .mismatch: return nil
      case .rightInfinity: continue
      case .measured: break
      }
      guard !exact.isUndecided else { continue }
      let size = exact.approximate.magnitude
      let isLogProbability = operation == .logSoftmax
      mean += isLogProbability ? profile.probability(index) * size : size
      let distance = isLogProbability ? min(profile.distances[index], 0x1p200) : 0
      let error =
        exact.isZero
        ? abs(y.exactDouble)
        : UlpError(of: y, against: exact).magnitudeUpperBound
          .scaled(byPowerOfTwo: Int(exact.quantumExponent))
      for flush in 0..<2 {
        for (place, kind) in kinds.enumerated() {
          let excess = error - floors[flush] - kind.rounding * size
          guard excess > 0 else { continue }
          needed[place][flush] = max(
            needed[place][flush], excess / (1 + kind.rounding) - kind.slope * distance)
        }
      }
    }
    self.init(
      profile, kinds, needed: needed, meanMagnitude: mean, family: family, sample: sample)
  }

  private init(
    _ profile: LaneProfile, _ kinds: [Kind], needed: [[Double]], meanMagnitude: Double = 0,
    family: String, sample: Int
  ) {
    var mean = 0.0
    var spreads = kinds.map { _ in 0.0 }
    for index in profile.weights.indices where profile.weights[index] > 0 {
      let distance = profile.distances[index]
      mean += profile.probability(index) * distance
      for (place, kind) in kinds.enumerated() where kind.slope > 0 {
        spreads[place] += profile.probability(index) * Double.expMinusOne(kind.slope * distance)
      }
    }
    self.family = family
    length = profile.count
    self.sample = sample
    sum = profile.sum
    logSum = profile.logSum
    meanDistance = mean
    self.meanMagnitude = meanMagnitude
    logSpreads = spreads.map { Double.log(onePlus: $0) }
    self.needed = needed
  }

  /// p from below, and |y - p| from above, both to far more than a rounding of the format.
  private static func error(
    of y: Double, _ lane: FilteredLane, _ index: Int
  ) -> (probability: Double, error: Double) {
    let slack = 1 + 0x1p-40
    if lane.hasSingles {
      let p = lane.single(at: index)
      let error = abs(y - p.high) * slack + p.high * p.relativeError
      return p.isVanishing ? (0, max(y, p.high)) : (p.high * (1 - p.relativeError), error)
    }
    let p = lane.pair(at: index)
    if p.isVanishing || p.high < 0x1p-500 {
      // Below the normal range of float64 the floor is what counts.
      let high = p.high * 0x1p-512
      return (p.isVanishing ? 0 : high, abs(y - high) * slack + .leastNonzeroMagnitude)
    }
    // Both in the scale of the pair, where their difference is exact but for one rounding.
    let error = abs((y * 0x1p512 - p.high) - p.low) * slack + p.high * p.relativeError
    return (p.high * 0x1p-512, error * 0x1p-512)
  }
}

extension LaneObservation.Kind {
  /// The kind of a model's errors.
  init(of model: ErrorModel, _ operation: AuditedOperation, output: FloatFormat) {
    self.init(
      slope: model.subtraction.errors * model.computing.unitRoundoff,
      rounding: operation == .softmax ? 0 : model.rounding(output: output))
  }
}
