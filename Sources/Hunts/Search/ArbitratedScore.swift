import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle

/// The score of a lane of outputs of any operation: its certified figure.
struct ArbitratedScore<G: BinaryFloat> {
  let objective: SearchObjective
  let laneJudge: LaneJudge
  let oracle: SoftmaxOracle

  func score(_ lane: OperationLane, _ outputs: [G]) throws -> ScoredLane {
    let reference = oracle.reference(of: lane, in: G.format)
    guard reference.special == nil, !outputs.isEmpty else { return ScoredLane() }
    // Bounds cost time, and only one objective needs them of every lane.
    let promise = objective == .bound ? try laneJudge.promise(on: lane) : .none
    let statistics = AccuracyStatistics(
      of: outputs, reference, promise, for: objective, oracle)
    if statistics.hasMismatches {
      let promise = try laneJudge.promise(on: lane)
      return ScoredLane(
        isUndeclaredMismatch: !promise.isOutsideDomain,
        isUnjudged: promise.isOutsideDomain && laneJudge.leavesUnjudged(promise))
    }
    if objective == .bound, promise.bounds == nil {
      return ScoredLane(isUnjudged: laneJudge.leavesUnjudged(promise))
    }
    return ScoredLane(value: statistics.largest(objective)?.figure ?? 0)
  }
}

extension AccuracyStatistics {
  /// The figures that an objective looks at, of the outputs of one lane.
  init<G: BinaryFloat>(
    of outputs: [G], _ reference: LaneReference, _ promise: LanePromise,
    for objective: SearchObjective, _ oracle: SoftmaxOracle
  ) {
    self.init()
    var measurement = LaneMeasurement(oracle: oracle)
    measurement.measure(
      outputs, lane: 0, reference: reference, policy: .nanSomewhere, promise: promise,
      into: &self)
    if objective == .scaled, reference.operation.output.isDistribution {
      measurement.measureScaled(outputs, lane: 0, reference, into: &self)
    }
  }

  /// The largest error that an objective counts, and its place; `nil` where there is none.
  func largest(_ objective: SearchObjective) -> (figure: Double, location: ElementLocation)? {
    switch objective {
    case .scaled: return largestScaledError
    case .ulp, .bound:
      let maximum = objective == .ulp ? maxUlp : maxRatio
      guard let figure = maximum.figure, let location = maximum.location else { return nil }
      return (figure, location)
    }
  }
}
