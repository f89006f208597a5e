import FloatFormats
import RealModule
import SoftmaxOracle
import SoftmaxVariants

@testable import SoftmaxAudit

/// The tolerance of an implementation that declares nothing, as section 8 of the design page has it.
///
/// |y - p| <= p B + alpha. Written here a second time on purpose: the faults must be wrong by what the page says, not by
/// what a law makes of it.
struct UndeclaredTolerance {
  /// B for each element; nil where S >= 1/2, which is no bound.
  let relative: [Double]?
  /// alpha in units of the least subnormal.
  let alpha: Double

  init(_ profile: LaneProfile, _ format: FloatFormat) {
    let isNarrow = format.bitWidth == 16
    let u = format.unitRoundoff
    let k = isNarrow ? 1.0 : 4
    let n = Double(profile.count)
    let s =
      (isNarrow ? u + (n - 1) * 0x1p-24 : (n - 1) * u) + n * (isNarrow ? 1 : k)
      * format.leastSubnormal / profile.sum
    alpha = k + 1
    guard s < 0.5 else {
      relative = nil
      return
    }
    var mean = 0.0
    for index in 0..<profile.count where profile.weights[index] > 0 {
      mean += profile.probability(index) * Double.exp(profile.distances[index] * u)
    }
    let factor = mean * (1 + 2 * k * u) / (1 - 2 * k * u) * Double.pow(1 + u, 3) / (1 - s)
    relative = profile.distances.map { Double.exp(min($0, 1e4) * u) * factor - 1 }
  }
}

/// How a lane of outputs deviates from what its softmax permits; nil where it does not.
func deviation<F: BinaryFloat>(
  of outputs: [F], on logits: [F], _ implementation: some SoftmaxImplementation,
  _ oracle: SoftmaxOracle
) throws -> String? {
  var logits = logits
  if implementation.specialLanes.contains(.nanAsMasked) {
    logits = logits.map { $0.isNaN ? -F.infinity : $0 }
  }
  let reference = oracle.softmax(of: logits, in: F.format)
  if let special = reference.special {
    let infinities = logits.count { $0 == F.infinity }
    let expectation = implementation.specialLanes.expectation(
      for: special, infinityCount: infinities)
    let isMet =
      switch expectation {
      case .nanSomewhere:
        outputs.contains(where: \.isNaN)
          && outputs.allSatisfy { $0.isNaN || $0 >= F.zero && $0 <= F.one }
      case .withoutNaNs: false
      case .nanEverywhere: outputs.allSatisfy(\.isNaN)
      case .zeros: outputs.allSatisfy(\.isZero)
      case .uniform: outputs.allSatisfy { $0 == F(rounding: 1 / Double(outputs.count)) }
      case .oneHot:
        zip(logits, outputs).allSatisfy { $1 == ($0 == F.infinity ? F.one : F.zero) }
      }
    return isMet ? nil : "\(special) lane gave \(outputs.prefix(8))"
  }
  guard let profile = LaneProfile(logits) else { return nil }
  let tolerance = UndeclaredTolerance(profile, F.format)
  guard let relative = tolerance.relative else { return nil }
  for (index, y) in outputs.enumerated() {
    let exact = reference.probability(at: index)
    guard y.isFinite, y >= F.zero else { return "\(y) at \(index)" }
    if exact.isZero {
      if !y.isZero { return "\(y.hexText) for a masked logit at \(index)" }
      continue
    }
    let alpha = tolerance.alpha.scaled(
      byPowerOfTwo: F.format.quantumExponent - Int(exact.quantumExponent))
    let allowed = exact.upperBound * relative[index] + alpha
    if implementation.underflow == .flush, y.isZero,
      exact.upperBound * (1 - relative[index])
        < F.format.leastNormal.scaled(byPowerOfTwo: -Int(exact.quantumExponent))
    {
      continue
    }
    let error = UlpError(of: y, against: exact).magnitude
    if error > allowed {
      return "\(y.hexText) at \(index) is off by \(error) ulp, where \(allowed) are allowed"
    }
  }
  return nil
}
