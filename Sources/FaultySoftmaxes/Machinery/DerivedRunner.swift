import AuditedOperations
import FloatFormats

/// A recipe of a loss, a gradient or a Jacobian with its code specialized for every computing
/// format, and the walk through the lanes of a call around it.
///
/// See ``RecipeRunner``, which does the same for recipes that see one tensor alone.
struct DerivedRunner: Sendable {
  let recipe: any DerivedRecipe
  let operation: AuditedOperation
  private let float16: Kernel<Float16>
  private let bfloat16: Kernel<BFloat16>
  private let float32: Kernel<Float>
  private let float64: Kernel<Double>

  private typealias Kernel<C: BinaryFloat> = @Sendable (LaneInputs<C>, DerivedCall) -> [C]

  @inline(__always)
  init<Recipe: DerivedRecipe>(_ recipe: Recipe, of operation: AuditedOperation) {
    self.recipe = recipe
    self.operation = operation
    float16 = { recipe.outputs($0, $1) }
    bfloat16 = { recipe.outputs($0, $1) }
    float32 = { recipe.outputs($0, $1) }
    float64 = { recipe.outputs($0, $1) }
  }

  private func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    // A cast of arrays would look at every element.
    func through<K: BinaryFloat>(_ kernel: Kernel<K>) -> [C] {
      unsafeBitCast(
        kernel(unsafeBitCast(lane, to: LaneInputs<K>.self), call), to: [C].self)
    }
    return switch C.format {
    case .float16: through(float16)
    case .bfloat16: through(bfloat16)
    case .float32: through(float32)
    case .float64: through(float64)
    default: preconditionFailure("no recipe computes in 8 bits")
    }
  }

  /// The answer of one call.
  ///
  /// - Parameter calls: The number of calls made before.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, as output: G.Type, calls: Int = 0
  ) throws -> SoftmaxAnswer<G> {
    try recipe.begin(inputs)
    return try inputs.specialized(OneCall(runner: self, calls: calls), as: output)
  }

  private struct OneCall: InputsWork {
    let runner: DerivedRunner
    let calls: Int

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ inputs: OperationInputs<F>, as output: G.Type
    ) throws -> SoftmaxAnswer<G> {
      SoftmaxAnswer(
        try runner.recipe.computingFormat(for: F.format)
          .open(Walk<F, G>(runner: runner, inputs: inputs, calls: calls)))
    }
  }

  private struct Walk<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let runner: DerivedRunner
    let inputs: OperationInputs<F>
    let calls: Int

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> Tensor<G> {
      let geometry = inputs.first.geometry
      var call = DerivedCall(
        operation: runner.operation, laneCount: geometry.laneCount, input: F.format,
        output: G.format, calls: calls)
      // What is not written stays zero, as do losses of lanes without a class.
      return inputs.outputs(of: runner.operation, filling: .zero) { number in
        call.lane = number
        guard geometry.length > 0, runner.recipe.writes(call) else { return nil }
        let lane = runner.recipe.inputs(ofLane: number, of: inputs)
        let outputs = runner.outputs(lane.map { C(rounding: $0.exactDouble) }, call)
        return outputs.map { G(rounding: $0.exactDouble) }
      }
    }
  }
}
