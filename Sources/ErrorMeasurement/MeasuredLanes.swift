import AuditedOperations
import FloatFormats
import Oracle

/// The measurement of some lanes, for programs that look at the measurement itself.
package struct MeasuredLanes: Sendable, Equatable {
  package let maxUlp: Double?
  package let meanUlp: Double?
  package let correctlyRounded: UInt64
  package let elements: UInt64
  /// The elements that the filters left to MPFR.
  package let oracleFallbacks: UInt64

  /// Measures outputs against the exact softmax of their logits: oracle and measurement together,
  /// through the filters.
  ///
  /// - Parameters:
  ///   - outputs: As many lanes as `logits` has, each as long as its logits.
  ///   - format: That of the outputs.
  ///   - level: The vector instructions of the filters.
  package init(
    logits: [EncodedLane], outputs: [EncodedLane], format: FloatFormat, level: KernelLevel = .best,
    oracle: SoftmaxOracle
  ) {
    let lanes = logits.map { FilteredLane($0, in: format, oracle: oracle, level: level) }
    var measurement = FilteredMeasurement(lanes: lanes, oracle: oracle, level: level, isOnly: true)
    self.init(
      measurement.measure(
        outputs, policy: .nanSomewhere,
        promises: LanePromises(Array(repeating: .none, count: logits.count))))
  }

  /// The same by MPFR alone.
  @_specialize(where F == Float16, G == Float16)
  @_specialize(where F == BFloat16, G == BFloat16)
  @_specialize(where F == Float, G == Float)
  @_specialize(where F == Double, G == Double)
  package init<F: BinaryFloat, G: BinaryFloat>(
    byArbiter oracle: SoftmaxOracle, logits: [[F]], outputs: [[G]]
  ) {
    var statistics = AccuracyStatistics()
    var measurement = LaneMeasurement(oracle: oracle)
    for (number, lane) in logits.enumerated() {
      let reference = oracle.softmax(of: lane, in: G.format)
      measurement.measure(
        outputs[number], lane: number, reference: reference, policy: .nanSomewhere,
        promise: .none, into: &statistics)
      statistics.oracleFallbacks += UInt64(reference.refinements)
    }
    self.init(statistics)
  }

  private init(_ statistics: AccuracyStatistics) {
    var magnitudes = statistics.positive
    magnitudes.merge(statistics.negative)
    maxUlp = statistics.maxUlp.figure
    meanUlp = magnitudes.mean(over: statistics.normalCount, timesPowerOfTwo: -40)
    correctlyRounded = statistics.correctlyRounded
    elements = statistics.elements
    oracleFallbacks = statistics.oracleFallbacks
  }
}
