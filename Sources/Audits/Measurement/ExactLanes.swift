import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The exact values of some lanes in an output format, and the measurement of outputs against them.
///
/// All that a row counts is measured here: for audits of every implementation on the lanes of a
/// cell, for verification of the saved outputs of a few lanes or rows at a time.
struct ExactLanes<Lane: ExactLane> {
  let references: LazyLanes<Lane>
  private let errors: Errors
  private let elsewhere: ElsewhereMeasurement<Lane>?
  private let consequences: ConsequenceMeasurement<Lane>?

  /// Adds the errors of outputs to those of the lanes before.
  private typealias Errors =
    (EncodedLanes, _ firstLane: Int, SpecialLanePolicy, LanePromises, inout AccuracyStatistics) ->
    Void

  private init(
    _ references: LazyLanes<Lane>, of operation: AuditedOperation, _ settings: MeasurementSettings,
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
  ///   - firstLane: The number of the first lane in its cell.
  ///   - policy: What is declared about special lanes.
  ///   - promises: What is promised about the lanes.
  ///   - statistics: Those of other lanes of the cell, which these are added to. What certainly
  ///     raises no maximum of theirs need not be certified.
  func measure(
    _ outputs: EncodedLanes, from firstLane: Int, policy: SpecialLanePolicy,
    promises: LanePromises, into statistics: inout AccuracyStatistics
  ) {
    errors(outputs, firstLane, policy, promises, &statistics)
    guard elsewhere != nil || consequences != nil else { return }
    var besides = AccuracyStatistics()
    besides.elsewhere = elsewhere?.tally(outputs)
    consequences?.measure(outputs, into: &besides)
    statistics.merge(besides.movedLanes(by: firstLane))
  }

  /// Lanes behind filters.
  private init(
    _ lanes: LazyLanes<Lane>, filtered measurement: FilteredMeasurement,
    of operation: AuditedOperation,
    _ settings: MeasurementSettings, _ oracle: SoftmaxOracle
  ) {
    var measurement = measurement
    self.init(lanes, of: operation, settings, oracle) {
      outputs, firstLane, policy, promises, statistics in
      statistics.merge(
        measurement.measure(
          outputs, policy: policy, promises: promises, beyondRatios: statistics.ratios
        ).movedLanes(by: firstLane))
    }
  }

  /// Lanes that are measured value by value.
  ///
  /// - Parameter refinements: The number of values of a lane that needed more than a first look.
  private init(
    _ lanes: LazyLanes<Lane>, refinements: @escaping (Lane) -> Int, of operation: AuditedOperation,
    _ settings: MeasurementSettings, _ oracle: SoftmaxOracle
  ) {
    var measurement = LaneMeasurement(oracle: oracle)
    self.init(lanes, of: operation, settings, oracle) {
      outputs, firstLane, policy, promises, statistics in
      // Apart from those of other parts, or what is undecided would depend on the parts before.
      var own = AccuracyStatistics()
      for (lane, reference) in lanes.enumerated() {
        measurement.measure(
          outputs[lane].values, lane: firstLane + lane, reference: reference, policy: policy,
          promise: promises[lane], into: &own)
        own.oracleFallbacks += UInt64(refinements(reference))
      }
      statistics.merge(own)
    }
  }
}

extension ExactLanes where Lane == FilteredLane {
  /// Lanes of a softmax behind the filters.
  ///
  /// - Parameters:
  ///   - format: That of the outputs.
  ///   - isOnly: Whether the outputs of one implementation are measured, once.
  init(
    filtering logits: EncodedLanes, in format: FloatFormat, settings: MeasurementSettings,
    level: KernelLevel = .best, isOnly: Bool = false, oracle: SoftmaxOracle
  ) {
    let references = LazyLanes(count: logits.count) {
      FilteredLane(logits[$0], in: format, oracle: oracle, level: level)
    }
    let measurement = FilteredMeasurement(
      lanes: FilteredLanes(references, logits: logits, in: format, oracle: oracle, level: level),
      oracle: oracle, level: level, isOnly: isOnly && !settings.judgesElsewhere)
    self.init(references, filtered: measurement, of: .softmax, settings, oracle)
  }
}

extension ExactLanes where Lane == FilteredOperationLane {
  /// Lanes of an operation other than softmax behind its filters.
  ///
  /// - Parameters:
  ///   - lanes: In the format of the outputs.
  ///   - isOnly: Whether the outputs of one implementation are measured, once.
  init(
    filtering lanes: LazyLanes<FilteredOperationLane>, of operation: AuditedOperation,
    settings: MeasurementSettings, level: KernelLevel = .best, isOnly: Bool = false,
    oracle: SoftmaxOracle
  ) {
    let measurement = FilteredMeasurement(
      lanes: FilteredLanes(lanes), oracle: oracle, level: level, isOnly: isOnly)
    self.init(lanes, filtered: measurement, of: operation, settings, oracle)
  }
}

extension ExactLanes where Lane == LaneReference {
  /// Lanes of an operation, evaluated by MPFR.
  ///
  /// - Parameters:
  ///   - lane: Makes the lane of a number.
  ///   - format: That of the outputs.
  init(
    count: Int, _ lane: @escaping (Int) -> OperationLane, of operation: AuditedOperation,
    in format: FloatFormat,
    settings: MeasurementSettings, oracle: SoftmaxOracle
  ) {
    self.init(
      LazyLanes(count: count) { oracle.reference(of: lane($0), in: format) },
      refinements: \.refinements,
      of: operation, settings, oracle)
  }
}

extension ExactLanes where Lane == FilteredAttentionRow {
  /// Rows of an attention behind their filter.
  init(
    _ rows: LazyLanes<FilteredAttentionRow>, settings: MeasurementSettings, oracle: SoftmaxOracle
  ) {
    self.init(rows, refinements: \.refinements, of: .attention, settings, oracle)
  }
}
