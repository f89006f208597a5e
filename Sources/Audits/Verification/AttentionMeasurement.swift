import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The measurement of a saved output of an attention, for a known format of it.
///
/// Belongs to one thread at a time.
final class AttentionMeasurement<G: BinaryFloat>: VerifiedMeasuring {
  private var outputs: AttentionOutputs<G>
  private let evaluation: RowEvaluation

  init(_ pair: AttentionPair, settings: MeasurementSettings, tier: OracleTier) {
    evaluation = RowEvaluation(
      pair.inputs, pair.part, tier: tier, settings: settings, oracle: SoftmaxOracle())
    outputs = AttentionOutputs(
      pair,
      by: LaneJudge(
        nil, of: .attention, input: pair.inputs.format, output: G.format, settings: settings),
      specialLanes: settings.specialLanes ?? .nanSomewhere)
  }

  var statistics: AccuracyStatistics { outputs.statistics }

  func measure(part: Int) throws { try measure(part: part, in: G.format, by: evaluation) }

  func row(of implementation: String, _ statistics: AccuracyStatistics) throws -> AccuracyRow {
    try outputs.row(of: implementation, statistics, oracle: evaluation.oracle)
  }
}

extension AttentionMeasurement: RowMeasuring {
  func measure(_ rows: Range<Int>, _ exact: ExactLanes<some ExactLane>) throws {
    outputs.measure(
      rows, exact, promises: try outputs.judge.promises(on: exact.references.map(\.inputs)))
  }
}
