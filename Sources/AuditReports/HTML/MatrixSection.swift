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
  }

  static func view(_ sources: ReportSources, _ summaries: [AccuracySummary]) -> HTMLReport.View {
    let pairs = summaries.map(\.formatPair).uniqued()
    let algorithms = summaries.map(\.algorithm).uniqued()
    let broken = brokenLaws(sources)
    let columns = columns(hasLaws: !sources.laws.isEmpty)
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
      best.append(
        columns.map { column in
          let values = sound.compactMap { column.value($0, laws($0)) }.filter { !$0.isNaN }
          // The best of one, or of equals, says nothing.
          guard Set(values).count > 1 else { return nil }
          return column.isMoreBetter ? values.max() : values.min()
        })
    }
    let groups = pairs.map { ["name": $0, "span": columns.count] as View }
    let heads = pairs.enumerated().flatMap { index, pair in
      columns.enumerated().map { place, column -> View in
        [
          "name": column.name, "meaning": column.meaning, "group": pair,
          "kind": place == 0 ? "first" : "", "number": index * columns.count + place + 1,
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
        "The largest error in ULP over everything measured (normal range), the share of correctly rounded outputs in percent, "
        + (sources.laws.isEmpty ? "" : "the number of broken laws, ")
        + "and nanoseconds for an output. A heading sorts by its column.",
      "lawsRemark": sources.laws.isEmpty
        ? "No laws were checked in these results." : "A dash under laws: not checked.",
      "groups": groups, "columns": heads, "rows": body,
      "hasMismatches": !mismatches.isEmpty, "mismatches": mismatches,
    ]
  }

  private static func columns(hasLaws: Bool) -> [Column] {
    var columns = [
      Column(
        name: "max", meaning: "The largest error in ULP, certified, rounded up",
        value: { summary, _ in summary.maxUlp },
        text: { summary, _ in
          (summary.mismatches > 0 ? "✗ " : "") + FigureText.maximum(summary.maxUlp)
        }),
      Column(
        name: "c.r. %", meaning: "The share of correctly rounded outputs in percent",
        value: { summary, _ in summary.correctlyRounded },
        text: { summary, _ in FigureText.share(summary.correctlyRounded) }, isMoreBetter: true),
    ]
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
    if isFirst, summary.mismatches > 0 || summary.isFailure {
      kinds.append("x")
      var remarks: [String] = []
      if summary.mismatches > 0 {
        remarks.append(FigureText.counted(summary.mismatches, "mismatch", "mismatches"))
      }
      if summary.isFailure { remarks.append("against what it declares") }
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
        "outputs": FigureText.count(summary.mismatches),
        "families": families.joined(separator: ", "),
      ]
    }
  }
}
