import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

/// Measures an output of attention that somebody else computed and saved.
///
/// Rows are read, measured and forgotten; a thread keeps the keys and values of one head. Figures
/// do not depend on the number of threads.
package struct AttentionVerification: Sendable {
  /// Inputs of an attention and what somebody says is one of its outputs.
  package struct Pair: Sendable {
    /// The name of the inputs in results.
    package let family: String
    package let inputs: SavedAttention
    package let part: AttentionPart
    package let outputs: any LaneSource

    /// - Parameter outputs: Lanes of a row each, see ``SavedAttention/laneShape(of:)``.
    /// - Throws: `UserError` of kind `malformedInput` where the shapes do not fit.
    package init(
      family: String, inputs: SavedAttention, part: AttentionPart, outputs: any LaneSource
    ) throws(UserError) {
      guard outputs.shape == inputs.laneShape(of: part) else {
        throw UserError(
          .malformedInput,
          "the \(part.rawValue) has the shape \(outputs.shape); of query \(inputs.query.shape), key \(inputs.key.shape) and value \(inputs.value.shape) it is \(inputs.shape(of: part))"
        )
      }
      self.family = family
      self.inputs = inputs
      self.part = part
      self.outputs = outputs
    }
  }

  fileprivate let pair: Pair
  fileprivate let implementation: String
  fileprivate let settings: MeasurementSettings
  fileprivate let threads: Int
  fileprivate let tier: OracleTier

  /// - Parameters:
  ///   - pair: The inputs and the output to verify.
  ///   - implementation: The name of the program that computed the output, for results.
  ///   - settings: The standard of the output.
  ///   - threads: The number of threads, on which no figure depends.
  ///   - tier: The parts of the oracle that answer.
  package init(
    _ pair: Pair, implementation: String, settings: MeasurementSettings, threads: Int,
    tier: OracleTier = .filtered
  ) {
    self.pair = pair
    self.implementation = implementation
    self.settings = settings
    self.threads = threads
    self.tier = tier
  }

  /// Measures all rows.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> AccuracyRow {
    try await pair.outputs.format.open(RowWork(verification: self)).row(progress)
  }

  private struct RowWork: FormatGenericWork {
    let verification: AttentionVerification

    func run<G: BinaryFloat>(_ format: G.Type) -> any AttentionMeasuring {
      TypedAttentionVerification<G>(verification: verification)
    }
  }
}

/// A verification for a known format of the output.
private protocol AttentionMeasuring: Sendable {
  func row(_ progress: @escaping @Sendable (Int, Int) -> Void) async throws -> AccuracyRow
}

private struct TypedAttentionVerification<G: BinaryFloat>: AttentionMeasuring {
  let verification: AttentionVerification

  private var pair: AttentionVerification.Pair { verification.pair }

  private var judge: LaneJudge {
    LaneJudge(
      nil, of: .attention, input: pair.inputs.format, output: G.format,
      settings: verification.settings)
  }

  /// The outputs of a row: a number for each channel, or its logsumexp.
  private func outputs(_ number: Int, _ geometry: LaneGeometry) -> [G] {
    pair.outputs.lane(number, of: geometry, as: G.self)
  }

  private func measure(
    _ geometry: LaneGeometry, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> AccuracyStatistics {
    let parts = AttentionParts(pair.inputs.shape)
    let measured = try await WorkQueue.share(
      parts.count, among: verification.threads, progress: progress
    ) { queue in
      var own = AccuracyStatistics()
      let oracle = SoftmaxOracle()
      let reader = HeadReader(pair.inputs)
      var measurement = LaneMeasurement(oracle: oracle)
      try queue.forEach { part in
        for number in parts.rows(part) {
          let (reference, refinements) = reader.lane(
            number, pair.part, in: G.format, verification.tier, oracle)
          measurement.measure(
            outputs(number, geometry), lane: number, reference: reference,
            policy: verification.settings.specialLanes ?? .nanSomewhere,
            promise: try judge.promise(on: reference.inputs), into: &own)
          own.oracleFallbacks += UInt64(refinements)
        }
      }
      return own
    }
    var all = AccuracyStatistics()
    for part in measured { all.merge(part) }
    return all
  }

  func row(_ progress: @escaping @Sendable (Int, Int) -> Void) async throws -> AccuracyRow {
    let geometry = try LaneGeometry(shape: pair.outputs.shape, axis: -1)
    let statistics = try await measure(geometry, progress)
    let oracle = SoftmaxOracle()
    func witness(
      at location: ElementLocation, figure: Double? = nil, scaled: Double? = nil
    ) throws -> AccuracyRow.Witness {
      let lane = pair.inputs.lane(location.lane, pair.part)
      return try AccuracyRow.Witness(
        lane.attention?.approximateScores ?? [],
        computed: outputs(location.lane, geometry)[location.index],
        reference: oracle.reference(of: lane, in: G.format), at: location, figure: figure,
        scaled: scaled, family: pair.family, promise: try judge.promise(on: lane), oracle: oracle)
    }
    var row = try AccuracyRow(
      implementation: verification.implementation, operation: .attention,
      inputFormat: pair.inputs.format,
      outputFormat: G.format, family: pair.family, geometry: geometry, statistics: statistics,
      bound: judge.modelName.map { model in
        try AccuracyRow.Bound(model: model, statistics) { try witness(at: $0) }
      },
      nsPerElement: nil,
      worst: statistics.largestError.map { try witness(at: $0.location, figure: $0.figure) },
      worstScaled: statistics.largestScaledError.map {
        try witness(at: $0.location, scaled: $0.figure)
      })
    row.outputRole = pair.part.rawValue
    row.parameters = pair.inputs.parameters
    row.length = pair.inputs.shape.keys
    row.leaveUnjudged(by: judge)
    return row
  }
}
