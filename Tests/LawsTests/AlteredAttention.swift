import AuditRecords
import AuditedOperations
import FloatFormats
import SoftmaxVariants

@testable import Laws

/// An attention computed in float64, with something changed.
struct AlteredAttention: SoftmaxImplementation {
  var steps: @Sendable (inout AttentionSteps<Double>) -> Void = { _ in }
  var modifiers: @Sendable (inout AttentionModifiers) -> Void = { _ in }
  var row: @Sendable (inout AttentionNumbers<Double>, AttentionShape) -> Void = { _, _ in }
  var keyHead: (@Sendable (Int, AttentionShape) -> Int)?
  var output: @Sendable (Double) -> Double = { $0 }

  let name = "altered"
  let summary = "an attention with something changed"
  let operation = AuditedOperation.attention
  let formats = FloatFormat.allCases
  let offeredModifiers = Set(ModifierKind.allCases)

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }

  func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as format: G.Type
  ) throws -> SoftmaxAnswer<G> {
    var inputs = inputs
    if var attention = inputs.attention {
      modifiers(&attention.modifiers)
      inputs.attention = attention
    }
    let shape = inputs.attention?.shape
    var own = AttentionSteps<Double>(.materialized)
    steps(&own)
    var answer = try AttentionCall(inputs).outputs(
      computingIn: Double.self, as: G.self, keyHead: keyHead
    ) { _, numbers in
      var numbers = numbers
      if let shape { row(&numbers, shape) }
      var result = own.row(numbers)
      result.outputs = result.outputs.map(output)
      return result
    }
    if F.format != .float64, G.format != .float64 {
      answer.logSumExp = answer.logSumExp.map {
        LogSumExpOutput(.float32, $0.numbers.map { Double(Float($0)) })
      }
    }
    return answer
  }
}

extension Law {
  /// What a law says of an attention.
  func verdict(
    on implementation: some SoftmaxImplementation = AlteredAttention(),
    in format: FloatFormat = .float32, effort: Double = 0.4
  ) async throws -> PropertyRow {
    var plan = CheckPlan(
      implementations: [implementation], formats: [format], laws: [self], effort: effort)
    plan.namedLaws = [name]
    let rows = try await Check(plan).run()
    return rows[0]
  }
}
