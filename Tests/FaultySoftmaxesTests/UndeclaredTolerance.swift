import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

@testable import AuditedOperations
@testable import ErrorMeasurement

/// The tolerance of an implementation that declares nothing, as section 8 of the design page has
/// it.
///
/// |y - p| <= p B + alpha, the largest over the forms in use. Written here a second time on
/// purpose, in products rather than logarithms: the faults must be wrong by what the page says, not
/// by what a law makes of it.
struct UndeclaredTolerance {
  /// B for each element; nil where S >= 1/2, which is no bound.
  let relative: [Double]?
  /// alpha in units of the least subnormal.
  let alpha: Double

  init(_ profile: LaneProfile, _ format: FloatFormat) {
    let isNarrow = format.bitWidth == 16
    let u = format.unitRoundoff
    let v = isNarrow ? 0x1p-24 : u
    let k = isNarrow ? 1.0 : 4
    let n = Double(profile.count)
    let shift = v * (1 + v) * abs(profile.maximum)
    let fused = shift <= 1 ? shift : 0
    let scale = isNarrow ? 1 : Double.exp(fused)
    let deferred = profile.distances.filter { $0 <= 5.5453 }.max() ?? 0
    let different = Array(Set(profile.logits)).sorted(by: >)
    let rank = Dictionary(uniqueKeysWithValues: different.enumerated().map { ($1, Double($0)) })
    func slip(_ d: Double, _ slope: Double) -> Double {
      slope * d + 3.001 * v * max(0, deferred - 2 * d) + fused * v + format.leastSubnormal
    }
    /// What the computed sum can be off by as a factor; nil where it is a half or more.
    func total(_ slope: Double, _ kappa: Double, rounding: Double, lost: Double) -> Double? {
      var mean = 0.0
      for (index, logit) in profile.logits.enumerated() where profile.weights[index] > 0 {
        let size = abs(profile.maximum)
        let unmatched = logit < profile.maximum && size <= 64 ? size + max(size, abs(logit)) : 0
        let rescaled = 9.001 * v * (rank[logit] ?? 0) + 1.001 * v * unmatched
        mean +=
          profile.probability(index) * Double.exp(slip(profile.distances[index], slope) + rescaled)
      }
      let s = rounding + (n - 1) * v + n * lost * scale * mean / (1 - kappa) / profile.sum
      return s < 0.5 ? mean / (1 - kappa) / (1 - s) : nil
    }
    let sumEta = isNarrow ? FloatFormat.float32.leastSubnormal : format.leastSubnormal
    let (wide, narrow) = (3.001 * v, u + 2.01 * v)
    alpha = k * scale + 1
    guard
      let ofQuotient = total(
        narrow, 2 * k * u, rounding: isNarrow ? u : 0,
        lost: k * format.leastSubnormal + sumEta),
      let ofLogarithm = total(wide, 8 * v, rounding: 0, lost: 5 * sumEta)
    else {
      relative = nil
      return
    }
    let logError = 8 * v * (profile.logSum + fused + Double.log(ofLogarithm))
    relative = profile.distances.map { distance in
      let d = min(distance, 1e4)
      let quotient = Double.exp(slip(d, narrow)) * ofQuotient * Double.pow(1 + u, 3)
      let exponent =
        logError + u * (1.01 * d + profile.logSum + Double.log(ofLogarithm) + logError)
      let logarithm = Double.exp(slip(d, wide) + exponent) * ofLogarithm
      return max(quotient, logarithm) * (1 + 2 * k * u) - 1
    }
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
    let exact = reference.value(at: index)
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
