import AuditedOperations
import FloatFormats
import Oracle

/// For each element of a lane two binary64 numbers between which the magnitude of its exact value
/// lies, ends included.
///
/// Made once for a cell and used by every implementation and tolerance.
struct MagnitudeIntervals: Sendable {
  let lower: [Double]
  let upper: [Double]
  /// The sign of each exact value: 1 or -1.
  let signs: [Double]
  /// The places of the ends among the numbers of the output format.
  let lowerPlaces: [Int64]
  let upperPlaces: [Int64]

  /// The intervals of a lane that is not special.
  init(of lane: some ExactLane) {
    var lower: [Double] = []
    var upper: [Double] = []
    lower.reserveCapacity(lane.count)
    upper.reserveCapacity(lane.count)
    let filtered = lane as? FilteredLane
    let isProbability = lane.operation.output.isDistribution
    signs = (0..<lane.count).map { !isProbability && lane.value(at: $0).isNegative ? -1 : 1 }
    for index in 0..<lane.count {
      let (low, high) =
        filtered.map { Self.interval($0, index) }
        ?? Self.interval(lane.value(at: index), upTo: isProbability ? 1 : .infinity)
      lower.append(low)
      upper.append(high)
    }
    self.lower = lower
    self.upper = upper
    let format = lane.format
    lowerPlaces = lower.map { format.orderedIndex(of: $0) }
    upperPlaces = upper.map { format.orderedIndex(of: $0) }
  }

  /// From a filter's estimate and its bound, with two units more for the roundings here.
  private static func interval(_ lane: FilteredLane, _ index: Int) -> (Double, Double) {
    if lane.hasSingles {
      let estimate = lane.single(at: index)
      let slack = estimate.relativeError + 0x1p-51
      return (
        estimate.isVanishing ? 0 : estimate.high * (1 - slack), estimate.high * (1 + slack)
      )
    }
    // The low part is below 2^-52 of the high one. Brought back from 2^512, it may underflow.
    let estimate = lane.pair(at: index)
    let high = estimate.high * 0x1p-512
    let slack = estimate.relativeError + 0x1p-51
    guard estimate.high > 0 else { return (0, 0) }
    guard !estimate.isVanishing, high > 0x1p-960 else {
      return (0, max(high * (1 + slack), 0x1p-960))
    }
    return (high * (1 - slack), high * (1 + slack))
  }

  /// From what the arbiter located.
  ///
  /// - Parameter largest: The end of all values of the operation.
  private static func interval(
    _ exact: ExactValue, upTo largest: Double
  ) -> (Double, Double) {
    if exact.isInfinite { return (.infinity, .infinity) }
    if exact.isZero { return (0, 0) }
    if exact.isUndecided { return (0, largest) }
    func end(_ units: UInt128) -> Double {
      (Double(UInt64(units >> 64)) * 0x1p64 + Double(UInt64(truncatingIfNeeded: units)))
        .scaled(byPowerOfTwo: Int(exact.quantumExponent) - 64)
    }
    let slack = 0x1p-50
    return (
      max(0, end(exact.lower) * (1 - slack) - 2 * Double.leastNonzeroMagnitude),
      end(exact.upper) * (1 + slack) + 2 * Double.leastNonzeroMagnitude
    )
  }
}
