import AuditRecords
import FloatFormats

/// The elements on which each implementation is at its worst, ready to be checked by anybody.
struct WitnessCard: PagePart {
  /// An element, and what it takes to check it.
  struct Element: PagePart {
    /// The number of logits of a witness that are shown.
    private static let shownLogits = 16

    let heading: String
    let family: String
    let length: String
    let signedError: String
    /// The unit of the error.
    let unit: String
    let scaled: String?
    let computed: String
    let computedDecimal: String?
    let exact: String
    let index: String
    let sample: String
    let logits: [Logit]
    /// The number of logits that are not shown; `nil` where all are.
    let elided: String?
    /// The inputs beside the logits.
    let inputs: [Input]
    let commands: [Command]
    let bound: String?
    let part: String?
    let blame: String?
    let method: String?

    init(_ one: WorstWitness) {
      let (row, worst) = (one.row, one.witness)
      let error =
        switch one.leading {
        case .maxUlp: "Largest error in ULP"
        case .maxSteps: "Largest error in steps"
        default: "Largest scaled error"
        }
      heading =
        switch one.kind {
        case .error:
          one.leading == .maxUlp && row.maxUlp == nil
            ? "Largest error, below the normal range" : error
        case .partOfBound: "Largest part of what is tolerated"
        case .both: "\(error), and largest part of what is tolerated"
        }
      family = row.family
      length = "\(row.length)"
      signedError = FigureText.maximum(worst.ulp.value)
      unit = worst.steps == nil ? "ULP" : "steps"
      scaled = worst.scaled.map { FigureText.maximum($0.value) }
      computed = worst.steps.map { "\($0.computed)" } ?? worst.computed
      computedDecimal = WitnessCard.decimal(worst.computed)
      exact = worst.steps.map { "\($0.exact), rounded \($0.rounded)" } ?? worst.exact
      index = "\(worst.index)"
      sample = "\(worst.sample)"
      let shown = worst.logits.prefix(Self.shownLogits)
      logits = shown.enumerated().map { index, text in
        Logit(
          hex: text, decimal: WitnessCard.decimal(text),
          separator: index + 1 < shown.count ? ", " : "")
      }
      let left = UInt64(worst.logits.count - shown.count)
      let elided = UInt64(max(0, worst.elided)).addingCapped(left)
      self.elided = elided > 0 ? FigureText.count(elided) : nil
      inputs = (worst.accompanying?.lines ?? []).map { Input(name: $0.name, text: $0.text) }
      commands = [ReplayCommand.reference(row, worst), one.command]
        .compactMap { $0.map { Command(command: $0) } }
      bound = worst.bound.map { FigureText.maximum($0.value) }
      part = worst.bound == nil ? nil : one.partOfBound.map { FigureText.maximum($0) }
      blame = worst.blame?.words
      method = worst.blame.map { $0.overflow == nil ? BlameReport.method : "" }
    }
  }

  /// An input of an element's lane beside its logits.
  struct Input: PagePart {
    let name: String
    let text: String
  }

  /// One logit of an element's lane.
  struct Logit: PagePart {
    let hex: String
    let decimal: String?
    let separator: String
  }

  let name: String
  let formats: String
  let pair: String
  let algorithm: String
  let isOpen: Bool
  let amount: String
  let elements: [Element]

  /// One card for each implementation: what fails first, by the part of its bound, then by the
  /// error in ULP.
  static func all(of sources: ReportSources) -> [WitnessCard] {
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
      WitnessCard(entry.element, isOpen: place == 0)
    }
  }

  private static func rank(_ card: [WorstWitness]) -> (Double, Double) {
    func number(_ value: Double?) -> Double {
      value.map { $0.isNaN ? .infinity : $0 } ?? 0
    }
    let part = card.map { number($0.partOfBound) }.max() ?? 0
    let error = card.map { number($0.row.figures[$0.leading]?.value) }.max() ?? 0
    return (part > 1 ? part : 0, error)
  }

  private init(_ witnesses: [WorstWitness], isOpen: Bool) {
    let summary = witnesses[0].summary
    name = summary.named(summary.subject)
    formats = summary.formatPair
    pair = summary.formatPair
    algorithm = summary.algorithm
    self.isOpen = isOpen
    var amounts: [String] = []
    if let error = summary.largest ?? summary.maxUlpSubnormal {
      amounts.append(summary.leading.words(error))
    }
    if let ratio = summary.maxRatio {
      amounts.append("\(FigureText.maximum(ratio)) × its bound")
    }
    amount = amounts.joined(separator: " · ")
    elements = witnesses.map { Element($0) }
  }

  /// A number in hexadecimal as the shortest decimal that means it in binary64; nil where the text
  /// is no such number.
  static func decimal(_ text: String) -> String? {
    guard text.contains("0x"), let number = Double(text: text), number.isFinite else { return nil }
    return "\(number)"
  }
}
