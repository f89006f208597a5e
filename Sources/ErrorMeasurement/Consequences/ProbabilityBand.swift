import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// The band in which MLPerf wants a probability to lie beside a reference: y / p in [0.999, 1.002],
/// for p of at least 2^-20.
enum ProbabilityBand {
  /// Whether a probability is at least 2^-20.
  static func isLikely(_ probability: ExactValue) -> Bool {
    let place = 64 - 20 - Int(probability.quantumExponent)
    guard place >= 0 else { return !probability.isZero }
    // No power of two is inside the enclosure.
    return place < 128 && probability.lower >= UInt128(1) << UInt128(place)
  }

  /// Whether an element with such a probability is outside; `nil` where the oracle reached its
  /// precision cap.
  ///
  /// The ends of the band are no binary numbers, so that no y is at one of them beside a p = 1/k,
  /// and their logarithms are transcendental: precision decides, but for some soft caps.
  ///
  /// - Parameter lane: That of the outputs' operation.
  static func isOutside(
    _ element: DistributionElement, slot: Int, lane: OperationLane, oracle: SoftmaxOracle
  ) -> Bool? {
    if element.isZero { return true }
    if let isOutside = isOutside(element) { return isOutside }
    var relativeBits = 128
    while relativeBits <= oracle.precisionCap {
      guard
        let isOutside = isOutside(element, slot, lane, relativeBits: relativeBits, oracle)
      else { return nil }
      switch isOutside {
      case .decided(let answer): return answer
      case .open: relativeBits *= 2
      }
    }
    return nil
  }

  /// The same by the enclosures of the element; `nil` where they leave it open.
  private static func isOutside(_ element: DistributionElement) -> Bool? {
    let (error, exact) = (element.error, element.exact)
    guard error.astronomical == nil else { return true }
    switch element.scale {
    case .probabilities:
      if error.lower > exact.upper { return true }
      // Both are below 2^118 from here on, or the upper end is left to the arbiter.
      guard error.upper < 1 << 117 else { return nil }
      let factor: UInt128 = error.isNegative ? 1000 : 500
      if error.lower * factor >= exact.upper, !error.isExact || exact.width > 0 { return true }
      return error.upper * factor <= exact.lower ? false : nil
    case .logarithms:
      let exponent = Int(exact.quantumExponent) - 64
      let lower = ExactValue.double(error.lower).scaled(byPowerOfTwo: exponent)
      let upper = ExactValue.double(error.upper).scaled(byPowerOfTwo: exponent)
      let end = error.isNegative ? -logarithm(999, 1000) : logarithm(1002, 1000)
      if lower * (1 - 0x1p-48) > end { return true }
      return upper * (1 + 0x1p-48) < end ? false : nil
    }
  }

  private enum Answer {
    case decided(Bool)
    case open
  }

  private static func isOutside(
    _ element: DistributionElement, _ slot: Int, _ lane: OperationLane, relativeBits: Int,
    _ oracle: SoftmaxOracle
  ) -> Answer? {
    let isOfLogarithm = element.scale == .logarithms
    guard let exact = oracle.enclosure(slot: slot, of: lane, relativeBits: relativeBits)
    else { return nil }
    /// An end of the band beside one of the exact value.
    func end(_ numerator: UInt64, _ value: borrowing BigFloat, _ rounding: BigFloat.Rounding)
      -> BigFloat
    {
      var end = BigFloat(precision: relativeBits + 64)
      end.setQuotient(BigFloat(integer: numerator), BigFloat(integer: 1000), rounding)
      if isOfLogarithm {
        var logarithm = BigFloat(precision: relativeBits + 64)
        logarithm.setLogarithm(end, rounding)
        end.setSum(value, logarithm, rounding)
      } else {
        end.formProduct(value, rounding)
      }
      return end
    }
    let y = BigFloat(element.y)
    if y.compare(end(999, exact.lower, .down)) < 0 || y.compare(end(1002, exact.upper, .up)) > 0 {
      return .decided(true)
    }
    let isInside =
      y.compare(end(999, exact.upper, .up)) >= 0 && y.compare(end(1002, exact.lower, .down)) <= 0
    return isInside ? .decided(false) : .open
  }

  /// ln (a / b) to nearest.
  private static func logarithm(_ a: UInt64, _ b: UInt64) -> Double {
    var quotient = BigFloat(precision: 128)
    quotient.setQuotient(BigFloat(integer: a), BigFloat(integer: b), .toNearestOrEven)
    var logarithm = BigFloat(precision: 128)
    logarithm.setLogarithm(quotient, .toNearestOrEven)
    return logarithm.double(.toNearestOrEven)
  }
}
