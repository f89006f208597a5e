import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// The tolerance of a declared model: its bound, evaluated on the lane.
package struct ModelTolerance: Sendable {
  let model: SoftmaxVariant
  let input: FloatFormat
  let output: FloatFormat
  let underflow: UnderflowPolicy

  package init(
    model: SoftmaxVariant, input: FloatFormat, output: FloatFormat, underflow: UnderflowPolicy
  ) {
    self.model = model
    self.input = input
    self.output = output
    self.underflow = underflow
  }

  /// The tolerance of a lane of logits, modified or not; `nil` outside the domain of the model, and
  /// where the lane has no value.
  package func tolerance(of lane: OperationLane) throws -> LaneTolerance? {
    if let modified = lane.modified {
      return try ModifiedTolerance(self).tolerance(of: modified)
    }
    return try LaneProfile(of: lane.logits).flatMap { try tolerance(of: $0) }
  }

  /// The tolerance; nil outside the domain of the model.
  package func tolerance(of lane: LaneProfile) throws -> LaneTolerance? {
    let computing = model.computingFormat(for: input)
    guard var bounds = try model.bound(on: lane, input: input, output: output) else { return nil }
    var mayVanish: [Bool] = []
    if underflow == .flush {
      // Terms that are flushed make the sum smaller by at most n 2^e_min, of at least 1.
      let lost = 2 * Double(lane.count) * computing.leastNormal / lane.sum
      guard model.operation == .softmax else {
        // Their logarithm, too, by as much.
        return LaneTolerance(bounds: bounds.map { $0 + lost }, mayVanish: [])
      }
      for index in bounds.indices { bounds[index] += lost * lane.probability(index) }
      mayVanish = bounds.indices.map {
        lane.probability($0) - bounds[$0]
          < max(output.leastNormal, computing.leastNormal) * (1 + 0x1p-40)
      }
    }
    return LaneTolerance(bounds: bounds, mayVanish: mayVanish)
  }
}

extension SoftmaxVariant {
  /// The bounds on the outputs of a lane of logits of a format; `nil` outside the domain.
  func bound(
    on profile: LaneProfile, input: FloatFormat, output: FloatFormat
  ) throws -> [Double]? {
    try computingFormat(for: input).open(
      BoundWork(model: self, profile: profile, output: output))
  }
}

/// Evaluates a bound for a known computing format.
private struct BoundWork: FormatGenericWork {
  let model: SoftmaxVariant
  let profile: LaneProfile
  let output: FloatFormat

  func run<C: BinaryFloat>(_ computing: C.Type) throws -> [Double]? {
    model.bound(on: profile, computingIn: computing, output: output)
  }
}
