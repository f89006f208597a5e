import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

extension SoftmaxImplementation {
  /// Refuses an implementation that declares a model or promises a law that there is not.
  ///
  /// Judging it by something else than it declares would be wrong either way.
  ///
  /// - Throws: `UserError` of kind `notMeasured`.
  package func refuseUnknownDeclarations() throws(UserError) {
    func unknown(_ kind: String, _ text: String, _ remedy: String) -> UserError {
      UserError(
        .notMeasured,
        "\(name) declares the \(kind) \"\(text)\", which is not known; \(remedy)")
    }
    for format in formats {
      if let model = declaredModel(for: format), ownModel(for: format) == nil {
        let words = operation == .softmax ? "--implementations" : "--operation \(operation)"
        throw unknown("model", model, "'softmax-audit list \(words)' shows the models")
      }
    }
    if let law = promisedLaws.sorted().first(where: { Law.named($0) == nil }) {
      throw unknown("law", law, "'softmax-audit list --laws' shows those there are")
    }
  }
}
