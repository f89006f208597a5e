import AuditedOperations
import FloatFormats
import Oracle

/// The kind of an output, beside the exact value that it stands for.
package enum OutputClass: Sendable {
  /// A finite output whose error can be measured.
  case measured
  /// The infinity that the exact value is, or rounds to; in a format that has none, NaN or the
  /// largest finite number.
  case rightInfinity
  /// No error can be stated.
  case mismatch

  /// - Parameters:
  ///   - y: The output, as a number of its own format or widened.
  ///   - output: That of the operation; where it is a distribution, nothing negative has an error.
  ///   - format: The format of the output.
  @inline(__always)
  package init<G: BinaryFloat>(
    _ y: G, against exact: ExactValue, of output: OperationOutput, in format: FloatFormat
  ) {
    if !format.hasInfinities, !output.isDistribution, exact.isBeyond(y, in: format) {
      self = .rightInfinity
    } else if y.isFinite, !exact.isInfinite {
      let isPossible =
        (!output.isDistribution || !y.isNegative || y.isZero)
        && (!exact.isZero || exact.isBalanced || y.isZero)
      self = isPossible ? .measured : .mismatch
    } else if y.isNaN || y.isFinite {
      self = .mismatch
    } else {
      let isRight =
        y.isNegative == exact.isNegative
        && (exact.isInfinite || !exact.isUndecided && exact.overflows(format))
      self = isRight ? .rightInfinity : .mismatch
    }
  }
}

extension ExactValue {
  /// Whether an output is what a format without infinities has for a value beyond its numbers: NaN,
  /// or saturated.
  fileprivate func isBeyond<G: BinaryFloat>(_ y: G, in format: FloatFormat) -> Bool {
    let saturated = isNegative ? -format.greatestFinite : format.greatestFinite
    guard y.isNaN || y.exactDouble == saturated, !isUndecided else { return false }
    return isInfinite || format.rounded(correctlyRounded(Double.self)).isNaN
  }

  /// Whether the correct rounding in the format that the value was located in is infinite.
  fileprivate func overflows(_ format: FloatFormat) -> Bool {
    // Binary64 holds the rounded number, unless it is beyond that too.
    format.rounded(correctlyRounded(Double.self)).isInfinite
  }
}
