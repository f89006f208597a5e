import AuditRecords
import Basics

/// What a team demands of its softmaxes, and why: the content of a policy file.
///
/// Rules are asked in order, and the last that speaks of a figure or a law of a cell decides it. The questions that a
/// policy comes to are in `Policy+Questions.swift`.
public struct Policy: Sendable {
  /// The schema this program reads and writes.
  public static let currentSchema = "softmax-audit/policy/1"

  /// The name of the file, as messages show it.
  public var name: String
  /// The SHA-256 of the text; nil where it is not known.
  public var digest: String?
  /// What holds where no rule says otherwise.
  public var defaults: PolicySettings
  /// The places of the keys of the defaults.
  public var places: [String: PolicyPlace] = [:]
  public var rules: [PolicyRule]

  public init(name: String, defaults: PolicySettings = .init(), rules: [PolicyRule]) {
    self.name = name
    self.defaults = defaults
    self.rules = rules
  }
}

/// All that is wrong with a policy file.
public struct PolicyMistakes: Error, Sendable {
  public var name: String
  public var mistakes: [PolicyMistake]

  public init(name: String, mistakes: [PolicyMistake]) {
    self.name = name
    self.mistakes = mistakes
  }

  /// The mistakes in the order of the file, each with its place in front.
  public var errors: [UserError] {
    mistakes.sorted { $0.place < $1.place }.map {
      UserError(.malformedInput, "\(name):\($0.place.line):\($0.place.column): \($0.message)")
    }
  }
}
