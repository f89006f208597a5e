import AuditRecords
import AuditedOperations
import FloatFormats
import RealModule
import SoftmaxVariants

/// **Bound.** With u the unit roundoff of the computing format, u' that of the accumulation, d_j,
/// w_j, s and p_j as in `DefaultTolerance`: the argument of exp errs by c d_j u (c = 0, 1 or 3:
/// `Subtraction`), exp by K ulp, at most 2 K u, a sum of n terms by S = g(n) u' + n eta / s
/// (`Order`), the quotient by two roundings (a reciprocal and a product at most), and the
/// rounding to the output format by its own u where that is narrower. So
///
///     |y - p_i| <= p_i (e^(c d_i u) M - 1) + alpha,
///     M = T (1 + 2Ku) / (1 - 2Ku) (1 + u)^2 (1 + u_out) / (1 - S),   T = sum_j p_j e^(c d_j u),
///
/// which is the derivation of `DefaultTolerance` with its constants left open. alpha = 5 eta of
/// the output format, what an exp good to 4 ulp needs there, or 2^e_min more where results are
/// flushed. S >= 1/2 is no bound.
///
/// Of logarithms the bound is absolute. ln s errs by sigma = log T - log((1 - 2Ku)(1 - S)), and by
/// log itself, 2Ku (ln s + sigma): together F. A log-probability (x_i - m) - ln s adds the error of
/// x_i - m and one rounding, a logsumexp m + ln s the rounding alone:
///
///     |y - v| <= E (1 + r) + r |v| + alpha,   E = c d_i u + F,
///
/// r being u, and the rounding to the output format where that is narrower besides; d_i is 0 for a
/// logsumexp. x - (m + ln s), whose errors grow with |m|, is not covered, nor is the logarithm of a
/// probability.
extension ErrorModel {
  /// log M for lanes of a length; nil where there is no bound.
  ///
  /// - Parameters:
  ///   - logSpread: log T.
  ///   - sum: s, the sum of the shifted exponentials, at least 1.
  ///   - output: The format of the outputs.
  func logFactor(count: Int, logSpread: Double, sum: Double, output: FloatFormat) -> Double? {
    guard let sigma = sumError(count: count, logSpread: logSpread, sum: sum) else { return nil }
    let u = computing.unitRoundoff
    let rounding = output.contains(computing) ? 0 : Double.log(onePlus: output.unitRoundoff)
    return sigma + Double.log(onePlus: 2 * exponentialUlps * u) + 2 * Double.log(onePlus: u)
      + rounding
  }

  /// F for lanes of a length; nil where there is no bound.
  ///
  /// - Parameter logSum: ln s.
  func logarithmError(
    count: Int, logSpread: Double, sum: Double, logSum: Double
  ) -> Double? {
    sumError(count: count, logSpread: logSpread, sum: sum).map {
      $0 + 2 * exponentialUlps * computing.unitRoundoff * (logSum + $0)
    }
  }

  /// r: the relative size of the roundings at the end of a logarithm.
  func rounding(output: FloatFormat) -> Double {
    let u = computing.unitRoundoff
    return output.contains(computing) ? u : u + output.unitRoundoff * (1 + u)
  }

  /// sigma: the most that the logarithm of the computed sum may be off by; nil where there is no
  /// bound.
  private func sumError(count: Int, logSpread: Double, sum: Double) -> Double? {
    let u = computing.unitRoundoff
    let lost = flushes ? computing.leastNormal : computing.leastSubnormal
    let sumError =
      order.depth(of: count, unitRoundoff: accumulation.unitRoundoff) * accumulation.unitRoundoff
      + Double(count) * max(1, exponentialUlps) * lost / sum
    let expError = 2 * exponentialUlps * u
    guard sumError < 0.5, expError < 0.5 else { return nil }
    return logSpread - Double.log(onePlus: -expError) - Double.log(onePlus: -sumError)
  }

  /// The relative bound for every output that is normal, in any lane of at most so many logits; nil
  /// where there is none.
  ///
  /// p_i >= 2^e_min means d_i <= -log 2^e_min. With a = 1 - c u, sum_j p_j d_j e^(c d_j u) <= T
  /// log(n) / a (the entropy of the weights e^(-a d_j) is at most log n), and T - 1 is at most c u
  /// times that: T <= 1 / (1 - c u log(n) / a).
  package func relativeBound(upTo count: Int, output: FloatFormat) -> Double? {
    let slope = subtraction.errors * computing.unitRoundoff
    guard let logSpread = logSpread(upTo: count),
      let factor = logFactor(count: count, logSpread: logSpread, sum: 1, output: output)
    else { return nil }
    let distance = -Double.log(output.leastNormal)
    return Double.expMinusOne(slope * distance + factor) * (1 + 0x1p-30)
  }

  /// The largest scaled error of every finite logarithm, in any lane of at most so many logits; nil
  /// where there is none.
  ///
  /// The yardstick Y is at least 1, |v| and ln s, and |v| at least d_i of a log-probability: so E
  /// is at most Y (c u + sigma + 2Ku (1 + sigma)), and the bound is at most Y (E / Y (1 + r) + r +
  /// alpha).
  package func scaledBound(
    of operation: AuditedOperation, upTo count: Int, output: FloatFormat
  ) -> Double? {
    let u = computing.unitRoundoff
    guard let logSpread = logSpread(upTo: count),
      let ofLogarithm = logarithmError(count: count, logSpread: logSpread, sum: 1, logSum: 1)
    else { return nil }
    let error = ofLogarithm + (operation == .logSoftmax ? subtraction.errors * u : 0)
    let rounding = rounding(output: output)
    let bound = error * (1 + rounding) + rounding + absoluteBound(output: output)
    return bound / output.unitRoundoff * (1 + 0x1p-30)
  }

  /// An upper bound of log T for lanes of at most so many logits; nil where there is none.
  private func logSpread(upTo count: Int) -> Double? {
    let slope = subtraction.errors * computing.unitRoundoff
    let part = slope * Double.log(Double(max(count, 1))) / (1 - slope)
    return part < 0.5 ? -Double.log(onePlus: -part) : nil
  }

  /// The absolute error that every output may have besides.
  package func absoluteBound(output: FloatFormat) -> Double {
    5 * output.leastSubnormal + (flushes ? output.leastNormal : 0)
  }

  /// The algorithm of an operation that subtracts the maximum first and does nothing else besides,
  /// by its name.
  static func plainAlgorithm(of operation: AuditedOperation) -> String {
    operation == .logSoftmax ? "logsumexp-shifted" : "max-trick"
  }

  /// The built-in variant of an operation that is built most alike, for following its stages; nil
  /// where none computes so.
  package func nearestVariant(
    of operation: AuditedOperation = .softmax, input: FloatFormat
  ) -> SoftmaxVariant? {
    let summation: Summation =
      switch order {
      case .exact, .compensated: .compensated
      case .pairwise, .blocks: .pairwise
      case .lanes(let width): width >= 4 ? .lanes8 : .sequential
      case .sequential: .sequential
      }
    let algorithm =
      operation == .softmax && subtraction == .scaled ? "exp2" : Self.plainAlgorithm(of: operation)
    let suffix = computing == input ? "" : "/\(computing.rawValue)"
    let variant = SoftmaxVariant(
      named: "\(algorithm)/\(summation.rawValue)\(suffix)", of: operation)
    return variant.flatMap { $0.formats.contains(input) ? $0 : nil }
  }

  /// The built-in variant of an operation whose bound allows at least as much in every stage, for
  /// `--declare`; nil where none does.
  ///
  /// Where the model flushes, that takes `--underflow flush` too.
  package func coveringVariant(
    of operation: AuditedOperation = .softmax, input: FloatFormat
  ) -> SoftmaxVariant? {
    // The exponentials of the built-in variants are good to 1 ulp, half an ulp and a little in 16
    // bits.
    let limit = ElementaryAccuracy(of: computing).ulps
    guard isSound, exponentialUlps <= limit, order != .blocks,
      operation == .softmax || subtraction != .scaled,
      let nearest = nearestVariant(of: operation, input: input)
    else { return nil }
    if case .lanes(let width) = order, width < 8, nearest.summation == .lanes8 { return nil }
    return nearest
  }
}

extension ErrorModel.Subtraction {
  /// The number of errors of d u that it makes.
  var errors: Double {
    switch self {
    case .exact: 0
    case .rounded: 1
    case .scaled: 3
    }
  }
}

extension ErrorModel.Order {
  /// g(n): the most roundings that a term goes through.
  ///
  /// A compensated sum errs by u + ((n - 1) u / (1 - (n - 1) u))^2, see ``Summation/compensated``.
  func depth(of count: Int, unitRoundoff u: Double) -> Double {
    func logTwo(_ value: Int) -> Int {
      value <= 1 ? 0 : Int.bitWidth - (value - 1).leadingZeroBitCount
    }
    switch self {
    case .exact: return 1
    case .compensated:
      let linear = Double(max(count - 1, 0)) * u
      return linear < 0.5 ? 1 + linear * linear / (1 - linear) / (1 - linear) / u : .infinity
    case .pairwise: return Double(logTwo(count))
    case .blocks:
      return Self.lanes(8).depth(of: min(count, 128), unitRoundoff: u)
        + Double(logTwo((count + 127) / 128))
    case .lanes(let width):
      return Double((count + width - 1) / width - 1 + logTwo(min(width, count)))
    case .sequential: return Double(max(count - 1, 0))
    }
  }
}
