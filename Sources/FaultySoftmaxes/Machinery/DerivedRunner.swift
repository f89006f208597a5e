import AuditedOperations
import Basics
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
    }
  }

  /// The answer of one call.
  ///
  /// - Parameter calls: The number of calls made before.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, as output: G.Type, calls: Int = 0
  ) throws -> SoftmaxAnswer<G> {
    try recipe.begin(inputs)
    let work = KnownFormats(runner: self, inputs: inputs, calls: calls)
    guard let tensor = try F.format.open(with: G.format, work) as? Tensor<G> else {
      throw InternalError("a tensor of \(G.format.rawValue) has another type")
    }
    return SoftmaxAnswer(tensor)
  }

  private struct KnownFormats: FormatPairWork {
    let runner: DerivedRunner
    let inputs: any Sendable
    let calls: Int

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) throws -> any Sendable {
      guard let inputs = inputs as? OperationInputs<F> else {
        throw InternalError("inputs of \(F.format.rawValue) have another type")
      }
      return try runner.recipe.computingFormat(for: F.format)
        .open(Walk<F, G>(runner: runner, inputs: inputs, calls: calls))
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

extension LaneInputs {
  /// The same inputs in another format.
  fileprivate func map<C: BinaryFloat>(_ transform: (Element) -> C) -> LaneInputs<C> {
    LaneInputs<C>(
      first.map(transform), upstream: upstream.map(transform), target: target,
      classWeights: classWeights.map { $0.map(transform) }, labelSmoothing: labelSmoothing)
  }
}
