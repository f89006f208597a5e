import AuditedOperations
import FloatFormats

extension SoftmaxImplementation {
  /// The variant whose bound the implementation declares as its own; `nil` where it declares none.
  package func declaredVariant(for input: FloatFormat) -> SoftmaxVariant? {
    declaredModel(for: input).flatMap { SoftmaxVariant(named: $0, of: operation) }
  }

  /// The same of a loss, a gradient or a Jacobian.
  package func declaredDerivedVariant(for input: FloatFormat) -> DerivedVariant? {
    declaredModel(for: input).flatMap { DerivedVariant(named: $0, of: operation) }
  }
}
