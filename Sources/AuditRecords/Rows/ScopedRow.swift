import AuditedOperations
import FloatFormats

/// A record of one implementation in one pair of formats.
package protocol ScopedRow {
  var implementation: String { get }
  /// The format of the logits.
  var inputFormat: FloatFormat { get }
  var outputFormat: FloatFormat { get }
  var operation: AuditedOperation { get }
  /// The parameters of the calls; `nil` for the usual ones.
  var parameters: RowParameters? { get }
}

extension ScopedRow {
  /// The softmax that the record is about.
  package var scope: RowScope {
    RowScope(
      implementation: implementation, input: inputFormat, output: outputFormat,
      operation: operation, parameters: parameters)
  }

  /// The implementation in words, with its operation where that is not softmax.
  package var subject: String { scope.subject }

  /// The formats in words: "float16", or "float16 to float32"; of quantised tensors their types.
  package var formatPair: String {
    guard let quantised = parameters?.quantised else {
      return inputFormat.pairText(with: outputFormat)
    }
    let input = quantised[operation.inputs[0].rawValue]?.type.rawValue ?? inputFormat.rawValue
    let output = quantised[operation.output.role]?.type.rawValue ?? outputFormat.rawValue
    return input == output ? input : "\(input) to \(output)"
  }
}

extension FloatFormat {
  /// A format of logits and one of outputs in words: "float16", or "float16 to float32".
  package func pairText(with output: FloatFormat) -> String {
    self == output ? rawValue : "\(rawValue) to \(output.rawValue)"
  }
}
