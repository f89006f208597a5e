import AuditRecords

/// The implementation to take in a pair of formats, and those not to take unseen.
struct RecommendationCard: PagePart {
  /// An implementation with the figures that speak for it.
  struct Pick: PagePart {
    let name: String
    let error: String
    let share: String
    let ns: String
    let place: String
    let laws: String
    let outputs: String

    init(_ summary: AccuracySummary) {
      name = summary.named(summary.subject)
      error = summary.leading.words(summary.largest)
      share = FigureText.share(summary.correctlyRounded)
      ns = FigureText.statistic(summary.nsPerElement)
      place = summary.placeOfMaximum ?? ""
      laws = summary.lawsRemark
      outputs = FigureText.counted(summary.normalPairs, "output")
    }
  }

  let heading: String
  let best: Pick?
  /// The fastest one; `nil` where that is the best one.
  let fastest: Pick?
  /// The reason why there is none; `nil` where there is one.
  let absence: String?
  let avoid: [String]

  init(_ one: Recommendation) {
    heading = one.pair
    best = one.mostAccurate.map { Pick($0) }
    let fastest = one.fastest.map { Pick($0) }
    self.fastest = fastest?.name == best?.name ? nil : fastest
    absence = one.absence
    let shown = one.avoid.prefix(4).map { "\($0.algorithm): \($0.reason)" }
    let more = one.avoid.count - shown.count
    avoid = shown + (more > 0 ? ["and \(more) more"] : [])
  }
}
