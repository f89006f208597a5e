import AuditRecords
import CLaneKernels
import FloatFormats
import Oracle

/// The place of a maximum: the lane of the cell and the element of the lane.
package struct ElementLocation: Sendable, Hashable {
  package var lane: Int
  package var index: Int
}

/// A certified maximum: the largest figure so far and the first place it was seen.
package struct CertifiedMaximum: Sendable, Equatable {
  package private(set) var figure: Double?
  package private(set) var location: ElementLocation?

  /// Whether an element can still raise the maximum, or take it over because it comes first.
  @inline(__always)
  func canBeRaised(by upperBound: Double, at place: ElementLocation) -> Bool {
    guard let figure, let location else { return true }
    if upperBound > figure { return true }
    // Figures are rounded up: less than a figure can be the same figure.
    return CertifiedUlp.roundedUp(upperBound) == figure && place.precedes(location)
  }

  /// The least upper bound that can raise the maximum, or take it over.
  var leastToRaise: Double {
    // Below the least figure everything is rounded up to it.
    guard let figure, figure > CertifiedUlp.least else { return 0 }
    return figure * (1 - 0x1p-28)
  }

  /// Takes a figure into account.
  mutating func update(_ candidate: Double, at place: ElementLocation) {
    if let figure, let location,
      candidate < figure || (candidate == figure && !place.precedes(location))
    {
      return
    }
    figure = candidate
    location = place
  }

  /// The larger of two maxima; the earlier lane on a tie.
  mutating func merge(_ other: CertifiedMaximum) {
    guard let candidate = other.figure, let place = other.location else { return }
    guard let figure, let location else {
      self = other
      return
    }
    if candidate > figure || (candidate == figure && place.precedes(location)) { self = other }
  }
}

extension CertifiedMaximum {
  /// The maximum of lanes that are counted from somewhere else.
  func movedLanes(by offset: Int) -> CertifiedMaximum {
    var moved = self
    moved.location?.lane += offset
    return moved
  }
}

extension AccuracyStatistics {
  /// The statistics of lanes that are counted from somewhere else.
  package func movedLanes(by offset: Int) -> AccuracyStatistics {
    var moved = self
    moved.maxUlp = maxUlp.movedLanes(by: offset)
    moved.maxUlpSubnormal = maxUlpSubnormal.movedLanes(by: offset)
    moved.maxUlpFlushToZero = maxUlpFlushToZero.movedLanes(by: offset)
    moved.maxNormUlp = maxNormUlp.movedLanes(by: offset)
    moved.maxSumError = maxSumError.movedLanes(by: offset)
    moved.ratios = ratios.movedLanes(by: offset)
    moved.measured = measured.movedLanes(by: offset)
    return moved
  }
}

extension ElementLocation {
  func precedes(_ other: ElementLocation) -> Bool {
    (lane, index) < (other.lane, other.index)
  }
}

/// The measurement of one cell of an audit: a commutative monoid with exact sums.
///
/// Merging two halves of a cell, in either order, gives what measuring the whole gives.
package struct AccuracyStatistics: Sendable, Equatable {
  package var lanes: UInt64 = 0
  package var elements: UInt64 = 0
  /// Outputs with a finite exact value that are finite and not negative.
  package var finitePairs: UInt64 = 0
  package var correctlyRounded: UInt64 = 0
  package var faithful: UInt64 = 0
  package var mismatches: UInt64 = 0
  package var mismatchedLanes: UInt64 = 0
  /// Mismatches in lanes for which a bound holds, or that no bound excuses.
  var mismatchesInDomain: UInt64 = 0
  /// All mismatches by what they are.
  var mismatchKinds = MismatchKinds()
  package var agreedSpecial: UInt64 = 0
  package var negativeZeros: UInt64 = 0
  /// Finite pairs whose output is 0 although the exact value is positive.
  var zeros: UInt64 = 0
  /// Elements whose reference or figure reached the precision cap.
  package var undecided: UInt64 = 0
  /// Elements of lanes outside the domain of the bound.
  var outsideDomain: UInt64 = 0
  /// Elements that needed more than the oracle's first precision.
  package var oracleFallbacks: UInt64 = 0

  package var maxUlp = CertifiedMaximum()
  package var maxUlpSubnormal = CertifiedMaximum()
  var maxUlpFlushToZero = CertifiedMaximum()
  var maxNormUlp = CertifiedMaximum()
  var maxSumError = CertifiedMaximum()
  package var ratios = RatioMaxima()
  var measured = MeasuredFigures()
  /// The largest ratio of an error and its bound, in both ranges.
  package var maxRatio: CertifiedMaximum { ratios.all }

  /// |error| and its square over normal exact values, in units of 2^-40 and 2^-80.
  var positive = ExactSum()
  var negative = ExactSum()
  var squares = ExactSum()
  var normalCount: UInt64 = 0
  var histogram = ErrorHistogram()
  /// The greatest distance of the sum of the magnitudes from that of the exact errors, in units of
  /// 2^-40.
  var uncertainty: UInt128 = 0
  /// The answers of tolerances in use elsewhere; `nil` where nobody asked.
  package var elsewhere: ElsewhereTally?

  package init() {}

  /// Whether the statistical figures are those of the exact errors: percentiles the same, means to
  /// six digits.
  ///
  /// A mean is off by at most the uncertainty over the count, and so is the root of the mean
  /// square, at most the larger of the two ratios; the signed mean by the same in absolute terms.
  var areStatisticsDecided: Bool {
    let magnitudes = positive.approximate + negative.approximate
    return Double(uncertainty) * 1e6 <= magnitudes
      && measured.scaled.isDecided && histogram.decides([0.5, 0.95, 0.99])
  }

  /// The largest error in the normal range; in the range below where no exact value is normal.
  package var largestError: (figure: Double?, location: ElementLocation)? {
    let maximum = maxUlp.figure != nil ? maxUlp : maxUlpSubnormal
    return maximum.location.map { (maximum.figure, $0) }
  }

  /// The largest scaled error; `nil` where there is none but 0.
  package var largestScaledError: (figure: Double, location: ElementLocation)? {
    let maximum = measured.scaled.largest
    guard let figure = maximum.figure, figure > 0 else { return nil }
    return maximum.location.map { (figure, $0) }
  }

  /// The largest error of a quantised output in steps; `nil` where there is none.
  package var largestStep: (figure: Double, location: ElementLocation)? {
    let maximum = measured.steps.largest
    return maximum.figure.flatMap { figure in maximum.location.map { (figure, $0) } }
  }

  /// The lanes of the elements that a row shows.
  package var witnessedLanes: Set<Int> {
    let maxima = [
      maxUlp, maxUlpSubnormal, measured.scaled.largest, ratios.normal, ratios.subnormal,
    ]
    return Set(maxima.compactMap { $0.location?.lane })
  }

  /// Whether an error exceeds its bound, or an output matches nothing.
  package var isSuspect: Bool { mismatches > 0 || (maxRatio.figure ?? 0) > 1 }

  /// Adds all that another part of the same cell has measured.
  package mutating func merge(_ other: AccuracyStatistics) {
    lanes += other.lanes
    elements += other.elements
    finitePairs += other.finitePairs
    correctlyRounded += other.correctlyRounded
    faithful += other.faithful
    mismatches += other.mismatches
    mismatchedLanes += other.mismatchedLanes
    mismatchesInDomain += other.mismatchesInDomain
    mismatchKinds.merge(other.mismatchKinds)
    agreedSpecial += other.agreedSpecial
    negativeZeros += other.negativeZeros
    zeros += other.zeros
    undecided += other.undecided
    outsideDomain += other.outsideDomain
    oracleFallbacks += other.oracleFallbacks
    maxUlp.merge(other.maxUlp)
    maxUlpSubnormal.merge(other.maxUlpSubnormal)
    maxUlpFlushToZero.merge(other.maxUlpFlushToZero)
    maxNormUlp.merge(other.maxNormUlp)
    maxSumError.merge(other.maxSumError)
    ratios.merge(other.ratios)
    measured.merge(other.measured)
    positive.merge(other.positive)
    negative.merge(other.negative)
    squares.merge(other.squares)
    normalCount += other.normalCount
    histogram.merge(other.histogram)
    uncertainty += other.uncertainty
    if let theirs = other.elsewhere {
      elsewhere = elsewhere ?? ElsewhereTally(theirs.tolerances)
      elsewhere?.merge(theirs)
    }
  }

  /// Whether an output has no error.
  package var hasMismatches: Bool { mismatches > 0 }

  /// Counts the mismatches of a lane that has some.
  mutating func addMismatches(_ kinds: MismatchKinds, _ promise: LanePromise) {
    mismatches += kinds.total
    mismatchedLanes += 1
    mismatchKinds.merge(kinds)
    if !promise.isOutsideDomain { mismatchesInDomain += kinds.total }
  }

  /// Counts the error of an output whose exact value is normal into the statistics.
  @inline(__always)
  mutating func addNormal(_ error: UlpError) {
    normalCount += 1
    if let grid = error.gridMagnitude {
      if error.isNegative { negative.add(grid) } else { positive.add(grid) }
      squares.add(UInt128(grid.multipliedFullWidth(by: grid)))
      histogram.add(Double(grid) * 0x1p-40)
    } else {
      // |error| >= 2^24: kept to 64 significant bits, squares to 64 of theirs.
      let magnitude = error.magnitude
      let exponent: Int
      let significand: UInt64
      if let (integer, unitExponent) = error.beyondBinary64 {
        let shift = integer.leadingZeroBitCount
        (significand, exponent) = (integer << UInt64(shift), unitExponent - shift + 40)
      } else {
        exponent = Int(magnitude.exponent) + 40 - 63
        significand = UInt64((magnitude.significand * 0x1p63).rounded(.toNearestOrEven))
      }
      if error.isNegative {
        negative.add(significand, timesPowerOfTwo: exponent)
      } else {
        positive.add(significand, timesPowerOfTwo: exponent)
      }
      squares.add(
        significand.multipliedFullWidth(by: significand).high, timesPowerOfTwo: 2 * exponent + 64)
      histogram.add(magnitude)
    }
  }
}

extension AccuracyStatistics {
  /// Adds the scaled errors of a lane of mirrored values, and corrects what a kernel has counted.
  ///
  /// Infinities that agree are no finite pairs, as the zeros that stand for them are. The outputs
  /// that are -0 are counted, open ones among them.
  mutating func add(
    _ scaled: ScaledComparison, of tally: inout lane_tally,
    _ reference: UnsafePointer<lane_reference>
  ) {
    let agreed = scaled.tally.agreed
    agreedSpecial += agreed
    tally.finite_pairs -= agreed
    tally.correctly_rounded_besides -= Int64(agreed)
    tally.faithful_besides -= Int64(agreed)
    // Mirrored a -0 can be a 0.
    tally.negative_zeros = scaled.tally.negative_zeros
    measured.scaled.add(
      scaled.tally,
      uncertainty: Double(tally.finite_pairs) * ScaledComparison.uncertainty(reference))
  }

  /// Adds what a kernel has counted of a lane, without what its histogram tells.
  mutating func add(_ tally: lane_tally) {
    finitePairs += tally.finite_pairs
    negativeZeros += tally.negative_zeros
    zeros += tally.zeros
    normalCount += tally.normal
    let magnitude = UInt128(tally.absolute_high) << 64 | UInt128(tally.absolute_low)
    // Two's complement: the sum of both is twice what the positive errors sum to.
    let sum = UInt128(tally.signed_high) << 64 | UInt128(tally.signed_low)
    positive.add((magnitude &+ sum) >> 1)
    negative.add((magnitude &- sum) >> 1)
    let exponent = tally.squares == 0 ? 0 : Int(tally.squares.exponent) - 63
    squares.add(
      UInt64(tally.squares.scaled(byPowerOfTwo: -exponent)), timesPowerOfTwo: exponent)
    // Straight to 128 bits takes a hundred times as long.
    let uncertain = tally.uncertainty.rounded(.up)
    uncertainty += uncertain < 0x1p63 ? UInt128(UInt64(uncertain)) : UInt128(uncertain)
  }
}

extension UInt128 {
  /// The product of two 64-bit integers.
  @inline(__always)
  init(_ product: (high: UInt64, low: UInt64)) {
    self = UInt128(product.high) << 64 | UInt128(product.low)
  }
}
