import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// The measurement of saved outputs of an operation, for known formats.
///
/// Belongs to one thread at a time.
final class PairMeasurement<F: BinaryFloat, G: BinaryFloat>: VerifiedMeasuring {
  private(set) var statistics = AccuracyStatistics()
  private let pair: Verification.Pair
  private let evaluation: LaneEvaluation
  private let judge: LaneJudge

  init(_ pair: Verification.Pair, settings: MeasurementSettings, tier: OracleTier) {
    self.pair = pair
    evaluation = LaneEvaluation(
      tier: tier, settings: settings, isOnly: true, oracle: SoftmaxOracle())
    judge = LaneJudge(
      nil, of: pair.inputs.operation, input: F.format, output: G.format, settings: settings)
  }

  func measure(part: Int) throws {
    try measure(
      SavedLanes(reading: pair.lanes(ofPart: part), of: pair.inputs), in: G.format, by: evaluation)
  }

  func row(of implementation: String, _ statistics: AccuracyStatistics) throws -> AccuracyRow {
    let (pair, judge, oracle) = (pair, judge, evaluation.oracle)
    return try RowMaker<F, G>(
      operation: pair.inputs.operation, inputFormat: F.format,
      isModified: !pair.inputs.modifiers.isNone, parameters: pair.parameters,
      family: pair.family, geometry: pair.geometry, judge: judge, oracle: oracle,
      witnessed: { number in
        let lane = pair.inputs.outputLane(number, as: F.self)
        return WitnessedLane(
          logits: pair.inputs.first.lane(number, of: pair.geometry, as: F.self),
          outputs: pair.outputs.lane(number, of: pair.outputGeometry, as: G.self),
          reference: oracle.reference(of: lane, in: G.format),
          promise: try judge.promise(on: lane))
      },
      recipe: { worst in
        TensorRecipe(geometry: pair.geometry, format: G.format) { axis, number in
          .init(
            logits: pair.inputs.first.lane(number, of: axis, as: F.self).map { $0.exactDouble },
            outputs: pair.outputs.lane(number, of: axis, as: G.self).map { $0.exactDouble })
        }.statement(worst: worst)
      }
    ).row(of: implementation, statistics)
  }
}

extension PairMeasurement: LaneMeasuring {
  func measure(_ lanes: SavedLanes<F>, _ exact: ExactLanes<some ExactLane>) throws {
    exact.measure(
      EncodedLanes(
        pair.outputs.lanes(lanes.numbers, of: pair.outputGeometry, as: G.self),
        count: lanes.count, length: pair.outputGeometry.length),
      from: lanes.numbers.lowerBound,
      policy: evaluation.settings.specialLanes ?? .nanSomewhere,
      promises: try judge.promises(on: lanes, exact), into: &statistics)
  }
}

/// Consecutive lanes of saved inputs.
struct SavedLanes<F: BinaryFloat>: InputLanes {
  /// The numbers of the lanes that have outputs of their own.
  let numbers: Range<Int>
  private let inputs: SavedInputs
  /// The first input of the lanes; nothing where the losses of all lanes are one number.
  private let elements: [F]

  /// Reads the first input of lanes; what is beside it is read when somebody asks.
  init(reading numbers: Range<Int>, of inputs: SavedInputs) {
    self.numbers = numbers
    self.inputs = inputs
    elements =
      inputs.reduction == .none
      ? inputs.first.lanes(numbers, of: inputs.geometry, as: F.self) : []
  }

  private func first(_ lane: Int) -> [F] {
    Array(elements[lane * length..<(lane + 1) * length])
  }

  var operation: AuditedOperation { inputs.operation }
  var count: Int { numbers.count }
  var length: Int { inputs.geometry.length }
  var isModified: Bool { !inputs.modifiers.isNone }
  var isReduced: Bool { inputs.reduction != .none }
  var parameters: CrossEntropyParameters { inputs.parameters }

  var firsts: EncodedLanes { EncodedLanes(elements, count: count, length: length) }
  func upstream(_ lane: Int) -> [F] {
    guard let upstream = inputs.upstream, upstream.format == F.format else { return [] }
    return upstream.lane(numbers.lowerBound + lane, of: inputs.geometry, as: F.self)
  }
  func target(_ lane: Int) -> Int64? {
    inputs.targets.isEmpty ? nil : inputs.targets[numbers.lowerBound + lane]
  }
  func exact(_ lane: Int) -> OperationLane {
    let number = numbers.lowerBound + lane
    return isReduced
      ? inputs.outputLane(number, as: F.self) : inputs.lane(number, first: first(lane))
  }
  func profile(_ lane: Int) -> LaneProfile? { LaneProfile(first(lane)) }
}
