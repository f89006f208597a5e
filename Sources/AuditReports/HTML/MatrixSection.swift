import SoftmaxAudit

/// Implementations against formats: the table that answers which softmax to trust where.
enum MatrixSection {
  private typealias View = HTMLReport.View

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

  static func view(_ sources: ReportSources, _ summaries: [AccuracySummary]) -> HTMLReport.View {
    let pairs = summaries.map(\.formatPair).uniqued()
    let algorithms = summaries.map(\.algorithm).uniqued()
    let broken = brokenLaws(sources)
    let columns = columns(summaries, hasLaws: !sources.laws.isEmpty)
    let hasFiles = sources.count > 1 && sources.labelled.allSatisfy { $0.label == nil }
    var cellsByRow: [String: [String: AccuracySummary]] = [:]
    var rows: [AccuracySummary] = []
    for summary in summaries {
      let name = summary.named(summary.implementation)
      if cellsByRow[name] == nil { rows.append(summary) }
      cellsByRow[name, default: [:]][summary.formatPair] = summary
    }
    // Sources of one implementation stand together, and so do variants of one algorithm.
    rows = ordered(rows)
    func laws(_ summary: AccuracySummary) -> Int? { broken[key(summary)] }
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
    let groups = pairs.map { ["name": $0, "span": columns.count] as View }
    let heads = pairs.enumerated().flatMap { index, pair in
      columns.enumerated().map { place, column -> View in
        [
          "name": column.name, "meaning": column.meaning, "group": pair,
          "kind": (place == 0 ? "first" : "") + (column.isWord ? " l" : ""),
          "number": index * columns.count + place + (hasFiles ? 2 : 1),
        ]
      }
    }
    var previous: String?
    let body = rows.map { row -> View in
      let name = row.named(row.implementation)
      let cells = pairs.enumerated().flatMap { index, pair in
        columns.enumerated().map { place, column -> View in
          cell(
            column, cellsByRow[name]?[pair], laws, best: best[index][place], isFirst: place == 0,
            pair: pair)
        }
      }
      defer { previous = row.algorithm }
      return [
        "name": name, "algorithm": row.algorithm, "cells": cells,
        "file": hasFiles ? [["file": row.sourceName]] : [],
        "kind": previous != nil && previous != row.algorithm ? "new" : "",
      ]
    }
    let mismatches = mismatchViews(summaries)
    return [
      "hasPairs": pairs.count > 1, "pairs": pairs,
      "hasAlgorithms": algorithms.count > 1 && algorithms.count < summaries.count,
      "algorithms": algorithms,
      "preferred": pairs.count > 1 ? (pairs.contains("float32") ? "float32" : pairs[0]) : "",
      "caption":
        "The verdict, the largest error found in ULP over everything measured (normal range) and over ordinary logits, "
        + "the share of correctly rounded outputs in percent, "
        + (sources.laws.isEmpty ? "" : "the number of broken laws, ")
        + "and nanoseconds for an output. A heading sorts by its column.",
      "lawsRemark": sources.laws.isEmpty
        ? "No laws were checked in these results." : "A dash under laws: not checked.",
      "remarks": summaries.compactMap(\.scarcitySentence), "words": PageWords.views,
      "hasFiles": hasFiles,
      "groups": groups, "columns": heads, "rows": body,
      "hasMismatches": !mismatches.isEmpty, "mismatches": mismatches,
    ]
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
        meaning: "The largest error found in ULP, certified, rounded up; others may be worse",
        value: { summary, _ in summary.maxUlp },
        text: { summary, _ in
          (summary.mismatches > 0 ? "✗ " : "") + FigureText.maximum(summary.maxUlp)
        }),
    ]
    let ordinary = summaries.map { $0.ordinary.rows.count }
    if zip(summaries, ordinary).contains(where: { $1 > 0 && $1 < $0.rows.count }) {
      columns.append(
        Column(
          name: "ordinary",
          meaning: "The largest error found in ULP over logits as programs make them every day",
          value: { summary, _ in summary.ordinary.maxUlp },
          text: { summary, _ in FigureText.maximum(summary.ordinary.maxUlp) }))
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
  ) -> View {
    var kinds = isFirst ? ["first"] : []
    guard let summary else {
      return ["kind": kinds.joined(), "text": "", "value": "", "group": pair]
    }
    let value = column.value(summary, laws(summary))
    let isBest = best != nil && value == best && summary.isSound
    if isBest { kinds.append("b") }
    var view: View = [
      "text": column.text(summary, laws(summary)), "group": pair, "isBest": isBest,
      // A script reads the number: infinity in its words, nothing for NaN.
      "value": value.map { $0.isNaN ? "" : $0.isInfinite ? "Infinity" : "\($0)" } ?? "",
    ]
    if column.isWord {
      kinds += ["l", summary.standing == .failed ? "x" : "v-\(summary.standing)"]
      let complaints = summary.complaints
      if !complaints.isEmpty { view["remark"] = [["remark": complaints.joined(separator: ", ")]] }
    } else if column.name == "largest" {
      if summary.mismatches > 0 || summary.isFailure { kinds.append("x") }
      var remarks = summary.placeOfMaximum.map { ["at \($0)"] } ?? []
      remarks.append("over \(FigureText.counted(summary.normalPairs, "output"))")
      if summary.mismatches > 0 {
        remarks.append(FigureText.counted(summary.mismatches, "mismatch", "mismatches"))
      }
      view["remark"] = [["remark": remarks.joined(separator: ", ")]]
    }
    view["kind"] = kinds.joined(separator: " ")
    return view
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

  /// How many laws each implementation breaks; no entry where none was judged.
  private static func brokenLaws(_ sources: ReportSources) -> [[String]: Int] {
    var counts: [[String]: Int] = [:]
    for (label, law) in sources.laws
    where law.verdict != .notMeasured && law.verdict != .undecided {
      let key = [label ?? "", law.implementation, law.inputFormat, law.outputFormat]
      counts[key, default: 0] += law.verdict == .failed ? 1 : 0
    }
    return counts
  }

  private static func key(_ summary: AccuracySummary) -> [String] {
    [
      summary.sourceLabel ?? "", summary.implementation, summary.inputFormat, summary.outputFormat,
    ]
  }

  private static func mismatchViews(_ summaries: [AccuracySummary]) -> [View] {
    summaries.filter { $0.mismatches > 0 }.map { summary in
      let rows = summary.rows.filter { $0.mismatches > 0 }
      let families = rows.map(\.family).uniqued().sorted().map { family -> String in
        let cells = summary.only { $0.family == family && $0.mismatches > 0 }
        return "\(family) (\(cells.total(\.mismatchedLanes)) of \(cells.total(\.lanes)))"
      }
      return [
        "name": summary.shortName, "format": summary.heading,
        "pair": summary.formatPair, "algorithm": summary.algorithm,
        "outputs": FigureText.count(summary.mismatches), "kinds": MismatchWords(summary).text,
        "families": families.joined(separator: ", "),
      ]
    }
  }
}
