import AuditRecords
import Basics

/// The implementation to take in a pair of formats, by what was measured.
struct Recommendation {
  let pair: String
  /// The least largest error on the lanes that all of them measured, among those that were judged
  /// and found without fault.
  let mostAccurate: AccuracySummary?
  /// The fastest among those whose largest error is at most twice that.
  let fastest: AccuracySummary?
  /// The algorithms that no one should take unseen, with what is wrong with each.
  let avoid: [(algorithm: String, reason: String)]
  /// The reason why there is nothing to recommend; `nil` where there is something.
  let absence: String?

  static func all(of summaries: [AccuracySummary]) -> [Recommendation] {
    summaries.map(\.formatPair).uniqued().map { pair in
      Recommendation(pair: pair, summaries: summaries.filter { $0.formatPair == pair })
    }
  }

  private init(pair: String, summaries: [AccuracySummary]) {
    self.pair = pair
    let faultless = summaries.filter(\.isSound)
    let shared = faultless.dropFirst().reduce(faultless.first?.lanes ?? []) {
      $0.intersection($1.lanes)
    }
    let sound = faultless.map { $0.only { shared.contains(.init($0)) } }
      .filter { $0.largest != nil }
    func error(_ summary: AccuracySummary) -> Double { summary.largest ?? .infinity }
    // Among equals the one that is right more often.
    let best = sound.min {
      (error($0), -($0.correctlyRounded ?? 0)) < (error($1), -($1.correctlyRounded ?? 0))
    }
    mostAccurate = best
    let limit = 2 * (best.map(error) ?? 0)
    fastest = sound.filter { error($0) <= limit && $0.nsPerElement != nil }
      .min { ($0.nsPerElement ?? 0) < ($1.nsPerElement ?? 0) }
    let bad = summaries.filter { $0.mismatches > 0 || $0.standing == .failed }
    avoid = bad.map { $0.named($0.algorithm) }.uniqued().map { name in
      let group = bad.filter { $0.named($0.algorithm) == name }
      var reasons = group.flatMap(\.complaints).uniqued()
      let mismatches = group.reduce(UInt64(0)) { $0.addingCapped($1.mismatches) }
      if mismatches > 0 {
        reasons.append(FigureText.counted(mismatches, "mismatch", "mismatches"))
      }
      return (name, reasons.isEmpty ? "fails the policy" : reasons.joined(separator: ", "))
    }
    absence =
      best != nil
      ? nil
      : !faultless.isEmpty
        ? "no comparison: there are no lanes that all of them measured"
        : summaries.contains { $0.standing == .notJudged }
          ? "none: nothing was judged" : "none that is without fault"
  }
}

extension AccuracySummary {
  /// Measured, judged, and without fault: no mismatch, no bound exceeded, no law broken.
  var isSound: Bool {
    mismatches == 0 && !isFailure && standing == .passed && (largest.map { !$0.isNaN } ?? false)
  }

  /// The support that the laws give it.
  var lawsRemark: String {
    guard !laws.isEmpty else { return "accuracy only: no laws were checked; run check or gate" }
    let kept = laws.count { $0.verdict == .passed }
    let waived = laws.count { $0.verdict == .waived }
    return "\(FigureText.counted(UInt64(kept), "law")) kept"
      + (waived > 0 ? ", \(waived) waived" : "")
  }
}
