import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// One output of an attention, as one implementation computed it, with the figures of its rows so
/// far.
struct AttentionOutputs<G: BinaryFloat> {
  let judge: LaneJudge
  private(set) var statistics = AccuracyStatistics()
  private let pair: AttentionPair
  private let specialLanes: SpecialLanePolicy

  init(_ pair: AttentionPair, by judge: LaneJudge, specialLanes: SpecialLanePolicy) {
    self.pair = pair
    self.judge = judge
    self.specialLanes = specialLanes
  }

  /// Measures the outputs of some rows.
  mutating func measure(
    _ rows: Range<Int>, _ exact: ExactLanes<some ExactLane>, promises: LanePromises
  ) {
    exact.measure(
      EncodedLanes(rows.map { numbers($0) }), from: rows.lowerBound, policy: specialLanes,
      promises: promises, into: &statistics)
  }

  /// The outputs of a row: a number for each channel, or its logsumexp.
  private func numbers(_ row: Int) -> [G] {
    pair.outputs.lane(row, of: pair.geometry, as: G.self)
  }

  /// The row of results that statistics amount to, with witnesses that are read again.
  func row(
    of implementation: String, _ statistics: AccuracyStatistics, excusesMismatches: Bool = true,
    nsPerElement: Double? = nil, oracle: SoftmaxOracle
  ) throws -> AccuracyRow {
    var row = try RowMaker<Double, G>(
      operation: .attention, inputFormat: pair.inputs.format, isModified: false,
      parameters: pair.inputs.parameters, family: pair.family, geometry: pair.geometry,
      judge: judge, oracle: oracle,
      witnessed: { number in
        let lane = pair.inputs.lane(number, pair.part)
        return WitnessedLane(
          logits: lane.attention?.approximateScores ?? [], outputs: numbers(number),
          reference: oracle.reference(of: lane, in: G.format),
          promise: try judge.promise(on: lane))
      },
      // Recipes are those of a softmax.
      recipe: { _ in nil }
    ).row(
      of: implementation, statistics, excusesMismatches: excusesMismatches,
      nsPerElement: nsPerElement)
    row.outputRole = pair.part.rawValue
    row.length = pair.inputs.shape.keys
    return row
  }
}
