import AuditedOperations
import FloatFormats

/// A recipe with its code specialized for every computing format, and the walk through a tensor
/// around it.
///
/// A call through the protocol would run generic code that is specialized for none, see
/// `AlgorithmEntry` of the built-in variants.
struct RecipeRunner: Sendable {
  let recipe: any SoftmaxRecipe
  let operation: AuditedOperation
  private let float16: Kernel<Float16>
  private let bfloat16: Kernel<BFloat16>
  private let float32: Kernel<Float>
  private let float64: Kernel<Double>

  private typealias Kernel<C: BinaryFloat> = @Sendable (Lane<C>, inout LaneCall) -> Void

  @inline(__always)
  init<Recipe: SoftmaxRecipe>(_ recipe: Recipe, of operation: AuditedOperation = .softmax) {
    self.recipe = recipe
    self.operation = operation
    float16 = { recipe.evaluate($0, &$1) }
    bfloat16 = { recipe.evaluate($0, &$1) }
    float32 = { recipe.evaluate($0, &$1) }
    float64 = { recipe.evaluate($0, &$1) }
  }

  /// Replaces the logits of a lane by what the recipe makes of them.
  private func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let memory = UnsafeMutableRawBufferPointer(lane)
    switch C.format {
    case .float16: float16(memory.assumingMemoryBound(to: Float16.self), &call)
    case .bfloat16: bfloat16(memory.assumingMemoryBound(to: BFloat16.self), &call)
    case .float32: float32(memory.assumingMemoryBound(to: Float.self), &call)
    case .float64: float64(memory.assumingMemoryBound(to: Double.self), &call)
    default: preconditionFailure("no recipe computes in 8 bits")
    }
  }

  /// One call: the answer, and what the call leaves in memory.
  func answer<F: BinaryFloat, G: BinaryFloat>(
    to logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type,
    _ memory: inout CallMemory
  ) throws -> SoftmaxAnswer<G> {
    defer { memory.calls += 1 }
    try recipe.begin(logits, layout, &memory)
    let found = layout == .rowMajor ? logits : recipe.find(logits, in: layout)
    let call = OneCall(runner: self, memory: memory)
    var answer = try OperationInputs(found).specialized(call, as: output)
    memory = call.memory
    if layout != .rowMajor {
      answer.probabilities = recipe.leave(answer.probabilities, in: layout)
    }
    answer.misconduct = recipe.misconduct(logits.geometry)
    return answer
  }

  /// A call, with what it finds in memory and leaves there.
  private final class OneCall: InputsWork {
    let runner: RecipeRunner
    private(set) var memory: CallMemory

    init(runner: RecipeRunner, memory: CallMemory) {
      self.runner = runner
      self.memory = memory
    }

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ inputs: OperationInputs<F>, as output: G.Type
    ) throws -> SoftmaxAnswer<G> {
      let (outputs, left) = try runner.recipe.computingFormat(for: F.format)
        .open(Walk<F, G>(runner: runner, logits: inputs.first, memory: memory))
      memory = left
      return SoftmaxAnswer(outputs)
    }
  }

  private struct Walk<F: BinaryFloat, G: BinaryFloat>: FormatGenericWork {
    let runner: RecipeRunner
    let logits: Tensor<F>
    let memory: CallMemory

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> (Tensor<G>, CallMemory) {
      let geometry = logits.geometry
      let outputGeometry = runner.operation.outputGeometry(for: geometry)
      let (count, outputCount) = (geometry.elementCount, outputGeometry.elementCount)
      let (reading, writing) = (
        runner.recipe.reading(geometry), runner.recipe.writing(outputGeometry)
      )
      // What is not written stays zero.
      let untouched = count > 0 ? G.zero : G(rounding: runner.recipe.valueOfEmptyLane)
      var result = Tensor<G>(
        geometry: outputGeometry, elements: Array(repeating: untouched, count: outputCount))
      var call = LaneCall(
        operation: runner.operation, laneCount: reading.laneCount, inner: max(1, geometry.inner),
        input: F.format, output: G.format, memory: memory)
      guard count > 0, reading.length > 0 else { return (result, memory) }
      logits.elements.withUnsafeBufferPointer { source in
        result.elements.withUnsafeMutableBufferPointer { destination in
          withUnsafeTemporaryAllocation(of: C.self, capacity: reading.length) { lane in
            for number in 0..<reading.laneCount {
              guard let start = reading.start(number) else { continue }
              for index in 0..<reading.length {
                let place = start + index * reading.stride
                lane.initializeElement(
                  at: index,
                  to: convert(source[place < count ? place : place % count], to: C.self))
              }
              call.lane = number
              runner.evaluate(lane, &call)
              guard let target = writing.start(number) else { continue }
              for index in 0..<min(reading.length, writing.length) {
                let place = target + index * writing.stride
                guard place < writing.limit else { break }
                destination[place < outputCount ? place : place % outputCount] =
                  convert(lane[index], to: G.self)
              }
            }
          }
        }
      }
      return (result, call.memory)
    }
  }
}

/// A value of one format rounded to another; nothing at all where the two are the same.
@inline(__always)
private func convert<F: BinaryFloat, G: BinaryFloat>(_ value: F, to format: G.Type) -> G {
  if F.self == G.self { return unsafeBitCast(value, to: G.self) }
  return G(rounding: value)
}
