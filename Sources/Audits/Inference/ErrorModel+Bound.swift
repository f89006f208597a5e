import AuditRecords
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
extension ErrorModel {
  /// log M for lanes of a length; nil where there is no bound.
  ///
  /// - Parameters:
  ///   - logSpread: log T.
  ///   - sum: s, the sum of the shifted exponentials, at least 1.
  ///   - output: The format of the outputs.
  func logFactor(count: Int, logSpread: Double, sum: Double, output: FloatFormat) -> Double? {
    let u = computing.unitRoundoff
    let lost = flushes ? computing.leastNormal : computing.leastSubnormal
    let sumError =
      order.depth(of: count, unitRoundoff: accumulation.unitRoundoff) * accumulation.unitRoundoff
      + Double(count) * max(1, exponentialUlps) * lost / sum
    let expError = 2 * exponentialUlps * u
    guard sumError < 0.5, expError < 0.5 else { return nil }
    let rounding = output.contains(computing) ? 0 : Double.log(onePlus: output.unitRoundoff)
    return logSpread + Double.log(onePlus: expError) - Double.log(onePlus: -expError)
      + 2 * Double.log(onePlus: u) + rounding - Double.log(onePlus: -sumError)
  }

  /// The relative bound for every output that is normal, in any lane of at most so many logits; nil
  /// where there is none.
  ///
  /// p_i >= 2^e_min means d_i <= -log 2^e_min. With a = 1 - c u, sum_j p_j d_j e^(c d_j u) <= T
  /// log(n) / a (the entropy of the weights e^(-a d_j) is at most log n), and T - 1 is at most c u
  /// times that: T <= 1 / (1 - c u log(n) / a).
  package func relativeBound(upTo count: Int, output: FloatFormat) -> Double? {
    let slope = subtraction.errors * computing.unitRoundoff
    let part = slope * Double.log(Double(max(count, 1))) / (1 - slope)
    guard part < 0.5,
      let factor = logFactor(
        count: count, logSpread: -Double.log(onePlus: -part), sum: 1, output: output)
    else { return nil }
    let distance = -Double.log(output.leastNormal)
    return Double.expMinusOne(slope * distance + factor) * (1 + 0x1p-30)
  }

  /// The absolute error that every output may have besides.
  package func absoluteBound(output: FloatFormat) -> Double {
    5 * output.leastSubnormal + (flushes ? output.leastNormal : 0)
  }

  /// The built-in variant that is built most alike, for following its stages; nil where none
  /// computes so.
  package func nearestVariant(input: FloatFormat) -> SoftmaxVariant? {
    let summation: Summation =
      switch order {
      case .exact, .compensated: .compensated
      case .pairwise, .blocks: .pairwise
      case .lanes(let width): width >= 4 ? .lanes8 : .sequential
      case .sequential: .sequential
      }
    let algorithm = subtraction == .scaled ? "exp2" : "max-trick"
    let suffix = computing == input ? "" : "/\(computing.rawValue)"
    let variant = SoftmaxVariant(named: "\(algorithm)/\(summation.rawValue)\(suffix)")
    return variant.flatMap { $0.formats.contains(input) ? $0 : nil }
  }

  /// The built-in variant whose bound allows at least as much in every stage, for `--declare`; nil
  /// where none does.
  ///
  /// Where the model flushes, that takes `--underflow flush` too.
  package func coveringVariant(input: FloatFormat) -> SoftmaxVariant? {
    // The exponentials of the built-in variants are good to 1 ulp, half an ulp and a little in 16
    // bits.
    let limit = ElementaryAccuracy(of: computing).ulps
    guard isSound, exponentialUlps <= limit, order != .blocks,
      let nearest = nearestVariant(input: input)
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
