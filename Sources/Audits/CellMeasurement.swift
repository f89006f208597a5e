import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

/// A measurement that takes a cell part by part, for a known input format.
protocol PartMeasuring<Input> {
  associatedtype Input: BinaryFloat

  /// Whether any implementation is still asked for its outputs.
  var isOpen: Bool { get }

  /// Asks for no more parts, for a reason.
  func leaveOut(_ reason: String)

  /// Measures the next part.
  func measure(_ part: CellPart<Input>) throws

  /// One row for each implementation, of all parts.
  func rows() throws -> [Audit.CellRow]
}

/// The measurement of implementations of one operation on the lanes of a cell, part by part, for
/// known input and output formats.
///
/// Belongs to one thread at a time.
final class CellMeasurement<F: BinaryFloat, G: BinaryFloat>: PartMeasuring {
  private let lanes: MeasuredCell
  private let plan: AuditPlan
  private let oracle: SoftmaxOracle
  private var tallies: [ImplementationTally<F, G>]

  init(_ lanes: MeasuredCell, plan: AuditPlan, implementations: [Int], oracle: SoftmaxOracle) {
    self.lanes = lanes
    self.plan = plan
    self.oracle = oracle
    tallies = implementations.map { ImplementationTally(plan, $0) }
  }

  var isOpen: Bool { tallies.contains { $0.failure == nil } }

  func leaveOut(_ reason: String) {
    for index in tallies.indices { tallies[index].leaveOut(reason) }
  }

  func measure(_ part: CellPart<F>) throws {
    var inputs = OperationInputs(
      of: lanes.operation, logits: part.tensor, family: lanes.family, seed: plan.seed,
      given: lanes.loss)
    inputs.modifiers = lanes.modifiers
    let numbers = 0..<part.tensor.geometry.laneCount
    let operation = lanes.operation
    // Filters know no modifiers, and not every operation.
    let hasFilters =
      inputs.modifiers.isNone
      && (operation == .softmax || FilteredOperationLane.serves(operation))
    switch hasFilters ? plan.oracleTier : .mpfr {
    case .filtered where operation != .softmax:
      try measure(
        part, inputs,
        ExactLanes(
          filtering: numbers.map { filteredLane($0, of: inputs) }, of: operation,
          settings: plan.settings, level: plan.kernelLevel, oracle: oracle))
    case .filtered:
      try measure(
        part, inputs,
        ExactLanes(
          filtering: numbers.map { EncodedLane(inputs.first.lane($0)) }, in: G.format,
          settings: plan.settings, level: plan.kernelLevel, oracle: oracle))
    case .mpfr:
      try measure(
        part, inputs,
        ExactLanes(
          numbers.map { OperationLane(lanes.operation, inputs.lane($0), inputs.parameters) },
          of: lanes.operation, in: G.format, settings: plan.settings, oracle: oracle))
    }
  }

  private func filteredLane(
    _ number: Int, of inputs: OperationInputs<F>
  ) -> FilteredOperationLane {
    let (operation, lane, parameters) = (lanes.operation, inputs.lane(number), inputs.parameters)
    return FilteredOperationLane(
      operation, EncodedLane(lane.first), upstream: EncodedLane(lane.upstream),
      target: lane.target.map(Int64.init) ?? parameters.ignoreIndex, parameters, in: G.format,
      oracle: oracle, level: plan.kernelLevel
    ) { OperationLane(operation, lane, parameters) }
  }

  private func measure(
    _ part: CellPart<F>, _ inputs: OperationInputs<F>, _ exact: ExactLanes<some ExactLane>
  ) throws {
    let measured = MeasuredPart(
      inputs, firstLane: part.firstLane, exact, of: lanes.operation,
      outputsOfCell: lanes.outputGeometry.elementCount)
    // What declares the same is promised the same.
    var known: [LaneJudge: LanePromises] = [:]
    for index in tallies.indices where tallies[index].failure == nil {
      let judge = tallies[index].judge
      try tallies[index].measure(measured) {
        if let promises = known[judge] { return promises }
        let promises =
          DerivedTolerance.covers(lanes.operation) || !inputs.modifiers.isNone
          ? try judge.promises(on: exact.references.map(\.inputs))
          : try judge.promises(
            lanes: exact.references.count, ofLength: lanes.geometry.length,
            evaluatesAll: plan.evaluatesAllBounds
          ) { part.profiles[$0] }
        known[judge] = promises
        return promises
      }
    }
  }

  func rows() throws -> [Audit.CellRow] {
    try tallies.map {
      Audit.CellRow(implementation: $0.index, row: try $0.row(of: lanes, oracle: oracle))
    }
  }
}

/// Opens the format of the outputs of a measurement.
struct OpeningMeasurement<F: BinaryFloat>: FormatGenericWork {
  let lanes: MeasuredCell
  let plan: AuditPlan
  let implementations: [Int]
  let oracle: SoftmaxOracle

  func run<G: BinaryFloat>(_ output: G.Type) -> any PartMeasuring<F> {
    CellMeasurement<F, G>(lanes, plan: plan, implementations: implementations, oracle: oracle)
  }
}

/// The lanes of a cell, as rows name them.
struct MeasuredCell {
  let operation: AuditedOperation
  /// The name of the lanes.
  let family: String
  /// The geometry of the logits.
  let geometry: LaneGeometry
  let modifiers: LogitModifiers
  /// The parameters of losses that somebody asked for.
  let loss: GivenLoss
  /// Both, as rows tell of them; `nil` for the usual ones.
  let parameters: RowParameters?

  var outputGeometry: LaneGeometry { operation.outputGeometry(for: geometry) }
}
