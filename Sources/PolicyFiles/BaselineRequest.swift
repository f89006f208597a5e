import AuditRecords
import Basics
import Foundation
import Policies

/// A change of a baseline, or a new one, that somebody asks for with a gate.
package enum BaselineRequest: Sendable {
  /// A policy of its own of what was measured, in a new file.
  ///
  /// The figures are those that get a budget wherever the policy has one. With `byFamily` a budget
  /// is over the cells of one family.
  case writing(to: String, figures: [PolicyFigure], byFamily: Bool)
  /// Lower budgets in the file of the policy.
  case tightening
  /// Higher budgets in the file of the policy where they are exceeded, for a reason.
  ///
  /// The text is that of the selection, as it was given.
  case loosening(Baseline.Selection, text: String, reason: String)

  /// Writes what is asked for, if the verdict allows it.
  ///
  /// - Parameters:
  ///   - path: The file of the policy.
  ///   - families: Those that were measured.
  ///   - judge: Gives the verdict on another policy.
  ///   - numbers: Reads the files that policies name.
  ///   - note: Takes what was done, a sentence each.
  /// - Returns: The policy that the verdict has to be given anew on; `nil` where it stays as it is.
  /// - Throws: ``UserError`` where the policy is no baseline, or none of this platform and version,
  ///   and where nothing that is selected is exceeded.
  package func apply(
    to policy: Policy, at path: String, _ gate: GateResult, _ baseline: Baseline,
    families: [String], judge: (Policy) -> GateResult, numbers: @escaping PolicyFile.Numbers,
    note: (String) -> Void
  ) throws -> Policy? {
    if case .writing(let file, let figures, let byFamily) = self {
      guard gate.verdict == .passed else {
        note("\(file) was not written: only what passes can be a baseline")
        return nil
      }
      var detailed = Baseline.asking(policy, for: figures)
      if byFamily { detailed = Baseline.byFamily(detailed, families: families) }
      let isPlain = figures.isEmpty && !byFamily
      try write(
        baseline.policy(from: detailed, isPlain ? gate : judge(detailed)), to: file, numbers)
      note("baseline: \(file)")
      return nil
    }
    guard policy.rules.contains(where: { $0.provenance != nil }) else {
      throw UserError(
        .usage,
        "\(path) is no baseline: no rule of it has a provenance; write one with --write-baseline")
    }
    if case .loosening(let selection, let text, let reason) = self {
      let (result, changes) = baseline.loosened(policy, gate, selection, reason: reason)
      guard !changes.isEmpty else {
        throw UserError(
          .usage, "--loosen \(text): no budget of the baseline that is selected is exceeded")
      }
      return try write(result, changes, to: path, numbers, note)
    }
    guard gate.verdict == .passed else {
      note("\(path) was not tightened: the gate does not pass")
      return nil
    }
    guard baseline.remarks(on: policy).isEmpty else {
      throw UserError(
        .usage,
        "\(path) is a baseline of another platform or version; tighten it there, or write a new one with --write-baseline"
      )
    }
    let (result, changes) = baseline.tightened(policy, gate)
    guard !changes.isEmpty else {
      note("\(path) is as tight as what was measured")
      return nil
    }
    return try write(result, changes, to: path, numbers, note)
  }

  private func write(
    _ policy: Policy, _ changes: [Baseline.Change], to path: String,
    _ numbers: @escaping PolicyFile.Numbers, _ note: (String) -> Void
  ) throws -> Policy {
    // What is written is read back: the places of the new file go with the verdict.
    let text = try write(policy, to: path, numbers)
    for change in changes {
      note(
        "\(path): \(change.figure.rawValue) of \(policy.rules[change.rule].selector.summary) was \(change.before.text), is \(change.after.text)"
      )
    }
    return try PolicyFile.read(text, name: policy.name, numbers: numbers)
  }

  @discardableResult
  private func write(
    _ policy: Policy, to path: String, _ numbers: @escaping PolicyFile.Numbers
  ) throws -> String {
    let text = PolicyWriter.text(
      of: policy,
      heading: [
        "A baseline of softmax-audit: what was measured, as budgets. Comments are not kept.",
        "gate --tighten lowers budgets; gate --loosen SELECTION --reason TEXT raises them.",
      ])
    _ = try PolicyFile.read(text, name: path, numbers: numbers)
    try OutputFile.write(Data(text.utf8), to: path)
    return text
  }
}
