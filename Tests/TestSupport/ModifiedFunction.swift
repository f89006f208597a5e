import AuditedOperations
import Foundation

/// A softmax, log-softmax or logsumexp of modified logits in binary64, to whose modifiers
/// something is done; without that, a sound one.
package func modifiedFunction(
  of operation: AuditedOperation = .softmax,
  _ alter: @escaping @Sendable (inout LaneModifiers) -> Void = { _ in }
) -> LaneFunction<Double> {
  LaneFunction("modified", of: operation, modifiers: Set(ModifierKind.allCases)) { inputs in
    var modifiers = inputs.modifiers
    alter(&modifiers)
    return modifiedOutputs(inputs.first, modifiers, operation)
  }
}

/// The outputs by the definition, the exponentials relative to the largest number.
package func modifiedOutputs(
  _ logits: [Double], _ modifiers: LaneModifiers, _ operation: AuditedOperation
) -> [Double] {
  let numbers = logits.indices.map { index in
    let scaled = (modifiers.scale ?? 1) * logits[index]
    let capped = modifiers.softcap.map { $0 * tanh(scaled / $0) } ?? scaled
    return capped + modifiers.addend(index)
  }
  let terms = numbers + [modifiers.sink].compactMap { $0 }
  let largest = terms.max() ?? -.infinity
  if operation == .logSumExp, largest == -.infinity { return [largest] }
  let sum = terms.reduce(0) { $0 + exp($1 - largest) }
  switch operation {
  case .logSumExp: return [largest + log(sum)]
  case .logSoftmax: return numbers.map { ($0 - largest) - log(sum) }
  default: return numbers.map { exp($0 - largest) / sum }
  }
}
