import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

/// The demand of the errors of one lane on a model: the least log M that covers them, for each way
/// its subtraction may err.
struct LaneObservation: Sendable {
  let family: String
  let length: Int
  let sample: Int
  /// s.
  let sum: Double
  /// sum_j p_j d_j.
  let meanDistance: Double
  /// log T for each slope.
  let logSpreads: [Double]
  /// The least log M for each slope, without and with flushing; infinite where none covers an
  /// output.
  let needed: [[Double]]

  /// The errors c u of the argument per unit of distance that models of an output format can have.
  static func slopes(output: FloatFormat) -> [Double] {
    var slopes = [0.0]
    for format in ErrorModelSearch.computingFormats(output: output) {
      slopes += [1, 3].map { $0 * format.unitRoundoff }
    }
    return slopes
  }

  /// Looks at the outputs of a lane that has a softmax; nil where one of them is no number in [0,
  /// inf).
  init?(
    _ outputs: [Double], lane: FilteredLane, profile: LaneProfile, family: String, sample: Int
  ) {
    let output = lane.format
    let slopes = Self.slopes(output: output)
    let floors = [5 * output.leastSubnormal, 5 * output.leastSubnormal + output.leastNormal]
    var needed = slopes.map { _ in [0.0, 0.0] }
    var mean = 0.0
    var spreads = slopes.map { _ in 0.0 }
    for (index, y) in outputs.enumerated() {
      guard y.isFinite, y >= 0 else { return nil }
      // A masked element is exactly 0, and any other output a mismatch.
      if profile.logits[index] == -.infinity {
        guard y == 0 else { return nil }
        continue
      }
      // A difference may overflow; nothing depends on how far beyond this it is.
      let distance = min(profile.distances[index], 0x1p200)
      let weight = profile.weights[index]
      if weight > 0 {
        mean += profile.probability(index) * distance
        for (place, slope) in slopes.enumerated() where slope > 0 {
          spreads[place] += profile.probability(index) * Double.expMinusOne(slope * distance)
        }
      }
      let (p, error) = Self.error(of: y, lane, index)
      for flush in 0..<2 {
        let excess = error - floors[flush]
        guard excess > 0 else { continue }
        let logExcess = p > 0 ? Double.log(onePlus: excess / p) : .infinity
        for (place, slope) in slopes.enumerated() {
          needed[place][flush] = max(needed[place][flush], logExcess - slope * distance)
        }
      }
    }
    self.family = family
    length = outputs.count
    self.sample = sample
    sum = profile.sum
    meanDistance = mean
    logSpreads = spreads.map { Double.log(onePlus: $0) }
    self.needed = needed
  }

  /// p from below, and |y - p| from above, both to far more than a rounding of the format.
  private static func error(
    of y: Double, _ lane: FilteredLane, _ index: Int
  ) -> (probability: Double, error: Double) {
    let slack = 1 + 0x1p-40
    if lane.hasSingles {
      let p = lane.single(at: index)
      let error = abs(y - p.high) * slack + p.high * p.relativeError
      return p.isVanishing ? (0, max(y, p.high)) : (p.high * (1 - p.relativeError), error)
    }
    let p = lane.pair(at: index)
    if p.isVanishing || p.high < 0x1p-500 {
      // Below the normal range of float64 the floor is what counts.
      let high = p.high * 0x1p-512
      return (p.isVanishing ? 0 : high, abs(y - high) * slack + .leastNonzeroMagnitude)
    }
    // Both in the scale of the pair, where their difference is exact but for one rounding.
    let error = abs((y * 0x1p512 - p.high) - p.low) * slack + p.high * p.relativeError
    return (p.high * 0x1p-512, error * 0x1p-512)
  }
}
