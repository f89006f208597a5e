import Basics

extension RunOutcome {
  /// The verdict of a comparison, which its text shows.
  package init(of comparison: ResultsComparison) {
    self.init()
    add(.failed, if: comparison.outcome == .worse)
    add(.notMeasured, if: comparison.outcome == .notMeasured)
  }
}
