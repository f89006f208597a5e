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
  /// The figures that all tiers agree on, by their names.
  package let certified: [String: Double]

  /// Measures outputs against the exact softmax of their logits: oracle and measurement together,
  /// through the filters.
  ///
  /// - Parameters:
  ///   - outputs: As many lanes as `logits` has, each as long as its logits.
  ///   - format: That of the outputs.
  ///   - level: The vector instructions of the filters.
  package init(
    logits: EncodedLanes, outputs: EncodedLanes, format: FloatFormat, level: KernelLevel = .best,
    oracle: SoftmaxOracle
  ) {
    let lanes = LazyLanes(count: logits.count) {
      FilteredLane(logits[$0], in: format, oracle: oracle, level: level)
    }
    self.init(
      FilteredLanes(lanes, logits: logits, in: format, oracle: oracle, level: level),
      outputs: outputs, level: level, oracle: oracle)
  }

  /// The same of the exact values of any operation.
  package init(
    _ lanes: FilteredLanes, outputs: EncodedLanes, level: KernelLevel = .best,
    oracle: SoftmaxOracle
  ) {
    var measurement = FilteredMeasurement(lanes: lanes, oracle: oracle, level: level, isOnly: true)
    self.init(
      measurement.measure(
        outputs, policy: .nanSomewhere,
        promises: LanePromises(Array(repeating: .none, count: lanes.count))))
  }

  /// The same by MPFR alone.
  @_specialize(where F == Float16, G == Float16)
  @_specialize(where F == BFloat16, G == BFloat16)
  @_specialize(where F == Float, G == Float)
  @_specialize(where F == Double, G == Double)
  package init<F: BinaryFloat, G: BinaryFloat>(
    byArbiter oracle: SoftmaxOracle, logits: [[F]], outputs: [[G]]
  ) {
    self.init(
      byArbiter: oracle, outputs: outputs,
      references: logits.lazy.map {
        oracle.softmax(of: $0, in: G.format)
      })
  }

  /// The same of the exact values of any operation.
  package init<G: BinaryFloat>(
    byArbiter oracle: SoftmaxOracle, outputs: [[G]], references: some Sequence<LaneReference>
  ) {
    var statistics = AccuracyStatistics()
    var measurement = LaneMeasurement(oracle: oracle)
    for (number, reference) in references.enumerated() {
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
    var certified: [String: Double] = [
      "finitePairs": Double(statistics.finitePairs), "faithful": Double(statistics.faithful),
      "correctlyRounded": Double(statistics.correctlyRounded),
      "mismatches": Double(statistics.mismatches), "zeros": Double(statistics.zeros),
      "agreedSpecial": Double(statistics.agreedSpecial),
      "negativeZeros": Double(statistics.negativeZeros),
      "undecided": Double(statistics.undecided),
    ]
    let maxima = [
      ("maxUlp", statistics.maxUlp), ("maxUlpSubnormal", statistics.maxUlpSubnormal),
      ("maxUlpFlushToZero", statistics.maxUlpFlushToZero), ("maxNormUlp", statistics.maxNormUlp),
      ("maxScaled", statistics.measured.scaled.largest),
      ("maxScaledOfNormal", statistics.measured.scaled.largestOfNormal),
    ]
    for (name, maximum) in maxima {
      certified[name] = maximum.figure
      certified[name + " lane"] = maximum.location.map { Double($0.lane) }
      certified[name + " index"] = maximum.location.map { Double($0.index) }
    }
    for share in [0.5, 0.95, 0.99] {
      certified["percentile \(share)"] = statistics.histogram.percentile(share)
    }
    self.certified = certified
  }
}
