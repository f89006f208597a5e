import FloatFormats
import SoftmaxAudit

/// The elements on which each implementation is at its worst, ready to be checked by anybody.
enum WitnessSection {
  /// How many logits of a witness are shown.
  private static let shownLogits = 16

  /// One card for each implementation: what fails first, by the part of its bound, then by the error in ULP.
  static func views(_ sources: ReportSources) -> [HTMLReport.View] {
    var order: [[String]] = []
    var groups: [[String]: [WorstWitness]] = [:]
    for one in WorstWitness.all(of: sources) {
      let summary = one.summary
      let key = [
        summary.sourceLabel ?? "", summary.sourceName, summary.implementation, summary.formatPair,
      ]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(one)
    }
    let cards = order.map { groups[$0] ?? [] }
    let ordered = cards.enumerated().sorted {
      let (a, b) = (rank($0.element), rank($1.element))
      return a == b ? $0.offset < $1.offset : a > b
    }
    return ordered.enumerated().map { place, entry in
      card(entry.element, isOpen: place == 0)
    }
  }

  private static func rank(_ card: [WorstWitness]) -> (Double, Double) {
    func number(_ value: Double?) -> Double {
      value.map { $0.isNaN ? .infinity : $0 } ?? 0
    }
    let part = card.map { number($0.partOfBound) }.max() ?? 0
    let ulp = card.map { number($0.row.maxUlp?.value) }.max() ?? 0
    return (part > 1 ? part : 0, ulp)
  }

  private static func card(_ witnesses: [WorstWitness], isOpen: Bool) -> HTMLReport.View {
    let summary = witnesses[0].summary
    var amounts: [String] = []
    if let ulp = summary.maxUlp ?? summary.maxUlpSubnormal {
      amounts.append("\(FigureText.maximum(ulp)) ULP")
    }
    if let ratio = summary.maxRatio {
      amounts.append("\(FigureText.maximum(ratio)) × its bound")
    }
    return [
      "name": summary.named(summary.implementation), "formats": summary.formatPair,
      "pair": summary.formatPair, "algorithm": summary.algorithm, "isOpen": isOpen,
      "amount": amounts.joined(separator: " · "), "elements": witnesses.map(element),
    ]
  }

  private static func element(_ one: WorstWitness) -> HTMLReport.View {
    let (row, worst) = (one.row, one.witness)
    let shown = worst.logits.prefix(shownLogits)
    let left = worst.logits.count - shown.count
    let heading =
      switch one.kind {
      case .ulp:
        row.maxUlp == nil ? "Largest error, below the normal range" : "Largest error in ULP"
      case .partOfBound: "Largest part of what is tolerated"
      case .both: "Largest error in ULP, and largest part of what is tolerated"
      }
    var view: HTMLReport.View = [
      "heading": heading, "family": row.family, "length": "\(row.length)",
      "signedUlp": FigureText.maximum(worst.ulp.value),
      "computed": worst.computed, "exact": worst.exact, "index": "\(worst.index)",
      "sample": "\(worst.sample)",
      "logits": shown.enumerated().map { index, text -> HTMLReport.View in
        var logit: HTMLReport.View = [
          "hex": text, "separator": index + 1 < shown.count ? ", " : "",
        ]
        if let decimal = decimal(text) { logit["decimal"] = [["decimal": decimal]] }
        return logit
      },
      "commands": [ReplayCommand.reference(row, worst), one.command]
        .compactMap { $0.map { ["command": [["command": $0]]] } },
    ]
    if let decimal = decimal(worst.computed) {
      view["computedDecimal"] = [["computedDecimal": decimal]]
    }
    if let bound = worst.bound {
      view["bound"] = [["bound": FigureText.maximum(bound.value)]]
      if let part = one.partOfBound { view["part"] = [["part": FigureText.maximum(part)]] }
    }
    if let blame = worst.blame {
      view["blame"] = [
        ["blame": blame.words, "method": blame.overflow == nil ? BlameReport.method : ""]
      ]
    }
    let elided = UInt64(max(0, worst.elided)).addingCapped(UInt64(left))
    if elided > 0 { view["elided"] = [["elided": FigureText.count(elided)]] }
    return view
  }

  /// A number in hexadecimal as the shortest decimal that means it in binary64; nil where the text is no such number.
  static func decimal(_ text: String) -> String? {
    guard text.contains("0x"), let number = Double(text: text), number.isFinite else { return nil }
    return "\(number)"
  }
}
