import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The measurement of a saved output of an attention, for a known format of it.
///
/// Belongs to one thread at a time.
final class AttentionMeasurement<G: BinaryFloat>: VerifiedMeasuring {
  private(set) var statistics = AccuracyStatistics()
  private let pair: Verification.AttentionPair
  private let settings: MeasurementSettings
  private let tier: OracleTier
  private let oracle = SoftmaxOracle()
  private let reader: HeadReader
  private let judge: LaneJudge

  init(_ pair: Verification.AttentionPair, settings: MeasurementSettings, tier: OracleTier) {
    self.pair = pair
    self.settings = settings
    self.tier = tier
    reader = HeadReader(pair.inputs)
    judge = LaneJudge(
      nil, of: .attention, input: pair.inputs.format, output: G.format, settings: settings)
  }

  func measure(part: Int) throws {
    let rows = AttentionParts(pair.inputs.shape).rows(part)
    switch tier {
    case .filtered:
      let filtered = rows.map { reader.filtered($0, pair.part, in: G.format, oracle) }
      try measure(rows, ExactLanes(filtered, settings: settings, oracle: oracle))
    case .mpfr:
      let lanes = rows.map { OperationLane(reader.row($0).row, pair.part) }
      try measure(
        rows,
        ExactLanes(lanes, of: .attention, in: G.format, settings: settings, oracle: oracle))
    }
  }

  private func measure(_ rows: Range<Int>, _ exact: ExactLanes<some ExactLane>) throws {
    exact.measure(
      rows.map { EncodedLane(outputs($0)) }, from: rows.lowerBound,
      policy: settings.specialLanes ?? .nanSomewhere,
      promises: try judge.promises(on: exact.references.map(\.inputs)), into: &statistics)
  }

  /// The outputs of a row: a number for each channel, or its logsumexp.
  private func outputs(_ number: Int) -> [G] {
    pair.outputs.lane(number, of: pair.geometry, as: G.self)
  }

  func row(of implementation: String, _ statistics: AccuracyStatistics) throws -> AccuracyRow {
    let (pair, judge, oracle) = (pair, judge, oracle)
    var row = try RowMaker<Double, G>(
      operation: .attention, inputFormat: pair.inputs.format, isModified: false,
      parameters: pair.inputs.parameters, family: pair.family, geometry: pair.geometry,
      judge: judge, oracle: oracle,
      witnessed: { number in
        let lane = pair.inputs.lane(number, pair.part)
        return WitnessedLane(
          logits: lane.attention?.approximateScores ?? [], outputs: self.outputs(number),
          reference: oracle.reference(of: lane, in: G.format),
          promise: try judge.promise(on: lane))
      },
      // Recipes are those of a softmax.
      recipe: { _ in nil }
    ).row(of: implementation, statistics)
    row.outputRole = pair.part.rawValue
    row.length = pair.inputs.shape.keys
    return row
  }
}
