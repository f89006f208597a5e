/// A share of the random cases that is to carry a label.
package struct CoverageRequirement: Hashable, Sendable {
  package let label: String
  /// The least share, in [0, 1].
  package let share: Double

  package init(_ label: String, share: Double) {
    self.label = label
    self.share = share
  }
}

/// The answer of the random cases to a coverage requirement.
package struct CoverageResult: Hashable, Sendable {
  package enum Judgement: Hashable, Sendable {
    /// The generator covers the label often enough, or nearly.
    case met
    /// The generator does not cover the label often enough.
    case missed
    /// There were too few cases to tell.
    case open
  }

  package let requirement: CoverageRequirement
  package let labelled: Int
  package let cases: Int

  /// The judgement, wrong less than once in 10^9 times.
  ///
  /// The share of a binomial lies between the bounds of Wilson's score interval (E. B. Wilson, JASA
  /// 22, 1927), here six standard deviations wide on either side. As in QuickCheck's
  /// `checkCoverage`, nine tenths of the share demanded is enough for `met`: a share that is
  /// exactly as demanded could else never be decided.
  package var judgement: Judgement {
    guard cases > 0 else { return requirement.share <= 0 ? .met : .open }
    let z = 6.0
    let n = Double(cases)
    let p = Double(labelled) / n
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let width = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    if center + width < requirement.share { return .missed }
    if center - width >= 0.9 * requirement.share { return .met }
    return .open
  }
}
