import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The exact values of some lanes in an output format, and the measurement of outputs against them.
///
/// All that a row counts is measured here: for audits of every implementation on the lanes of a
/// cell, for verification of the saved outputs of a few lanes at a time.
struct ExactLanes<Lane: ExactLane> {
  let references: [Lane]
  private let errors: Errors
  private let elsewhere: ElsewhereMeasurement<Lane>?
  private let consequences: ConsequenceMeasurement<Lane>?

  /// Measures the errors of outputs.
  private typealias Errors =
    ([EncodedLane], SpecialLanePolicy, LanePromises, RatioMaxima) -> AccuracyStatistics

  private init(
    _ references: [Lane], of operation: AuditedOperation, _ settings: MeasurementSettings,
    _ oracle: SoftmaxOracle, errors: @escaping Errors
  ) {
    self.references = references
    self.errors = errors
    elsewhere =
      settings.judgesElsewhere
      ? ElsewhereMeasurement(
        references, by: settings.tolerancesElsewhere.filter { $0.isUsed(for: operation) },
        oracle: oracle) : nil
    consequences =
      settings.measuresConsequences && ConsequenceKinds.include(operation)
      ? ConsequenceMeasurement(references, oracle: oracle) : nil
  }

  /// Measures all that is asked for.
  ///
  /// - Parameters:
  ///   - outputs: Those of each lane.
  ///   - policy: What is declared about special lanes.
  ///   - promises: What is promised about the lanes.
  ///   - known: The largest ratios of other lanes: where those of these are all less, none is
  ///     certified.
  func measure(
    _ outputs: [EncodedLane], policy: SpecialLanePolicy, promises: LanePromises,
    beyondRatios known: RatioMaxima = RatioMaxima()
  ) -> AccuracyStatistics {
    var statistics = errors(outputs, policy, promises, known)
    statistics.elsewhere = elsewhere?.tally(outputs)
    consequences?.measure(outputs, into: &statistics)
    return statistics
  }
}

extension ExactLanes where Lane == FilteredLane {
  /// Lanes of a softmax behind the filters.
  ///
  /// - Parameters:
  ///   - format: That of the outputs.
  ///   - isOnly: Whether the outputs of one implementation are measured, once.
  init(
    filtering lanes: [EncodedLane], in format: FloatFormat, settings: MeasurementSettings,
    level: KernelLevel = .best, isOnly: Bool = false, oracle: SoftmaxOracle
  ) {
    let references = lanes.map { FilteredLane($0, in: format, oracle: oracle, level: level) }
    var measurement = FilteredMeasurement(
      lanes: references, oracle: oracle, level: level,
      isOnly: isOnly && !settings.judgesElsewhere)
    self.init(references, of: .softmax, settings, oracle) { outputs, policy, promises, known in
      measurement.measure(outputs, policy: policy, promises: promises, beyondRatios: known)
    }
  }
}

extension ExactLanes where Lane == FilteredOperationLane {
  /// Lanes of an operation other than softmax behind its filters.
  ///
  /// - Parameters:
  ///   - lanes: In the format of the outputs.
  ///   - isOnly: Whether the outputs of one implementation are measured, once.
  init(
    filtering lanes: [FilteredOperationLane], of operation: AuditedOperation,
    settings: MeasurementSettings, level: KernelLevel = .best, isOnly: Bool = false,
    oracle: SoftmaxOracle
  ) {
    var measurement = FilteredMeasurement(
      lanes: lanes, oracle: oracle, level: level, isOnly: isOnly)
    self.init(lanes, of: operation, settings, oracle) { outputs, policy, promises, known in
      measurement.measure(outputs, policy: policy, promises: promises, beyondRatios: known)
    }
  }
}

extension ExactLanes where Lane == LaneReference {
  /// Lanes of an operation, evaluated by MPFR.
  ///
  /// - Parameter format: That of the outputs.
  init(
    _ lanes: [OperationLane], of operation: AuditedOperation, in format: FloatFormat,
    settings: MeasurementSettings, oracle: SoftmaxOracle
  ) {
    let references = lanes.map { oracle.reference(of: $0, in: format) }
    var measurement = LaneMeasurement(oracle: oracle)
    self.init(references, of: operation, settings, oracle) { outputs, policy, promises, _ in
      var statistics = AccuracyStatistics()
      for (lane, reference) in references.enumerated() {
        measurement.measure(
          outputs[lane].values, lane: lane, reference: reference, policy: policy,
          promise: promises[lane], into: &statistics)
        statistics.oracleFallbacks += UInt64(reference.refinements)
      }
      return statistics
    }
  }
}
