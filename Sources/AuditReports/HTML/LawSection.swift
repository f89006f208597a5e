import AuditRecords

/// The laws kept by each implementation, and the witnesses of those that were not.
struct LawSection: PagePart {
  /// The numbers of failures told at length and of elements of a witness shown.
  private static let shownFailures = 60
  private static let shownElements = 12

  /// A law as the head of a column.
  struct Name: PagePart {
    let name: String
    let statement: String
  }

  /// The verdicts on one implementation.
  struct Row: PagePart {
    let name: String
    let pair: String
    let algorithm: String
    let cells: [Cell]
  }

  /// The verdict of one law.
  struct Cell: PagePart {
    let verdict: String
    let symbol: String
    let title: String

    init(_ row: PropertyRow?, _ law: String) {
      guard let row else {
        (verdict, symbol, title) = ("none", "", "\(law): does not apply")
        return
      }
      let word: String
      (symbol, word) =
        switch row.verdict {
        case .passed: ("✓", "kept in \(FigureText.counted(row.cases, "case"))")
        case .failed: ("✗", "broken")
        case .waived: ("~", "broken and waived")
        case .undecided: ("?", "undecided")
        case .notMeasured: ("–", "not measured")
        }
      verdict = row.verdict.rawValue
      title = "\(law): \(word)"
    }
  }

  /// A broken law, as a card.
  struct Failure: PagePart {
    let law: String
    let name: String
    let pair: String
    let algorithm: String
    let statement: String
    let reason: String?
    let tolerance: String
    let isOpen: Bool
    let amount: String
    let witnesses: [Witness]
    /// The calls before the one that failed.
    let log: [String]

    init(_ label: String?, _ row: PropertyRow, isOpen: Bool) {
      law = row.law
      name = LawSection.name(label, row)
      pair = LawSection.pair(row)
      algorithm = LawSection.algorithm(row)
      statement = row.statement
      reason = row.reason
      tolerance = row.tolerance
      self.isOpen = isOpen
      let severity = (row.worst ?? row.counterexample)?.severity?.value
      amount = severity.map { "\(FigureText.maximum($0)) × tolerated" } ?? "broken"
      var witnesses: [Witness] = []
      if let simplest = row.counterexample {
        witnesses.append(Witness("Simplest witness", simplest))
      }
      if let worst = row.worst, worst.digest != row.counterexample?.digest {
        witnesses.append(Witness("Worst witness", worst))
      }
      self.witnesses = witnesses
      log = Array((row.callLog ?? []).suffix(shownElements))
    }
  }

  /// A case in which a law is broken.
  struct Witness: PagePart {
    let heading: String
    let failure: String?
    let change: String?
    let hasChange: Bool
    /// The inputs beside the logits.
    let inputs: [WitnessCard.Input]
    let elements: [Element]
    let more: String?
    let command: String

    init(_ title: String, _ one: PropertyRow.Counterexample) {
      var heading = "\(title): shape \(one.shape), axis \(one.axis)"
      if let severity = one.severity {
        heading += ", \(FigureText.maximum(severity.value)) times what is tolerated"
      }
      self.heading = heading
      failure = one.failure == "" ? nil : one.failure
      change = one.change
      hasChange = one.computedAfterChange != nil
      inputs = (one.accompanying?.lines ?? []).map {
        WitnessCard.Input(name: $0.name, text: $0.text)
      }
      let count = one.logits.count
      elements = (0..<min(count, shownElements)).map { Element(one, $0) }
      more =
        one.elementCount > shownElements
        ? "… and \(one.elementCount - shownElements) more elements; digest \(one.digest)." : nil
      command = one.replay
    }
  }

  /// One element of a witness.
  struct Element: PagePart {
    let index: String
    let logit: String
    /// Whether any number in its place breaks the law as well.
    let isAny: Bool
    let decimal: String
    let computed: String
    let after: String
    let exact: String

    init(_ one: PropertyRow.Counterexample, _ index: Int) {
      func entry(_ list: [String]?) -> String {
        list.flatMap { index < $0.count ? $0[index] : nil } ?? ""
      }
      self.index = "\(index)"
      logit = one.logits[index]
      isAny = one.irrelevant.contains(index)
      decimal = WitnessCard.decimal(one.logits[index]) ?? ""
      computed = entry(one.computed)
      after = entry(one.computedAfterChange)
      exact = entry(one.expected)
    }
  }

  /// A law that is neither kept nor simply broken.
  struct Open: PagePart {
    let pair: String
    let algorithm: String
    let text: String

    init(_ label: String?, _ row: PropertyRow) {
      let what =
        switch row.verdict {
        case .waived: "waived"
        case .undecided: "undecided"
        default: "not measured"
        }
      pair = LawSection.pair(row)
      algorithm = LawSection.algorithm(row)
      text = "\(LawSection.name(label, row)): \(row.law), \(what). \(row.reason ?? "")"
    }
  }

  let names: [Name]
  let rows: [Row]
  let failures: [Failure]
  let omitted: String?
  let open: [Open]

  init(_ sources: ReportSources) {
    let laws = sources.laws
    var names: [Name] = []
    var seen = Set<String>()
    for (_, row) in laws where seen.insert(row.law).inserted {
      names.append(Name(name: row.law, statement: row.statement))
    }
    var order: [String] = []
    var groups: [String: [PropertyRow]] = [:]
    for (label, row) in laws {
      let key = Self.name(label, row)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    self.names = names
    rows = order.map { key in
      let group = groups[key] ?? []
      return Row(
        name: key, pair: Self.pair(group[0]), algorithm: Self.algorithm(group[0]),
        cells: names.map { law in Cell(group.first { $0.law == law.name }, law.name) })
    }
    let failed = laws.filter { $0.row.verdict == .failed }
    failures = failed.prefix(Self.shownFailures).enumerated().map { place, entry in
      Failure(entry.label, entry.row, isOpen: place == 0)
    }
    let open = laws.filter { [.waived, .notMeasured, .undecided].contains($0.row.verdict) }
    self.open = open.prefix(Self.shownFailures).map { Open($0.label, $0.row) }
    let more =
      max(0, failed.count - Self.shownFailures) + max(0, open.count - Self.shownFailures)
    omitted =
      more > 0
      ? "\(more) more findings are in the table above, and with their witnesses in the JSON." : nil
  }

  private static func pair(_ row: PropertyRow) -> String {
    row.formatPair
  }

  private static func algorithm(_ row: PropertyRow) -> String {
    row.implementation.split(separator: "/").first.map(String.init) ?? row.implementation
  }

  private static func name(_ label: String?, _ row: PropertyRow) -> String {
    "\(row.subject) in \(pair(row))" + (label.map { " · \($0)" } ?? "")
  }
}
