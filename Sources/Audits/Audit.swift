import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Runs a plan: every cell once, every implementation on the same lanes against the same
/// references.
///
/// Cells are independent and each is measured by one thread, so that results depend neither on the
/// number of threads nor on their speed.
public struct Audit: Sendable {
  public let plan: AuditPlan

  public init(_ plan: AuditPlan) { self.plan = plan }

  /// Measures all cells.
  ///
  /// - Parameter progress: Called after each cell with the number of cells done and the number of
  ///   all.
  /// - Returns: The rows, by implementation, then by cell.
  public func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [AccuracyRow] {
    let plan = plan
    let chosen = plan.chosenCells
    let byCell = try await WorkQueue.results(
      of: chosen.count, threads: plan.threads, endsWithRun: false, progress: progress
    ) {
      let oracle = SoftmaxOracle()
      return { index in
        let cell = plan.cells[chosen[index]]
        return try cell.format.open(CellWork(plan: plan, cell: cell, oracle: oracle))
      }
    }
    return plan.implementations.indices.flatMap { implementation in
      byCell.flatMap { rows in
        rows.filter { $0.implementation == implementation }.map(\.row)
      }
    }
  }

  /// A row and the implementation it belongs to.
  struct CellRow: Sendable {
    var implementation: Int
    var row: AccuracyRow
  }
}

/// Measures one cell for a known input format.
private struct CellWork: FormatGenericWork {
  let plan: AuditPlan
  let cell: AuditPlan.Cell
  let oracle: SoftmaxOracle

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [Audit.CellRow] {
    var rows: [Audit.CellRow] = []
    // One pass per output format: references depend on it.
    let eligible = plan.implementations.indices.filter {
      plan.implementations[$0].formats.contains(F.format)
        && plan.implementations[$0].askedDomain.includes(cell.source, as: F.format)
    }
    guard !eligible.isEmpty else { return [] }
    let name = cell.source.name
    let tensor = try cell.source.tensor(seed: plan.seed, as: format)
    let profiles = LaneProfiles(tensor)
    for operation in AuditedOperation.all {
      for output in FloatFormat.allCases {
        let chosen = eligible.filter {
          let implementation = plan.implementations[$0]
          return implementation.operation == operation
            && (plan.outputFormat ?? implementation.defaultOutputFormat(for: F.format)) == output
        }
        guard !chosen.isEmpty else { continue }
        rows += try output.open(
          CellMeasurement<F>(
            plan: plan, operation: operation, familyName: name,
            inputs: inputs(of: operation, tensor, name), profiles: profiles,
            implementations: chosen, oracle: oracle))
      }
    }
    return rows
  }

  private func inputs<F: BinaryFloat>(
    of operation: AuditedOperation, _ tensor: Tensor<F>, _ name: String
  ) throws -> OperationInputs<F> {
    var inputs = OperationInputs(of: operation, logits: tensor, family: name, seed: plan.seed)
    if operation.takesModifiers {
      inputs.modifiers = try plan.modifiers(tensor.geometry, F.format)
    }
    return inputs
  }
}

/// Measures implementations on one tensor for known input and output formats.
private struct CellMeasurement<F: BinaryFloat>: FormatGenericWork {
  let plan: AuditPlan
  let operation: AuditedOperation
  let familyName: String
  let inputs: OperationInputs<F>
  let profiles: LaneProfiles<F>
  let implementations: [Int]
  let oracle: SoftmaxOracle

  func run<G: BinaryFloat>(_ output: G.Type) throws -> [Audit.CellRow] {
    // Filters know the softmax alone.
    switch operation == .softmax && inputs.modifiers.isNone ? plan.oracleTier : .mpfr {
    case .filtered:
      try rows(
        output,
        ExactLanes(
          filtering: laneIndices.map { EncodedLane(tensor.lane($0)) }, in: G.format,
          settings: plan.settings, level: plan.kernelLevel, oracle: oracle))
    case .mpfr:
      try rows(
        output,
        ExactLanes(
          laneIndices.map { OperationLane(operation, inputs.lane($0), inputs.parameters) },
          of: operation, in: G.format, settings: plan.settings, oracle: oracle))
    }
  }

  /// The first input.
  private var tensor: Tensor<F> { inputs.first }

  private var laneIndices: Range<Int> { 0..<tensor.geometry.laneCount }

  /// One row for each implementation.
  private func rows<G: BinaryFloat>(
    _ output: G.Type, _ exact: ExactLanes<some ExactLane>
  ) throws -> [Audit.CellRow] {
    let references = exact.references
    let geometry = operation.outputGeometry(for: tensor.geometry)
    let places = sampledPlaces(references)
    // What declares the same is promised the same.
    var known: [LaneJudge: LanePromises] = [:]
    return try implementations.map { index in
      let implementation = plan.implementations[index]
      let clock = ContinuousClock()
      let start = clock.now
      let answer: SoftmaxAnswer<G>
      do {
        if let objection = RunDeadline.objection { throw UserError(.notMeasured, objection) }
        try implementation.refuseModifiers(notOffered: inputs)
        answer = try implementation.answer(to: inputs, laidOut: .rowMajor, as: output)
      } catch let failure as CallFailure {
        return Audit.CellRow(
          implementation: index,
          row: unanswered(
            implementation, as: G.format,
            .init(kind: .init(failure.kind), explanation: failure.explanation)))
      } catch let error as UserError where error.kind == .notMeasured {
        return Audit.CellRow(
          implementation: index,
          row: unanswered(
            implementation, as: G.format,
            .init(kind: .notMeasured, explanation: error.message)))
      }
      // What lies between us and a worker is not the implementation's time.
      let elapsed = answer.duration ?? (clock.now - start)
      let result = answer.probabilities
      guard result.geometry == geometry else {
        throw InternalError(
          "\(implementation.name) returned lanes of another tensor than it was given")
      }
      let policy = plan.settings.specialLanes ?? implementation.specialLanes
      let judge = LaneJudge(
        implementation, input: F.format, output: G.format, settings: plan.settings)
      let promises =
        try known[judge]
        ?? (DerivedTolerance.covers(operation) || !inputs.modifiers.isNone
          ? judge.promises(on: references.map(\.inputs))
          : judge.promises(
            lanes: geometry.laneCount, ofLength: tensor.geometry.length,
            evaluatesAll: plan.evaluatesAllBounds
          ) { profiles[$0] })
      known[judge] = promises
      let statistics = exact.measure(
        laneIndices.map { EncodedLane(result.lane($0)) }, policy: policy, promises: promises)
      let maker = RowMaker<F, G>(
        operation: operation, isModified: !inputs.modifiers.isNone, family: familyName,
        geometry: tensor.geometry, judge: judge,
        oracle: oracle, logits: { tensor.lane($0) }, outputs: { result.lane($0) },
        reference: { references[$0] }, promise: { promises[$0] },
        recipeLane: { axis, number in
          .init(
            logits: axis.places(ofLane: number).map { tensor.elements[$0].exactDouble },
            outputs: axis.places(ofLane: number).map { result.elements[$0].exactDouble })
        })
      var row = try maker.row(
        of: implementation.name, statistics,
        excusesMismatches: plan.settings.declaredModel != nil || implementation.excusesOwnDomain,
        nsPerElement: nanoseconds(elapsed, per: geometry.elementCount),
        sample: sample(result, places), specialOutputs: specialOutputs(result, references))
      if !answer.misconduct.isEmpty { row.misconduct = answer.misconduct }
      return Audit.CellRow(implementation: index, row: row)
    }
  }

  /// The row of a call that brought no answer: every output that it should have brought counts as a
  /// mismatch.
  ///
  /// Where it was not even made, nothing counts.
  private func unanswered(
    _ implementation: any SoftmaxImplementation, as output: FloatFormat,
    _ failure: AccuracyRow.Failure
  ) -> AccuracyRow {
    let geometry = tensor.geometry
    let wasCalled = failure.kind != .notMeasured
    let elements =
      wasCalled ? UInt64(operation.outputGeometry(for: geometry).elementCount) : 0
    var row = AccuracyRow(
      implementation: implementation.name, inputFormat: F.format,
      outputFormat: output, operation: implementation.operation,
      family: familyName, length: geometry.length, shape: geometry.shape, axis: geometry.axis)
    row.lanes = wasCalled ? UInt64(geometry.laneCount) : 0
    row.elements = elements
    row.mismatches = elements
    row.mismatchedLanes = elements > 0 ? UInt64(geometry.laneCount) : 0
    row.mismatchesInDomain = elements
    row.failure = failure
    return row
  }

  private func nanoseconds(_ elapsed: Duration, per elements: Int) -> Double? {
    guard elements > 0 else { return nil }
    let (seconds, attoseconds) = elapsed.components
    return (Double(seconds) * 1e9 + Double(attoseconds) * 1e-9) / Double(elements)
  }

  /// An output that every implementation is sampled at.
  private struct SampledPlace {
    var lane: Int
    var index: Int
    var exact: ExactValue
    /// The largest logit of the lane.
    var offset: Double
  }

  /// Places that are evenly spaced over the cell, in lanes that have a softmax.
  private func sampledPlaces(_ references: [some ExactLane]) -> [SampledPlace] {
    let length = operation.outputCount(ofLength: tensor.geometry.length)
    let count = tensor.geometry.laneCount * length
    var places: [SampledPlace] = []
    var current: (lane: Int, offset: Double)?
    for place in stride(from: 0, to: count, by: ErrorSampling.stride(over: count)) {
      let (lane, index) = place.quotientAndRemainder(dividingBy: length)
      guard references[lane].special == nil else { continue }
      if current?.lane != lane { current = (lane, largestLogit(ofLane: lane)) }
      places.append(
        SampledPlace(
          lane: lane, index: index, exact: references[lane].value(at: index),
          offset: current?.offset ?? 0))
    }
    return places
  }

  private func largestLogit(ofLane lane: Int) -> Double {
    tensor.lane(lane).reduce(-.infinity) { max($0, $1.exactDouble) }
  }

  private func sample<G: BinaryFloat>(
    _ result: Tensor<G>, _ places: [SampledPlace]
  ) -> ErrorSample? {
    var sampling = ErrorSampling()
    var current: (lane: Int, outputs: [G])?
    for place in places {
      if current?.lane != place.lane { current = (place.lane, result.lane(place.lane)) }
      guard let outputs = current?.outputs else { continue }
      sampling.add(outputs[place.index], against: place.exact, offset: place.offset)
    }
    return sampling.sample
  }

  private func specialOutputs<G: BinaryFloat>(
    _ result: Tensor<G>, _ references: [some ExactLane]
  ) -> [SpecialOutput]? {
    var answers = SpecialAnswers()
    for (lane, reference) in references.enumerated() {
      if let special = reference.special { answers.add(result.lane(lane), to: special) }
    }
    return answers.seen
  }
}
