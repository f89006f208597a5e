import AuditedOperations
import FloatFormats
import Oracle

/// The largest ratio of errors to their bounds, over a set of lanes.
package struct BoundRatio: Sendable {
  /// The number of outputs that were compared with a bound.
  package private(set) var elements: UInt64 = 0
  /// Outputs that no error can be stated for, although their lane has a bound.
  package private(set) var mismatches: UInt64 = 0
  /// Outputs whose reference or ratio reached the precision cap of the oracle.
  package private(set) var undecided: UInt64 = 0
  private var maximum = CertifiedMaximum()

  package init() {}

  /// The largest |y - p| / bound, rounded up to a figure; nil where nothing was compared.
  package var largest: Double? { maximum.figure }
  /// The number of the lane where the largest ratio was seen first.
  package var lane: Int? { maximum.location?.lane }
  /// The place of the element in that lane.
  package var index: Int? { maximum.location?.index }

  /// Compares the outputs of one lane with their bounds.
  ///
  /// - Parameters:
  ///   - outputs: The computed outputs, one per exact value of the reference.
  ///   - bounds: The bound on |y - v| for each of them.
  ///   - reference: The exact values of a lane that has some, in the format of the outputs.
  ///   - lane: The number of the lane, for the witness.
  ///   - figures: What certifies errors; lanes of one number must be the same lane.
  @_specialize(where G == Float16)
  @_specialize(where G == BFloat16)
  @_specialize(where G == Float)
  @_specialize(where G == Double)
  package mutating func compare<G: BinaryFloat>(
    _ outputs: [G], with bounds: [Double], reference: LaneReference, lane: Int,
    figures: FigureCache
  ) {
    elements += UInt64(outputs.count)
    // Read once: a copy of the operation for each element would cost more than the rest.
    let output = reference.operation.output
    var latest: (y: G, slot: Int, bound: Double, kind: Comparison)?
    for (index, y) in outputs.enumerated() {
      let (slot, bound) = (reference.slot(at: index), bounds[index])
      let kind: Comparison
      if let latest, latest.slot == slot, latest.bound == bound,
        latest.y.bitPattern == y.bitPattern
      {
        // The same again: the maximum stays with the first.
        kind = latest.kind
      } else {
        kind = compare(
          y, with: bound, exact: reference.value(at: index), of: output,
          at: ElementLocation(lane: lane, index: index), reference: reference, figures: figures)
        latest = (y, slot, bound, kind)
      }
      switch kind {
      case .decided: break
      case .mismatched: mismatches += 1
      case .undecided: undecided += 1
      }
    }
  }

  /// The outcome of the comparison of an output with its bound.
  private enum Comparison {
    case decided, mismatched, undecided
  }

  @inline(__always)
  private mutating func compare<G: BinaryFloat>(
    _ y: G, with bound: Double, exact: ExactValue, of output: OperationOutput,
    at location: ElementLocation, reference: LaneReference, figures: FigureCache
  ) -> Comparison {
    switch OutputClass(y, against: exact, of: output, in: reference.format) {
    case .measured: break
    case .rightInfinity: return .decided
    case .mismatch: return .mismatched
    }
    if exact.isZero, y.isZero { return .decided }
    guard !exact.isUndecided else { return .undecided }
    let isDecided = maximum.raise(
      toRatioOf: UlpError(of: y, against: exact), output: y, against: exact,
      limit: ErrorLimit(bound: bound), at: location, reference: reference, figures: figures)
    return isDecided ? .decided : .undecided
  }
}

extension CertifiedMaximum {
  /// Raises the maximum to |y - p| / bound, where that is larger, as a certified figure.
  ///
  /// A ratio counts as what its limit says at most.
  ///
  /// - Returns: Whether the ratio was decided; false where the oracle reached its precision cap.
  mutating func raise<G: BinaryFloat>(
    toRatioOf error: UlpError, output: G, against exact: ExactValue, limit: ErrorLimit,
    at location: ElementLocation, reference: some ExactLane, figures: FigureCache
  ) -> Bool {
    let bound = limit.bound
    // Whatever the error is, it is no part of a bound without end: a zero that may be flushed.
    if bound == .infinity {
      update(0, at: location)
      return true
    }
    let scaled = bound.scaled(byPowerOfTwo: -Int(exact.quantumExponent))
    let upperBound = error.magnitudeUpperBound
    // Ulps of a tiny p may be too many for binary64: then both are taken as they are.
    let countsUlps = upperBound < .infinity && scaled < .infinity
    // A bound that is less than any figure, beside a huge value: what it allows and what exceeds it
    // are told apart by no figure but the least.
    let isBelowFigures = countsUlps && bound > 0 && scaled < CertifiedUlp.least
    let divisor = isBelowFigures ? CertifiedUlp.least : countsUlps ? scaled : bound
    // 0/0 is no exceedance; an error where none is allowed is.
    let quick =
      upperBound == 0
      ? 0 : countsUlps ? max(upperBound / divisor, CertifiedUlp.least) : .infinity
    // The figure and then the ratio are rounded up to 30 bits: less slack would make the maximum
    // depend on the order.
    let most = min(quick * (1 + 0x1p-27), limit.largestRatio)
    guard canBeRaised(by: most, at: location) else { return true }
    let figure =
      countsUlps
      ? figures.figure(of: error, output: output, at: location, reference: reference)
      : figures.figure(
        output: output, index: location.index, reference: reference, quantumExponent: 0)
    guard let figure else { return false }
    let isNothing = figure == 0 || isBelowFigures && figure <= CertifiedUlp.least
    let ratio = isNothing ? 0 : CertifiedUlp.roundedUp((figure / divisor).nextUp)
    update(min(ratio, limit.largestRatio), at: location)
    return true
  }
}
