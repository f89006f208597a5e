import AuditedOperations
import FloatFormats
import Oracle

/// What an output is, beside the exact value that it stands for.
package enum OutputClass: Sendable {
  /// A finite output whose error can be measured.
  case measured
  /// The infinity that the exact value is, or rounds to.
  case rightInfinity
  /// No error can be stated.
  case mismatch

  /// - Parameter output: That of the operation; where it is a distribution, nothing negative has an error.
  @inline(__always)
  package init<G: BinaryFloat>(_ y: G, against exact: ExactValue, of output: OperationOutput) {
    if y.isFinite, !exact.isInfinite {
      let isPossible =
        (!output.isDistribution || !y.isNegative || y.isZero)
        && (!exact.isZero || exact.isBalanced || y.isZero)
      self = isPossible ? .measured : .mismatch
    } else if y.isNaN || y.isFinite {
      self = .mismatch
    } else {
      let isRight =
        y.isNegative == exact.isNegative
        && (exact.isInfinite || !exact.isUndecided && exact.correctlyRounded(G.self).isInfinite)
      self = isRight ? .rightInfinity : .mismatch
    }
  }
}
