import AuditedOperations
import FloatFormats
import Oracle
import RealModule
import SoftmaxVariants

/// The default tolerance of losses, gradients and Jacobians: what any sound implementation keeps
/// to.
///
/// It is made of the default tolerances of the probabilities and log-probabilities that they are
/// made of, so that these may be stored in the output format, and of the roundings of what is done
/// with them.
///
/// **Notation.** u is the unit roundoff of the output format, eta its least subnormal number; sums
/// are taken in that format, of 16 bits in float32, with unit roundoff v, in any order, and may be
/// stored. t_i bounds the error of a computed probability p_i, tau_c that of a log-probability l_c
/// (see ``DefaultTolerance``). rho_k = (1 + u)^k / (1 - n v) - 1 bounds what k roundings and a sum
/// of n terms other than 0 change, relative to the sum of the absolute values of its terms. Every
/// result may be off by 2 eta besides: a product and its rounding.
///
/// **Derivation.**
///
/// 1. *softmax-vjp*, p_i (g_i - sum p_j g_j), with A = sum p_j |g_j| and T = sum t_j |g_j|. A
///    computed product p_j g_j is off by t_j |g_j|, a rounding and eta; the sum by T + n eta and
///    what rho says. The difference and the product with p_i are two more roundings, of terms whose
///    absolute values are together at most |g_i| + A + T. So |y - v_i| <= t_i Y + (p_i + t_i) (T +
///    rho_5 Y + n eta), Y = |g_i| + A + T. It covers p_i g_i - p_i D, the product with a stored
///    Jacobian of normal numbers, and the derivative of e^x / s step by step, which round the same
///    terms.
/// 2. *softmax-backward*: the same with y_i for p_i and t = 0.
/// 3. *log-softmax-vjp*, g_i - p_i S, with G = sum |g_j|: the computed S is off by rho_1 G. So
///    |y - v_i| <= t_i (|S| + rho_4 G) + rho_4 (|g_i| + (p_i + t_i) G).
/// 4. *cross-entropy*, sum q_c (-l_c), r_c = w_t [c = t] + (e / n) w_c, the coefficients without
///    the subtraction in 1 - e, whose rounding changes them by u r_c. With weights, quotient,
///    products and the sum |y - v| <= sum (q_c tau_c + rho_8 r_c (|l_c| + tau_c)) over the classes
///    that count.
/// 5. *cross-entropy-vjp*, p_i W - q_i, with R = sum r_c:
///    |y - v_i| <= t_i W + rho_8 (r_i + (p_i + t_i) R).
/// 6. *softmax-jacobian*: |y - v| <= t_i p_j + (p_i + t_i) t_j + rho_4 (p_i + t_i) (p_j + t_j)
///    beside the diagonal, and t_i (1 + 2 p_i + t_i) + rho_4 (p_i + t_i) (1 + p_i + t_i) on it.
///
/// 7. *Reductions* of a loss: the sum of the bounds, and rho_4 of the sum of the losses for their
///    addition and the quotient, both divided by the weights that count where it is the mean.
///
/// Kernels that fuse the loss take x - L, whose rounding is one of |x| and |L|: 2 v (|x_c| + |m| +
/// ln s) is added to the log-probabilities of a loss, and relative to the probabilities of its
/// gradient, while no logit that counts is larger than ``DefaultTolerance/largestFusedMaximum``.
/// Beyond, it grows as the errors of an offset do that is never subtracted, and is not covered.
///
/// Where results below the normal range may be flushed, eta in sums is the least number that is
/// not, and a probability below the normal range may be 0.
package struct DerivedTolerance: Sendable {
  let operation: AuditedOperation
  private let output: FloatFormat
  private let underflow: UnderflowPolicy
  private let u: Double
  private let v: Double
  private let eta: Double
  /// The most that a term loses that is too small.
  private let loss: Double

  package init(_ operation: AuditedOperation, output: FloatFormat, underflow: UnderflowPolicy) {
    self.operation = operation
    self.output = output
    self.underflow = underflow
    u = output.unitRoundoff
    eta = output.leastSubnormal
    v = output.isNarrow ? FloatFormat.float32.unitRoundoff : u
    loss =
      underflow == .flush
      ? max(eta, (output.isNarrow ? FloatFormat.float32 : output).leastNormal) : eta
  }

  /// Whether an operation is one of those that the derivation is about.
  package static func covers(_ operation: AuditedOperation) -> Bool {
    ![.softmax, .logSoftmax, .logSumExp].contains(operation)
  }

  /// The tolerance of a lane; `nil` where there is no bound, or the lane has no value.
  package func tolerance(of lane: OperationLane) -> LaneTolerance? {
    let bounds: [Double]?
    var values: [Double] = []
    if lane.reduction != .none {
      (values, bounds) = reduced(lane)
    } else if operation == .softmaxBackward {
      (values, bounds) = backward(lane)
    } else {
      if lane.isIgnored {
        let outputs = [Double](repeating: 0, count: lane.outputCount)
        return LaneTolerance(
          bounds: outputs, mayVanish: underflow == .flush ? outputs.map { _ in true } : [])
      }
      guard let profile = LaneProfile(of: lane.logits),
        let probabilities = Probabilities(profile, output, underflow)
      else { return nil }
      switch operation {
      case .softmaxVJP: (values, bounds) = vjp(lane, probabilities)
      case .logSoftmaxVJP: (values, bounds) = logVJP(lane, probabilities)
      case .crossEntropy: (values, bounds) = loss(lane, profile)
      case .crossEntropyVJP: (values, bounds) = lossGradient(lane, profile, probabilities)
      default: (values, bounds) = jacobian(probabilities)
      }
    }
    // 2^-30 covers the rounding of this evaluation: sums of positive numbers, n of them below 2^24.
    // Beside logits as large as there are a bound may be beyond binary64: every finite number is
    // within it.
    let isBeyondBinary64 =
      lane.logits.values.contains { abs($0) > 0x1p1000 } && Double(lane.length) * v < 0.5
    guard let bounds,
      bounds.allSatisfy({ $0.isFinite || isBeyondBinary64 && !$0.isNaN })
    else { return nil }
    let raised = bounds.map {
      $0 == 0 ? 0 : min(($0 * (1 + 0x1p-28)).nextUp, .greatestFiniteMagnitude)
    }
    guard underflow == .flush else { return LaneTolerance(bounds: raised, mayVanish: []) }
    return LaneTolerance(
      bounds: raised,
      mayVanish: zip(values, raised).map {
        abs($0) - $1 < output.leastNormal * (1 + 0x1p-28)
      })
  }

  /// The values p_i and the bounds t_i.
  private struct Probabilities {
    let values, errors: [Double]

    init?(_ profile: LaneProfile, _ output: FloatFormat, _ underflow: UnderflowPolicy) {
      let tolerance = DefaultTolerance(.softmax, output: output, underflow: underflow)
        .tolerance(of: profile)
      guard let tolerance else { return nil }
      values = (0..<profile.count).map { profile.probability($0) }
      var errors = tolerance.bounds
      for index in tolerance.mayVanish.indices where tolerance.mayVanish[index] {
        errors[index] = max(errors[index], values[index])
      }
      self.errors = errors
    }
  }

  /// rho_k; infinite where no bound is left.
  private func rho(_ roundings: Double, _ count: Int) -> Double {
    let sum = Double(count) * v
    guard sum < 0.5 else { return .infinity }
    return Double.expMinusOne(roundings * Double.log(onePlus: u) - Double.log(onePlus: -sum))
  }

  private typealias Result = (values: [Double], bounds: [Double]?)

  /// Step 1, for given probabilities: those of a softmax, or stored ones.
  private func products(
    _ sizes: [Double], _ errors: [Double], _ upstream: [Double], signed: [Double]
  ) -> Result {
    let count = upstream.indices.count { upstream[$0] != 0 && sizes[$0] + errors[$0] > 0 }
    let rounding = rho(5, count)
    var (dot, absolute, inherited) = (0.0, 0.0, 0.0)
    for index in sizes.indices {
      dot += signed[index] * upstream[index]
      absolute += sizes[index] * abs(upstream[index])
      inherited += errors[index] * abs(upstream[index])
    }
    let lost = Double(count) * loss
    let bounds = sizes.indices.map { index in
      if sizes[index] == 0, errors[index] == 0 { return 0.0 }
      let terms = abs(upstream[index]) + absolute + inherited
      return errors[index] * terms
        + (sizes[index] + errors[index]) * (inherited + rounding * terms + lost) + 2 * eta
    }
    return (sizes.indices.map { signed[$0] * (upstream[$0] - dot) }, bounds)
  }

  private func backward(_ lane: OperationLane) -> Result {
    let probabilities = lane.probabilities
    return products(
      probabilities.map(abs), Array(repeating: 0, count: probabilities.count), lane.upstream,
      signed: probabilities)
  }

  private func vjp(_ lane: OperationLane, _ probabilities: Probabilities) -> Result {
    products(
      probabilities.values, probabilities.errors, lane.upstream, signed: probabilities.values)
  }

  private func logVJP(_ lane: OperationLane, _ probabilities: Probabilities) -> Result {
    let upstream = lane.upstream
    let rounding = rho(4, upstream.count { $0 != 0 })
    let absolute = upstream.reduce(0) { $0 + abs($1) }
    let sum = upstream.reduce(0, +)
    let bounds = upstream.indices.map { index in
      let (p, t) = (probabilities.values[index], probabilities.errors[index])
      // The sum evaluated here is off by less than 2^-28 of the absolute values.
      return t * (abs(sum) + (rounding + 0x1p-28) * absolute)
        + rounding * (abs(upstream[index]) + (p + t) * absolute) + 2 * eta
    }
    return (upstream.indices.map { upstream[$0] - probabilities.values[$0] * sum }, bounds)
  }

  /// The coefficients q_c of a loss, and r_c.
  private struct Coefficients {
    var values, sizes: [Double]

    init(_ lane: OperationLane) {
      let parameters = lane.parameters
      let share = parameters.labelSmoothing / Double(max(lane.length, 1))
      sizes = (0..<lane.length).map { share * parameters.weight($0) }
      values = sizes
      guard !lane.isIgnored, let target = lane.target else {
        values = Array(repeating: 0, count: lane.length)
        sizes = values
        return
      }
      let weight = parameters.weight(Int(target))
      values[Int(target)] += weight * (1 - parameters.labelSmoothing)
      sizes[Int(target)] += weight
    }
  }

  /// The error that the rounding of x - L adds to a log-probability in kernels that fuse the loss.
  private func fused(_ profile: LaneProfile, _ index: Int) -> Double {
    let logit = abs(profile.logits[index])
    guard max(logit, abs(profile.maximum)) <= DefaultTolerance.largestFusedMaximum else { return 0 }
    return 2 * v * (logit + abs(profile.maximum) + profile.logSum)
  }

  private func loss(_ lane: OperationLane, _ profile: LaneProfile) -> Result {
    let logarithms = DefaultTolerance(.logSoftmax, output: output, underflow: underflow)
      .tolerance(of: profile)
    guard let errors = logarithms?.bounds else { return ([], nil) }
    let coefficients = Coefficients(lane)
    let rounding = rho(8, coefficients.values.count { $0 > 0 })
    var (value, bound) = (0.0, 2 * eta)
    for index in 0..<lane.length where coefficients.values[index] > 0 {
      let (q, r) = (coefficients.values[index], coefficients.sizes[index])
      let size = profile.distances[index] + profile.logSum
      let error = errors[index] + fused(profile, index)
      value += q * size
      bound += q * error + rounding * r * (size + error) + loss
    }
    // An infinite loss has no error.
    return ([value], [value.isFinite ? bound : 0])
  }

  private func reduced(_ lane: OperationLane) -> Result {
    let divisor =
      lane.reduction == .mean ? lane.parts.reduce(0) { $0 + $1.targetWeight } : 1
    var (sum, bound) = (0.0, 0.0)
    for part in lane.parts where !part.isIgnored {
      guard let profile = LaneProfile(of: part.logits) else { return ([], nil) }
      let (values, bounds) = loss(part, profile)
      guard let bounds else { return ([], nil) }
      sum += values[0]
      bound += bounds[0]
    }
    guard sum.isFinite, divisor > 0 else { return ([sum], [0]) }
    let rounding = rho(4, lane.parts.count)
    return ([sum / divisor], [(bound + rounding * (sum + bound)) / divisor + 2 * eta])
  }

  private func lossGradient(
    _ lane: OperationLane, _ profile: LaneProfile, _ probabilities: Probabilities
  ) -> Result {
    let coefficients = Coefficients(lane)
    let rounding = rho(8, coefficients.values.count { $0 > 0 })
    let sum = coefficients.values.reduce(0, +)
    let sizes = coefficients.sizes.reduce(0, +)
    let bounds = (0..<lane.length).map { index in
      let p = probabilities.values[index]
      let t = probabilities.errors[index] + p * Double.expMinusOne(fused(profile, index))
      return t * sum + rounding * (coefficients.sizes[index] + (p + t) * sizes)
        + (sizes > 0 ? 2 * eta + loss * sizes : 0)
    }
    return (
      (0..<lane.length).map {
        probabilities.values[$0] * sum - coefficients.values[$0]
      }, bounds
    )
  }

  private func jacobian(_ probabilities: Probabilities) -> Result {
    let (p, t) = (probabilities.values, probabilities.errors)
    let rounding = rho(4, 0)
    var (values, bounds): ([Double], [Double]) = ([], [])
    for i in p.indices {
      for j in p.indices {
        let isMasked = (p[i] == 0 && t[i] == 0) || (p[j] == 0 && t[j] == 0)
        if i == j {
          values.append(p[i] * (1 - p[i]))
          bounds.append(
            isMasked
              ? 0
              : t[i] * (1 + 2 * p[i] + t[i]) + rounding * (p[i] + t[i]) * (1 + p[i] + t[i])
                + 2 * eta)
        } else {
          values.append(-p[i] * p[j])
          bounds.append(
            isMasked
              ? 0
              : t[i] * p[j] + (p[i] + t[i]) * t[j]
                + rounding * (p[i] + t[i]) * (p[j] + t[j]) + 2 * eta)
        }
      }
    }
    return (values, bounds)
  }
}

extension DefaultTolerance {
  /// The tolerance of a lane of any operation; `nil` where there is no bound, or the lane has no
  /// value.
  package func tolerance(of lane: OperationLane) -> LaneTolerance? {
    if let attention = lane.attention {
      return AttentionTolerance(input: output, output: output, underflow: underflow)
        .tolerance(of: attention)
    }
    guard !DerivedTolerance.covers(operation) else {
      return DerivedTolerance(operation, output: output, underflow: underflow).tolerance(of: lane)
    }
    if let modified = lane.modified { return try? ModifiedTolerance(self).tolerance(of: modified) }
    return LaneProfile(of: lane.logits).flatMap { tolerance(of: $0) }
  }
}

extension LaneProfile {
  /// The profile of a sorted lane, in its order; `nil` for one with a NaN, with +inf, or with -inf
  /// alone.
  init?(of logits: DistinctLogits) {
    guard !logits.hasNaN, logits.infinityCount == 0 else { return nil }
    self.init(exactly: logits.slots.map { $0 < 0 ? -.infinity : logits.values[Int($0)] })
  }
}
