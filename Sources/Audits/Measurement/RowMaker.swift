import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// Makes the row of measured lanes, with its witnesses: of an audit as of a verification.
///
/// The numbers of a lane that a witness shows have the format F, those of outputs G.
struct RowMaker<F: BinaryFloat, G: BinaryFloat> {
  let operation: AuditedOperation
  /// The format of the inputs.
  let inputFormat: FloatFormat
  /// Whether the logits have modifiers, of which recipes know nothing.
  let isModified: Bool
  /// The modifiers and parameters that somebody asked for; `nil` for the usual ones.
  let parameters: RowParameters?
  /// The name of the lanes.
  let family: String
  /// The geometry of the first input.
  let geometry: LaneGeometry
  let judge: LaneJudge
  let oracle: SoftmaxOracle
  /// Keeps or makes the lane of a maximum.
  let witnessed: (_ lane: Int) throws -> WitnessedLane<F, G>
  /// The wrong recipe that the outputs of a softmax come from, given the lane that is farthest off.
  let recipe: (_ worst: Int?) -> String?

  /// The row that statistics amount to.
  ///
  /// - Parameters:
  ///   - excusesMismatches: Whether lanes outside the domain of the bound excuse mismatches.
  ///   - sample: How the errors are distributed.
  ///   - specialOutputs: The outputs of special lanes.
  func row(
    of implementation: String, _ statistics: AccuracyStatistics, excusesMismatches: Bool = true,
    nsPerElement: Double? = nil, sample: ErrorSample? = nil,
    specialOutputs: [SpecialOutput]? = nil
  ) throws -> AccuracyRow {
    var row = try AccuracyRow(
      implementation: implementation, operation: operation, inputFormat: inputFormat,
      outputFormat: G.format, family: family, geometry: geometry, statistics: statistics,
      bound: judge.modelName.map { model in
        try AccuracyRow.Bound(model: model, statistics) { try witness(at: $0) }
      },
      nsPerElement: nsPerElement,
      worst: statistics.largestError.map { try witness(at: $0.location, figure: $0.figure) },
      worstScaled: operation.output.isDistribution
        ? nil
        : statistics.largestScaledError.map { try witness(at: $0.location, scaled: $0.figure) },
      sample: sample, specialOutputs: specialOutputs)
    row.parameters = parameters
    if !excusesMismatches { row.mismatchesInDomain = row.mismatches }
    row.leaveUnjudged(by: judge)
    if row.exceedsBound || row.mismatchesInDomain > 0, !judge.isSilent, operation == .softmax,
      !isModified
    {
      row.resembles = recipe(statistics.maxRatio.location?.lane)
    }
    return row
  }

  private func witness(
    at location: ElementLocation, figure: Double? = nil, scaled: Double? = nil
  ) throws -> AccuracyRow.Witness {
    let lane = try witnessed(location.lane)
    return try AccuracyRow.Witness(
      lane.logits, computed: lane.outputs[location.index], reference: lane.reference, at: location,
      figure: figure, scaled: scaled, family: family, promise: lane.promise, oracle: oracle)
  }
}
