import AuditedOperations

/// A figure that a policy can limit, by its key, and how it is read from a row.
package struct PolicyFigure: RawRepresentable, Sendable, Hashable, Codable, CaseIterable {
  package let rawValue: String
  /// The descriptor of the figure; nil for mismatches, which are counted.
  package let descriptor: FigureDescriptor?

  private init(_ rawValue: String, _ descriptor: FigureDescriptor?) {
    self.rawValue = rawValue
    self.descriptor = descriptor
  }

  /// The figure that a descriptor describes; nil where policies do not limit it.
  package init?(_ descriptor: FigureDescriptor) {
    guard let key = descriptor.budget else { return nil }
    self.init(key, descriptor)
  }

  package init?(rawValue: String) {
    guard let figure = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = figure
  }

  /// The figures that have keys.
  package static let named = FigureDescriptor.all.compactMap { PolicyFigure($0) }

  /// Outputs that match nothing where they must: none may, wherever anything else is judged.
  ///
  /// Has no key.
  package static let mismatches = PolicyFigure("mismatches", nil)

  package static let allCases = named + [mismatches]

  /// The largest |error| in ULP: the one figure that is judged range by range, and that can have a
  /// bound for a budget.
  package static let maxUlp = PolicyFigure("max-ulp", .maxUlp)

  /// Whether the budget is the least and not the most that may be measured.
  package var isFloor: Bool { descriptor?.isMoreBetter ?? false }

  /// Whether the figure is certified; else it is statistical.
  package var isCertified: Bool { descriptor.map { $0.evidence == .certified } ?? true }

  /// The figure of a row; nil where the row has no output that it is over.
  ///
  /// - Parameters:
  ///   - row: The row, which may be of another kind of output.
  ///   - regime: The range that counts for the maximum; nil for both.
  ///   - underflow: With `flush`, zeros below the normal range count as right. What is left there
  ///     is then at most `maxUlpFlushToZero`, a maximum over both ranges: never too small, and too
  ///     large only where the normal range is worse.
  ///   - countsExcused: Whether mismatches count that a declared domain excuses.
  package func value(
    in row: AccuracyRow, regime: PolicyRegime?, underflow: UnderflowPolicy,
    countsExcused: Bool = false
  ) -> Double? {
    guard let descriptor else {
      guard row.elements > 0 || row.misconduct != nil || row.isUnanswered else { return nil }
      return Double(countsExcused ? row.mismatches : row.mismatchesInDomain)
        + Double(row.misconduct?.count ?? 0) + (row.isUnanswered && row.elements == 0 ? 1 : 0)
    }
    guard self == .maxUlp else { return descriptor.size(in: row) }
    var figures: [Double] = []
    if regime != .subnormal, let normal = row.maxUlp?.value { figures.append(normal) }
    if regime != .normal, let strict = row.maxUlpSubnormal?.value {
      let forgiving = row.maxUlpFlushToZero?.value ?? strict
      figures.append(underflow == .flush ? min(strict, forgiving) : strict)
    }
    return figures.contains(where: \.isNaN) ? .nan : figures.max()
  }

  /// Whether a first value is worse than a second one; NaN is worse than anything.
  package func isWorse(_ a: Double, than b: Double) -> Bool {
    if b.isNaN { return false }
    return a.isNaN || (isFloor ? a < b : a > b)
  }
}
