import SoftmaxAudit

/// Which laws were kept by whom, and the witnesses of those that were not.
enum LawSection {
  private typealias View = HTMLReport.View
  /// How many failures are told at length, and how many elements of a witness are shown.
  private static let shownFailures = 60
  private static let shownElements = 12

  static func view(_ sources: ReportSources) -> HTMLReport.View {
    let laws = sources.laws
    guard !laws.isEmpty else { return ["hasRows": false] }
    var names: [String] = []
    var statements: [String: String] = [:]
    for (_, row) in laws where statements[row.law] == nil {
      names.append(row.law)
      statements[row.law] = row.statement
    }
    var order: [String] = []
    var groups: [String: [PropertyRow]] = [:]
    for (label, row) in laws {
      let key = name(label, row)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    let failed = laws.filter { $0.row.verdict == .failed }
    let open = laws.filter { [.waived, .notMeasured, .undecided].contains($0.row.verdict) }
    var view: View = [
      "hasRows": true,
      "names": names.map { ["name": $0, "statement": statements[$0] ?? ""] },
      "rows": order.map { key -> View in
        let group = groups[key] ?? []
        return [
          "name": key, "pair": pair(group[0]), "algorithm": algorithm(group[0]),
          "cells": names.map { name in cell(group.first { $0.law == name }, name) },
        ]
      },
      "failures": failed.prefix(shownFailures).enumerated().map { place, entry in
        failure(entry.label, entry.row, isOpen: place == 0)
      },
      "hasOpen": !open.isEmpty,
      "open": open.prefix(shownFailures).map { label, row -> View in
        let what =
          switch row.verdict {
          case .waived: "waived"
          case .undecided: "undecided"
          default: "not measured"
          }
        return [
          "pair": pair(row), "algorithm": algorithm(row),
          "text": "\(name(label, row)): \(row.law), \(what). \(row.reason ?? "")",
        ]
      },
    ]
    let omitted = max(0, failed.count - shownFailures) + max(0, open.count - shownFailures)
    if omitted > 0 {
      view["omitted"] = [
        [
          "omitted":
            "\(omitted) more findings are in the table above, and with their witnesses in the JSON."
        ]
      ]
    }
    return view
  }

  private static func pair(_ row: PropertyRow) -> String {
    row.inputFormat == row.outputFormat
      ? row.inputFormat : "\(row.inputFormat) to \(row.outputFormat)"
  }

  private static func algorithm(_ row: PropertyRow) -> String {
    row.implementation.split(separator: "/").first.map(String.init) ?? row.implementation
  }

  private static func name(_ label: String?, _ row: PropertyRow) -> String {
    "\(row.implementation) in \(pair(row))" + (label.map { " · \($0)" } ?? "")
  }

  private static func cell(_ row: PropertyRow?, _ law: String) -> View {
    guard let row else {
      return ["verdict": "none", "symbol": "", "title": "\(law): does not apply"]
    }
    let (symbol, word) =
      switch row.verdict {
      case .passed: ("✓", "kept in \(FigureText.counted(row.cases, "case"))")
      case .failed: ("✗", "broken")
      case .waived: ("~", "broken and waived")
      case .undecided: ("?", "undecided")
      case .notMeasured: ("–", "not measured")
      }
    return ["verdict": row.verdict.rawValue, "symbol": symbol, "title": "\(law): \(word)"]
  }

  private static func failure(_ label: String?, _ row: PropertyRow, isOpen: Bool) -> View {
    var witnesses: [View] = []
    if let simplest = row.counterexample { witnesses.append(witness("Simplest witness", simplest)) }
    if let worst = row.worst, worst.digest != row.counterexample?.digest {
      witnesses.append(witness("Worst witness", worst))
    }
    let severity = (row.worst ?? row.counterexample)?.severity?.value
    var view: View = [
      "law": row.law, "name": name(label, row), "pair": pair(row), "algorithm": algorithm(row),
      "statement": row.statement, "tolerance": row.tolerance, "isOpen": isOpen,
      "amount": severity.map { "\(FigureText.maximum($0)) × tolerated" } ?? "broken",
      "witnesses": witnesses, "hasLog": row.callLog != nil,
      "log": Array((row.callLog ?? []).suffix(shownElements)),
    ]
    if let reason = row.reason { view["reason"] = [["reason": reason]] }
    return view
  }

  private static func witness(_ title: String, _ one: PropertyRow.Counterexample) -> View {
    let count = one.logits.count
    let shown = count <= shownElements ? count : shownElements
    var heading = "\(title): shape \(one.shape), axis \(one.axis)"
    if let severity = one.severity {
      heading += ", \(FigureText.maximum(severity.value)) times what is tolerated"
    }
    func entry(_ list: [String]?, _ index: Int) -> String {
      list.flatMap { index < $0.count ? $0[index] : nil } ?? ""
    }
    let hasChange = one.computedAfterChange != nil
    var view: View = [
      "heading": heading, "hasElements": count > 0, "hasChange": hasChange,
      "command": [["command": one.replay]],
      "elements": (0..<shown).map { index -> View in
        [
          "index": "\(index)", "logit": one.logits[index],
          "decimal": WitnessSection.decimal(one.logits[index]) ?? "",
          "computed": entry(one.computed, index), "after": entry(one.computedAfterChange, index),
          "exact": entry(one.expected, index), "isAny": one.irrelevant.contains(index),
          "hasChange": hasChange,
        ]
      },
    ]
    if one.failure != "" { view["failure"] = [["failure": one.failure]] }
    if let change = one.change { view["change"] = [["change": change]] }
    if count > shown {
      view["more"] = [["more": "… and \(count - shown) more elements; digest \(one.digest)."]]
    }
    return view
  }
}
