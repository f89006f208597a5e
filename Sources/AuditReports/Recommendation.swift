/// Which implementation to take in a pair of formats, by what was measured.
struct Recommendation {
  let heading: String
  let pair: String
  /// The least largest error, among those with neither mismatches nor failures.
  let mostAccurate: AccuracySummary?
  /// The fastest among those whose largest error is at most twice that.
  let fastest: AccuracySummary?
  /// What no one should take unseen: names with the outputs that are not even comparable.
  let avoid: [(algorithm: String, mismatches: UInt64)]

  static func all(of summaries: [AccuracySummary]) -> [Recommendation] {
    summaries.map(\.formatPair).uniqued().map { pair in
      Recommendation(pair: pair, summaries: summaries.filter { $0.formatPair == pair })
    }
  }

  private init(pair: String, summaries: [AccuracySummary]) {
    self.pair = pair
    heading = pair
    let sound = summaries.filter { $0.isSound }
    func error(_ summary: AccuracySummary) -> Double { summary.maxUlp ?? .infinity }
    // Among equals the one that is right more often.
    let best = sound.min {
      (error($0), -($0.correctlyRounded ?? 0)) < (error($1), -($1.correctlyRounded ?? 0))
    }
    mostAccurate = best
    let limit = 2 * (best.map(error) ?? 0)
    fastest = sound.filter { error($0) <= limit && $0.nsPerElement != nil }
      .min { ($0.nsPerElement ?? 0) < ($1.nsPerElement ?? 0) }
    let bad = summaries.filter { $0.mismatches > 0 || $0.isFailure }
    avoid = bad.map { $0.named($0.algorithm) }.uniqued().map { name in
      let group = bad.filter { $0.named($0.algorithm) == name }
      return (name, group.reduce(UInt64(0)) { $0.addingCapped($1.mismatches) })
    }
  }
}

extension AccuracySummary {
  /// Measured, without mismatches, and within what it declares.
  var isSound: Bool { mismatches == 0 && !isFailure && maxUlp.map { !$0.isNaN } ?? false }
}
