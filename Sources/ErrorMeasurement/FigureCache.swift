import FloatFormats
import Oracle

/// Certified figures of a cell's errors: from the fixed-point error where that decides, else from
/// the oracle, once.
///
/// Implementations of one operation mostly agree on the outputs that are hard to judge (a 1 next to
/// 1 - 2^-90, a 0 next to 2^-200), and one question to the oracle costs a whole lane of
/// exponentials.
package final class FigureCache {
  private let oracle: SoftmaxOracle
  private var known: [Question: Double?] = [:]
  private var knownScaled: [Question: Double?] = [:]

  private struct Question: Hashable {
    var lane: Int
    var slot: Int
    var output: UInt64
  }

  package init(oracle: SoftmaxOracle) { self.oracle = oracle }

  /// |y - v| / ulp(v) rounded up to a figure; nil where the oracle reached its precision cap.
  func figure<G: BinaryFloat>(
    of error: UlpError, output: G, at location: ElementLocation, reference: some ExactLane
  ) -> Double? {
    if error.astronomical == nil,
      let figure = CertifiedUlp.figure(
        lower: error.lower, upper: error.upper, isExact: error.isExact)
    {
      return figure
    }
    let slot = reference.slot(at: location.index)
    let question = Question(
      lane: location.lane, slot: slot, output: output.exactDouble.bitPattern)
    if let answer = known[question] { return answer }
    let answer = CertifiedUlp.figure(
      of: output.exactDouble, slot: slot, of: reference.inputs,
      quantumExponent: Int(reference.value(at: location.index).quantumExponent), oracle: oracle)
    known[question] = answer
    return answer
  }

  /// The unit of the scaled error of an output; `nil` where the oracle reached its precision cap.
  func scale(
    of exact: ExactValue, at index: Int, in reference: some ExactLane
  ) -> ErrorScale? {
    ErrorScale(of: exact, at: index, in: reference, oracle: oracle)
  }

  /// A scaled error rounded up to a figure; `nil` where the oracle reached its precision cap.
  func scaledFigure<G: BinaryFloat>(
    of error: UlpError, output: G, at location: ElementLocation, by scale: ErrorScale,
    reference: some ExactLane
  ) -> Double? {
    guard
      let ulps = figure(of: error, output: output, at: location, reference: reference)
    else { return nil }
    let y = output.exactDouble
    if let figure = scale.figure(of: error, output: y, ulps: ulps) { return figure }
    let question = Question(
      lane: location.lane, slot: reference.slot(at: location.index), output: y.bitPattern)
    if let answer = knownScaled[question] { return answer }
    let answer = scale.figure(
      of: y, isBelow: error.isNegative, slot: question.slot, inputs: reference.inputs,
      oracle: oracle)
    knownScaled[question] = answer
    return answer
  }

  /// |y - v| / 2^quantumExponent rounded up to a figure, for errors whose count of ulps is beyond
  /// binary64.
  func figure<G: BinaryFloat>(
    output: G, index: Int, reference: some ExactLane, quantumExponent: Int
  ) -> Double? {
    CertifiedUlp.figure(
      of: output.exactDouble, slot: reference.slot(at: index), of: reference.inputs,
      quantumExponent: quantumExponent, oracle: oracle)
  }
}
