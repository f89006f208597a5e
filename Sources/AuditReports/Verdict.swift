import SoftmaxAudit

/// What a reader must know first: whether anything is wrong by its own declaration, and what was not decided.
struct Verdict {
  /// What the sentences come to.
  enum Outcome: Sendable, Equatable {
    case failed
    case undecided
    case nothingMeasured
    case passed
  }

  let sentences: [String]
  let outcome: Outcome
  var isFailure: Bool { outcome == .failed }

  init(_ results: AuditResults) {
    let summaries = AccuracySummary.summaries(of: results)
    let exceeded = summaries.filter { !(($0.maxRatio ?? 0) <= 1) }
    let mismatched = summaries.filter { $0.mismatchesInDomain > 0 }
    let misconducted = summaries.filter { !$0.misconduct.isEmpty }
    let notCalled = results.accuracy.contains { $0.failure?.kind == .notMeasured }
    let undecided = summaries.reduce(UInt64(0)) { $0.addingCapped($1.undecided) }
    let laws = results.properties
    var sentences: [String] = []
    if !summaries.isEmpty || laws.isEmpty {
      sentences += Self.accuracySentences(
        summaries, exceeded, mismatched, misconducted, undecided)
    }
    if !laws.isEmpty { sentences += Self.lawSentences(laws) }
    let gate = results.gate
    if let gate {
      sentences.insert("By the policy \(gate.policy): \(GateTextReport.summary(gate))", at: 0)
    }
    self.sentences = sentences
    if !exceeded.isEmpty || !mismatched.isEmpty || !misconducted.isEmpty
      || laws.contains(where: { $0.verdict == .failed }) || gate?.verdict == .failed
    {
      outcome = .failed
    } else if undecided > 0 || notCalled || gate?.verdict == .notMeasured
      || laws.contains(where: { $0.verdict == .undecided || $0.verdict == .notMeasured })
    {
      outcome = .undecided
    } else {
      outcome = summaries.isEmpty && laws.isEmpty ? .nothingMeasured : .passed
    }
  }

  private static func accuracySentences(
    _ summaries: [AccuracySummary], _ exceeded: [AccuracySummary], _ mismatched: [AccuracySummary],
    _ misconducted: [AccuracySummary], _ undecided: UInt64
  ) -> [String] {
    let elements = summaries.reduce(UInt64(0)) { $0.addingCapped($1.elements) }
    var sentences = [
      "\(FigureText.counted(UInt64(summaries.count), "combination")) of implementation and format, "
        + "\(FigureText.counted(elements, "output")) measured."
    ]
    // A ratio that is no number does not count as kept.
    for summary in exceeded {
      sentences.append(
        "\(summary.implementation) in \(summary.inputFormat) exceeds its declared bound by a factor of "
          + "\(FigureText.ratio(summary.maxRatio)).")
    }
    for summary in summaries {
      for (kind, failures) in summary.failures {
        let calls = FigureText.counted(UInt64(failures.count), "call")
        let words: String
        switch kind {
        case .crash: words = "crashed in \(calls)"
        case .hang: words = "gave no answer in time to \(calls)"
        case .refusal: words = "refused \(calls)"
        case .rubbish: words = "answered \(calls) with rubbish"
        case .notMeasured:
          words = "was not called for \(FigureText.counted(UInt64(failures.count), "cell"))"
        }
        sentences.append(
          "\(summary.implementation) in \(summary.inputFormat) \(words): \(failures[0].explanation)."
        )
      }
    }
    for summary in misconducted {
      let first = summary.misconduct[0]
      sentences.append(
        "\(summary.implementation) in \(summary.inputFormat) misbehaved: \(first.explanation).")
    }
    for summary in mismatched {
      sentences.append(
        "\(summary.implementation) in \(summary.inputFormat) has "
          + "\(FigureText.counted(summary.mismatchesInDomain, "mismatch", "mismatches")) "
          + "that no declared domain excuses."
      )
    }
    if exceeded.isEmpty, mismatched.isEmpty, misconducted.isEmpty {
      sentences.append("No declared bound was exceeded, and every mismatch is declared.")
    }
    let excused = summaries.filter { $0.mismatches > $0.mismatchesInDomain }
    if !excused.isEmpty {
      let names = Set(excused.map(\.algorithm)).sorted()
      sentences.append(
        "Mismatches outside the declared domain: \(names.joined(separator: ", ")).")
    }
    if undecided > 0 {
      sentences.append(
        "Undecided, because the oracle reached its precision cap: "
          + "\(FigureText.counted(undecided, "output"))."
      )
    }
    return sentences
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
