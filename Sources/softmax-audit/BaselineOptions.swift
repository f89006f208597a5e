import ArgumentParser
import AuditRecords
import Basics
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

  /// The request that the options make; `nil` for none.
  var request: BaselineRequest? {
    if let writeBaseline {
      return .writing(
        to: writeBaseline, figures: baselineFigure.compactMap { PolicyFigure(rawValue: $0) },
        byFamily: baselineBy == .family)
    }
    if let loosen, let reason, let selection = Baseline.Selection(loosen) {
      return .loosening(selection, text: loosen, reason: reason)
    }
    return tighten ? .tightening : nil
  }
}

/// The cells that a budget of a new baseline is over.
enum BaselineDetail: String, CaseIterable, ExpressibleByArgument {
  /// All cells of an implementation that a rule selects.
  case implementation
  /// Those of one family.
  case family
}
