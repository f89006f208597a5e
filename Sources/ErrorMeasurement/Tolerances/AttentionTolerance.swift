import AuditedOperations
import FloatFormats
import Oracle
import RealModule

/// The default tolerance of attention: what any sound kernel keeps to.
///
/// It stands above the bounds of these forms, on the very row:
///
/// * **scores**: products summed in any order, the scale applied to queries, keys or scores;
/// * **exponentials**: exp(z - m); exp2 of scaled scores, with a fused product; for bfloat16 also a
///   polynomial good to 2^-13.4, as FlashAttention 4 has it;
/// * **order**: probabilities stored and multiplied; or online, keys in blocks of 16 or more or one
///   by one, first to last or last to first, with rescaling at every larger maximum or only beyond
///   2^8 (FlashAttention 2, 3 and 4); split over keys and merged by logsumexp;
/// * **probabilities** rounded to the format of the values before the second product, divided
///   before or after, while the row sum is taken before or after that rounding.
///
/// **Notation.** u is the unit roundoff of the output format, h that of the format in which
/// probabilities enter the second product, the narrower one of inputs and output, eta its least
/// subnormal number. v is the unit roundoff of what is computed in: float32, for float64 outputs
/// float64. w is that of scores: v, or u where a form stores them in the output format. a_j = |c|
/// sum |q_i k_ji|, n terms with the sink, d the dimension, R = min(n - 1, max(n / 16 + 2, records
/// of the running maximum)) rescalings.
///
/// **Derivation.**
///
/// 1. *Score.* A sum of d products in any order is off by d v / (1 - d v) of sum |q k|; queries and
///    keys scaled before, the constant, its factor log2 e and the product are six roundings: |z^ -
///    z| <= a_j ((1 + w)^6 / (1 - d v) - 1). The cap does not enlarge that, since |tanh'| <= 1, and
///    adds kappa of its value, tanh good to 4 ulp (where outputs have 16 bits to 2^-10.9, as
///    tanh.approx is), and three roundings; the mask one rounding more. Together d_j.
/// 2. *Weight.* The argument of the exponential is z - m, or a fused product whose shift m c is
///    rounded, m the maximum so far: with deferred rescaling |z| + |m| + 8 bounds all numbers that
///    are rounded, at most eight times. An exponential is good to 4 ulp or to what is said above,
///    kappa; a rescaling is one exponential and one product, 9 v. So weights are e^(z_j - m) times
///    e^(+-E_j), E_j = d_j + 8 v (|z_j| + |m| + 8) + ln (1 + kappa) + 9 R v. Numerator and sum have
///    the same ones.
/// 3. *Sums.* The row sum has n + R roundings: sigma = (n + R) v / (1 - (n + R) v), and n times the
///    least normal number, since float32 exponentials are flushed on graphics processors. The
///    numerator has two more, and that of h: tau = (1 + h)(1 + v)^(n + R + 2) - 1; and eta / 2 for
///    each value, the weights or probabilities being subnormal there.
/// 4. *Together.* With G = sum p_j e^(E_j), the sum is at least (1 - sigma) / G of s, since sum p_j
///    e^(-E_j) >= 1 / G. So the quotient is off by at most
///    B = (sum p_j |v_j - o| (e^(E_j) - 1) + tau sum p_j e^(E_j) |v_j| + sigma |o| G + lost) G / (1
///    - sigma), lost = (eta / 2 + least) sum |v_j|. It is no more than what weights of any size can
///    do: (max |v_j|) (1 + tau) / (1 - sigma) + |o|.
/// 5. *End.* A reciprocal (1 + 2 v), a product or quotient, the product with the merged share, and
///    the rounding to the output: |y - o| <= B + rho (|o| + B) + eta', rho = (1 + u)(1 + 2 v)(1 +
///    v)^2 - 1.
/// 6. *Logsumexp*, in its own format, computed as above but with exponentials good to 4 ulp: ln G -
///    ln (1 - sigma) + 8 v (|m| + ln s + 1) + u |L|.
///
/// **Not covered**: scores that are summed or stored in 16 bits, unless ``scores`` says so; tensor
/// float32; probabilities in 8 bits.
package struct AttentionTolerance: Sendable {
  private let output: FloatFormat
  private let underflow: UnderflowPolicy
  /// The format that probabilities enter the second product in.
  private let weights: FloatFormat
  /// The format of sums and of functions.
  private let computing: FloatFormat
  /// The format that scores are stored in.
  private let scores: FloatFormat

  /// - Parameters:
  ///   - input: The format of queries, keys and values.
  ///   - output: That of the output, or of the logsumexp where that is measured.
  ///   - scores: The format in which scores, and queries and keys that are scaled, are stored;
  ///     `nil` for that of sums.
  package init(
    input: FloatFormat, output: FloatFormat, scores: FloatFormat? = nil,
    underflow: UnderflowPolicy
  ) {
    self.output = output
    self.underflow = underflow
    computing = output.isNarrow ? .float32 : output
    weights =
      [input, output, computing].max { $0.unitRoundoff < $1.unitRoundoff } ?? output
    self.scores = scores ?? computing
  }

  private var v: Double { computing.unitRoundoff }

  /// The errors that weights and sums may have.
  private struct Errors {
    /// E_j of the keys that are seen.
    var exponents: [Double]
    /// G.
    var growth: Double
    /// R.
    var rescalings: Double
    /// sigma.
    var sum: Double
  }

  /// The tolerance of a row; `nil` where there is no bound, or the row has no value.
  package func tolerance(of attention: AttentionLane) -> LaneTolerance? {
    let row = attention.row
    guard let profile = AttentionProfile(row),
      let errors = errors(profile, row, of: attention.part)
    else { return nil }
    switch attention.part {
    case .output: return outputs(profile, row, errors)
    case .logSumExp: return logSumExp(profile, errors)
    }
  }

  /// Raises a bound by what its evaluation in binary64 may be off.
  private static func raised(_ bound: Double) -> Double {
    min((bound * (1 + 0x1p-16)).nextUp, .greatestFiniteMagnitude)
  }

  private func logSumExp(_ profile: AttentionProfile, _ errors: Errors) -> LaneTolerance? {
    let total = profile.maximum + profile.logSum
    let error =
      Double.log(errors.growth) - Double.log(onePlus: -errors.sum)
      + 8 * v * (abs(profile.maximum) + profile.logSum + 1)
    let u = output.unitRoundoff
    guard error.isFinite else { return nil }
    return LaneTolerance(
      bounds: [
        Self.raised(error + u * (abs(total) + error) + output.leastSubnormal)
      ], mayVanish: [])
  }

  private func outputs(
    _ profile: AttentionProfile, _ row: AttentionRow, _ errors: Errors
  ) -> LaneTolerance? {
    let (head, u) = (row.head, output.unitRoundoff)
    let count = Double(profile.keys.count + 1)
    let numerator =
      (1 + weights.unitRoundoff)
      * Double.exp((count + errors.rescalings + 2) * Double.log(onePlus: v)) - 1
    let end = (1 + u) * (1 + 2 * v) * (1 + v) * (1 + v) - 1
    let flushed = underflow == .flush ? weights.leastNormal : weights.leastSubnormal / 2
    let lost = flushed + computing.leastNormal
    let width = head.valueDimension
    // Sums over the keys, channel by channel: o, sum p |v|, sum p e^E |v|, sum |v|, max |v|.
    var outputs = [Double](repeating: 0, count: width)
    var grown = outputs
    var sizes = outputs
    var largest = outputs
    var spread = outputs
    let factors = errors.exponents.map { Double.expMinusOne(min($0, 700)) }
    head.values.withUnsafeBufferPointer { values in
      for (place, key) in profile.keys.enumerated() {
        let (p, factor) = (profile.probabilities[place], factors[place])
        let grownWeight = p * (1 + factor)
        for channel in 0..<width {
          let value = values[key * width + channel]
          let size = abs(value)
          outputs[channel] += p * value
          grown[channel] += grownWeight * size
          sizes[channel] += size
          largest[channel] = max(largest[channel], size)
        }
      }
      for (place, key) in profile.keys.enumerated() {
        let weight = profile.probabilities[place] * factors[place]
        guard weight > 0 else { continue }
        for channel in 0..<width {
          spread[channel] += weight * abs(values[key * width + channel] - outputs[channel])
        }
      }
    }
    let sinkGrowth = profile.sinkProbability * Double.expMinusOne(sinkExponent(profile, errors))
    var bounds: [Double] = []
    bounds.reserveCapacity(width)
    for channel in 0..<width {
      let value = abs(outputs[channel])
      // Values beyond what sums can hold may overflow.
      guard grown[channel] < computing.greatestFinite / 0x1p12 / Double.exp(profile.logSum),
        sizes[channel].isFinite
      else { return nil }
      let plain =
        (spread[channel] + sinkGrowth * value + numerator * grown[channel]
          + errors.sum * value * errors.growth + lost * sizes[channel]
          + 0x1p-40 * grown[channel]) * errors.growth / (1 - errors.sum)
      let most =
        largest[channel] * (1 + numerator) / (1 - errors.sum) + value + lost * sizes[channel]
      let inner = min(plain.isNaN ? .infinity : plain, most)
      let isNothing = sizes[channel] == 0
      bounds.append(
        isNothing
          ? 0 : Self.raised(inner + end * (value + inner) + output.leastSubnormal))
    }
    guard underflow == .flush else { return LaneTolerance(bounds: bounds, mayVanish: []) }
    return LaneTolerance(
      bounds: bounds,
      mayVanish: zip(outputs, bounds).map {
        abs($0) - $1 < output.leastNormal * (1 + 0x1p-28)
      })
  }

  /// E of the sink, whose score is rounded where exponentials have the base 2.
  private func sinkExponent(_ profile: AttentionProfile, _ errors: Errors) -> Double {
    16 * v * (abs(profile.maximum) + 8) + 16 * v + 9 * errors.rescalings * v
  }

  private func errors(
    _ profile: AttentionProfile, _ row: AttentionRow, of part: AttentionPart
  ) -> Errors? {
    let count = profile.keys.count + (profile.sinkProbability > 0 ? 1 : 0)
    let (dimension, w) = (Double(row.head.dimension), scores.unitRoundoff)
    let rescalings = Double(
      min(count - 1, max(count / 16 + 2, profile.largestRecordCount)))
    let additions = (Double(count) + rescalings) * v
    guard additions < 0.25, dimension * v < 0.25,
      profile.largestProduct * max(1, abs(row.scale)) < computing.greatestFinite / 16
    else { return nil }
    let share = Double.expMinusOne(
      6 * Double.log(onePlus: w) - Double.log(onePlus: -dimension * v))
    let kappa = part == .output && output == .bfloat16 ? 0x1.8p-14 : 8 * v
    let tanhError = output.isNarrow ? 0x1.12p-11 : 8 * w
    let cap = row.modifiers.softcap
    let slack = AttentionProfile.slack(dimension: row.head.dimension)
    let lost = (dimension + 2) * computing.leastNormal * max(1, abs(row.scale))
    var (growth, raise) = (0.0, 0.0)
    var exponents: [Double] = []
    exponents.reserveCapacity(profile.keys.count)
    for (place, key) in profile.keys.enumerated() {
      let (z, size) = (profile.scores[place], profile.sizes[place])
      var error = size * share + lost
      if let cap {
        error += min(size, cap) * ((1 + tanhError) * (1 + w) * (1 + w) * (1 + w) - 1)
      }
      if row.modifiers.addend(key) != 0 { error += w * (abs(z) + error) }
      let exponent =
        error + 8 * v * (abs(z) + abs(profile.maximum) + 8) + Double.log(onePlus: kappa)
        + 9 * rescalings * v
      exponents.append(exponent)
      growth += profile.probabilities[place] * Double.exp(min(exponent, 700))
      if profile.probabilities[place] >= 0x1p-200 { raise = max(raise, 4 * slack * size) }
    }
    var errors = Errors(
      exponents: exponents, growth: growth, rescalings: rescalings,
      sum: additions / (1 - additions) + Double(count) * computing.leastNormal)
    errors.growth +=
      profile.sinkProbability * Double.exp(sinkExponent(profile, errors))
    // The probabilities here are off by what binary64 makes of the scores.
    errors.growth = max(1, errors.growth) * Double.exp(min(raise, 700))
    return errors
  }
}
