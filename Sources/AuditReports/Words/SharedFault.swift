import AuditRecords
import AuditedOperations
import Basics

/// By what a reader knows that failures come from one fault, so that a report tells it once.
///
/// They are of one implementation, and say the same of the same witness, or tell of the same call
/// that brought no answer.
struct SharedFault: Hashable {
  private var implementation: String
  private var operation: AuditedOperation
  private var words: String
  private var witness: String

  /// - Parameter witness: Tells witnesses apart; empty where there is none.
  init(implementation: String, operation: AuditedOperation, reason: String, witness: String) {
    self.implementation = implementation
    self.operation = operation
    if let sentence = UnansweredCall.sentence(in: reason) {
      // The call says nothing, so it does not matter which one it was.
      (self.words, self.witness) = (sentence, "")
    } else {
      (self.words, self.witness) = (Self.withoutValues(reason), witness)
    }
  }

  /// Puts failures together: those of one fault, then those of the same laws that differ in the
  /// witness alone, as they do from format to format.
  static func groups<Failure>(
    _ failures: [Failure], fault: (Failure) -> SharedFault, law: (Failure) -> String
  ) -> [[Failure]] {
    failures.grouped(by: fault).grouped { group in
      var key = fault(group[0])
      key.witness = Set(group.map(law)).sorted().joined(separator: " ")
      return key
    }.map { $0.flatMap { $0 } }
  }

  /// A sentence without the values in it, which differ from format to format.
  private static func withoutValues(_ text: String) -> String {
    text.replacing(/-?(inf|nan|0x[0-9a-f.]+p[-+]?[0-9]+)( \([^)]*\))?/, with: "#")
      .replacing(/[0-9.]+(e[-+]?[0-9]+)? times/, with: "# times")
      .replacing(/-?[0-9]+\.[0-9]+(e[-+]?[0-9]+)?/, with: "#")
  }
}
