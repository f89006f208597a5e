import ArgumentParser
import Audits
import Basics
import Laws

/// A first verdict in little time, for changes under review: less is asked, and that is said.
struct QuickOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "Ask less, for a first verdict within a minute, and say what was left out.")
  var quick = false

  /// The length of the longest lanes that an audit in little time measures.
  private static let longestLane = 1025
  /// The part of the cases of each law that a check in little time tries.
  private static let effort = 0.1

  // MARK: Lanes

  /// - Throws: ``UserError`` of kind `usage` where lanes were chosen as well.
  func check(_ lanes: LaneOptions, logits: String?) throws(UserError) {
    guard quick else { return }
    if logits != nil {
      throw UserError(
        .usage, "--quick chooses among the lanes of families; leave it or --logits out")
    }
    if !lanes.length.isEmpty || lanes.samples != nil {
      throw UserError(
        .usage, "--quick chooses the lengths itself; leave it or --length and --samples out")
    }
  }

  /// The cells that are measured in little time, and what is left out, in a sentence.
  func narrowed(_ cells: [AuditPlan.Cell]) -> (cells: [AuditPlan.Cell], leftOut: String?) {
    guard quick else { return (cells, nil) }
    let kept = cells.filter { cell in
      (cell.source.size?.length ?? 0) <= Self.longestLane
    }
    guard kept.count < cells.count else { return (cells, nil) }
    return (
      kept,
      "quick: lanes longer than \(Self.longestLane) were left out, \(cells.count - kept.count) of "
        + "\(cells.count) cells; measure them without --quick"
    )
  }

  // MARK: Laws

  /// The share of the cases and of repeated calls that a check tries.
  ///
  /// - Throws: ``UserError`` of kind `usage` where that was chosen as well.
  func checked(effort: Double, repeats: Int?) throws(UserError) -> (effort: Double, repeats: Int?) {
    guard quick else { return (effort, repeats) }
    guard effort == 1, repeats == nil else {
      throw UserError(
        .usage, "--quick chooses the number of cases itself; leave it or --effort and --repeat out")
    }
    return (Self.effort, Int(Double(Subject.defaultRepeats) * Self.effort))
  }

  /// The part of a check that is left out in little time, in a sentence.
  var leftOutOfCheck: String? {
    guard quick else { return nil }
    return "quick: about nine of ten cases of each law were left out, and of the calls that look "
      + "for rare faults; try them without --quick"
  }
}
