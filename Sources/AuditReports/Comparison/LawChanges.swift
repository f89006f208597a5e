import AuditRecords

/// The laws that began or ceased to fail.
///
/// A failure has a counterexample, which proves it whatever else was tried; a pass says that no
/// case tried was one. So a failure counts with any seed and any number of cases, and so does its
/// end, of which the counterexample before is the test: who doubts it replays that.
struct LawChanges {
  private(set) var changes: [ResultsComparison.Change] = []
  /// The number of laws that stand on both sides.
  private(set) var compared = 0

  init(before: AuditResults, after: AuditResults) {
    let earlier = Self.byKey(before.properties)
    let later = Self.byKey(after.properties)
    let known = Set(before.properties.map(\.scope) + before.accuracy.map(\.scope))
    let stillThere = Set(after.properties.map(\.scope))
    for (key, row) in later.ordered {
      guard let old = earlier.rows[key] else {
        // A law of a softmax that is new itself is told with it.
        guard known.contains(row.scope) else { continue }
        let fails = row.verdict == .failed
        add(
          row, fails ? .worse : .appeared, fails ? .witness : .presence,
          fails
            ? "fails, not checked before\(Self.reason(row))"
            : "not checked before, \(row.verdict.words)")
        continue
      }
      compared += 1
      judge(old, row)
    }
    for (key, row) in earlier.ordered where later.rows[key] == nil {
      // All laws of a softmax that is gone go with it.
      guard stillThere.contains(row.scope) else { continue }
      add(row, .notMeasured, .presence, "not checked any more, before \(row.verdict.words)")
    }
    for row in Self.gone(from: before.properties, to: after.properties) {
      changes.append(
        .init(
          direction: .notMeasured, evidence: .presence, decides: true,
          implementation: row.implementation, inputFormat: row.inputFormat,
          outputFormat: row.outputFormat, operation: row.operation,
          parameters: row.parameters, explanation: "no law is checked any more"))
    }
    for row in Self.gone(from: after.properties, to: before.properties)
    where !known.contains(row.scope) {
      let broken = after.properties.filter { $0.scope == row.scope && $0.verdict == .failed }
      let story = broken.isEmpty ? "" : "; breaks \(broken.map(\.law).joined(separator: ", "))"
      changes.append(
        .init(
          direction: .appeared, evidence: .presence, decides: false,
          implementation: row.implementation, inputFormat: row.inputFormat,
          outputFormat: row.outputFormat, operation: row.operation,
          parameters: row.parameters, explanation: "its laws were not checked before\(story)"))
    }
  }

  private mutating func judge(_ old: PropertyRow, _ new: PropertyRow) {
    guard old.verdict != new.verdict else { return }
    let story = "\(old.verdict.words) before, now \(new.verdict.words)\(Self.reason(new))"
    switch (old.verdict, new.verdict) {
    case (_, .failed): add(new, .worse, .witness, story)
    case (_, .notMeasured), (_, .undecided):
      let wasOpen = old.verdict == .notMeasured || old.verdict == .undecided
      add(new, wasOpen ? .changed : .notMeasured, .presence, story)
    case (.failed, .passed), (.waived, .passed): add(new, .better, .witness, story)
    case (_, .passed): add(new, .appeared, .presence, story)
    case (_, .waived): add(new, .changed, .presence, story)
    }
  }

  private mutating func add(
    _ row: PropertyRow, _ direction: ResultsComparison.Change.Direction,
    _ evidence: ResultsComparison.Change.Evidence, _ explanation: String
  ) {
    changes.append(
      .init(
        direction: direction, evidence: evidence,
        decides: direction == .worse || direction == .notMeasured,
        implementation: row.implementation, inputFormat: row.inputFormat,
        outputFormat: row.outputFormat, operation: row.operation,
        parameters: row.parameters, law: row.law,
        explanation: explanation))
  }

  private static func reason(_ row: PropertyRow) -> String { row.reason.map { ": \($0)" } ?? "" }

  private static func byKey(
    _ rows: [PropertyRow]
  ) -> (ordered: [(PropertyRow.Key, PropertyRow)], rows: [PropertyRow.Key: PropertyRow]) {
    let ordered = rows.map { ($0.key, $0) }
    return (ordered, Dictionary(ordered, uniquingKeysWith: { first, _ in first }))
  }

  /// The first row of each softmax that has rows on one side and none on the other.
  private static func gone(from one: [PropertyRow], to other: [PropertyRow]) -> [PropertyRow] {
    var seen = Set(other.map(\.scope))
    return one.filter { seen.insert($0.scope).inserted }
  }
}

extension LawVerdict {
  fileprivate var words: String {
    switch self {
    case .passed: "kept"
    case .failed: "broken"
    case .waived: "broken and waived"
    case .notMeasured: "not measured"
    case .undecided: "undecided"
    }
  }
}
