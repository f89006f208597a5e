import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Measures outputs that somebody else computed and saved.
///
/// Lanes are read, measured and forgotten: memory is bounded by some lanes for each thread,
/// whatever the size of the tensors. Figures do not depend on the number of threads.
package struct Verification: Sendable {
  /// Inputs of an operation and what somebody says are its outputs.
  package struct Pair: Sendable {
    /// The name of the inputs in results.
    package var family: String
    package var inputs: SavedInputs
    package var outputs: any LaneSource
    /// The parameters by which the outputs were computed, as rows tell of them; `nil` for the usual
    /// ones.
    package var parameters: RowParameters?
    package var geometry: LaneGeometry { inputs.geometry }
    /// As many lanes, of as many numbers as a lane gives.
    let outputGeometry: LaneGeometry

    /// Logits and their softmax along an axis.
    ///
    /// - Throws: `UserError` where the shapes differ or have no such axis.
    package init(
      family: String, logits: any LaneSource, probabilities: any LaneSource, axis: Int
    ) throws(UserError) {
      try self.init(
        family: family, inputs: SavedInputs(.softmax, logits, axis: axis), outputs: probabilities)
    }

    /// Inputs and outputs of an operation.
    ///
    /// - Parameters:
    ///   - family: The name of the tensors in results.
    ///   - inputs: The inputs of the operation.
    ///   - outputs: Where a lane gives one number, the axis has length 1; where it gives a matrix,
    ///     the axis is there twice.
    /// - Throws: `UserError` where the shapes do not fit together.
    package init(
      family: String, inputs: SavedInputs, outputs: any LaneSource
    ) throws(UserError) {
      let operation = inputs.operation
      let shape = inputs.first.shape
      if let objection = inputs.geometry.objection {
        throw UserError(.malformedInput, "\(family) \(objection)")
      }
      let outputGeometry = try inputs.outputGeometry()
      switch operation.output.extent {
      case .matrix:
        self.outputs = try MatrixLanes(outputs, of: inputs.geometry)
      case .lane where outputs.shape != shape:
        throw UserError(
          .malformedInput,
          "the \(operation.inputs[0]) \(family) have the shape \(shape), the \(operation.output.role) \(outputs.shape); they must have the same"
        )
      case .one where outputs.shape != outputGeometry.shape:
        throw UserError(
          .malformedInput,
          inputs.reduction == .none
            ? "the \(operation.output.role) has the shape \(outputs.shape); of \(family), of shape \(shape), it has that without axis \(inputs.geometry.axis)"
            : "the \(operation.output.role) has the shape \(outputs.shape); the \(inputs.reduction) of all losses is one number"
        )
      case .lane, .one: self.outputs = outputs
      }
      self.family = family
      self.inputs = inputs
      self.outputGeometry = outputGeometry
    }
  }

  private let pair: Pair
  private let implementation: String
  private let settings: MeasurementSettings
  private let threads: Int
  private let tier: OracleTier

  /// - Parameters:
  ///   - pair: The inputs and the outputs to verify.
  ///   - implementation: The name of the program that computed the outputs, for results.
  ///   - settings: The standard of the outputs: the default tolerance where nothing is declared.
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

  /// Measures all lanes.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> AccuracyRow {
    let statistics = try await measure(progress)
    return try pair.inputs.first.format.open(
      with: pair.outputs.format, RowWork(verification: self, statistics: statistics))
  }

  /// The number of elements that a thread takes at a time, where lanes are shorter.
  private static let chunk = 1 << 16

  private func measure(
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) async throws -> AccuracyStatistics {
    let lanes = pair.inputs.outputLaneCount
    let outputs = pair.inputs.operation.outputCount(ofLength: pair.geometry.length)
    let size = max(1, Self.chunk / max(pair.geometry.length, outputs, 1))
    let chunks = (lanes + size - 1) / size
    let parts = try await WorkQueue.share(chunks, among: threads, progress: progress) { queue in
      var own = AccuracyStatistics()
      let oracle = SoftmaxOracle()
      try queue.forEach { chunk in
        let start = chunk * size
        own.merge(
          try pair.inputs.first.format.open(
            with: pair.outputs.format,
            ChunkWork(
              verification: self, lanes: start..<min(start + size, lanes), oracle: oracle,
              known: own.ratios)))
      }
      return own
    }
    var all = AccuracyStatistics()
    for part in parts { all.merge(part) }
    return all
  }

  /// By what the lanes are judged.
  private var judge: LaneJudge {
    LaneJudge(
      nil, of: pair.inputs.operation, input: pair.inputs.first.format, output: pair.outputs.format,
      settings: settings)
  }

  private struct ChunkWork: FormatPairWork {
    let verification: Verification
    let lanes: Range<Int>
    let oracle: SoftmaxOracle
    /// The largest ratios of the lanes before.
    let known: RatioMaxima

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> AccuracyStatistics {
      let (pair, settings) = (verification.pair, verification.settings)
      let policy = settings.specialLanes ?? .nanSomewhere
      let outputs = lanes.map {
        EncodedLane(pair.outputs.lane($0, of: pair.outputGeometry, as: G.self))
      }
      let operation = pair.inputs.operation
      // Filters know no modifiers, and not every operation.
      guard operation == .softmax, pair.inputs.modifiers.isNone else {
        let inputs = lanes.map { pair.inputs.outputLane($0, as: F.self) }
        let promises = try verification.judge.promises(on: inputs)
        let statistics =
          verification.tier == .filtered && hasFilters
          ? ExactLanes(
            filtering: zip(lanes, inputs).map { number, lane in
              FilteredOperationLane(
                operation,
                EncodedLane(pair.inputs.first.lane(number, of: pair.geometry, as: F.self)),
                upstream: pair.inputs.upstream.map {
                  // Of another format than the first input they are left to MPFR.
                  $0.format == F.format
                    ? EncodedLane($0.lane(number, of: pair.geometry, as: F.self))
                    : EncodedLane([F]())
                }, target: lane.target, lane.parameters, in: G.format, oracle: oracle
              ) { lane }
            }, of: operation, settings: settings, isOnly: true, oracle: oracle
          ).measure(outputs, policy: policy, promises: promises, beyondRatios: known)
          : exact(inputs, in: G.format).measure(outputs, policy: policy, promises: promises)
        return statistics.movedLanes(by: lanes.lowerBound)
      }
      let logits = lanes.map { pair.inputs.first.lane($0, of: pair.geometry, as: F.self) }
      let promises = try verification.judge.promises(
        lanes: logits.count, ofLength: pair.geometry.length
      ) { LaneProfile(logits[$0]) }
      let statistics =
        switch verification.tier {
        case .filtered:
          ExactLanes(
            filtering: logits.map { EncodedLane($0) }, in: G.format, settings: settings,
            isOnly: true, oracle: oracle
          ).measure(outputs, policy: policy, promises: promises, beyondRatios: known)
        case .mpfr:
          exact(logits.map { OperationLane(.softmax, DistinctLogits(of: $0)) }, in: G.format)
            .measure(outputs, policy: policy, promises: promises)
        }
      return statistics.movedLanes(by: lanes.lowerBound)
    }

    /// Whether there are filters for the operation, one that is not softmax.
    private var hasFilters: Bool {
      let inputs = verification.pair.inputs
      return inputs.modifiers.isNone && inputs.reduction == .none
        && FilteredOperationLane.serves(inputs.operation)
    }

    private func exact(
      _ inputs: [OperationLane], in format: FloatFormat
    ) -> ExactLanes<LaneReference> {
      ExactLanes(
        inputs, of: verification.pair.inputs.operation, in: format,
        settings: verification.settings, oracle: oracle)
    }
  }

  private struct RowWork: FormatPairWork {
    let verification: Verification
    let statistics: AccuracyStatistics

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> AccuracyRow {
      let (pair, judge) = (verification.pair, verification.judge)
      let oracle = SoftmaxOracle()
      let maker = RowMaker<F, G>(
        operation: pair.inputs.operation, isModified: !pair.inputs.modifiers.isNone,
        parameters: pair.parameters,
        family: pair.family, geometry: pair.geometry,
        judge: judge, oracle: oracle,
        witnessed: {
          let inputs = pair.inputs.outputLane($0, as: F.self)
          return WitnessedLane(
            logits: pair.inputs.first.lane($0, of: pair.geometry, as: F.self),
            outputs: pair.outputs.lane($0, of: pair.outputGeometry, as: G.self),
            reference: oracle.reference(of: inputs, in: G.format),
            promise: try judge.promise(on: inputs))
        },
        recipe: { worst in
          TensorRecipe(geometry: pair.geometry, format: G.format) { axis, number in
            .init(
              logits: pair.inputs.first.lane(number, of: axis, as: F.self).map { $0.exactDouble },
              outputs: pair.outputs.lane(number, of: axis, as: G.self).map { $0.exactDouble })
          }.statement(worst: worst)
        })
      return try maker.row(of: verification.implementation, statistics)
    }
  }
}
