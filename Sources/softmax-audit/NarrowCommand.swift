import AuditedOperations

/// A command, or an option of one, that makes no sense of every operation.
enum NarrowCommand: String {
  case exhaust, infer
  case blame = "--blame"
  case models = "list --models"
  case tolerances = "list --tolerances"
  case elsewhere = "self-test --elsewhere"

  /// The operations that it is there for.
  private var operations: [AuditedOperation] {
    switch self {
    case .exhaust, .infer, .blame: [.softmax, .logSoftmax, .logSumExp]
    case .models, .tolerances, .elsewhere: [.softmax]
    }
  }

  /// A sentence with the reason and with what to do in its place; `nil` where the operation makes
  /// sense.
  func refusal(of operation: AuditedOperation) -> String? {
    guard !operations.contains(operation) else { return nil }
    return "--operation \(operation): \(rawValue) \(reason(operation)); \(advice(operation))"
  }

  private func reason(_ operation: AuditedOperation) -> String {
    switch self {
    case .exhaust where operation.inputs == [.logits]:
      return "certifies one output for each logit or lane, and a lane of this one has n x n"
    case .exhaust:
      let roles = operation.inputs.filter { $0 != .logits }.map(\.rawValue)
      return
        "tries all logits of a domain, and this one takes \(roles.joined(separator: " and ")), which no domain has"
    case .infer:
      return
        "fits models of an exponential, a sum and a quotient or logarithm, which leave out what this one computes besides"
    case .blame:
      return
        "follows the stages from logits to one quotient or logarithm, and this one has others"
    case .models:
      return "shows combinations of steps, and only those of softmax have names"
    case .tolerances:
      return "shows what softmaxes are tested with elsewhere"
    case .elsewhere:
      return "tries tolerances on faulty softmaxes"
    }
  }

  private func advice(_ operation: AuditedOperation) -> String {
    switch self {
    case .exhaust: "search --operation \(operation) hunts for its worst lane"
    case .infer: "audit --operation \(operation) judges it by its own tolerance"
    case .blame: "audit without it shows the worst witness"
    case .models: "list --operation \(operation) shows its variants, which are its models"
    case .tolerances, .elsewhere:
      "audit --operation \(operation) --elsewhere judges by those that fit"
    }
  }
}
