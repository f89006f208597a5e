import AuditRecords
import AuditedOperations
import Basics

/// The changes of a comparison as a person reads them: by what they come to, then by softmax, alike
/// ones together.
struct ComparisonGroups {
  /// The changes under one heading.
  struct Part {
    let title: String
    let softmaxes: [(name: String, lines: [String])]
  }

  let parts: [Part]
  /// The conclusion of the comparison, in sentences.
  let sentences: [String]

  init(_ comparison: ResultsComparison) {
    typealias Change = ResultsComparison.Change
    func part(_ title: String, _ isIncluded: (Change) -> Bool) -> Part? {
      let changes = comparison.changes.filter(isIncluded)
      guard !changes.isEmpty else { return nil }
      return Part(title: title, softmaxes: Self.softmaxes(changes))
    }
    func isMean(_ change: Change) -> Bool {
      !change.decides && change.evidence == .sameLanes
    }
    parts = [
      part("Worse") { $0.direction == .worse && !isMean($0) },
      part("Not measured any more") { $0.direction == .notMeasured },
      part("Better") { $0.direction == .better && !isMean($0) },
      part("Changed") { $0.direction == .changed },
      part("New") { $0.direction == .appeared },
      part("Means and percentiles, larger on the same lanes (told, not judged)") {
        $0.direction == .worse && isMean($0)
      },
      part("Means and percentiles, smaller on the same lanes") {
        $0.direction == .better && isMean($0)
      },
    ].compactMap { $0 }
    sentences = Self.sentences(comparison)
  }

  private static func sentences(_ comparison: ResultsComparison) -> [String] {
    let compared = comparison.compared
    func cells(_ count: Int, _ how: String) -> String? {
      count > 0 ? "\(FigureText.count(UInt64(count))) \(how)" : nil
    }
    let kinds = [
      cells(compared.sameLanes, "on the same lanes"),
      cells(compared.nestedLanes, "on some of the same lanes"),
      cells(compared.drawnAlike, "on lanes drawn alike"),
      cells(compared.unrelated, "on unrelated lanes"),
    ].compactMap { $0 }
    let verdict =
      switch comparison.outcome {
      case .worse:
        "Something got worse in "
          + FigureText.counted(softmaxes(of: comparison, .worse), "softmax", "softmaxes")
          + " (an implementation in a pair of formats)."
      case .notMeasured: "Nothing measured got worse, but not all is measured that was."
      case .notWorse: "Nothing got worse."
      }
    let how = kinds.isEmpty ? "" : ": " + kinds.joined(separator: ", ")
    return [
      verdict,
      "Compared: \(FigureText.counted(UInt64(compared.cells), "cell"))\(how); "
        + "\(FigureText.counted(UInt64(compared.laws), "law")) of a softmax.",
    ]
  }

  private static func softmaxes(
    of comparison: ResultsComparison, _ direction: ResultsComparison.Change.Direction
  ) -> UInt64 {
    UInt64(
      comparison.changes.filter { $0.direction == direction && $0.decides }.map(\.scope)
        .uniqued().count)
  }

  private static func softmaxes(
    _ changes: [ResultsComparison.Change]
  ) -> [(name: String, lines: [String])] {
    changes.map(\.scope).uniqued().map { subject in
      let own = changes.filter { $0.scope == subject }
      let lines = own.map(\.kind).uniqued().map { kind in
        line(own.filter { $0.kind == kind })
      }
      return (own[0].softmax, lines)
    }
  }

  /// One line for changes of one kind in one softmax or many of its cells.
  private static func line(_ changes: [ResultsComparison.Change]) -> String {
    guard
      let most = changes.enumerated().max(by: {
        ($0.element.factor, -$0.offset) < ($1.element.factor, -$1.offset)
      })?.element
    else { return "" }
    var text = most.law.map { "law \($0) " } ?? ""
    text += most.explanation
    let values = most.values
    if changes.count > 1 {
      text += values.isEmpty ? " in \(changes.count) cells" : ": \(changes.count) cells, most"
    } else if !values.isEmpty {
      text += ":"
    }
    if !values.isEmpty { text += " \(values)" }
    if let family = most.family, let length = most.length {
      text += changes.count > 1 && values.isEmpty ? ", first" : ""
      text += values.isEmpty && changes.count == 1 ? ":" : ""
      text += values.isEmpty ? " \(family), length \(length)" : " in \(family), length \(length)"
    }
    if let probability = most.probability {
      text += " (probability if nothing had changed: \(FigureText.maximum(probability.value)))"
    }
    return text
  }
}

extension ResultsComparison.Change {
  /// The softmax in words.
  fileprivate var softmax: String {
    let name = "\(implementation) in \(formatPair)" + (parameters.map { ", \($0.text)" } ?? "")
    return operation == .softmax ? name : "\(operation), \(name)"
  }

  /// The features common to alike changes.
  fileprivate var kind: [String] {
    [law ?? "", figure ?? "", figure == nil || family == nil ? explanation : "", evidence.rawValue]
  }

  /// The ratio of the larger of the two figures to the smaller.
  fileprivate var factor: Double {
    guard let before = before?.value, let after = after?.value else { return 0 }
    let (less, more) = direction == .better ? (after, before) : (before, after)
    return less == 0 || more.isNaN ? .infinity : more / less
  }

  private var isCount: Bool {
    figure == "mismatchedLanes"
      || ComparedFigure.certified.contains { $0.key == figure && $0.isCount }
  }

  /// Both figures with as many digits as tell them apart.
  fileprivate var values: String {
    guard let before = before?.value, let after = after?.value else { return "" }
    if isCount { return "\(Int(clamping: before)) -> \(Int(clamping: after))" }
    var (old, new) = (FigureText.maximum(before), FigureText.maximum(after))
    if old == new { (old, new) = ("\(before)", "\(after)") }
    return "\(old) -> \(new)"
  }
}

extension Int {
  /// A count that a results file holds as a number.
  fileprivate init(clamping value: Double) {
    self = Int(exactly: value.rounded()) ?? (value > 0 ? .max : .min)
  }
}
