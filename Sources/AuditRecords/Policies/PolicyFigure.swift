import AuditedOperations

/// A figure that a policy can limit, and how it is read from a row.
public enum PolicyFigure: String, Sendable, Hashable, Codable, CaseIterable {
  /// The largest |error| in ULP.
  case maxUlp = "max-ulp"
  /// The largest mean |error| of a cell, normal range.
  case meanUlp = "mean-ulp"
  /// The largest 99th percentile of |error| of a cell, normal range.
  case p99Ulp = "p99-ulp"
  /// The largest |mean signed error| of a cell, normal range.
  case biasUlp = "bias-ulp"
  /// The largest error of a lane in ULP of its largest probability.
  case maxNormUlp = "max-norm-ulp"
  /// The largest |sum of outputs - 1|: an absolute number.
  case sumError = "sum-error"
  /// The least share of correctly rounded outputs of a cell, from 0 to 1.
  case correctlyRounded = "correctly-rounded"
  /// Outputs that match nothing where they must: none may, wherever anything else is judged. Has no key.
  case mismatches

  /// The figures that have keys.
  public static let named: [PolicyFigure] = allCases.filter { $0 != .mismatches }

  /// Whether the budget is the least and not the most that may be measured.
  public var isFloor: Bool { self == .correctlyRounded }

  /// Whether the figure is certified; else it is statistical.
  public var isCertified: Bool {
    switch self {
    case .maxUlp, .maxNormUlp, .sumError, .correctlyRounded, .mismatches: true
    case .meanUlp, .p99Ulp, .biasUlp: false
    }
  }

  /// The figure of a row; nil where the row has no output that it is over.
  ///
  /// - Parameters:
  ///   - regime: The range that counts for the maximum; nil for both.
  ///   - underflow: With `flush`, zeros below the normal range count as right. What is left there is then at most
  ///     `maxUlpFlushToZero`, a maximum over both ranges: never too small, and too large only where the normal range is
  ///     worse.
  ///   - countsExcused: Whether mismatches count that a declared domain excuses.
  public func value(
    in row: AccuracyRow, regime: PolicyRegime?, underflow: UnderflowPolicy,
    countsExcused: Bool = false
  ) -> Double? {
    switch self {
    case .maxUlp:
      var figures: [Double] = []
      if regime != .subnormal, let normal = row.maxUlp?.value { figures.append(normal) }
      if regime != .normal, let strict = row.maxUlpSubnormal?.value {
        let forgiving = row.maxUlpFlushToZero?.value ?? strict
        figures.append(underflow == .flush ? min(strict, forgiving) : strict)
      }
      return figures.contains(where: \.isNaN) ? .nan : figures.max()
    case .meanUlp: return row.meanUlp?.value
    case .p99Ulp: return row.p99Ulp?.value
    case .biasUlp: return row.meanSignedUlp?.value.magnitude
    case .maxNormUlp: return row.maxNormUlp?.value
    case .sumError: return row.maxSumError?.value
    case .correctlyRounded: return row.correctlyRounded?.value
    case .mismatches:
      guard row.elements > 0 || row.misconduct != nil || row.isUnanswered else { return nil }
      return Double(countsExcused ? row.mismatches : row.mismatchesInDomain)
        + Double(row.misconduct?.count ?? 0) + (row.isUnanswered && row.elements == 0 ? 1 : 0)
    }
  }

  /// Whether a first value is worse than a second one; NaN is worse than anything.
  package func isWorse(_ a: Double, than b: Double) -> Bool {
    if b.isNaN { return false }
    return a.isNaN || (isFloor ? a < b : a > b)
  }
}
