import AuditRecords

/// A figure of a row that can get worse, and how it behaves.
///
/// Every certified one is a largest value or a count over the elements of the lanes, so that it cannot shrink where lanes
/// are added. That is what makes it comparable between nested sets of lanes, and why shares are compared as counts of the
/// outputs that miss. Larger is worse in all of them.
struct ComparedFigure: Sendable {
  /// The key in results, or what is derived from one.
  let key: String
  /// What reports call it.
  let label: String
  /// Whether it is a fact about real numbers, the same on every tier; otherwise a statistic.
  let isCertified: Bool
  let isCount: Bool
  let value: @Sendable (AccuracyRow) -> Double?
  /// The lane in which it was found, where the row tells.
  let lane: @Sendable (AccuracyRow) -> Int?

  init(
    _ key: String, _ label: String, isCertified: Bool = true, isCount: Bool = false,
    lane: @escaping @Sendable (AccuracyRow) -> Int? = { _ in nil },
    value: @escaping @Sendable (AccuracyRow) -> Double?
  ) {
    self.key = key
    self.label = label
    self.isCertified = isCertified
    self.isCount = isCount
    self.value = value
    self.lane = lane
  }

  /// The certified figures.
  static let certified: [ComparedFigure] = [
    ComparedFigure(
      "maxUlp", "largest error, ulp", lane: { $0.maxUlp == nil ? nil : $0.worst?.sample },
      value: { $0.maxUlp?.value }),
    ComparedFigure("maxUlpSubnormal", "largest error, subnormal, ulp") {
      $0.maxUlpSubnormal?.value
    },
    ComparedFigure("maxUlpFlushToZero", "largest error but for flushing, ulp") {
      $0.maxUlpFlushToZero?.value
    },
    ComparedFigure("maxNormUlp", "largest error in ulps of the largest output") {
      $0.maxNormUlp?.value
    },
    ComparedFigure("maxSumError", "largest |sum - 1|") { $0.maxSumError?.value },
    ComparedFigure("mismatches", "mismatches", isCount: true) { Double($0.mismatches) },
    ComparedFigure("mismatchesInDomain", "mismatches that no domain excuses", isCount: true) {
      Double($0.mismatchesInDomain)
    },
    ComparedFigure("notCorrectlyRounded", "outputs not correctly rounded", isCount: true) {
      missing($0, $0.correctlyRounded)
    },
    ComparedFigure("notFaithful", "outputs not faithful", isCount: true) {
      missing($0, $0.faithful)
    },
  ]

  /// The error as a part of the bound; comparable where the model is the same.
  static let boundRatio = ComparedFigure("bound.maxRatio", "error / bound") {
    $0.bound?.maxRatio?.value
  }

  /// Figures that depend on the lanes as a whole; equal to six digits on the same lanes.
  static let statistical: [ComparedFigure] = [
    ComparedFigure("meanUlp", "mean error, ulp", isCertified: false) { $0.meanUlp?.value },
    ComparedFigure("rmsUlp", "root mean square error, ulp", isCertified: false) {
      $0.rmsUlp?.value
    },
    ComparedFigure("meanSignedUlp", "bias (magnitude), ulp", isCertified: false) {
      $0.meanSignedUlp.map { abs($0.value) }
    },
    ComparedFigure("p99Ulp", "99th percentile, ulp", isCertified: false) { $0.p99Ulp?.value },
  ]

  /// The figures that cells with other lanes are counted by.
  static let counted: [ComparedFigure] =
    certified.filter {
      ["maxUlp", "maxUlpSubnormal", "maxNormUlp", "maxSumError", "notCorrectlyRounded"]
        .contains($0.key)
    } + statistical.filter { $0.key == "meanUlp" }

  /// How many outputs do not have what a share is the share of; mismatches among them, agreed special ones not.
  ///
  /// A share is the quotient of two counts below 2^53 rounded once, so that the product is within half of the count.
  private static func missing(_ row: AccuracyRow, _ share: Figure?) -> Double? {
    let present = ((share?.value ?? 0) * Double(row.finitePairs)).rounded()
    guard present.isFinite else { return nil }
    return Double(row.elements) - Double(row.agreedSpecial) - Double(row.undecided) - present
  }
}
