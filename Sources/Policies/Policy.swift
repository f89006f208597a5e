import AuditRecords
import Basics

/// The demands of a team on its softmaxes, and their reasons: the content of a policy file.
///
/// Rules are asked in order, and the last that speaks of a figure or a law of a cell decides it.
/// The questions that a policy comes to are in `Policy+Questions.swift`.
package struct Policy: Sendable {
  /// The schema this program reads and writes.
  package static let currentSchema = "softmax-audit/policy/1"

  /// The name of the file, as messages show it.
  package var name: String
  /// The SHA-256 of the text; nil where it is not known.
  package var digest: String?
  /// The settings that hold where no rule says otherwise.
  package var defaults: PolicySettings
  /// The places of the keys of the defaults.
  package var places: [String: PolicyPlace] = [:]
  package var rules: [PolicyRule]

  package init(name: String, defaults: PolicySettings = .init(), rules: [PolicyRule]) {
    self.name = name
    self.defaults = defaults
    self.rules = rules
  }
}

/// All that is wrong with a policy file.
package struct PolicyMistakes: MistakeList, Sendable {
  package var name: String
  package var mistakes: [PolicyMistake]

  package init(name: String, mistakes: [PolicyMistake]) {
    self.name = name
    self.mistakes = mistakes
  }

  /// The mistakes in the order of the file, each with its place in front.
  package var errors: [UserError] {
    mistakes.sorted { $0.place < $1.place }.map {
      UserError(.malformedInput, "\(name):\($0.place.line):\($0.place.column): \($0.message)")
    }
  }
}
