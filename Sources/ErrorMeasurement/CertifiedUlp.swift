import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// ULP errors as certified figures: the exact value rounded up to 30 significant bits.
///
/// A figure is a function of the exact real number alone, so every tier of the oracle, every thread
/// and every shard gives the same. A positive figure below 2^-1022 is given as 2^-1022, one beyond
/// binary64 as infinity: both are upper bounds.
package enum CertifiedUlp {
  /// The number of bits that a figure keeps.
  static let bits = 30

  /// The smallest positive figure.
  static let least = 0x1p-1022

  /// |y - v| / 2^quantumExponent, rounded up; nil where the precision cap of the oracle was
  /// reached.
  package static func figure(
    of y: Double, slot: Int, of lane: OperationLane, quantumExponent: Int, oracle: SoftmaxOracle
  ) -> Double? {
    if isBelowFigures(y, slot, lane) { return least }
    var besideFigure: Double?
    var relativeBits = 40
    while relativeBits <= oracle.precisionCap {
      guard
        let distance = oracle.distance(from: y, slot: slot, of: lane, relativeBits: relativeBits)
      else { break }
      // An enclosure that stays open is of a distance that is not 0: no float agrees with an
      // irrational number.
      if distance.isBeyondFigures, !distance.isExact { return least }
      let lower =
        distance.isExact
        ? roundedUp(distance.lower, timesPowerOfTwo: -quantumExponent)
        : leastFigure(above: distance.lower, timesPowerOfTwo: -quantumExponent)
      let upper = roundedUp(distance.upper, timesPowerOfTwo: -quantumExponent)
      if lower == upper { return upper }
      if isBesideFigure(relativeBits, lane) { besideFigure = upper }
      relativeBits *= 2
    }
    return besideFigure
  }

  /// Whether an error of which so many bits are known and no figure is beside a figure.
  ///
  /// Which of the two figures around it is its own then depends on logits that are too far away for
  /// any precision, and it is given as the larger. Errors of a softmax and of its logarithms are
  /// told by algebra there.
  static func isBesideFigure(_ relativeBits: Int, _ lane: OperationLane) -> Bool {
    relativeBits >= 1 << 12 && mayLieBesideFigures(lane)
  }

  /// Whether errors of a lane may lie beside a figure by less than any precision tells: of losses
  /// and gradients, and under a soft cap.
  private static func mayLieBesideFigures(_ lane: OperationLane) -> Bool {
    DerivedTolerance.covers(lane.operation) || lane.modified?.modifiers.softcap != nil
  }

  /// Whether two figures are not those of one error; of an error that may lie beside a figure, both
  /// neighbours are.
  static func disagree(_ one: Double, _ other: Double, for lane: OperationLane) -> Bool {
    guard one != other else { return false }
    let step = max(one, other) * 0x1p-28
    return !mayLieBesideFigures(lane) || abs(one - other) > step
  }

  /// Whether y and a probability are closer together than any figure tells, because other logits
  /// are too far away.
  private static func isBelowFigures(_ y: Double, _ slot: Int, _ lane: OperationLane) -> Bool {
    guard lane.operation == .softmax, lane.modified == nil else { return false }
    let logits = lane.logits
    let tied = logits.multiplicities[0]
    if slot == 0, logits.values.count > 1, logits.distance(1) > 2400, y * Double(tied) == 1,
      tied.nonzeroBitCount == 1
    {
      return true
    }
    // p itself.
    return y == 0 && logits.distance(slot) > 2400
  }

  /// The least figure above a nonnegative number times a power of two.
  ///
  /// A distance lies above the lower end of its enclosure: where that end is a figure itself, such
  /// as the error of a difference beside which e^(-10^5) is nothing, rounding up would leave the
  /// figure open for ever.
  static func leastFigure(
    above value: borrowing BigFloat, timesPowerOfTwo exponent: Int
  ) -> Double {
    if value.isZero { return least }
    var rounded = BigFloat(precision: bits)
    if rounded.assign(value, .up) == 0 {
      var step = BigFloat(precision: bits)
      step.assign(1, timesPowerOfTwo: rounded.exponent - bits + 1, .up)
      rounded.formSum(step, .up)
    }
    return roundedUp(rounded, timesPowerOfTwo: exponent)
  }

  /// A nonnegative number times a power of two, rounded up to a figure.
  static func roundedUp(
    _ value: borrowing BigFloat, timesPowerOfTwo exponent: Int
  ) -> Double {
    if value.isZero { return 0 }
    var rounded = BigFloat(precision: bits)
    rounded.assign(value, .up)
    rounded.formProduct(withPowerOfTwo: exponent)
    if rounded.exponent < -1022 { return least }
    return rounded.double(.up)
  }

  /// A nonnegative binary64 number rounded up to a figure.
  package static func roundedUp(_ value: Double) -> Double {
    guard value > 0, value < .infinity else { return value }
    if value < least { return least }
    // Adding all ones below the kept bits carries into them unless the discarded ones are all zero.
    let discarded = UInt64(53 - bits)
    let mask = (UInt64(1) << discarded) - 1
    return Double(bitPattern: (value.bitPattern + mask) & ~mask)
  }

  /// The figure of a real number strictly between two integers of units of 2^-64, if they decide
  /// it.
  ///
  /// - Parameter isExact: The number is `lower` units exactly.
  package static func figure(lower: UInt128, upper: UInt128, isExact: Bool) -> Double? {
    if isExact { return roundedUp(units: lower) }
    // Below 2^30 units figures are finer than units.
    guard lower &>> 30 != 0 else { return nil }
    // The least figure above `lower`: figures of this size are whole units.
    let low = roundedUp(units: lower + 1)
    let high = roundedUp(units: upper)
    return low == high ? high : nil
  }

  private static func roundedUp(units: UInt128) -> Double {
    let length = 128 - units.leadingZeroBitCount
    guard length > bits else { return Double(UInt64(units)) * 0x1p-64 }
    let discarded = UInt128(length - bits)
    let kept = (units + ((UInt128(1) &<< discarded) - 1)) &>> discarded
    return Double(sign: .plus, exponent: Int(discarded) - 64, significand: Double(UInt64(kept)))
  }
}
