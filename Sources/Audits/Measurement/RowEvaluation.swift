import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// A way to the exact values of one output of the rows of an attention.
///
/// Belongs to one thread at a time.
struct RowEvaluation {
  let inputs: SavedAttention
  let part: AttentionPart
  let tier: OracleTier
  let settings: MeasurementSettings
  let oracle: SoftmaxOracle
  private let reader: HeadReader

  init(
    _ inputs: SavedAttention, _ part: AttentionPart, tier: OracleTier,
    settings: MeasurementSettings, oracle: SoftmaxOracle
  ) {
    self.inputs = inputs
    self.part = part
    self.tier = tier
    self.settings = settings
    self.oracle = oracle
    reader = HeadReader(inputs)
  }

  /// The number of parts that the rows are measured in.
  var partCount: Int { AttentionParts(inputs.shape).count }

  fileprivate func rows(_ part: Int) -> Range<Int> { AttentionParts(inputs.shape).rows(part) }

  fileprivate func filtered(_ row: Int, in format: FloatFormat) -> FilteredAttentionRow {
    reader.filtered(row, part, in: format, oracle)
  }

  fileprivate func exact(_ row: Int) -> OperationLane {
    OperationLane(reader.row(row).row, part)
  }
}

/// Something that measures outputs of rows against their exact values.
protocol RowMeasuring: AnyObject {
  /// Measures the outputs of rows.
  func measure(_ rows: Range<Int>, _ exact: ExactLanes<some ExactLane>) throws
}

extension RowMeasuring {
  /// Evaluates the rows of a part behind the filter or by MPFR, and measures their outputs.
  ///
  /// - Parameter format: That of the outputs.
  func measure(
    part: Int, in format: FloatFormat, by evaluation: RowEvaluation
  ) throws {
    let rows = evaluation.rows(part)
    let (settings, oracle) = (evaluation.settings, evaluation.oracle)
    switch evaluation.tier {
    case .filtered:
      try measure(
        rows,
        ExactLanes(
          LazyLanes(count: rows.count) { evaluation.filtered(rows.lowerBound + $0, in: format) },
          settings: settings, oracle: oracle))
    case .mpfr:
      try measure(
        rows,
        ExactLanes(
          count: rows.count, { evaluation.exact(rows.lowerBound + $0) }, of: .attention,
          in: format, settings: settings, oracle: oracle))
    }
  }
}
