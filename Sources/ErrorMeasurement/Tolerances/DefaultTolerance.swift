import AuditedOperations
import FloatFormats
import RealModule
import SoftmaxVariants

/// The default tolerance: what any sound softmax keeps to that declares nothing.
///
/// It is the largest of the bounds of the forms in use, on the very lane. A form is one choice of
/// each of
///
/// * **the exponentials**: exp(x - m); exp2((x - m) c) with c = log2 e rounded; exp2(fma(x, c, -m
///   c));
/// * **the sum**: over the lane in any order; running sums, of single logits or of blocks, which
///   are merged in any order and rescaled where the maximum grows; the same with rescaling put off
///   until the maximum has grown by a factor of 2^8;
/// * **the end**: a division; a product with a reciprocal good to 1 ulp; the exponential of (x - m)
///   - log s.
///
/// **Notation.** u is the unit roundoff of the output format, eta its smallest subnormal number,
/// d_j = m - x_j, w_j = e^(-d_j), s = sum w_j, p_j = w_j / s. Exponentials and logarithms are good
/// to K ulp: relative errors up to kappa = 2 K u, and K eta where results are subnormal. The
/// exponential of 0 is 1. Sums, with their rescaling, their reciprocal and their logarithm, have
/// unit roundoff v, functions good to 4 ulp, lambda = 8 v. K = 4 and v = u. Softmaxes with outputs
/// of 16 bits are taken to compute in float32, v = 2^-24, and to round to 16 bits at most what they
/// store: the difference x - m, the exponential (K = 1), the finished sum and the quotient; or the
/// log-probability and its exponential.
///
/// **Derivation.** What multiplies all w_j alike cancels in p_i = w_i / s, and is left out.
///
/// 1. *Argument.* The error of the exponential's argument, in absolute terms, is at most a_j = r
///    d_j + r' max(0, D - 2 d_j) + t v + eta. Three roundings (subtraction, constant, product) make
///    r = (1 + u)(1 + v)^2 - 1 per unit of distance, and the product may be subnormal: eta. In
///    fma(x, c, -h), h = m c (1 + e), the rounding of h shifts all arguments by the same h - m c,
///    which cancels; but the rounding of the result is that of a number larger by so much: v times
///    t = v (1 + v) |m|, while t <= 1. Beyond, the shift itself costs range, and the form is not
///    covered. Deferred rescaling leaves the arguments relative to some maximum m - delta, delta
///    one of the distances up to 8 ln 2: |d_j - delta| <= d_j + max(0, D - 2 d_j), D the largest
///    such distance, r' = (1 + v)^3 - 1.
/// 2. *Exponential.* A factor between 1 - kappa and 1 + kappa. With a subnormal result up to K eta
///    e^t in the scale of w_j.
/// 3. *Rescaling.* Each time a partial sum that holds term j gets a larger maximum, it is
///    multiplied by a computed exponential: a factor between (1 - lambda)(1 - v) and the inverse of
///    that, e^(+-L), and at most eta more. The distances add up to d_j and are part of a_j. The
///    maxima are logits of the lane, grow from x_j at least and end at m: the number of rescalings
///    R_j is at most the number of different logits above x_j, in whatever order and tree of
///    merges. Where the product is fused, terms added under different maxima m' and m have the
///    roundings of m' c and m c, which do not cancel: v (1 + v) (|m| + max(|x_j|, |m|)) more,
///    called f_j, for x_j < m. This grows with |m|, as the errors of an offset do that is never
///    subtracted: it is covered while |m| <= 64, and beyond there is no form that fuses and
///    rescales.
/// 4. *Sum.* Additions of n terms in any order: a factor between 1 - (n - 1) v and its inverse; for
///    16 bits one more rounding of the sum. So the computed sum is s e^(+-sigma), with T = sum_j
///    p_j e^(a_j + f_j + R_j L), S = (n - 1) v + n (K eta + eta') e^t T / ((1 - kappa) s), plus u
///    for 16 bits (eta' the least subnormal number of the sum), sigma = log T - log(1 - kappa) -
///    log(1 - S). From below, sum_j p_j e^(-g_j) >= 1 / sum_j p_j e^(g_j).
/// 5. *End.* A quotient (1 + u), or a reciprocal (1 + 2u) and a product (1 + u), and at most one
///    rounding to the output: (1 + u)^3. Or, for the logarithm, its error l = lambda (log s + t +
///    sigma) + 4 eta' and the rounding of the second difference, u (d_i + log s + a_i + sigma + l),
///    both in the exponent; for 16 bits r = r', and the sum has no part of 16 bits (kappa = lambda,
///    K = 4, eta = eta' in sigma).
/// 6. So |y - p_i| <= p_i (e^E - 1) + alpha, E = a_i + sigma + log(1 + kappa) + max(3 log(1 + u), l
///    + u (...)), and alpha = (K e^t + 1) eta. Numerator and denominator err to opposite sides in
///    the worst case: hence the sum of both.
///
/// **8 bits.** Nobody computes in them: what is computed in 16 bits, as above, or in more, is
/// rounded once more. With the constants of those, u = 2^-8 of bfloat16 and eta = 2^-24 of float16,
/// the above bounds |y' - p| by E for the y' before that rounding, which then is off by u_8 |y'| or
/// half an eta_8: |y - p| <= E + max(u_8 (p + E), eta_8 / 2).
///
/// Where S >= 1/2 there is no bound, and nothing can be judged. It stands above the largest single
/// form by the t v of a fused product beside the r d_j of a scaled one: at most u, of 20 u and
/// more.
///
/// **Not covered**, since no bound would be left: x c - m c without a fused step, x - (m + log s),
/// and fused products with rescaling for |m| > 64, whose errors grow with |m|; sums of 16 bits; a
/// constant that is not log2 e to the nearest; exponentials worse than 4 ulp, such as those whose
/// relative error grows with the argument.
package struct DefaultTolerance: Sendable {
  let operation: AuditedOperation
  let output: FloatFormat
  let underflow: UnderflowPolicy

  package init(
    _ operation: AuditedOperation = .softmax, output: FloatFormat, underflow: UnderflowPolicy
  ) {
    self.operation = operation
    self.output = output
    self.underflow = underflow
  }

  /// The constants of the derivation, as functions of the output format alone.
  private struct Model {
    let isNarrow: Bool
    let u: Double
    let eta: Double
    let ulps: Double
    let kappa: Double
    let v: Double
    let sumEta: Double
    let lambda: Double

    init(_ output: FloatFormat) {
      isNarrow = output.isNarrow
      let sum = isNarrow ? FloatFormat.float32 : output
      (u, eta) = (output.computedUnitRoundoff, output.computedLeastSubnormal)
      ulps = isNarrow ? 1 : 4
      kappa = 2 * ulps * u
      v = sum.unitRoundoff
      sumEta = sum.leastSubnormal
      lambda = 8 * v
    }

    /// (n - 1) v, and the rounding of the finished sum to 16 bits where it is one.
    func additions(_ count: Int) -> Double {
      Double(max(count - 1, 0)) * v + (isNarrow ? u : 0)
    }

    /// The roundings of a quotient, a reciprocal in its place, and the output.
    var quotient: Double { 3 * Double.log(onePlus: u) }

    /// r' and r.
    var sumSlope: Double { v * (3 + v * (3 + v)) }
    var slope: Double { u + v * (2 + v) * (1 + u) }
    /// L: what one rescaling may change the logarithm of a term by.
    var rescaling: Double { -Double.log(onePlus: -lambda) - Double.log(onePlus: -v) }
  }

  /// The most that rescaling is put off: the growth of the maximum, with room for how it is
  /// compared.
  fileprivate static let deferredDistance = 8 * 0x1.62e42fefa39efp-1 * (1 + 0x1p-16)

  /// The largest |m| for which fused products and rescaling are covered together.
  static let largestFusedMaximum = 64.0

  /// A relative bound that every output of every lane of a length may be off; nil where no lane of
  /// the length has a bound.
  ///
  /// Every output with |y - p| <= p times this is within its tolerance, whatever the lane: E of the
  /// derivation is a sum of nonnegative terms, of which this keeps those that depend on n and the
  /// format alone: functions, quotient, and S >= (n - 1) v.
  static func leastRelativeBound(count: Int, output: FloatFormat) -> Double? {
    let model = Model(output)
    let additions = model.additions(count)
    guard additions < 0.5 else { return nil }
    return Double.expMinusOne(
      Double.log(onePlus: model.kappa) - Double.log(onePlus: -model.kappa) + model.quotient
        - Double.log(onePlus: -additions)) * (1 - 0x1p-40)
  }

  /// The absolute error that every output of a logit above -inf may have besides, whatever the
  /// lane.
  static func leastAbsoluteBound(output: FloatFormat) -> Double {
    let model = Model(output)
    return (model.ulps + 1) * model.eta
  }

  /// The permitted distance of each output of n equal logits from 1/n; `nil` where there is no
  /// bound.
  ///
  /// The exponentials are all the same: what is left of the derivation is the sum, S = (n - 1) v,
  /// and its end, the quotient or the logarithm. They are 1, and sums of ones exact, where it is
  /// the maximum that is subtracted; where it is an integer beside it they are not.
  package func boundForEqualLogits(count: Int) -> Double? {
    let model = Model(output)
    guard count > 0 else { return nil }
    if model.additions(count) >= 0.5 {
      return LaneProfile(exactly: [Double](repeating: 0, count: count))
        .flatMap { tolerance(of: $0)?.bounds.first }
    }
    let sum = -Double.log(onePlus: -model.additions(count))
    let logSum = Double.log(Double(count))
    let logError = model.lambda * logSum + 4 * model.sumEta
    let logarithm =
      logError + model.u * (logSum + logError) + Double.log(onePlus: model.kappa)
    let relative = Double.expMinusOne(sum + max(model.quotient, logarithm)) / Double(count)
    return rounded(
      ((relative + (model.ulps + 1) * model.eta) * (1 + 0x1p-40)).nextUp, of: 1 / Double(count))
  }

  /// The bound of an output of a value given what it is off by before it is rounded to 8 bits; the
  /// same for other formats.
  private func rounded(_ bound: Double, of magnitude: Double) -> Double {
    guard output.isOfEightBits else { return bound }
    let rounding = max(output.unitRoundoff * (magnitude + bound), output.leastSubnormal / 2)
    return ((bound + rounding) * (1 + 0x1p-40)).nextUp
  }

  /// The tolerance of a lane; nil where there is no bound.
  package func tolerance(of lane: LaneProfile) -> LaneTolerance? {
    guard let sum = sum(of: lane) else { return nil }
    return operation == .softmax ? probabilities(lane, sum) : logarithms(lane, sum)
  }

  /// The errors that the sum of a lane and its logarithm may have.
  private struct SumErrors {
    let arguments: Arguments
    let growth: Double
    /// ln of what the sum that divides may be off by.
    let sigma: Double
    /// The same of the sum of which the logarithm is taken.
    let logSigma: Double
    /// The error of that logarithm's own evaluation.
    let logError: Double
  }

  private func sum(of lane: LaneProfile) -> SumErrors? {
    let model = Model(output)
    let arguments = Arguments(lane, model)
    let growth = model.isNarrow ? 1 : Double.exp(arguments.fused)
    let spread = arguments.spread(of: lane, model)
    // What is lost of a term that is flushed, or rounded where numbers are subnormal.
    let (loss, sumLoss) =
      underflow == .flush ? (max(model.eta, flushed), flushed) : (model.eta, model.sumEta)

    /// log of what the computed sum may be off by: sigma.
    func logSumError(_ excess: Double, _ kappa: Double, additions: Double, lost: Double) -> Double?
    {
      let error =
        additions + Double(lane.count) * lost * growth * (1 + excess) / ((1 - kappa) * lane.sum)
      guard error < 0.5 else { return nil }
      return Double.log(onePlus: excess) - Double.log(onePlus: -kappa)
        - Double.log(onePlus: -error)
    }
    guard
      let sigma = logSumError(
        spread.quotient, model.kappa, additions: model.additions(lane.count),
        lost: model.ulps * loss + sumLoss),
      let logSigma = logSumError(
        spread.logarithm, model.lambda, additions: Double(lane.count - 1) * model.v,
        lost: 5 * sumLoss)
    else { return nil }
    return SumErrors(
      arguments: arguments, growth: growth, sigma: sigma, logSigma: logSigma,
      logError: model.lambda * (lane.logSum + arguments.fused + logSigma) + 4 * model.sumEta)
  }

  /// The tolerance of log-probabilities, or of the logsumexp.
  ///
  /// **Derivation.** With the notation above, the computed ln s is off by at most S = sigma + l,
  /// sigma the larger of both, l as in step 5; of 16 bits it may be stored: u (log s + S) more. A
  /// log-probability adds the error of the argument, a_i, and two roundings of numbers of at most
  /// |l_i| + a_i + S, one to the output format: u, and one of a sum in the format computed in, v. A
  /// logsumexp has the same roundings of |L| + S. eta covers subnormal outputs.
  ///
  /// x - (m + log s) is not covered for large |m|, as above; nor is the logarithm of a probability.
  private func logarithms(_ lane: LaneProfile, _ sum: SumErrors) -> LaneTolerance {
    let model = Model(output)
    let (u, v, eta) = (model.u, model.v, model.eta)
    var logSum = max(sum.sigma, sum.logSigma) + sum.logError
    if model.isNarrow { logSum += u * (lane.logSum + logSum) }
    func bound(_ magnitude: Double, _ error: Double) -> Double {
      rounded(
        ((error + (u + v) * (1 + u) * (magnitude + error) + eta) * (1 + 0x1p-40)).nextUp,
        of: magnitude)
    }
    guard operation == .logSoftmax else {
      return LaneTolerance(
        bounds: [bound(abs(lane.maximum + lane.logSum), logSum)], mayVanish: [])
    }
    return LaneTolerance(
      bounds: lane.distances.indices.map { index in
        guard lane.logits[index] != -.infinity else { return 0 }
        let distance = lane.distances[index]
        return bound(
          distance + lane.logSum, sum.arguments.error(distance, slope: model.slope) + logSum)
      }, mayVanish: [])
  }

  private func probabilities(_ lane: LaneProfile, _ sum: SumErrors) -> LaneTolerance {
    let model = Model(output)
    let (u, eta) = (model.u, model.eta)
    let (arguments, growth) = (sum.arguments, sum.growth)
    let (sigma, logSigma, logError) = (sum.sigma, sum.logSigma, sum.logError)
    let quotient = sigma + Double.log(onePlus: model.kappa) + model.quotient
    let logarithm = logSigma + logError + Double.log(onePlus: model.kappa)
    let absolute = (model.ulps * growth + 1) * eta

    var result = LaneTolerance(bounds: [], mayVanish: [])
    result.bounds.reserveCapacity(lane.count)
    for index in lane.logits.indices {
      let distance = lane.distances[index]
      guard lane.logits[index] != -.infinity else {
        result.bounds.append(0)
        if underflow == .flush { result.mayVanish.append(true) }
        continue
      }
      if index > 0, lane.logits[index] == lane.logits[index - 1] {
        result.bounds.append(result.bounds[index - 1])
        if underflow == .flush { result.mayVanish.append(result.mayVanish[index - 1]) }
        continue
      }
      var relative = 0.0
      if distance < .infinity {
        let own = arguments.error(distance, slope: model.isNarrow ? model.sumSlope : model.slope)
        let exponent = max(
          arguments.error(distance, slope: model.slope) + quotient,
          own + logarithm + u * (distance + lane.logSum + own + logSigma + logError))
        relative =
          exponent < 700
          ? lane.probability(index) * Double.expMinusOne(exponent)
          : Double.exp(min(700, exponent - distance)) / lane.sum
      }
      // 2^-40 covers the rounding of this evaluation, which is below 2^-44, and one step more that
      // of subnormal bounds.
      result.bounds.append(
        rounded(
          ((relative + absolute) * (1 + 0x1p-40)).nextUp, of: lane.probability(index)))
      if underflow == .flush {
        result.mayVanish.append(
          lane.probability(index) - relative < output.leastNormal * (1 + 0x1p-40))
      }
    }
    return result
  }

  /// The errors of the exponentials' arguments in a lane, a_j of the derivation.
  private struct Arguments {
    /// t, while it is at most 1.
    let fused: Double
    /// D.
    private let deferred: Double
    private let sumSlope: Double
    private let constant: Double

    init(_ lane: LaneProfile, _ model: Model) {
      let shift = model.v * (1 + model.v) * abs(lane.maximum)
      fused = shift <= 1 ? shift : 0
      deferred = lane.distances.reduce(0) {
        $1 <= DefaultTolerance.deferredDistance ? max($0, $1) : $0
      }
      sumSlope = model.sumSlope
      constant = fused * model.v + model.eta
    }

    func error(_ distance: Double, slope: Double) -> Double {
      slope * distance + sumSlope * max(0, deferred - 2 * distance) + constant
    }

    /// T - 1, by terms that are accurate however small u is, with the slopes of a quotient and of a
    /// logarithm.
    func spread(
      of lane: LaneProfile, _ model: Model
    ) -> (quotient: Double, logarithm: Double) {
      var (quotient, logarithm) = (0.0, 0.0)
      var rank = -1.0
      var last = Double.infinity
      var latest = (quotient: 0.0, logarithm: 0.0)
      // The largest logits first, to count different ones; e^-750 is nothing in any format.
      var logits = lane.logits.filter { lane.maximum - $0 <= 750 }
      logits.sortDescending { $0 }
      for logit in logits {
        guard logit != last else {
          quotient += latest.quotient
          logarithm += latest.logarithm
          continue
        }
        rank += 1
        last = logit
        let distance = lane.maximum - logit
        let weight = Double.exp(-distance)
        var rescaled = rank * model.rescaling
        if distance > 0, abs(lane.maximum) <= DefaultTolerance.largestFusedMaximum {
          rescaled +=
            model.v * (1 + model.v) * (abs(lane.maximum) + max(abs(logit), abs(lane.maximum)))
        }
        latest.quotient =
          weight * Double.expMinusOne(error(distance, slope: model.slope) + rescaled)
        if model.isNarrow {
          latest.logarithm =
            weight * Double.expMinusOne(error(distance, slope: sumSlope) + rescaled)
        }
        quotient += latest.quotient
        logarithm += latest.logarithm
      }
      return (
        quotient / lane.sum, model.isNarrow ? logarithm / lane.sum : quotient / lane.sum
      )
    }
  }

  /// The least number that hardware does not flush in the format computed in, float32 for the
  /// 16-bit ones.
  private var flushed: Double {
    output.isNarrow ? FloatFormat.float32.leastNormal : output.leastNormal
  }
}

extension FloatFormat {
  /// u of the numbers that a softmax with such outputs may compute with: 2^-8, that of bfloat16,
  /// for 8 bits.
  var computedUnitRoundoff: Double {
    isOfEightBits ? FloatFormat.bfloat16.unitRoundoff : unitRoundoff
  }
  /// The least subnormal of the same: that of float16 for 8 bits.
  var computedLeastSubnormal: Double {
    isOfEightBits ? FloatFormat.float16.leastSubnormal : leastSubnormal
  }
}
