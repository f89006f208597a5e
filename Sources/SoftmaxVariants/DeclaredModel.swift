import AuditedOperations
import Basics
import FloatFormats

/// A model that an implementation declares, or that somebody declares for it: a built-in variant
/// whose error bound it keeps.
public struct DeclaredModel: Sendable, Hashable {
  private enum Form: Hashable {
    case variant(SoftmaxVariant)
    case derived(DerivedVariant)
  }

  private let form: Form

  /// A variant of softmax, log-softmax or logsumexp.
  public init(_ variant: SoftmaxVariant) { form = .variant(variant) }

  /// A variant of a loss, a gradient or a Jacobian.
  package init(_ variant: DerivedVariant) { form = .derived(variant) }

  /// The variant of an operation with the given name; `nil` where it has none.
  package init?(named name: String, of operation: AuditedOperation) {
    if let variant = SoftmaxVariant(named: name, of: operation) {
      self.init(variant)
    } else if let variant = DerivedVariant(named: name, of: operation) {
      self.init(variant)
    } else {
      return nil
    }
  }

  /// The variant of softmax, log-softmax or logsumexp; `nil` for another operation.
  package var variant: SoftmaxVariant? {
    if case .variant(let variant) = form { variant } else { nil }
  }

  /// The variant of a loss, a gradient or a Jacobian; `nil` for another operation.
  package var derivedVariant: DerivedVariant? {
    if case .derived(let variant) = form { variant } else { nil }
  }

  /// Whether its bound holds where results below the normal range are flushed.
  package var coversFlushing: Bool { variant != nil }

  /// The name in full.
  public var name: String {
    switch form {
    case .variant(let variant): variant.name
    case .derived(let variant): variant.name
    }
  }

  package var operation: AuditedOperation {
    switch form {
    case .variant(let variant): variant.operation
    case .derived(let variant): variant.operation
    }
  }
}

extension SoftmaxImplementation {
  /// The model that the implementation declares as its own; `nil` where it declares none.
  package func ownModel(for input: FloatFormat) -> DeclaredModel? {
    declaredModel(for: input).flatMap { DeclaredModel(named: $0, of: operation) }
  }

  /// The same, where its bound covers what results below the normal range may be.
  package func ownModel(for input: FloatFormat, under underflow: UnderflowPolicy) -> DeclaredModel?
  {
    ownModel(for: input).flatMap { underflow == .flush && !$0.coversFlushing ? nil : $0 }
  }
}

extension DeclaredModel {
  /// The model of an operation that a person names.
  ///
  /// - Throws: ``UserError`` of kind `usage` where there is no such model.
  package static func named(
    _ name: String, of operation: AuditedOperation
  ) throws(UserError) -> DeclaredModel {
    if let model = DeclaredModel(named: name, of: operation) { return model }
    guard operation != .attention else {
      throw UserError(
        .usage,
        "models of attention have no bounds yet; leave --declare out, or say --declare none")
    }
    guard operation == .softmax else {
      throw UserError(
        .usage,
        "there is no model \"\(name)\" of \(operation); a model is the name of a built-in variant, which 'softmax-audit list --operation \(operation)' shows"
          + NearMiss.relative(
            of: name, among: BuiltInImplementation.all(of: operation).map(\.name)))
    }
    throw UserError(
      .usage,
      "there is no model \"\(name)\"; a model is the name of a built-in variant, such as max-trick/pairwise/float32, "
        + "or of a combination, such as online+exp2+reciprocal/lanes-8/float32 (list --models)"
    )
  }
}
