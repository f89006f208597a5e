import SoftmaxAudit

/// What a reader must know first: whether anything is wrong by its own declaration, and what was not decided.
struct Verdict {
  let sentences: [String]
  let isFailure: Bool

  init(_ results: AuditResults) {
    let summaries = AccuracySummary.summaries(of: results)
    let elements = summaries.reduce(UInt64(0)) { $0.addingCapped($1.elements) }
    var sentences = [
      "\(FigureText.counted(UInt64(summaries.count), "combination")) of implementation and format, "
        + "\(FigureText.counted(elements, "output")) measured."
    ]
    // A ratio that is no number does not count as kept.
    let exceeded = summaries.filter { !(($0.maxRatio ?? 0) <= 1) }
    let mismatched = summaries.filter { $0.mismatchesInDomain > 0 }
    let misconducted = summaries.filter { !$0.misconduct.isEmpty }
    let excused = summaries.filter { $0.mismatches > $0.mismatchesInDomain }
    let undecided = summaries.reduce(UInt64(0)) { $0.addingCapped($1.undecided) }
    for summary in exceeded {
      sentences.append(
        "\(summary.implementation) in \(summary.inputFormat) exceeds its declared bound by a factor of "
          + "\(FigureText.maximum(summary.maxRatio)).")
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
    if !excused.isEmpty {
      let names = Set(excused.map { $0.implementation.prefix { $0 != "/" } }).sorted()
      sentences.append(
        "Mismatches outside the declared domain: \(names.joined(separator: ", ")).")
    }
    if undecided > 0 {
      sentences.append(
        "Undecided, because the oracle reached its precision cap: "
          + "\(FigureText.counted(undecided, "output"))."
      )
    }
    self.sentences = sentences
    isFailure = !exceeded.isEmpty || !mismatched.isEmpty || !misconducted.isEmpty
  }
}
