import AuditedOperations
import FloatFormats
import SoftmaxVariants

/// A recipe of any operation, ready to be called.
enum ImplementationRunner: Sendable {
  /// One that sees a tensor.
  case tensors(RecipeRunner)
  /// One that sees the inputs of lanes.
  case lanes(DerivedRunner)
  /// One that sees the modifiers of logits.
  case modified(ModifierRunner)
  /// An attention in which a step is replaced.
  case attention(AttentionRecipe)
  /// A built-in attention.
  case builtInAttention(AttentionVariant)

  /// The modifiers that it may be called with.
  var offeredModifiers: Set<ModifierKind> {
    switch self {
    case .tensors, .lanes: []
    case .modified(let runner): runner.recipe.offered
    case .attention, .builtInAttention: Set(ModifierKind.allCases)
    }
  }

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
    case .modified(let runner): return try inputs.specialized(runner, as: output)
    case .attention(let recipe): return try inputs.specialized(recipe, as: output)
    case .builtInAttention(let variant): return try inputs.specialized(variant, as: output)
    }
  }
}
