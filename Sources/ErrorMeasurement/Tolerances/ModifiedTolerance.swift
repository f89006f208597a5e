import AuditedOperations
import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

/// The default tolerance of lanes whose logits have modifiers: what any sound implementation keeps
/// to that computes z = k tanh(c x / k) + mask step by step, in the format or in float32, and then
/// a softmax, its logarithm or a logsumexp of it with the sink as one more logit.
///
/// **Notation.** u is the unit roundoff of the output format, eta its least subnormal number, v
/// the unit roundoff of sums, 2^-24 for formats of 16 bits. t_i is the tolerance of
/// ``DefaultTolerance`` on the lane of the exact z, sink included.
///
/// **Derivation.**
///
/// 1. *Scale.* A power of two is exact but for subnormal results: eta. For another c the constant,
///    or its reciprocal where it divides, and the product are rounded: |c x| ((1 + u)^2 - 1).
///    Kernels that scale x - m instead round a constant once more: 2 v of z_max - z_i.
/// 2. *Cap.* t = c x / k has two more roundings, a = (1 + u)^4 - 1 relative. As t tanh'(t) /
///    tanh(t) = 2 t / sinh(2 t) falls with |t|, tanh t changes by at most g = 2 t' / sinh(2 t')
///    times a, t' = |t| (1 - a), relative. tanh is good to 4 ulp, kappa = 8 u (to 1 ulp where
///    outputs have 16 bits and it is computed in float32); k and the product are rounded. So |z|
///    ((1 + a g) (1 + kappa) (1 + u)^2 - 1) + 2 eta.
/// 3. *Mask.* The sum is rounded: u (|z| + what it was off before).
/// 4. Let d_i be the sum of these, S = sum p_j e^(d_j), the sink with d = 0, and A_i = e^(d_i) S.
///    The softmax of the computed z lies between p_i / A_i and p_i A_i, since sum p_j e^(-d_j) >=
///    1 / S, and its logarithm and the logsumexp differ by at most d_i + ln S and ln S.
/// 5. t_i depends on z by e^(r d), r <= 4 u + 2^-22, and by probabilities: with D the largest d_j
///    of a logit whose p_j is at least 2^-200, it is at most e^(4 D) t_i + p_i A_i (e^(4 r D) - 1)
///    for the computed z, of logarithms e^(4 D) t_i + (4 u + 4 r) (d_i + ln S). Where D is above
///    8, which a scale of 10^6 brings about, probabilities are noise, and each may be off by 1.
struct ModifiedTolerance {
  private let operation: AuditedOperation
  private let output: FloatFormat
  private let base: (LaneProfile) throws -> LaneTolerance?
  private let u, eta, v, kappa: Double

  /// - Parameters:
  ///   - computing: The format that z is computed in, at the least.
  ///   - base: The tolerance t of the lane of z.
  private init(
    _ operation: AuditedOperation, output: FloatFormat, computing: FloatFormat,
    _ underflow: UnderflowPolicy, base: @escaping (LaneProfile) throws -> LaneTolerance?
  ) {
    self.operation = operation
    self.output = output
    self.base = base
    let coarse = computing.unitRoundoff > output.unitRoundoff ? computing : output
    u = coarse.unitRoundoff
    let least = coarse.leastSubnormal > output.leastSubnormal ? coarse : output
    eta =
      underflow == .flush
      ? (least.isNarrow ? FloatFormat.float32 : least).leastNormal : least.leastSubnormal
    v = coarse.isNarrow ? FloatFormat.float32.unitRoundoff : u
    kappa = (coarse.isNarrow ? 2 : 8) * u
  }

  /// That of what declares nothing.
  init(_ base: DefaultTolerance) {
    self.init(
      base.operation, output: base.output, computing: base.output, base.underflow,
      base: base.tolerance(of:))
  }

  /// That of what declares a model, which z is computed before in the format of the model.
  init(_ base: ModelTolerance) {
    self.init(
      base.model.operation, output: base.output,
      computing: base.model.computingFormat(for: base.input), base.underflow,
      base: base.tolerance(of:))
  }

  /// The tolerance of a lane; `nil` where there is no bound, or the lane has no value.
  func tolerance(of modified: ModifiedLogits) throws -> LaneTolerance? {
    let numbers = modified.approximations
    let count = numbers.count
    let sinks = [modified.finiteSink].compactMap { $0 }
    guard let profile = LaneProfile(exactly: numbers + sinks),
      var tolerance = try base(profile)
    else { return nil }
    let errors = (0..<count).map { error($0, of: modified, distance: profile.distances[$0]) }
    // A model must have a bound on the lane that is computed as well.
    for sign in [1.0, -1] {
      let off = zip(numbers, errors).map { $0 + (sign * $1).nextUp }
      guard off.allSatisfy({ $0 < .infinity }), let computed = LaneProfile(exactly: off + sinks),
        try base(computed) != nil
      else { return nil }
    }
    var (spread, largest) = (0.0, 0.0)
    for index in 0..<count where profile.weights[index] > 0 {
      let p = profile.probability(index)
      // e^700 p is beyond every bound that means something.
      spread += p * Double.expMinusOne(min(errors[index], 700))
      if p >= 0x1p-200 { largest = max(largest, errors[index]) }
    }
    let logSpread = Double.log(onePlus: spread)
    let growth = Double.exp(4 * min(largest, 8))
    let slope = 4 * u + 0x1p-22
    // What the rounding of z to binary64 may change in this evaluation, with the rest of its
    // roundings.
    let size = numbers.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    let raise = Double.exp(min(size, 0x1p40) * 0x1p-47) * (1 + 0x1p-30)
    if operation == .logSumExp {
      tolerance.bounds = tolerance.bounds.map {
        raise * (growth * $0 + logSpread * (1 + 4 * u + 4 * slope))
      }
      return tolerance
    }
    tolerance.bounds = (0..<count).map { index in
      guard numbers[index] != -.infinity else { return 0 }
      let exponent = errors[index] + logSpread
      guard operation == .softmax else {
        return raise
          * (growth * tolerance.bounds[index] + exponent * (1 + 4 * u + 4 * slope))
      }
      if largest > 8 { return 1 }
      let p = profile.probability(index)
      let own = p * Double.expMinusOne(min(exponent, 700))
      let second = p * Double.exp(min(exponent, 700)) * Double.expMinusOne(4 * slope * largest)
      return raise * (own + second + growth * tolerance.bounds[index])
    }
    if !tolerance.mayVanish.isEmpty {
      tolerance.mayVanish = (0..<count).map { index in
        profile.probability(index) - tolerance.bounds[index]
          < output.leastNormal * (1 + 0x1p-28)
      }
    }
    return tolerance
  }

  /// d_i.
  private func error(_ index: Int, of modified: ModifiedLogits, distance: Double) -> Double {
    let modifiers = modified.modifiers
    let x = modified.elements[index]
    let addend = modifiers.addend(index)
    guard modified.approximations[index].isFinite else { return 0 }
    let factor = modifiers.scale ?? 1
    let product = x.isFinite ? abs(factor * x) : .infinity
    var error = 0.0
    if modifiers.scale != nil, x.isFinite {
      let isPowerOfTwo = factor == 0 || abs(factor.significand) == 1
      if !isPowerOfTwo {
        error += product * (u * (2 + u)) + (distance.isFinite ? 2 * v * distance : 0)
      }
      if factor != 1 { error += eta }
    }
    var size = product
    if let cap = modifiers.softcap {
      let argument = product / cap
      let arguments = Double.expMinusOne(4 * Double.log(onePlus: u))
      let low = min(argument * (1 - arguments), 350)
      let share = low > 0x1p-20 ? 2 * low / Double.sinh(2 * low) : 1
      size = min(product, cap)
      error =
        size * ((1 + arguments * share) * (1 + kappa) * (1 + u) * (1 + u) - 1) + 2 * eta
    }
    if addend != 0 {
      error += u * (abs(modified.approximations[index]) + error)
    }
    return error.isNaN ? .infinity : error * (1 + 0x1p-40)
  }
}
