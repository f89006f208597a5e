import AuditRecords
import Basics

/// The lines that say which cells fail, few enough to be read.
struct FailureLines {
  /// The number of cells of an implementation in a format that are named.
  static let shownCells = 3

  private struct Finding {
    var row: AccuracyRow
    var sentence: String
    /// The number of cells that have the same sentence and are not named.
    var more = 0
  }

  private var findings: [Finding] = []

  /// Adds what is wrong with a cell.
  ///
  /// A call that brings no answer is one finding for all cells of an implementation that it happens
  /// to.
  mutating func add(_ sentence: String, of row: AccuracyRow) {
    if row.failure != nil,
      let same = findings.firstIndex(where: {
        $0.row.failure != nil && $0.row.implementation == row.implementation
          && $0.sentence == sentence
      })
    {
      findings[same].more += 1
    } else {
      findings.append(Finding(row: row, sentence: sentence))
    }
  }

  /// The findings, those of an implementation in a format together and the worst of them first.
  var lines: [String] {
    findings.grouped(by: \.row.scope).flatMap { group -> [String] in
      // Equal ones stay in the order of the cells.
      let sorted = group.enumerated().sorted {
        let (a, b) = (Self.badness(of: $0.element.row), Self.badness(of: $1.element.row))
        return a != b ? a > b : $0.offset < $1.offset
      }.map(\.element)
      let named = sorted.prefix(Self.shownCells).map { finding in
        let more =
          finding.more > 0
          ? " and \(FigureText.counted(UInt64(finding.more), "more cell"))" : ""
        return "\(finding.row.place)\(more): \(finding.sentence)"
      }
      let left = sorted.dropFirst(Self.shownCells).reduce(0) { $0 + 1 + $1.more }
      guard left > 0 else { return named }
      let more = FigureText.counted(UInt64(left), "more cell")
      return named + ["\(group[0].row.subject) in \(group[0].row.formatPair): and \(more)"]
    }
  }

  /// The severity of a cell: no answer before mismatches before errors, by their parts of the
  /// bound, or in ulps.
  private static func badness(of row: AccuracyRow) -> Double {
    if row.failure != nil || row.misconduct != nil { return .infinity }
    if row.mismatchesInDomain > 0 { return .greatestFiniteMagnitude }
    let figure = row.bound?.maxRatio?.value ?? row.maxUlp?.value ?? row.maxSteps?.value ?? 0
    return figure.isNaN ? .greatestFiniteMagnitude : figure
  }
}
