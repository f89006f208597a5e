import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// Makes the row of measured lanes, with its witnesses: of an audit as of a verification.
struct RowMaker<F: BinaryFloat, G: BinaryFloat> {
  let operation: AuditedOperation
  /// Whether the logits have modifiers, of which recipes know nothing.
  let isModified: Bool
  /// The name of the lanes.
  let family: String
  /// The geometry of the first input.
  let geometry: LaneGeometry
  let judge: LaneJudge
  let oracle: SoftmaxOracle
  /// Reads a lane of the first input.
  let logits: (_ lane: Int) -> [F]
  /// Reads a lane of the outputs.
  let outputs: (_ lane: Int) -> [G]
  /// Makes or finds the exact values of a lane.
  let reference: (_ lane: Int) -> any ExactLane
  /// Makes or finds what is promised about a lane.
  let promise: (_ lane: Int) throws -> LanePromise
  /// Reads a lane of a softmax along any axis.
  let recipeLane: (LaneGeometry, Int) -> TensorRecipe.Lane

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
      implementation: implementation, operation: operation, inputFormat: F.format,
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
    if !excusesMismatches { row.mismatchesInDomain = row.mismatches }
    row.leaveUnjudged(by: judge)
    if row.exceedsBound || row.mismatchesInDomain > 0, !judge.isSilent, operation == .softmax,
      !isModified
    {
      row.resembles = TensorRecipe(geometry: geometry, format: G.format, lane: recipeLane)
        .statement(worst: statistics.maxRatio.location?.lane)
    }
    return row
  }

  private func witness(
    at location: ElementLocation, figure: Double? = nil, scaled: Double? = nil
  ) throws -> AccuracyRow.Witness {
    try AccuracyRow.Witness(
      logits(location.lane), computed: outputs(location.lane)[location.index],
      reference: reference(location.lane), at: location, figure: figure, scaled: scaled,
      family: family, promise: promise(location.lane), oracle: oracle)
  }
}
