import AuditRecords
import CLaneKernels
import FloatFormats
import Oracle

/// The scaled errors of outputs: |y - v| / max(u Y, eta / 2), Y the yardstick of the operation, u
/// and eta those of the output format.
struct ScaledErrors: MeasuredFigure {
  /// The largest over finite outputs whose exact value is finite.
  private(set) var largest = CertifiedMaximum()
  /// The largest over those whose exact value is normal.
  private(set) var largestOfNormal = CertifiedMaximum()
  /// The halves of all, in 2^-40.
  private var halves = ExactSum()
  /// The greatest distance of their sum from that of the exact errors.
  private var uncertainty = 0.0

  /// Takes the error of one output into the mean.
  mutating func add(_ error: UlpError, by scale: ErrorScale) {
    guard let (integer, exponent) = error.beyondBinary64 else {
      return add(half: scale.half(ofUlps: error.magnitude))
    }
    // |y| in ulps of v, next to which v is nothing.
    let value = scale.half(ofUlps: Double(integer))
    guard value > 0, value < .infinity else { return }
    let shift = Int(value.exponent) - 63
    halves.add(
      UInt64(value.scaled(byPowerOfTwo: -shift)), timesPowerOfTwo: exponent + shift + 40)
  }

  /// Takes what a kernel has added up of a lane into the mean.
  ///
  /// - Parameter uncertainty: How far the sum of the halves can be from that of the exact errors.
  mutating func add(_ tally: lane_mirror_tally, uncertainty: Double) {
    halves.add(UInt128(tally.halves_high) << 64 | UInt128(tally.halves_low))
    if tally.large_halves > 0, tally.large_halves < .infinity {
      let exponent = Int(tally.large_halves.exponent) - 63
      halves.add(
        UInt64(tally.large_halves.scaled(byPowerOfTwo: -exponent)), timesPowerOfTwo: exponent)
    }
    self.uncertainty += uncertainty
  }

  /// Whether the mean is that of the exact errors to six digits.
  var isDecided: Bool { uncertainty * 0x1p40 * 1e6 <= halves.approximate }

  private mutating func add(half: Double) {
    guard half > 0, half < .infinity else { return }
    if half < 0x1p23 { return halves.add(UInt64((half * 0x1p40).rounded())) }
    let exponent = Int(half.exponent) - 63
    halves.add(UInt64(half.scaled(byPowerOfTwo: -exponent)), timesPowerOfTwo: exponent + 40)
  }

  /// Whether an output can still raise a maximum.
  func canBeRaised(by upperBound: Double, isNormal: Bool, at place: ElementLocation) -> Bool {
    largest.canBeRaised(by: upperBound, at: place)
      || isNormal && largestOfNormal.canBeRaised(by: upperBound, at: place)
  }

  /// Takes a certified figure into account.
  mutating func raise(to figure: Double, isNormal: Bool, at place: ElementLocation) {
    largest.update(figure, at: place)
    if isNormal { largestOfNormal.update(figure, at: place) }
  }

  mutating func merge(_ other: ScaledErrors) {
    largest.merge(other.largest)
    largestOfNormal.merge(other.largestOfNormal)
    halves.merge(other.halves)
    uncertainty += other.uncertainty
  }

  func movedLanes(by offset: Int) -> ScaledErrors {
    var moved = self
    moved.largest = largest.movedLanes(by: offset)
    moved.largestOfNormal = largestOfNormal.movedLanes(by: offset)
    return moved
  }

  /// Sets the figures of a row.
  ///
  /// The mean is over all finite pairs: an output of 0 has no error where the exact value is 0.
  func write(to row: inout AccuracyRow) {
    row.maxScaled = largest.figure.map { Figure($0) }
    row.maxScaledOfNormal = largestOfNormal.figure.map { Figure($0) }
    row.meanScaled = halves.mean(over: row.finitePairs, timesPowerOfTwo: -39).map { Figure($0) }
  }
}
