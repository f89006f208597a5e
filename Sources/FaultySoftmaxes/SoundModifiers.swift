import AuditedOperations
import FloatFormats
import SoftmaxVariants

extension SoundSoftmax {
  /// Sound forms of softmax, log-softmax and logsumexp of modified logits.
  package static let withModifiers: [SoundSoftmax] =
    [AuditedOperation.softmax, .logSoftmax, .logSumExp].flatMap { operation in
      let plain = [
        SoundSoftmax(
          "modified-\(operation.name)", "modifies logits step by step, with the sink in the sum",
          of: operation, modifiers: StepByStep()),
        SoundSoftmax(
          "modified-\(operation.name)-from-the-sink",
          "starts a running maximum and sum with the sink", of: operation,
          modifiers: RunningFromSink()),
        SoundSoftmax(
          "modified-\(operation.name)-by-reciprocals",
          "multiplies by the reciprocal of the cap, and selects by the mask", of: operation,
          modifiers: ByReciprocals()),
      ]
      // A logsumexp is not that of differences.
      guard operation != .logSumExp else { return plain }
      return plain + [
        SoundSoftmax(
          "modified-\(operation.name)-scaled-differences",
          "scales differences from the maximum, where there is no cap, mask or sink",
          of: operation, modifiers: ScaledDifferences())
      ]
    }
}

private struct StepByStep: ModifierRecipe {}

/// The state of an online softmax begins with the sink: its maximum, and a sum of 1.
private struct RunningFromSink: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    guard let sink, sink > -C.infinity else {
      return plainOutputs(of: numbers, sink: sink, operation)
    }
    var (largest, sum) = (sink, C.one)
    for number in numbers {
      if number > largest {
        sum = sum * C.exp(largest - number) + .one
        largest = number
      } else {
        sum = sum + C.exp(number - largest)
      }
    }
    return finished(numbers, largest, sum, operation)
  }
}

/// 1 / k times the scaled logits; hidden elements are -inf whatever they hold.
private struct ByReciprocals: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    var numbers = ModifiedLogitsInFormat(LaneModifiers(scale: modifiers.scale)).numbers(of: logits)
    if let softcap = modifiers.softcap {
      let (cap, reciprocal) = (C(rounding: softcap), C.one / C(rounding: softcap))
      numbers = numbers.map { cap * ($0 * reciprocal).hyperbolicTangent }
    }
    guard let mask = modifiers.mask else { return numbers }
    return numbers.indices.map {
      mask[$0] == -.infinity ? -C.infinity : numbers[$0] + C(rounding: mask[$0])
    }
  }
}

/// c (x - m), with the maximum of x.
private struct ScaledDifferences: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    guard let scale = modifiers.scale, scale > 0, modifiers.softcap == nil,
      modifiers.mask == nil, modifiers.sink == nil
    else { return ModifiedLogitsInFormat(modifiers).numbers(of: logits) }
    let (factor, largest) = (
      C(rounding: scale), logits.reduce(-C.infinity) { $1 > $0 ? $1 : $0 }
    )
    // What follows takes the maximum out once more, without a rounding, where it is 0.
    return logits.map { factor * ($0 - largest) }
  }
}
