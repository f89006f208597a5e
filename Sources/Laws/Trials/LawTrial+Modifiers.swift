import AuditedOperations

/// The parts that laws about the modifiers of logits share.
extension LawTrial {
  /// The rule of a case with what the implementation offers of it, and with what a person asked
  /// for.
  ///
  /// Judging is by it from here on. `nil` where nothing of some kinds is left.
  func offered(_ input: LawCase, _ kinds: Set<ModifierKind>) -> ModifierRule? {
    guard var rule = input.accompanying?.modifiers else { return nil }
    rule.given = subject.givenModifiers
    rule = rule.keeping(subject.modifiers)
    guard !rule.kinds.isDisjoint(with: kinds) else { return nil }
    consider(rule)
    return rule
  }

  /// The reason for which a law says nothing of a case.
  static let withoutModifiers = "none of its modifiers is offered"

  /// The outputs of a case with the modifiers of a rule.
  func outputs(of input: LawCase, with rule: ModifierRule?) throws -> [Double] {
    var changed = input
    changed.accompanying = AccompanyingInputs()
    changed.accompanying?.modifiers = rule
    return try outputs(of: changed)
  }
}
