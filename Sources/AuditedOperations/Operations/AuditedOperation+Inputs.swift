import FloatFormats
import RealModule

extension AuditedOperation {
  /// Whether it takes more than one input.
  public var hasAccompanyingInputs: Bool { inputs.count > 1 }

  /// A lane of the first input, made of one of logits: the logits themselves, or their softmax as a
  /// format stores it where the operation takes probabilities.
  ///
  /// A lane that has no softmax gives NaNs.
  public func firstInput(of logits: [Double], in format: FloatFormat) -> [Double] {
    guard inputs.first == .probabilities, let maximum = logits.max() else { return logits }
    let exponentials = logits.map { Double.exp($0 - maximum) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { format.rounded($0 / sum) }
  }
}
