import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// By what the lanes of one implementation in one pair of formats are judged.
package struct LaneJudge: Hashable {
  let operation: AuditedOperation
  let input: FloatFormat
  let output: FloatFormat
  /// The model whose bound counts; nil for the default tolerance.
  ///
  /// The default tolerance is also that of losses, gradients and Jacobians that may flush results
  /// and declare a model of their own, whose bound does not cover that.
  package let model: DeclaredModel?
  /// The permitted results below the normal range.
  package let underflow: UnderflowPolicy
  /// Whether nothing is judged at all.
  package let isSilent: Bool
  /// Whether lanes outside the domain of the model are excused: by this program, which knows the
  /// implementation and its model, and by nobody else.
  package let excusesDomain: Bool

  /// - Parameter implementation: What computed the outputs; nil where nobody knows.
  package init(
    _ implementation: (any SoftmaxImplementation)?, of operation: AuditedOperation = .softmax,
    input: FloatFormat, output: FloatFormat, settings: MeasurementSettings
  ) {
    self.operation = implementation?.operation ?? operation
    self.input = input
    self.output = output
    underflow = settings.underflow ?? implementation?.underflow ?? .gradual
    let own =
      settings.ignoresOwnModel ? nil : implementation?.ownModel(for: input, under: underflow)
    model = settings.declaredModel ?? own
    excusesDomain = implementation?.excusesOwnDomain == true && model == own
    isSilent = settings.judgesNothing
  }

  /// The name of the model in results; `nil` where nothing is judged.
  package var modelName: String? {
    isSilent ? nil : model?.name ?? MeasurementJudging.undeclared
  }

  /// The promise about a lane.
  ///
  /// - Parameter profile: That of the lane; nil where it is special or empty.
  package func promise(on profile: LaneProfile?) throws -> LanePromise {
    guard !isSilent, let profile else { return .none }
    guard let model = model?.variant else { return undeclared(on: profile) }
    let tolerance = try ModelTolerance(
      model: model, input: input, output: output, underflow: underflow
    ).tolerance(of: profile)
    return tolerance.map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .outsideDomain
  }

  /// The promise about a lane of any operation.
  ///
  /// Nothing of a lane that has no value.
  package func promise(on lane: OperationLane) throws -> LanePromise {
    guard !isSilent, lane.lackOfValue == nil, lane.outputCount > 0 else { return .none }
    if let attention = lane.attention {
      // The logsumexp of nothing is -inf, which an output is or is not.
      if attention.part == .logSumExp, attention.row.seesNothing { return .none }
      return AttentionTolerance(input: input, output: output, underflow: underflow)
        .tolerance(of: attention)
        .map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .unbounded
    }
    if let model = model?.derivedVariant {
      return DerivedModelTolerance(
        model: model, input: input, output: output, underflow: underflow
      ).tolerance(of: lane)
        .map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .outsideDomain
    }
    guard DerivedTolerance.covers(operation) || lane.modified != nil else {
      return try promise(on: LaneProfile(of: lane.logits))
    }
    if let model = model?.variant {
      return try ModelTolerance(model: model, input: input, output: output, underflow: underflow)
        .tolerance(of: lane)
        .map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .outsideDomain
    }
    return defaultTolerance.tolerance(of: lane)
      .map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .unbounded
  }

  /// Whether every lane that has a value should have a bound.
  package var expectsBounds: Bool { !isSilent && !excusesDomain }

  /// Whether a lane of which something is promised should be judged and cannot be: it has no bound,
  /// and nobody who knows the implementation declared it out of the domain.
  package func leavesUnjudged(_ promise: LanePromise) -> Bool {
    switch promise {
    case .outsideDomain: !excusesDomain
    case .unbounded: true
    case .bounded, .none: false
    }
  }

  /// The promises about lanes, in their order.
  ///
  /// - Parameter profile: Gives the profile of a lane, as above.
  package func promises(
    lanes: Int, ofLength length: Int, evaluatesAll: Bool = false,
    profile: @escaping (Int) -> LaneProfile?
  ) throws -> LanePromises {
    guard !isSilent else { return LanePromises(Array(repeating: .none, count: lanes)) }
    guard !evaluatesAll, let floor = floor(ofLanesOfLength: length) else {
      return LanePromises(try (0..<lanes).map { try promise(on: profile($0)) })
    }
    return LanePromises(lanes: lanes, floor: floor) { lane in
      profile(lane).map { undeclared(on: $0) } ?? .none
    }
  }

  /// The least tolerance of every element, whatever the lane of a length; `nil` where something
  /// else is promised, or perhaps nothing.
  package func floor(ofLanesOfLength length: Int) -> ToleranceFloor? {
    guard !isSilent, model == nil, operation == .softmax else { return nil }
    return defaultTolerance.floor(ofLanesOfLength: length)
  }

  /// The least tolerance of every output of a log-softmax or logsumexp, whatever the lane of a
  /// length; `nil` where something else is promised, or perhaps nothing.
  package func logarithmFloor(ofLanesOfLength length: Int) -> LogarithmFloor? {
    guard !isSilent, model == nil, operation == .logSoftmax || operation == .logSumExp else {
      return nil
    }
    return defaultTolerance.logarithmFloor(ofLanesOfLength: length)
  }

  /// The promises about lanes of any operation, in their order.
  package func promises(on lanes: [OperationLane]) throws -> LanePromises {
    LanePromises(try lanes.map { try promise(on: $0) })
  }

  private var defaultTolerance: DefaultTolerance {
    DefaultTolerance(operation, output: output, underflow: underflow)
  }

  private func undeclared(on profile: LaneProfile) -> LanePromise {
    // Mismatches are excused by the domain that somebody declared, and by no other.
    defaultTolerance.tolerance(of: profile)
      .map { .bounded($0.bounds, mayVanish: $0.mayVanish) } ?? .unbounded
  }
}

/// The promises about the lanes of a cell, each evaluated when somebody asks and kept.
package final class LanePromises {
  /// The least bounds of lanes that nobody has asked for; `nil` where all are evaluated.
  ///
  /// Where there is a floor every lane that has a softmax has bounds.
  let floor: ToleranceFloor?
  private var known: [LanePromise?]
  private let evaluate: (Int) -> LanePromise

  /// Promises that are known.
  init(_ promises: [LanePromise]) {
    known = promises
    floor = nil
    evaluate = { _ in .none }
  }

  /// Promises that are evaluated one by one.
  init(lanes: Int, floor: ToleranceFloor, evaluate: @escaping (Int) -> LanePromise) {
    known = Array(repeating: nil, count: lanes)
    self.floor = floor
    self.evaluate = evaluate
  }

  /// The promise about a lane.
  package subscript(lane: Int) -> LanePromise {
    if let promise = known[lane] { return promise }
    let promise = evaluate(lane)
    known[lane] = promise
    return promise
  }

  /// Whether some lane can have bounds.
  var mayHaveBounds: Bool { floor != nil || known.contains { $0?.bounds != nil } }
}

extension AccuracyRow {
  /// Counts the outputs outside the domain of a declared model that nobody excuses as not judged.
  package mutating func leaveUnjudged(by judge: LaneJudge) {
    guard judge.model != nil, !judge.excusesDomain,
      let outside = self.bound?.outsideDomain, outside > 0
    else { return }
    self.bound?.notJudged = outside
  }
}
