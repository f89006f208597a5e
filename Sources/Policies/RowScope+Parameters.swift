import AuditRecords
import AuditedOperations
import Audits
import FloatFormats

extension RowScope {
  /// The same with the usual parameters.
  var withoutParameters: RowScope {
    var scope = self
    scope.parameters = nil
    return scope
  }
}

extension AuditPlan {
  /// The scope of an implementation in a format of logits.
  package func scope(
    of implementation: any SoftmaxImplementation, in format: FloatFormat
  ) -> RowScope {
    let operation = implementation.operation
    return RowScope(
      implementation, input: format, output: outputFormat,
      parameters: RowParameters(
        operation.hasModifiers ? modifiers[format] ?? .none : .none,
        operation.inputs.contains(.targets) ? loss[format] ?? .none : .none))
  }
}
