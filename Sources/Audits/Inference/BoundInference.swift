import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import LogitFamilies
import Oracle
import RealModule
import SoftmaxVariants

/// Infers from its errors how an implementation that declares nothing may be built, and what bound
/// it keeps.
///
/// The lanes are those of a plan. Families that are built against summations tell orders of
/// summation apart; without long lanes among them every order fits.
package struct BoundInference: Sendable {
  package let plan: AuditPlan

  /// - Parameter plan: Of softmaxes, log-softmaxes or logsumexps. Cells without logits are left
  ///   out: they have no errors, and many refuse them.
  package init(_ plan: AuditPlan) {
    var plan = plan
    plan.cells.removeAll { $0.isEmpty }
    self.plan = plan
  }

  /// Looks at all cells, and fits models to each implementation.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [InferenceFinding] {
    let plan = plan
    let parts = try await WorkQueue.results(
      of: plan.cells.count, threads: plan.threads, progress: progress
    ) {
      let oracle = SoftmaxOracle()
      return { index in
        let cell = plan.cells[index]
        return try cell.format.open(InputWork(plan: plan, cell: cell, oracle: oracle))
      }
    }.flatMap { $0 }
    var order: [CellObservation.Key] = []
    var groups: [CellObservation.Key: [CellObservation]] = [:]
    for part in parts {
      if groups[part.key] == nil { order.append(part.key) }
      groups[part.key, default: []].append(part)
    }
    return plan.implementations.indices.flatMap { implementation in
      order.filter { $0.implementation == implementation }.map { finding($0, groups[$0] ?? []) }
    }
  }

  private func finding(_ key: CellObservation.Key, _ cells: [CellObservation]) -> InferenceFinding {
    let lanes = cells.flatMap(\.lanes)
    let operation = key.operation
    var finding = InferenceFinding(
      implementation: plan.implementations[key.implementation].name, operation: operation,
      inputFormat: key.input, outputFormat: key.output, lanes: lanes.count,
      longestLane: lanes.map(\.length).max() ?? 0,
      budgets: [])
    if let reason = cells.compactMap(\.notMeasured).first {
      finding.notMeasured = reason
      return finding
    }
    if let reason = cells.compactMap(\.objection).first {
      finding.objection = reason
      return finding
    }
    guard !lanes.isEmpty else {
      finding.notMeasured = "no lane that has a \(operation) was looked at"
      return finding
    }
    let special = cells.reduce(into: SpecialLaneFit()) { $0.merge($1.special) }
    finding.specialLanes = special.policy.flatMap { $0 == .nanSomewhere ? nil : $0.description }
    let search = ErrorModelSearch(operation, output: key.output, lanes: lanes)
    if let (model, ratio) = search.smallest(of: search.sound) {
      finding.model = model
      finding.declare = model.coveringVariant(of: operation, input: key.input)?.name
      finding.ratio = Figure(ratio)
      finding.budgets = Self.budgets(
        model, of: operation, output: key.output, upTo: finding.longestLane)
      return finding
    }
    finding.narrowVariant =
      Self.narrowVariants(key).first { variant in
        cells.allSatisfy { $0.narrowVariants.contains(variant) }
      }?.name
    finding.unsound = search.smallest(of: search.unsound)?.model
    let widest = search.sound.filter { $0.exponentialUlps == 4 && $0.order == .sequential }
      .compactMap { search.worst(for: $0) }.first
    finding.objection =
      widest.map {
        "not even a sequential sum and an exp good to 4 ulp explain \($0.family), length \($0.length), lane \($0.sample)"
      }
      ?? "no sound model has a bound on all lanes"
    return finding
  }

  /// The variants that compute in the 16 bits of their input, the smallest bound for long lanes
  /// first.
  fileprivate static func narrowVariants(_ key: CellObservation.Key) -> [SoftmaxVariant] {
    guard key.input.isNarrow, key.input == key.output else { return [] }
    return [Summation.compensated, .pairwise, .lanes8, .sequential].compactMap {
      SoftmaxVariant(
        named: "\(ErrorModel.plainAlgorithm(of: key.operation))/\($0.rawValue)",
        of: key.operation)
    }
  }

  private static func budgets(
    _ model: ErrorModel, of operation: AuditedOperation, output: FloatFormat, upTo longest: Int
  ) -> [InferenceFinding.Budget] {
    let lengths = [128, 1024, 4096, 32_768].filter { $0 < longest } + [longest]
    guard operation == .softmax else {
      return lengths.reversed().compactMap { length in
        model.scaledBound(of: operation, upTo: length, output: output).map { scaled in
          // The yardstick is at most the larger of 1 and ln n, and |v| besides.
          let relative = scaled * output.unitRoundoff
          let logSum = operation == .logSumExp ? Double.log(Double(max(length, 1))) : 0
          return InferenceFinding.Budget(
            length: length, relative: Figure(relative),
            absolute: Figure(relative * max(1, logSum)), maxScaled: Figure(scaled))
        }
      }
    }
    return lengths.reversed().compactMap { length in
      model.relativeBound(upTo: length, output: output).map { relative in
        // p < 2^P ulp(p).
        InferenceFinding.Budget(
          length: length, relative: Figure(relative),
          absolute: Figure(model.absoluteBound(output: output)),
          maxUlp: Figure(relative / output.unitRoundoff))
      }
    }
  }
}

/// The observations of one cell of one implementation.
private struct CellObservation: Sendable {
  struct Key: Sendable, Hashable {
    var implementation: Int
    var operation: AuditedOperation
    var input: FloatFormat
    var output: FloatFormat
  }
  var key: Key
  var lanes: [LaneObservation] = []
  var special = SpecialLaneFit()
  /// Those of the variants that compute in 16 bits whose bounds cover all lanes.
  var narrowVariants: [SoftmaxVariant] = []
  /// The reason why no model can fit.
  var objection: String?
  var notMeasured: String?
}

/// Makes the lanes of a cell for a known input format.
private struct InputWork: FormatGenericWork {
  let plan: AuditPlan
  let cell: AuditPlan.Cell
  let oracle: SoftmaxOracle

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [CellObservation] {
    let tensor = try cell.source.tensor(seed: plan.seed, as: format)
    let profiles = (0..<tensor.geometry.laneCount).map { LaneProfile(tensor.lane($0)) }
    return try plan.implementations.indices.filter {
      plan.implementations[$0].formats.contains(F.format)
        && plan.implementations[$0].askedDomain.includes(cell.source, as: F.format)
    }.map { index in
      let implementation = plan.implementations[index]
      let output = plan.outputFormat ?? implementation.defaultOutputFormat(for: F.format)
      return try output.open(
        OutputWork<F>(
          key: .init(
            implementation: index, operation: implementation.operation, input: F.format,
            output: output),
          name: cell.source.name,
          implementation: implementation, tensor: tensor, profiles: profiles, oracle: oracle))
    }
  }
}

/// Calls an implementation and looks at its outputs.
private struct OutputWork<F: BinaryFloat>: FormatGenericWork {
  let key: CellObservation.Key
  let name: String
  let implementation: any SoftmaxImplementation
  let tensor: Tensor<F>
  let profiles: [LaneProfile?]
  let oracle: SoftmaxOracle

  func run<G: BinaryFloat>(_ format: G.Type) throws -> CellObservation {
    var observation = CellObservation(key: key)
    let result: Tensor<G>
    do {
      result = try implementation.answer(to: tensor, laidOut: .rowMajor, as: format).probabilities
    } catch let failure as CallFailure {
      observation.objection = "\(failure.kind.rawValue) in \(name): \(failure.explanation)"
      return observation
    } catch let error as UserError where error.kind == .notMeasured {
      observation.notMeasured = error.message
      return observation
    }
    guard result.geometry == key.operation.outputGeometry(for: tensor.geometry) else {
      throw InternalError(
        "\(implementation.name) returned lanes of another tensor than it was given")
    }
    observation.narrowVariants = BoundInference.narrowVariants(key)
    for lane in profiles.indices {
      guard let profile = profiles[lane] else {
        let reference = oracle.reference(
          of: OperationLane(key.operation, DistinctLogits(of: tensor.lane(lane))), in: G.format)
        observation.special.add(result.lane(lane), to: reference)
        // A logsumexp may be infinite, and has no error.
        guard reference.special != nil || agrees(result.lane(lane), reference) else {
          observation.objection = objection(lane)
          return observation
        }
        continue
      }
      guard let seen = seen(result.lane(lane), tensor.lane(lane), profile, lane) else {
        observation.objection = objection(lane)
        return observation
      }
      observation.lanes.append(seen)
      observation.narrowVariants.removeAll { variant in
        guard let bounds = variant.bound(on: profile, computingIn: F.self, output: key.output)
        else { return true }
        // A value in binary64 is known to far more than a bound of 16 bits is.
        return result.lane(lane).enumerated().contains { index, y in
          let value = key.operation.value(at: index, of: profile)
          return abs(y.exactDouble - value) > bounds[index] * (1 + 0x1p-30)
        }
      }
    }
    return observation
  }

  /// The observation of a lane that has a value; `nil` where an output matches nothing.
  private func seen<G: BinaryFloat>(
    _ outputs: [G], _ logits: [F], _ profile: LaneProfile, _ lane: Int
  ) -> LaneObservation? {
    guard key.operation == .softmax else {
      let exact = FilteredOperationLane(
        key.operation, EncodedLane(logits), in: G.format, oracle: oracle
      ) { OperationLane(key.operation, DistinctLogits(of: logits)) }
      return LaneObservation(
        logarithms: outputs, lane: exact, profile: profile, family: name, sample: lane)
    }
    return LaneObservation(
      EncodedLane(outputs).values,
      lane: FilteredLane(EncodedLane(logits), in: G.format, oracle: oracle), profile: profile,
      family: name, sample: lane)
  }

  /// Whether outputs whose exact values are infinite are those.
  private func agrees<G: BinaryFloat>(_ outputs: [G], _ reference: LaneReference) -> Bool {
    outputs.indices.allSatisfy {
      OutputClass(
        outputs[$0], against: reference.value(at: $0), of: key.operation.output, in: G.format)
        == .rightInfinity
    }
  }

  /// The reason why no model can fit where an output of a lane matches nothing.
  private func objection(_ lane: Int) -> String {
    let number = key.operation == .softmax ? "probability" : key.operation.name
    return "an output is no \(number) in \(name), length \(tensor.geometry.length), lane \(lane)"
  }
}

extension AuditedOperation {
  /// The exact value of a softmax or of its logarithms, good to binary64 where it is not small.
  fileprivate func value(at index: Int, of profile: LaneProfile) -> Double {
    switch self {
    case .softmax: profile.probability(index)
    case .logSoftmax: -(profile.distances[index] + profile.logSum)
    default: profile.maximum + profile.logSum
    }
  }
}

extension AuditPlan.Cell {
  /// Whether its lanes have no logits.
  fileprivate var isEmpty: Bool { source.size?.length == 0 }
}
