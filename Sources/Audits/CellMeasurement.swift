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
    try measure(
      PartLanes(part: part, inputs: inputs, operation: lanes.operation), in: G.format,
      by: LaneEvaluation(
        tier: plan.oracleTier, level: plan.kernelLevel, settings: plan.settings, isOnly: false,
        oracle: oracle))
  }

  func rows() throws -> [Audit.CellRow] {
    try tallies.map {
      Audit.CellRow(implementation: $0.index, row: try $0.row(of: lanes, oracle: oracle))
    }
  }
}

extension CellMeasurement: LaneMeasuring {
  func measure(_ part: PartLanes<F>, _ exact: ExactLanes<some ExactLane>) throws {
    let measured = MeasuredPart(
      part.inputs, firstLane: part.part.firstLane, exact, of: lanes.operation,
      outputsOfCell: lanes.outputGeometry.elementCount)
    // What declares the same is promised the same.
    var known: [LaneJudge: LanePromises] = [:]
    for index in tallies.indices where tallies[index].failure == nil {
      let judge = tallies[index].judge
      try tallies[index].measure(measured) {
        if let promises = known[judge] { return promises }
        let promises = try judge.promises(
          on: part, exact, evaluatesAll: plan.evaluatesAllBounds)
        known[judge] = promises
        return promises
      }
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
