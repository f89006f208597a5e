import AuditedOperations
import FloatFormats

/// A recipe of any operation, ready to be called.
enum ImplementationRunner: Sendable {
  /// One that sees a tensor.
  case tensors(RecipeRunner)
  /// One that sees the inputs of lanes.
  case lanes(DerivedRunner)

  /// The answer of one call, which leaves in memory what the recipe wants to find there again.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type,
    _ memory: inout CallMemory
  ) throws -> SoftmaxAnswer<G> {
    switch self {
    case .tensors(let runner):
      return try runner.answer(to: inputs.first, laidOut: layout, as: output, &memory)
    case .lanes(let runner):
      defer { memory.calls += 1 }
      return try runner.answer(to: inputs, as: output, calls: memory.calls)
    }
  }
}
