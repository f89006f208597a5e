import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// A way to the exact values of lanes: the parts of the oracle that answer, and for whom.
struct LaneEvaluation {
  let tier: OracleTier
  /// The vector instructions of the filters.
  var level = KernelLevel.best
  let settings: MeasurementSettings
  /// Whether the outputs of one implementation are measured, once.
  let isOnly: Bool
  let oracle: SoftmaxOracle
}

/// Something that measures outputs of lanes against their exact values.
protocol LaneMeasuring<Lanes> {
  associatedtype Lanes: InputLanes

  /// Measures the outputs of lanes.
  func measure(_ lanes: Lanes, _ exact: ExactLanes<some ExactLane>) throws
}

extension LaneMeasuring {
  /// Evaluates lanes behind the filters where there are some, else by MPFR, and measures their
  /// outputs.
  ///
  /// - Parameter format: That of the outputs.
  func measure(
    _ lanes: Lanes, in format: FloatFormat, by evaluation: LaneEvaluation
  ) throws {
    let (settings, oracle) = (evaluation.settings, evaluation.oracle)
    switch lanes.hasFilters ? evaluation.tier : .mpfr {
    case .filtered where lanes.operation == .softmax:
      try measure(
        lanes,
        ExactLanes(
          filtering: lanes.firsts, in: format, settings: settings, level: evaluation.level,
          isOnly: evaluation.isOnly, oracle: oracle))
    case .filtered:
      let firsts = lanes.firsts
      try measure(
        lanes,
        ExactLanes(
          filtering: LazyLanes(count: lanes.count) { lane in
            FilteredOperationLane(
              lanes.operation, firsts[lane],
              upstream: EncodedLane(lanes.upstream(lane)), target: lanes.target(lane),
              lanes.parameters, in: format, oracle: oracle, level: evaluation.level
            ) { lanes.exact(lane) }
          }, of: lanes.operation, settings: settings, level: evaluation.level,
          isOnly: evaluation.isOnly, oracle: oracle))
    case .mpfr:
      try measure(
        lanes,
        ExactLanes(
          count: lanes.count, { lanes.exact($0) }, of: lanes.operation, in: format,
          settings: settings, oracle: oracle))
    }
  }
}
