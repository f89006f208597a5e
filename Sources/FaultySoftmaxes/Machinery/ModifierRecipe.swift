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
        largest.isInfinite && !numbers.contains(where: \.isNaN)
          ? largest : largest + C.log(sum)
      ]
    case .logSoftmax:
      numbers.map { $0 == -C.infinity && largest > -C.infinity ? $0 : ($0 - largest) - C.log(sum) }
    default: numbers.map { C.exp($0 - largest) / sum }
    }
  }
}

/// Calls a recipe lane by lane, 16-bit formats in float32.
struct ModifierRunner {
  let recipe: any ModifierRecipe
  let operation: AuditedOperation

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) -> Tensor<G> {
    F.format.isNarrow
      ? outputs(for: inputs, computingIn: Float.self) : outputs(for: inputs, computingIn: F.self)
  }

  private func outputs<F: BinaryFloat, C: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, computingIn format: C.Type
  ) -> Tensor<G> {
    let geometry = inputs.first.geometry
    let fill = operation == .logSumExp ? -G.infinity : G.zero
    return inputs.outputs(of: operation, filling: fill) { number in
      guard geometry.length > 0 else { return nil }
      let modifiers = recipe.modifiers(of: inputs.modifiers, lane: number, geometry)
      let logits = inputs.first.lane(number).map { C(rounding: $0) }
      let outputs = recipe.outputs(
        of: recipe.numbers(of: logits, modifiers), sink: modifiers.sink.map { C(rounding: $0) },
        operation)
      return outputs.map { G(rounding: $0) }
    }
  }
}
