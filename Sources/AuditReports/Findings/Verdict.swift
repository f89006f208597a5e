import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

/// The first things a reader must know: whether anything is wrong, and what was not decided or not
/// judged.
///
/// It is the one place that decides: the table, Markdown, the page and exit statuses all read it.
package struct Verdict: Sendable {
  /// The conclusion from the sentences.
  package enum Outcome: Sendable, Equatable {
    case failed
    case undecided
    case nothingMeasured
    /// Errors were measured, and all of them, or those of some implementations, compared with
    /// nothing.
    case notJudged(isAll: Bool)
    case passed
  }

  package let outcome: Outcome
  /// The outcome in one sentence, for who reads nothing else.
  package let headline: String
  /// The recipes that wrong outputs look like, one sentence for each implementation that looks like
  /// something.
  package let resemblances: [String]
  /// The facts behind it.
  package let sentences: [String]
  package var isFailure: Bool { outcome == .failed }

  /// The outcome in a word or a few.
  package var word: String {
    switch outcome {
    case .failed: "Failed"
    case .undecided: "Not all of it could be measured"
    case .nothingMeasured: "Nothing was measured"
    case .notJudged(isAll: true): "Nothing was judged"
    case .notJudged(isAll: false): "Not all of it was judged"
    case .passed: "Passed"
    }
  }

  /// The verdict on the results of one file, or on all of several.
  package init(_ results: AuditResults...) { self.init(results) }

  init(_ all: [AuditResults]) {
    let summaries = all.flatMap { AccuracySummary.summaries(of: $0) }
    let laws = all.flatMap(\.properties)
    let gates = all.compactMap(\.gate)
    outcome = Self.outcome(all.map(Self.outcome))
    headline = Self.headline(outcome, summaries, laws, gates)
    resemblances = summaries.flatMap { summary in
      summary.resemblances.map {
        "The outputs of \(summary.subject) in \(summary.formatPair) look like \($0)."
      }
    }.uniqued()
    var sentences = gates.map { "By the policy \($0.policy): \(GateTextReport.summary($0))" }
    if !summaries.isEmpty || laws.isEmpty {
      sentences += Self.accuracySentences(summaries, isJudgedByRows: gates.isEmpty)
    }
    if !laws.isEmpty { sentences += Self.lawSentences(laws) }
    self.sentences = sentences
  }

  // MARK: Outcome

  private static func outcome(_ results: AuditResults) -> Outcome {
    switch results.gate?.verdict {
    case .failed: return .failed
    case .notMeasured: return .undecided
    case .passed: return .passed
    case nil: break
    }
    let summaries = AccuracySummary.summaries(of: results)
    let laws = results.properties
    let found = RunOutcome(of: results)
    if !found.failures.isEmpty || laws.contains(where: { $0.verdict == .failed }) {
      return .failed
    }
    let isOpen = laws.contains { $0.verdict == .undecided || $0.verdict == .notMeasured }
    if !found.notMeasured.isEmpty || isOpen { return .undecided }
    let standings = summaries.map(\.standing)
    guard !summaries.isEmpty || !laws.isEmpty else { return .nothingMeasured }
    guard standings.contains(.notJudged) else { return .passed }
    return .notJudged(isAll: standings.allSatisfy { $0 == .notJudged } && laws.isEmpty)
  }

  /// The outcome of several results together.
  private static func outcome(_ outcomes: [Outcome]) -> Outcome {
    let measured = outcomes.filter { $0 != .nothingMeasured }
    for outcome in [Outcome.failed, .undecided] where measured.contains(outcome) { return outcome }
    guard !measured.isEmpty else { return .nothingMeasured }
    guard measured.contains(where: { $0 != .passed }) else { return .passed }
    return .notJudged(isAll: measured.allSatisfy { $0 == .notJudged(isAll: true) })
  }

  // MARK: Headline

  private static func headline(
    _ outcome: Outcome, _ summaries: [AccuracySummary], _ laws: [PropertyRow],
    _ gates: [GateResult]
  ) -> String {
    if let gate = gates.first, gates.count == 1 {
      switch gate.verdict {
      case .passed: return "The policy \(gate.policy) is kept."
      case .notMeasured:
        return "Part of what the policy \(gate.policy) asks for was not measured, which is no pass."
      case .failed:
        let names = gate.judgements.filter(\.isFailure).map(\.implementation).uniqued()
        return "The policy \(gate.policy) is not kept by \(list(names))."
      }
    }
    switch outcome {
    case .failed: return failure(summaries, laws)
    case .undecided:
      return "Part of what was asked for could not be measured or decided, which is no pass."
    case .nothingMeasured: return "There are no figures in these results."
    case .notJudged(isAll: true):
      return
        "Errors were measured and compared with nothing: whether they are acceptable is not said here."
    case .notJudged(isAll: false):
      let names = summaries.filter { $0.standing == .notJudged }.map(\.implementation).uniqued()
      return "Not judged: \(list(names)). Nothing wrong was found in the others."
    case .passed:
      if summaries.isEmpty { return "Every law that was checked was kept." }
      let accuracy = "Every output that was measured is as accurate as it has to be"
      let scarce = summaries.filter(\.isMostlySubnormal).map(\.outputFormat.rawValue).uniqued()
      let scarcity =
        scarce.isEmpty
        ? ""
        : " Most exact values are below the normal range of \(list(scarce)): the largest errors speak for few outputs."
      return laws.isEmpty
        ? accuracy + ". This is about accuracy only: no laws were checked." + scarcity
        : accuracy + ", and every law that was checked was kept." + scarcity
    }
  }

  /// The implementations that fail, and of a single one the reason.
  private static func failure(_ summaries: [AccuracySummary], _ laws: [PropertyRow]) -> String {
    let names = (summaries.map(\.implementation) + laws.map(\.implementation)).uniqued()
    let broken = laws.filter { $0.verdict == .failed }
    let failing = names.filter { name in
      summaries.contains { $0.implementation == name && $0.standing == .failed }
        || broken.contains { $0.implementation == name }
    }
    guard failing.count == 1, let name = failing.first else {
      return
        "\(failing.count) of \(names.count) implementations are wrong by what they were judged by: \(list(failing))."
    }
    let own = summaries.filter { $0.implementation == name }
    var clauses = own.flatMap { $0.complaints.filter { !$0.hasPrefix("breaks ") } }.uniqued()
    let count = broken.filter { $0.implementation == name }.map(\.law).uniqued().count
    if count > 0 { clauses.append("breaks \(FigureText.counted(UInt64(count), "law"))") }
    let formats = own.filter { $0.standing == .failed }.map(\.formatPair).uniqued()
    let place =
      formats.isEmpty || formats.count > 2 ? "" : " in \(formats.joined(separator: " and "))"
    let others = names.count - 1
    return "\(name)\(place) \(clauses.joined(separator: ", "))"
      + (others > 0
        ? "; nothing is wrong with \(others == 1 ? "the other one" : "the \(others) others")."
        : ".")
  }

  /// A few names, and how many more there are.
  private static func list(_ names: [String]) -> String {
    let shown = 4
    guard names.count > shown else { return names.joined(separator: ", ") }
    return names.prefix(shown - 1).joined(separator: ", ") + " and \(names.count - shown + 1) more"
  }

  // MARK: Sentences

  private static func accuracySentences(
    _ summaries: [AccuracySummary], isJudgedByRows: Bool
  ) -> [String] {
    let elements = summaries.reduce(UInt64(0)) { $0.addingCapped($1.elements) }
    var sentences = [
      "\(FigureText.counted(UInt64(summaries.count), "combination")) of implementation and format, "
        + "\(FigureText.counted(elements, "output")) measured."
    ]
    let objections = summaries.flatMap(objections) + summaries.flatMap(unanswered)
    sentences += objections
    let isSilent = !summaries.isEmpty && summaries.allSatisfy { $0.judging?.judge == .nothing }
    if isSilent {
      sentences.append("Nothing was judged: errors were measured only.")
    } else if elements == 0, !summaries.isEmpty, objections.isEmpty {
      if !hasIdleLimit(summaries) { sentences.append("There are no outputs to judge.") }
    } else if objections.isEmpty, isJudgedByRows, !hasIdleLimit(summaries),
      summaries.contains(where: \.comparesSomething)
    {
      sentences += praise(summaries.filter { $0.judging?.judge != .nothing })
    }
    if hasIdleLimit(summaries) {
      sentences.append("The limit judged nothing: no exact value is in the normal range.")
    }
    let unjudged = summaries.flatMap { summary in
      summary.withoutBound > 0 ? summary.rows.filter { $0.withoutBound > 0 } : []
    }
    for reason in unjudged.map(\.reasonWithoutBound).uniqued() {
      let outputs = unjudged.filter { $0.reasonWithoutBound == reason }
        .reduce(UInt64(0)) { $0.addingCapped($1.withoutBound) }
      sentences.append(
        "Not judged, because \(reason): \(FigureText.counted(outputs, "output")).")
    }
    let excused = summaries.filter { $0.mismatches > $0.mismatchesInDomain }
    if !excused.isEmpty {
      let names = Set(excused.map(\.algorithm)).sorted()
      sentences.append(
        "Mismatches outside the declared domain: \(names.joined(separator: ", ")).")
    }
    let undecided = summaries.reduce(UInt64(0)) { $0.addingCapped($1.undecided) }
    if undecided > 0 {
      sentences.append(
        "Undecided, because the oracle reached its precision cap: "
          + "\(FigureText.counted(undecided, "output"))."
      )
    }
    return sentences
  }

  /// Whether there is a limit for errors in the normal range, and no error there.
  private static func hasIdleLimit(_ summaries: [AccuracySummary]) -> Bool {
    summaries.contains { $0.judging?.maxUlp != nil } && summaries.allSatisfy { $0.maxUlp == nil }
  }

  /// The faults of the outputs of an implementation by the standard that judged them.
  private static func objections(_ summary: AccuracySummary) -> [String] {
    guard summary.isFailure else { return [] }
    let judging = summary.judging
    let exceedance = ExceedanceText(judging)
    var sentences: [String] = []
    if let row = summary.mostExceeded, let words = exceedance.sentence(about: row) {
      sentences.append("\(place(summary, row)), \(words).")
    }
    var isTooFar = false
    for limit in judging?.limits ?? [] {
      let row = summary.rows.filter { $0.exceededLimits(of: judging).contains(limit) }
        .max { ($0.figures[limit.figure]?.value ?? 0) < ($1.figures[limit.figure]?.value ?? 0) }
      guard let row else { continue }
      isTooFar = true
      sentences.append(
        "\(place(summary, row)): \(FigureText.maximum(row.figures[limit.figure]?.value)) "
          + "\(limit.figure.unit.rawValue) exceed the limit of \(FigureText.short(limit.most)).")
    }
    if let first = summary.misconduct.first {
      sentences.append("\(name(summary)) misbehaved: \(first.explanation).")
    }
    if summary.mismatchesInDomain > 0 {
      let kinds = MismatchWords(summary).clauses
      sentences.append(
        "\(name(summary)) has "
          + "\(FigureText.counted(summary.mismatchesInDomain, "mismatch", "mismatches")) "
          + "that no declared domain excuses"
          + (kinds.isEmpty ? "." : ": \(kinds.joined(separator: ", ")).")
      )
    }
    // The row that exceeds its bound most names its own recipe, where it has one.
    if summary.mostExceeded?.resembles == nil, let (recipe, count) = summary.usualResemblance {
      sentences.append(
        count == summary.rows.count
          ? "These are \(recipe)."
          : "In \(count) of \(summary.rows.count) cells these are \(recipe).")
    }
    if summary.misconduct.isEmpty, summary.mismatchesInDomain == 0, !isTooFar,
      isFlushedAlone(summary)
    {
      sentences.append(
        "Every output of \(name(summary)) that exceeds its bound is a 0 below the normal range: "
          + "--underflow flush accepts that where it is meant.")
    }
    return sentences
  }

  /// Whether zeros below the normal range explain every bound that is exceeded, and no result there
  /// is known to be kept.
  private static func isFlushedAlone(_ summary: AccuracySummary) -> Bool {
    let exceeding = summary.rows.filter(\.exceedsBound)
    guard !exceeding.isEmpty, !summary.rows.contains(where: \.keepsSubnormalResults) else {
      return false
    }
    return exceeding.allSatisfy { row in
      // Ratios stand range by range where there are outputs in both.
      let keepsNormal =
        row.bound?.regimes.map { ($0.normal.maxRatio?.value ?? 0) <= 1 } ?? (row.normalPairs == 0)
      return keepsNormal && row.flushesLargestError
    }
  }

  /// The calls of an implementation that have no outputs.
  private static func unanswered(_ summary: AccuracySummary) -> [String] {
    summary.failures.map { kind, failures in
      let calls = FigureText.counted(UInt64(failures.count), "call")
      let words =
        switch kind {
        case .crash: "crashed in \(calls)"
        case .hang: "gave no answer in time to \(calls)"
        case .refusal: "refused \(calls)"
        case .rubbish: "answered \(calls) with rubbish"
        case .notMeasured:
          "was not called for \(FigureText.counted(UInt64(failures.count), "cell"))"
        }
      return "\(name(summary)) \(words): \(failures[0].explanation)."
    }
  }

  /// The promises that were kept, and the standard that judged them.
  private static func praise(_ summaries: [AccuracySummary]) -> [String] {
    let judging = summaries.first?.judging
    let operation = summaries.first?.operation ?? .softmax
    let models = summaries.flatMap { $0.rows.compactMap { $0.bound?.model } }
    let isUndeclared = models.contains(MeasurementJudging.undeclared)
    let isDeclared = models.contains { $0 != MeasurementJudging.undeclared }
    let limit = (judging?.limits ?? []).map {
      " No error exceeds \(FigureText.short($0.most)) \($0.figure.unit.rawValue)."
    }.joined()
    switch (isDeclared, isUndeclared) {
    case (true, false):
      return ["No declared bound was exceeded, and every mismatch is declared." + limit]
    case (false, true):
      return [
        "Judged by \(ExceedanceText(judging).judge(MeasurementJudging.undeclared, of: operation)): "
          + "nothing exceeds it." + limit
      ]
    case (true, true):
      return [
        "No declared bound was exceeded; what declares none keeps to what any sound \(operation) keeps to."
          + limit
      ]
    case (false, false):
      // Results of versions that judged declared models only, and rows without a bound.
      return ["No error was compared with a bound, and every mismatch is declared." + limit]
    }
  }

  private static func name(_ summary: AccuracySummary) -> String {
    "\(summary.subject) in \(summary.formatPair)"
  }

  private static func place(_ summary: AccuracySummary, _ row: AccuracyRow) -> String {
    "\(name(summary)), \(row.family), length \(row.length)"
  }

  private static func lawSentences(_ laws: [PropertyRow]) -> [String] {
    func count(_ verdict: LawVerdict) -> UInt64 { UInt64(laws.count { $0.verdict == verdict }) }
    let cases = laws.reduce(UInt64(0)) { $0.addingCapped($1.cases) }
    var sentences = [
      "\(FigureText.counted(UInt64(laws.count), "law")) checked on implementations and formats in "
        + "\(FigureText.counted(cases, "case")): \(FigureText.count(count(.passed))) kept, "
        + "\(FigureText.count(count(.failed))) broken."
    ]
    let broken = laws.filter { $0.verdict == .failed }
    for name in broken.map(\.implementation).uniqued() {
      let names = broken.filter { $0.implementation == name }.map(\.law).uniqued()
      sentences.append("\(name) breaks \(names.joined(separator: ", ")).")
    }
    if count(.waived) > 0 {
      sentences.append("\(FigureText.counted(count(.waived), "law")) waived with a reason.")
    }
    let open = count(.notMeasured) + count(.undecided)
    if open > 0 {
      sentences.append(
        "\(FigureText.counted(open, "law")) not measured or undecided, which is no pass.")
    }
    return sentences
  }
}
