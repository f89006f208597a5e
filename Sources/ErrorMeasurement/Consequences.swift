import AuditRecords
import FloatFormats
import MultiPrecision
import Oracle

/// The cost of the errors of outputs for those who sample from them or compare them with other
/// outputs.
///
/// All are figures of distributions: of probabilities as they are, of log-probabilities through
/// e^y. Lanes with a mismatch are left out.
struct Consequences: MeasuredFigure {
  /// The lanes that were looked at.
  var lanes: UInt64 = 0
  /// The largest divergence of the lanes where it is finite, rounded up.
  private(set) var largestDivergence: Double?
  /// Lanes with an output of 0 whose exact value is positive, and those of them where that is above
  /// eta / 2.
  var infinite: UInt64 = 0
  var lost: UInt64 = 0
  /// Lanes where no position of the largest output holds the largest logit.
  var flips: UInt64 = 0
  /// Elements with p >= 2^-20.
  var likely: UInt64 = 0
  /// Those of them outside the band, and those that correct rounding alone leaves outside.
  var outside: UInt64 = 0
  var outsideRounded: UInt64 = 0

  /// Whether a lane can still raise the largest divergence.
  func canBeRaised(by upperBound: Double) -> Bool {
    largestDivergence.map { SignedFigure.roundedUp(upperBound) > $0 } ?? true
  }

  /// Takes a certified divergence into account.
  mutating func raise(to divergence: Double) {
    largestDivergence = max(largestDivergence ?? divergence, divergence)
  }

  mutating func merge(_ other: Consequences) {
    lanes += other.lanes
    if let divergence = other.largestDivergence { raise(to: divergence) }
    infinite += other.infinite
    lost += other.lost
    flips += other.flips
    likely += other.likely
    outside += other.outside
    outsideRounded += other.outsideRounded
  }

  /// No figure has a place.
  func movedLanes(by offset: Int) -> Consequences { self }

  func write(to row: inout AccuracyRow) {
    guard lanes > 0 else { return }
    row.figures[.maxKL] = largestDivergence.map { Figure($0) }
    row.figures[.klInfinite] = Figure(Double(infinite))
    row.figures[.klLost] = Figure(Double(lost))
    row.figures[.argmaxFlips] = Figure(Double(flips))
    row.likelyPairs = likely
    guard likely > 0 else { return }
    row.figures[.outsideBand] = Figure(Double(outside) / Double(likely))
    row.figures[.outsideBandRounded] = Figure(Double(outsideRounded) / Double(likely))
  }
}

/// Real numbers of either sign as certified figures: rounded up to 30 significant bits.
enum SignedFigure {
  /// A number rounded up to a figure.
  static func roundedUp(_ value: Double) -> Double {
    value >= 0 ? CertifiedUlp.roundedUp(value) : -truncated(-value)
  }

  /// A number rounded up to a figure.
  static func roundedUp(_ value: borrowing BigFloat) -> Double {
    guard value.isNegative, !value.isZero else {
      return CertifiedUlp.roundedUp(value, timesPowerOfTwo: 0)
    }
    var rounded = BigFloat(precision: CertifiedUlp.bits)
    rounded.assign(value, .up)
    // Not -0.
    return rounded.double(.up) + 0
  }

  /// A positive number of binary64 with the bits behind its first 30 cut off.
  private static func truncated(_ value: Double) -> Double {
    guard value.isNormal else { return 0 }
    let mask = (UInt64(1) << UInt64(53 - CertifiedUlp.bits)) - 1
    return Double(bitPattern: value.bitPattern & ~mask)
  }
}
