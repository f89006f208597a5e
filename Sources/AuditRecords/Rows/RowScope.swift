import AuditedOperations
import FloatFormats

/// An implementation of one operation in one pair of formats, called with some parameters:
/// what laws are judged on.
public struct RowScope: Sendable, Hashable {
  public var implementation: String
  public var input: FloatFormat
  public var output: FloatFormat
  public var operation: AuditedOperation
  /// The parameters of its calls; `nil` for the usual ones.
  package var parameters: RowParameters?

  package init(
    implementation: String, input: FloatFormat, output: FloatFormat,
    operation: AuditedOperation = .softmax, parameters: RowParameters? = nil
  ) {
    self.implementation = implementation
    self.input = input
    self.output = output
    self.operation = operation
    self.parameters = parameters
  }

  /// An implementation in a pair of formats; in its default output format where none is named.
  package init(
    _ implementation: any SoftmaxImplementation, input: FloatFormat, output: FloatFormat? = nil,
    parameters: RowParameters? = nil
  ) {
    self.init(
      implementation: implementation.name, input: input,
      output: output ?? implementation.defaultOutputFormat(for: input),
      operation: implementation.operation, parameters: parameters)
  }

  /// The implementation in words, with its operation where that is not softmax, and with unusual
  /// parameters.
  public var subject: String {
    (operation == .softmax ? implementation : "\(implementation) of \(operation)")
      + (parameters.map { " with \($0.text)" } ?? "")
  }
}
