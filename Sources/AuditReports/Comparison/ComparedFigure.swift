import AuditRecords

/// A figure of a row that can get worse, and how it behaves.
///
/// Every certified one is a largest value or a count over the elements of the lanes, so that it
/// cannot shrink where lanes are added. That is what makes it comparable between nested sets of
/// lanes, and why shares are compared as counts of the outputs that miss. Larger is worse in all of
/// them.
struct ComparedFigure: Sendable {
  /// The key in results, or what is derived from one.
  let key: String
  /// The name of the figure in reports.
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

  /// A figure of results; nil for one that is not compared.
  private init?(_ descriptor: FigureDescriptor) {
    let isCertified = descriptor.evidence == .certified
    switch descriptor.comparison {
    case .plain, .counted:
      self.init(
        descriptor.key, descriptor.label, isCertified: isCertified,
        lane: { descriptor == .maxUlp && $0.maxUlp != nil ? $0.worst?.sample : nil },
        value: { descriptor.size(in: $0) })
    case .missing(let key, let label, _):
      self.init(key, label, isCertified: isCertified, isCount: true) {
        Self.missing($0, $0.figures[descriptor])
      }
    case .none: return nil
    }
  }

  private static let figures = FigureDescriptor.all.compactMap(ComparedFigure.init)

  /// The certified figures, counts behind what is measured.
  static let certified: [ComparedFigure] =
    figures.filter { $0.isCertified && !$0.isCount }
    + [
      ComparedFigure("mismatches", "mismatches", isCount: true) { Double($0.mismatches) },
      ComparedFigure("mismatchesInDomain", "mismatches that no domain excuses", isCount: true) {
        Double($0.mismatchesInDomain)
      },
    ] + figures.filter { $0.isCertified && $0.isCount }

  /// The error as a part of the bound; comparable where the model is the same.
  static let boundRatio = ComparedFigure("bound.maxRatio", "error / bound") {
    $0.bound?.maxRatio?.value
  }

  /// Figures that depend on the lanes as a whole; equal to six digits on the same lanes.
  static let statistical = figures.filter { !$0.isCertified }

  /// The figures that cells with other lanes are counted by.
  static let counted: [ComparedFigure] = FigureDescriptor.all.filter {
    switch $0.comparison {
    case .counted, .missing(_, _, isCounted: true): true
    case .plain, .missing, .none: false
    }
  }.compactMap(ComparedFigure.init)

  /// The number of outputs outside the whole that a share is taken of; mismatches among them,
  /// agreed special ones not.
  ///
  /// A share is the quotient of two counts below 2^53 rounded once, so that the product is within
  /// half of the count.
  private static func missing(_ row: AccuracyRow, _ share: Figure?) -> Double? {
    let present = ((share?.value ?? 0) * Double(row.finitePairs)).rounded()
    guard present.isFinite else { return nil }
    return Double(row.elements) - Double(row.agreedSpecial) - Double(row.undecided) - present
  }
}
