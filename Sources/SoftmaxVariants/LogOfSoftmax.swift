import AuditedOperations
import FloatFormats
import RealModule

/// ln(exp(x_i - m) / sum exp(x_j - m)): the logarithm of the softmax.
///
/// **Bound.** With the deviations of ``MaxTrick``, p_i - under and p_i + over, ln of the computed
/// probability is off by at most the larger of ln(1 + over / p_i) and -ln(1 - under / p_i), and ln
/// errs itself: by kappa (|l_i| + that).
///
/// **Domain.** No probability may vanish: where p_i can be computed as 0 its logarithm is -inf. In
/// float32 the lanes end at distances of about 103, in float16 at 17.
enum LogOfSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "max-trick" }
  static var formula: String { "log(exp(x - m) / sum exp(x - m))" }
  static var source: String { "tutorials; bound derived here" }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    MaxTrick.evaluate(lane, summation)
    for index in lane.indices { lane[index] = C.log(lane[index]) }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    trace.logarithm(MaxTrick.trace(lane, summation, at: index, trace))
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let deviations = MaxTrick.deviations(on: lane, summation, computingIn: format) else {
      return nil
    }
    var errors: [Double] = []
    for (index, deviation) in deviations.enumerated() {
      guard lane.logits[index] != -.infinity else {
        errors.append(0)
        continue
      }
      guard
        let error = logarithmError(
          of: lane.probability(index), deviation,
          magnitude: lane.distances[index] + lane.logSum, format)
      else { return nil }
      errors.append(error)
    }
    return errors
  }
}
