import AuditRecords
import Basics

/// Implementations against formats: the table that answers which softmax to trust where.
struct MatrixSection: PagePart {
  /// A pair of formats as the head of its columns.
  struct Group: PagePart {
    let name: String
    let span: Int
  }

  /// The head of a column.
  struct Head: PagePart {
    let name: String
    let meaning: String
    let group: String
    let kind: String
    let number: Int
  }

  /// An implementation in all formats.
  struct Row: PagePart {
    let name: String
    let algorithm: String
    let cells: [Cell]
    /// The results file, where names do not tell it; else `nil`.
    let file: String?
    let kind: String
  }

  /// A figure of an implementation in a pair of formats.
  struct Cell: PagePart {
    let text: String
    let group: String
    let isBest: Bool
    /// The number that the script sorts by; empty where there is none.
    let value: String
    let remark: String?
    let kind: String
  }

  /// The outputs of an implementation that have no error in ULP.
  struct Mismatch: PagePart {
    let name: String
    let format: String
    let pair: String
    let algorithm: String
    let outputs: String
    let kinds: String
    let families: String

    init(_ summary: AccuracySummary) {
      name = summary.shortName
      format = summary.heading
      pair = summary.formatPair
      algorithm = summary.algorithm
      outputs = FigureText.count(summary.mismatches)
      kinds = MismatchWords(summary).text
      let rows = summary.rows.filter { $0.mismatches > 0 }
      families = rows.map(\.family).uniqued().sorted().map { family in
        let cells = summary.only { $0.family == family && $0.mismatches > 0 }
        return "\(family) (\(cells.total(\.mismatchedLanes)) of \(cells.total(\.lanes)))"
      }
      .joined(separator: ", ")
    }
  }

  let hasPairs: Bool
  let pairs: [String]
  let hasAlgorithms: Bool
  let algorithms: [String]
  /// The pair that is shown first where all are too many; empty where there is but one.
  let preferred: String
  let caption: String
  let lawsRemark: String
  let remarks: [String]
  let words = PageWord.all
  let hasFiles: Bool
  let groups: [Group]
  let columns: [Head]
  let rows: [Row]
  let mismatches: [Mismatch]

  /// One figure of the table.
  private struct Column {
    var name: String
    var meaning: String
    /// The figure; nil where there is none.
    var value: (AccuracySummary, Int?) -> Double?
    var text: (AccuracySummary, Int?) -> String
    var isMoreBetter = false
    /// Whether the best of the column is marked.
    var isRanked = true
    /// Whether the text is a word.
    var isWord = false
  }

  init(_ sources: ReportSources, _ summaries: [AccuracySummary]) {
    let pairs = summaries.map(\.formatPair).uniqued()
    let algorithms = summaries.map(\.algorithm).uniqued()
    let broken = Self.brokenLaws(sources)
    let columns = Self.columns(summaries, hasLaws: !sources.laws.isEmpty)
    let hasFiles = sources.count > 1 && sources.labelled.allSatisfy { $0.label == nil }
    var cellsByRow: [String: [String: AccuracySummary]] = [:]
    var rows: [AccuracySummary] = []
    for summary in summaries {
      let name = summary.named(summary.subject)
      if cellsByRow[name] == nil { rows.append(summary) }
      cellsByRow[name, default: [:]][summary.formatPair] = summary
    }
    // Sources of one implementation stand together, and so do variants of one algorithm.
    rows = Self.ordered(rows)
    func laws(_ summary: AccuracySummary) -> Int? { broken[Self.key(summary)] }
    var best: [[Double?]] = []
    for pair in pairs {
      let sound = summaries.filter { $0.formatPair == pair && $0.isSound }
      // Figures of different lanes are no contest.
      let isContest = Set(sound.map(\.lanes)).count == 1
      best.append(
        columns.map { column in
          let values = sound.compactMap { column.value($0, laws($0)) }.filter { !$0.isNaN }
          // The best of one, or of equals, says nothing.
          guard isContest, column.isRanked, Set(values).count > 1 else { return nil }
          return column.isMoreBetter ? values.max() : values.min()
        })
    }
    groups = pairs.map { Group(name: $0, span: columns.count) }
    self.columns = pairs.enumerated().flatMap { index, pair in
      columns.enumerated().map { place, column in
        Head(
          name: column.name, meaning: column.meaning, group: pair,
          kind: (place == 0 ? "first" : "") + (column.isWord ? " l" : ""),
          number: index * columns.count + place + (hasFiles ? 2 : 1))
      }
    }
    var previous: String?
    self.rows = rows.map { row in
      let name = row.named(row.subject)
      let cells = pairs.enumerated().flatMap { index, pair in
        columns.enumerated().map { place, column in
          Self.cell(
            column, cellsByRow[name]?[pair], laws, best: best[index][place], isFirst: place == 0,
            pair: pair)
        }
      }
      defer { previous = row.algorithm }
      return Row(
        name: name, algorithm: row.algorithm, cells: cells, file: hasFiles ? row.sourceName : nil,
        kind: previous != nil && previous != row.algorithm ? "new" : "")
    }
    self.hasFiles = hasFiles
    hasPairs = pairs.count > 1
    self.pairs = pairs
    hasAlgorithms = algorithms.count > 1 && algorithms.count < summaries.count
    self.algorithms = algorithms
    preferred = pairs.count > 1 ? (pairs.contains("float32") ? "float32" : pairs[0]) : ""
    caption =
      "The verdict, the largest error found \(summaries.leadingWords) over everything measured (normal range) and over ordinary logits, "
      + "the share of correctly rounded outputs in percent, "
      + (sources.laws.isEmpty ? "" : "the number of broken laws, ")
      + "and nanoseconds for an output. A heading sorts by its column."
    lawsRemark =
      sources.laws.isEmpty
      ? "No laws were checked in these results." : "A dash under laws: not checked."
    remarks = summaries.compactMap(\.scarcitySentence)
    mismatches = summaries.filter { $0.mismatches > 0 }.map { Mismatch($0) }
  }

  private static func columns(_ summaries: [AccuracySummary], hasLaws: Bool) -> [Column] {
    var columns = [
      Column(
        name: "verdict", meaning: "What everything measured and checked comes to",
        value: { summary, _ in
          switch summary.standing {
          case .failed: 0
          case .undecided: 1
          case .notJudged: 2
          case .passed: 3
          }
        }, text: { summary, _ in summary.standing.word }, isRanked: false, isWord: true),
      Column(
        name: "largest",
        meaning:
          "The largest error found \(summaries.leadingWords), certified, rounded up; others may be worse",
        value: { summary, _ in summary.largest },
        text: { summary, _ in
          (summary.mismatches > 0 ? "✗ " : "") + FigureText.maximum(summary.largest)
        }),
    ]
    let ordinary = summaries.map { $0.ordinary.rows.count }
    if zip(summaries, ordinary).contains(where: { $1 > 0 && $1 < $0.rows.count }) {
      columns.append(
        Column(
          name: "ordinary",
          meaning: "The largest error found over logits as programs make them every day",
          value: { summary, _ in summary.ordinary.largest },
          text: { summary, _ in FigureText.maximum(summary.ordinary.largest) }))
    }
    columns.append(
      Column(
        name: "c.r. %", meaning: "The share of correctly rounded outputs in percent",
        value: { summary, _ in summary.correctlyRounded },
        text: { summary, _ in FigureText.share(summary.correctlyRounded) }, isMoreBetter: true))
    if summaries.contains(where: {
      $0.zeros != nil && ($0.isMostlySubnormal || ($0.zeros ?? 0) >= 0.5)
    }) {
      columns.append(
        Column(
          name: "zeros %",
          meaning:
            "The share of outputs in percent that are 0 although the exact value is positive",
          value: { summary, _ in summary.zeros },
          text: { summary, _ in FigureText.share(summary.zeros) }, isRanked: false))
    }
    if hasLaws {
      columns.append(
        Column(
          name: "laws", meaning: "The number of broken laws",
          value: { $1.map(Double.init) }, text: { $1.map { "\($0)" } ?? "-" }))
    }
    columns.append(
      Column(
        name: "ns", meaning: "Nanoseconds for an output, one thread",
        value: { summary, _ in summary.nsPerElement },
        text: { summary, _ in FigureText.statistic(summary.nsPerElement) }))
    return columns
  }

  private static func cell(
    _ column: Column, _ summary: AccuracySummary?, _ laws: (AccuracySummary) -> Int?,
    best: Double?, isFirst: Bool, pair: String
  ) -> Cell {
    var kinds = isFirst ? ["first"] : []
    guard let summary else {
      return Cell(
        text: "", group: pair, isBest: false, value: "", remark: nil, kind: kinds.joined())
    }
    let value = column.value(summary, laws(summary))
    let isBest = best != nil && value == best && summary.isSound
    if isBest { kinds.append("b") }
    var remark: String?
    if column.isWord {
      kinds += ["l", summary.standing == .failed ? "x" : "v-\(summary.standing)"]
      let complaints = summary.complaints
      if !complaints.isEmpty { remark = complaints.joined(separator: ", ") }
    } else if column.name == "largest" {
      if summary.mismatches > 0 || summary.isFailure { kinds.append("x") }
      var remarks = summary.placeOfMaximum.map { ["at \($0)"] } ?? []
      remarks.append("over \(FigureText.counted(summary.normalPairs, "output"))")
      if summary.mismatches > 0 {
        remarks.append(FigureText.counted(summary.mismatches, "mismatch", "mismatches"))
      }
      remark = remarks.joined(separator: ", ")
    }
    return Cell(
      text: column.text(summary, laws(summary)), group: pair, isBest: isBest,
      // A script reads the number: infinity in its words, nothing for NaN.
      value: value.map { $0.isNaN ? "" : $0.isInfinite ? "Infinity" : "\($0)" } ?? "",
      remark: remark, kind: kinds.joined(separator: " "))
  }

  private static func ordered(_ rows: [AccuracySummary]) -> [AccuracySummary] {
    var algorithms: [String: Int] = [:]
    var names: [String: Int] = [:]
    for row in rows {
      if algorithms[row.algorithm] == nil { algorithms[row.algorithm] = algorithms.count }
      if names[row.implementation] == nil { names[row.implementation] = names.count }
    }
    // A stable order: the source's letter decides last.
    return rows.enumerated().sorted { a, b in
      let left = (
        algorithms[a.element.algorithm] ?? 0, names[a.element.implementation] ?? 0, a.offset
      )
      let right = (
        algorithms[b.element.algorithm] ?? 0, names[b.element.implementation] ?? 0, b.offset
      )
      return left < right
    }.map(\.element)
  }

  /// The number of laws that each implementation breaks; no entry where none was judged.
  private static func brokenLaws(_ sources: ReportSources) -> [Softmax: Int] {
    var counts: [Softmax: Int] = [:]
    for (label, law) in sources.laws
    where law.verdict != .notMeasured && law.verdict != .undecided {
      let key = Softmax(label: label, scope: law.scope)
      counts[key, default: 0] += law.verdict == .failed ? 1 : 0
    }
    return counts
  }

  /// An implementation in one pair of formats, in one of several files.
  private struct Softmax: Hashable {
    let label: String?
    let scope: RowScope
  }

  private static func key(_ summary: AccuracySummary) -> Softmax {
    Softmax(label: summary.sourceLabel, scope: summary.scope)
  }
}
