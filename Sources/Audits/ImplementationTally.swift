import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

/// Everything that is measured of one implementation on the parts of a cell.
struct ImplementationTally<F: BinaryFloat, G: BinaryFloat> {
  /// The number of the implementation in the plan.
  let index: Int
  let judge: LaneJudge
  /// The reason why a part has no answer; the parts after it are not asked for.
  private(set) var failure: AccuracyRow.Failure?

  private let implementation: any SoftmaxImplementation
  private let settings: MeasurementSettings
  private var statistics = AccuracyStatistics()
  /// The lanes that hold a maximum so far, by their numbers in the cell.
  private var witnessed: [Int: WitnessedLane<F, G>] = [:]
  private var suspect: SuspectPart<F, G>?
  private var duration = Duration.zero
  private var sampling = ErrorSampling()
  private var specialAnswers = SpecialAnswers()
  private var misconduct: [Misconduct] = []

  init(_ plan: AuditPlan, _ index: Int) {
    self.index = index
    implementation = plan.implementations[index]
    settings = plan.settings
    judge = LaneJudge(
      implementation, input: F.format, output: G.format, settings: plan.settings)
  }

  /// Asks for no more parts, for a reason.
  mutating func leaveOut(_ reason: String) {
    failure = failure ?? .init(kind: .notMeasured, explanation: reason)
  }

  /// Calls the implementation with a part, and measures its answer.
  ///
  /// - Parameter promises: Finds out what is promised about the lanes.
  mutating func measure(
    _ part: MeasuredPart<F, some ExactLane>, promises: () throws -> LanePromises
  ) throws {
    let answer: SoftmaxAnswer<G>
    switch try ImplementationCall<G>(of: implementation, with: part.inputs) {
    case .answered(let given, let time):
      answer = given
      duration += time
    case .failed(let reason):
      failure = reason
      return
    }
    guard answer.probabilities.geometry == part.outputGeometry else {
      throw InternalError(
        "\(implementation.name) returned lanes of another tensor than it was given")
    }
    misconduct += answer.misconduct.filter { !misconduct.contains($0) }
    measure(answer.probabilities, of: part, try promises())
  }

  private mutating func measure(
    _ result: Tensor<G>, of part: MeasuredPart<F, some ExactLane>, _ promises: LanePromises
  ) {
    let references = part.exact.references
    part.exact.measure(
      result.encodedLanes, from: part.firstLane,
      policy: settings.specialLanes ?? implementation.specialLanes, promises: promises,
      into: &statistics)
    let lanes = statistics.witnessedLanes
    witnessed = witnessed.filter { lanes.contains($0.key) }
    for number in lanes where witnessed[number] == nil {
      let lane = number - part.firstLane
      witnessed[number] = WitnessedLane(
        logits: part.inputs.first.lane(lane), outputs: result.lane(lane),
        reference: references[lane], promise: promises[lane])
    }
    if suspect == nil, statistics.isSuspect {
      suspect = SuspectPart(firstLane: part.firstLane, logits: part.inputs.first, outputs: result)
    }
    sample(result, at: part.sampledPlaces)
    for (lane, reference) in references.enumerated() {
      if let special = reference.special { specialAnswers.add(result.lane(lane), to: special) }
    }
  }

  private mutating func sample(
    _ result: Tensor<G>, at places: [SampledPlace]
  ) {
    var current: (lane: Int, outputs: [G])?
    for place in places {
      if current?.lane != place.lane { current = (place.lane, result.lane(place.lane)) }
      guard let outputs = current?.outputs else { continue }
      sampling.add(outputs[place.index], against: place.exact, offset: place.offset)
    }
  }

  /// The row of all parts.
  func row(of cell: MeasuredCell, oracle: SoftmaxOracle) throws -> AccuracyRow {
    if let failure {
      return .unanswered(
        by: implementation, failure, input: F.format, output: G.format, family: cell.family,
        geometry: cell.geometry, outputs: cell.outputGeometry.elementCount,
        parameters: cell.parameters)
    }
    let maker = RowMaker<F, G>(
      operation: cell.operation, inputFormat: F.format, isModified: !cell.modifiers.isNone,
      parameters: cell.parameters, family: cell.family, geometry: cell.geometry, judge: judge,
      oracle: oracle,
      witnessed: {
        guard let lane = witnessed[$0] else {
          throw InternalError("lane \($0) of \(cell.family) holds a maximum and was not kept")
        }
        return lane
      },
      recipe: { suspect?.recipe(worst: $0) })
    var row = try maker.row(
      of: implementation.name, statistics,
      excusesMismatches: settings.declaredModel != nil || implementation.excusesOwnDomain,
      nsPerElement: duration.nanoseconds(per: cell.outputGeometry.elementCount),
      sample: sampling.sample,
      specialOutputs: specialAnswers.seen)
    if !misconduct.isEmpty { row.misconduct = misconduct }
    return row
  }
}
