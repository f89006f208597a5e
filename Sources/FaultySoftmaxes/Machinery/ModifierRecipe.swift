import AuditedOperations
import FloatFormats
import SoftmaxVariants

/// The steps of a softmax, a log-softmax or a logsumexp of modified logits, one of which a fault
/// replaces.
protocol ModifierRecipe: Sendable {
  /// The modifiers that it looks at.
  var offered: Set<ModifierKind> { get }

  /// The modifiers of a lane.
  func modifiers(
    of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry
  ) -> LaneModifiers

  /// The modified logits, without the sink.
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C]

  /// The outputs of a lane, for a logsumexp one.
  func outputs<C: BinaryFloat>(
    of numbers: [C], sink: C?, _ operation: AuditedOperation
  ) -> [C]
}

extension ModifierRecipe {
  var offered: Set<ModifierKind> { Set(ModifierKind.allCases) }

  func modifiers(
    of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry
  ) -> LaneModifiers {
    tensor.lane(lane, of: geometry)
  }

  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    ModifiedLogitsInFormat(modifiers).numbers(of: logits)
  }

  func outputs<C: BinaryFloat>(
    of numbers: [C], sink: C?, _ operation: AuditedOperation
  ) -> [C] {
    plainOutputs(of: numbers, sink: sink, operation)
  }

  /// The maximum of numbers and sink, the sum of their exponentials relative to it, and what
  /// follows.
  func plainOutputs<C: BinaryFloat>(
    of numbers: [C], sink: C?, _ operation: AuditedOperation
  ) -> [C] {
    let largest = (numbers + [sink].compactMap { $0 }).reduce(-C.infinity) { $1 > $0 ? $1 : $0 }
    var sum = numbers.reduce(C.zero) { $0 + C.exp($1 - largest) }
    if let sink { sum = sum + C.exp(sink - largest) }
    return finished(numbers, largest, sum, operation)
  }

  /// The outputs, given the number that exponentials are relative to and their sum.
  func finished<C: BinaryFloat>(
    _ numbers: [C], _ largest: C, _ sum: C, _ operation: AuditedOperation
  ) -> [C] {
    switch operation {
    case .logSumExp:
      // A difference of two infinities is NaN; the logsumexp is the infinity.
      [
        largest.isInfinite && !numbers.contains(where: { $0.isNaN })
          ? largest : largest + C.log(sum)
      ]
    case .logSoftmax:
      numbers.map { $0 == -C.infinity && largest > -C.infinity ? $0 : ($0 - largest) - C.log(sum) }
    default: numbers.map { C.exp($0 - largest) / sum }
    }
  }

  /// The outputs of a lane of logits.
  fileprivate func outputs<C: BinaryFloat>(
    of logits: [C], _ modifiers: LaneModifiers, _ operation: AuditedOperation
  ) -> [C] {
    outputs(
      of: numbers(of: logits, modifiers), sink: modifiers.sink.map { C(rounding: $0) }, operation)
  }
}

/// A recipe with its code specialized for both computing formats, called lane by lane, 16-bit
/// formats in float32.
///
/// See ``RecipeRunner``, which does the same for recipes without modifiers.
struct ModifierRunner: Sendable {
  let recipe: any ModifierRecipe
  let operation: AuditedOperation
  private let float32: Kernel<Float>
  private let float64: Kernel<Double>

  private typealias Kernel<C: BinaryFloat> = @Sendable ([C], LaneModifiers) -> [C]

  @inline(__always)
  init<Recipe: ModifierRecipe>(recipe: Recipe, operation: AuditedOperation) {
    self.recipe = recipe
    self.operation = operation
    float32 = { recipe.outputs(of: $0, $1, operation) }
    float64 = { recipe.outputs(of: $0, $1, operation) }
  }
}

extension ModifierRunner: InputsWork {
  func run<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    let geometry = inputs.first.geometry
    let fill = operation == .logSumExp ? -G.infinity : G.zero
    let outputs = inputs.outputs(of: operation, filling: fill) { number -> [G]? in
      guard geometry.length > 0 else { return nil }
      let modifiers = recipe.modifiers(of: inputs.modifiers, lane: number, geometry)
      let logits = inputs.first.lane(number)
      if F.format == .float64 {
        return float64(logits.map { $0.exactDouble }, modifiers).map { G(rounding: $0) }
      }
      return float32(logits.map { Float($0.exactDouble) }, modifiers)
        .map { G(rounding: Double($0)) }
    }
    return SoftmaxAnswer(outputs)
  }
}
