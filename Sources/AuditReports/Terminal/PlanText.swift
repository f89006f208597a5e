import AuditRecords
import Basics

/// A plan as text: its units, what they take, and how that is known.
package enum PlanText {
  /// - Parameters:
  ///   - name: The path of the plan's file.
  ///   - part: A part of the run, in the singular.
  package static func render(_ plan: FleetPlan, name: String, part: String) -> String {
    let (count, parts) = (plan.units.count, plan.subject.parts)
    let share = parts / count
    let most = (parts + count - 1) / count
    let parting = share == most ? "\(share)" : "\(share) or \(most)"
    var lines = [
      "\(FigureText.counted(UInt64(count), "unit")) of \(plan.subject.command.first ?? ""), each with \(parting) of \(FigureText.counted(UInt64(parts), part))"
    ]
    lines += plan.subject.domain.map { "  \($0)" }
    if let estimate = plan.estimate { lines += sentences(estimate, count, parts, part) }
    lines += plan.subject.notMeasured.map { "not measured: \($0)" }
    lines.append(
      "do each: softmax-audit run-unit \(name.quotedForShell) K --directory DIRECTORY, with K from 1 to \(count)"
    )
    lines.append("then: softmax-audit merge --plan \(name.quotedForShell) DIRECTORY")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func sentences(
    _ estimate: FleetEstimate, _ count: Int, _ parts: Int, _ part: String
  ) -> [String] {
    let total = estimate.processorSeconds(units: count)
    let sureness =
      switch estimate.uncertaintySeconds {
      case nil: "one \(part) was measured, and others may take longer"
      case 0?: "every \(part) was measured"
      case let error?:
        "give or take \(hours(error)), two standard errors of \(estimate.measuredParts) of \(FigureText.counted(UInt64(parts), part)), spread evenly"
      }
    var lines = [
      "about \(hours(total)) of one processor like this: \(sureness)",
      "  a \(part) took \(seconds(estimate.quickestPartSeconds)) to \(seconds(estimate.slowestPartSeconds)), the start of a unit \(seconds(estimate.startSeconds)), a unit takes about \(seconds(total / Double(count)))",
    ]
    if estimate.slowestPartSeconds > 4 * estimate.partSeconds {
      lines.append(
        "  one \(part) took \(FigureText.statistic(estimate.slowestPartSeconds / estimate.partSeconds)) times the mean: units will differ, and the estimate is rough"
      )
    }
    return lines
  }

  /// A time in the unit that suits it.
  static func seconds(_ value: Double) -> String {
    switch value {
    case ..<0.001: "less than a millisecond"
    case ..<1: "\(FigureText.statistic(value * 1000)) ms"
    case ..<120: "\(FigureText.statistic(value)) s"
    case ..<7200: "\(FigureText.statistic(value / 60)) minutes"
    default: hours(value)
    }
  }

  /// A time in hours, in years where it is long.
  static func hours(_ value: Double) -> String {
    let hours = value / 3600
    return hours < 8766 * 2
      ? "\(FigureText.statistic(hours)) hours" : "\(FigureText.statistic(hours / 8766)) years"
  }
}
