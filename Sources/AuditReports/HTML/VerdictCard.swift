/// The verdict on one results file, with what it is based on.
struct VerdictCard: PagePart {
  let kind: String
  let word: String
  let headline: String
  let resemblances: [String]
  let sentences: [String]

  init(_ label: String?, _ name: String, _ verdict: Verdict) {
    let sign: String
    (kind, sign) =
      switch verdict.outcome {
      case .failed: ("failed", "✗")
      case .undecided: ("undecided", "?")
      case .nothingMeasured: ("nothingMeasured", "–")
      case .notJudged: ("notJudged", "–")
      case .passed: ("passed", "✓")
      }
    let word = "\(sign) \(verdict.word)"
    self.word = label.map { "\($0) · \(name): \(word)" } ?? word
    headline = verdict.headline
    resemblances = verdict.resemblances
    sentences = Self.limited(verdict.sentences)
  }

  /// The first sentences, and how many more there are.
  private static func limited(_ sentences: [String]) -> [String] {
    let shown = 12
    guard sentences.count > shown + 1 else { return sentences }
    // The last one sums up.
    return Array(sentences.prefix(shown - 1))
      + ["… and \(sentences.count - shown) more findings, in the tables below."]
      + sentences.suffix(1)
  }
}
