import ArgumentParser
import AuditRecords
import Basics
import Foundation
import Policies
import PolicyFiles

/// The options that write a baseline, or move the budgets of one.
struct BaselineOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write what was measured as a policy of its own, if the gate passes.", valueName: "file"))
  var writeBaseline: String?

  @Option(
    name: .long,
    help:
      "implementation (default): a budget is the worst of all cells; family: one for each family.")
  var baselineBy: BaselineDetail?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Also write a budget for this figure wherever the policy has one (repeatable).",
      valueName: "figure"))
  var baselineFigure: [String] = []

  @Flag(
    name: .long,
    help: "Lower the budgets of --policy, a baseline, to what was measured, if the gate passes.")
  var tighten = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Raise exceeded budgets of --policy, a baseline, to what was measured: "
        + "implementation=mylib*,format=float32,figure=max-ulp, or some of that. Takes a --reason.",
      valueName: "selection"))
  var loosen: String?

  @Option(name: .long, help: ArgumentHelp("Why budgets are raised.", valueName: "text"))
  var reason: String?

  /// The mistakes in the options, but for those in the policy.
  func check(_ mistakes: inout Mistakes) throws {
    let asked = [writeBaseline != nil, tighten, loosen != nil].count { $0 }
    if asked > 1 {
      mistakes.add(
        .usage, "--write-baseline, --tighten and --loosen exclude each other; use one at a time")
    }
    for name in baselineFigure where !PolicyFigure.named.contains(where: { $0.rawValue == name }) {
      let known = PolicyFigure.named.map(\.rawValue).joined(separator: ", ")
      mistakes.add(.usage, "--baseline-figure \(name): there is no such figure; use \(known)")
    }
    if !baselineFigure.isEmpty, writeBaseline == nil {
      mistakes.add(.usage, "--baseline-figure belongs to --write-baseline; there is none")
    }
    if baselineBy != nil, writeBaseline == nil {
      mistakes.add(.usage, "--baseline-by belongs to --write-baseline; there is none")
    }
    if let loosen, Baseline.Selection(loosen) == nil {
      mistakes.add(
        .usage,
        "--loosen \(loosen): use \(Baseline.Selection.keys.joined(separator: ", ")) with values, as in implementation=mylib,figure=max-ulp"
      )
    }
    if loosen != nil, reason.map({ $0.allSatisfy(\.isWhitespace) }) ?? true {
      mistakes.add(.usage, "--loosen takes a --reason \"...\": say why the budget has to be raised")
    }
    if reason != nil, loosen == nil {
      mistakes.add(.usage, "--reason belongs to --loosen; there is none")
    }
  }

  /// Whether the verdict has to be given anew on another policy, which is returned; nil where the
  /// policy stays as it is.
  ///
  /// - Parameters:
  ///   - path: The file of the policy.
  ///   - judge: Gives the verdict on another policy.
  ///   - note: Takes what was done, a sentence each.
  func apply(
    to policy: Policy, at path: String, _ gate: GateResult, _ baseline: Baseline,
    families: [String], judge: (Policy) -> GateResult, note: (String) -> Void
  ) throws -> Policy? {
    if let writeBaseline {
      guard gate.verdict == .passed else {
        note("\(writeBaseline) was not written: only what passes can be a baseline")
        return nil
      }
      var detailed = Baseline.asking(
        policy, for: baselineFigure.compactMap { PolicyFigure(rawValue: $0) })
      if baselineBy == .family { detailed = Baseline.byFamily(detailed, families: families) }
      let isPlain = baselineFigure.isEmpty && baselineBy != .family
      try write(
        baseline.policy(from: detailed, isPlain ? gate : judge(detailed)), to: writeBaseline)
      note("baseline: \(writeBaseline)")
    }
    guard tighten || loosen != nil else { return nil }
    guard policy.rules.contains(where: { $0.provenance != nil }) else {
      throw UserError(
        .usage,
        "\(path) is no baseline: no rule of it has a provenance; write one with --write-baseline")
    }
    if let loosen, let reason, let selection = Baseline.Selection(loosen) {
      let (result, changes) = baseline.loosened(policy, gate, selection, reason: reason)
      guard !changes.isEmpty else {
        throw UserError(
          .usage, "--loosen \(loosen): no budget of the baseline that is selected is exceeded")
      }
      return try write(result, changes, to: path, note)
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
    return try write(result, changes, to: path, note)
  }

  private func write(
    _ policy: Policy, _ changes: [Baseline.Change], to path: String, _ note: (String) -> Void
  ) throws -> Policy {
    // What is written is read back: the places of the new file go with the verdict.
    let text = try write(policy, to: path)
    for change in changes {
      note(
        "\(path): \(change.figure.rawValue) of \(policy.rules[change.rule].selector.summary) was \(change.before.text), is \(change.after.text)"
      )
    }
    return try PolicyFile.read(text, name: policy.name)
  }

  @discardableResult
  private func write(_ policy: Policy, to path: String) throws -> String {
    let text = PolicyWriter.text(
      of: policy,
      heading: [
        "A baseline of softmax-audit: what was measured, as budgets. Comments are not kept.",
        "gate --tighten lowers budgets; gate --loosen SELECTION --reason TEXT raises them.",
      ])
    _ = try PolicyFile.read(text, name: path)
    try OutputFile.write(Data(text.utf8), to: path)
    return text
  }
}

/// The cells that a budget of a new baseline is over.
enum BaselineDetail: String, CaseIterable, ExpressibleByArgument {
  /// All cells of an implementation that a rule selects.
  case implementation
  /// Those of one family.
  case family
}
