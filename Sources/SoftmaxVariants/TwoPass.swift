import AuditedOperations
import FloatFormats
import MultiPrecision
import RealModule

/// Each e^x as a mantissa and an exponent of its own, so that neither a maximum nor a third pass is
/// needed.
///
/// M. Dukhan and A. Ablavatski, "The two-pass softmax algorithm", arXiv 2001.04438, 2020. With n =
/// round(x log2 e) and r = x - n ln 2 (Cody and Waite's reduction, two fused multiply-adds), e^x =
/// e^r 2^n. Sums are kept the same way, aligned to the larger exponent; the output is e^r (1 /
/// mantissa of the sum) 2^(n - n_sum).
///
/// **Bound.** No bound is published; this one is derived here. n differs from x log2 e by at most
/// 1/2 + |x| log2 e ((1 + u)(1 + c) - 1), c the relative error of the constant, so |r| <= ln 2 (1/2
/// + |x| log2 e (u + c + u c)); the bound takes the r of the very n. The constant ln 2 = L1 + L2
/// has the errors c1 = |ln 2 - L1| <= u/2 and c2 = |ln 2 - L1 - L2| <= u^2/2. The first fused step
/// rounds x - n L1, which is r but for |n| c1: e1 = u (|r| + |n| c1). The second rounds what is r
/// but for e1 + |n| c2: e2 = u (|r| + e1 + |n| c2). So the argument of exp errs by at most e1 + e2
/// + |n| c2 + eta, **which grows with |x|, slowly**. Aligning by a power of two is exact unless the
/// smaller mantissa becomes subnormal: eta/2. The reciprocal, the product and the final scaling
/// round once each, the last one only where the output is subnormal.
///
/// **Domain.** 3 u |x| <= (ln 2)/2 for every finite logit, so that |r| <= ln 2 and n is a sensible
/// integer: |x| up to 236 in float16, 29 in bfloat16, 1.9e6 in float32. A mask of -65504 in float16
/// is outside, and n overflows there. The mantissa of the sum, up to n sqrt 2, must not overflow.
enum TwoPass: SoftmaxAlgorithm {
  static var name: String { "two-pass" }
  static var formula: String { "exp(x) = m 2^n; m_i (1 / sum m) 2^(n_i - n_sum)" }
  static var source: String { "Dukhan & Ablavatski 2020, arXiv 2001.04438; bound derived here" }
  static var addsOnesForEqualLogits: Bool { false }
  static var seesDifferencesOnly: Bool { false }

  /// ln 2 to 107 bits.
  static let ln2: (high: Double, low: Double) = (0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56)

  /// The constants of the reduction in a format.
  struct Constants<C: BinaryFloat> {
    let log2E = C(rounding: ScaledDifference.log2E.high)
    let high: C
    let low: C
    /// The greatest distances of the first constant, and of the sum of the two, from ln 2.
    let highError: Double
    let lowError: Double

    init() {
      high = C(rounding: ln2.high)
      let rest = (ln2.high - high.exactDouble) + ln2.low
      low = C(rounding: rest)
      highError = abs(rest)
      // `rest` itself is rounded.
      lowError = abs(rest - low.exactDouble) + 0x1p-52 * abs(rest)
    }
  }

  /// A number times a power of two, in a summation.
  struct Extended<C: BinaryFloat>: ScaledTerm {
    var exponent: Int
    var number: Rounded<C>
    func hasSmallerScale(than other: Self) -> Bool { exponent < other.exponent }
    func rescaled(_ number: Rounded<C>, to other: Self) -> Rounded<C> {
      Rounded(number.value.scaled(byPowerOfTwo: exponent - other.exponent))
    }
    func rescaled(_ residual: C, to other: Self) -> C {
      residual.scaled(byPowerOfTwo: exponent - other.exponent)
    }
    mutating func adoptScale(of other: Self) { exponent = other.exponent }
  }

  /// The exponent of a -inf logit: below every other, with room for differences.
  static let maskedExponent = -(1 << 61)

  /// The exponent n = round(x log2 e) of e^x.
  static func exponent<C: BinaryFloat>(of logit: C, _ constants: Constants<C>) -> C {
    (logit * constants.log2E).roundedToInteger
  }

  /// e^x as a mantissa and an exponent.
  static func decompose<C: BinaryFloat>(_ logit: C, _ constants: Constants<C>) -> Extended<C> {
    if logit == -C.infinity { return Extended(exponent: maskedExponent, number: Rounded(C.zero)) }
    let n = exponent(of: logit, constants)
    let r = logit.addingProduct(-n, constants.high).addingProduct(-n, constants.low)
    let limit = 0x1p60
    let power = n.exactDouble
    // A NaN or an exponent out of every range keeps its mantissa, whatever that is.
    let bounded = power.isNaN ? 0 : Int(Swift.max(-limit, Swift.min(limit, power)))
    return Extended(exponent: bounded, number: Rounded(C.exp(r)))
  }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let constants = Constants<C>()
    let sum = summation.sum(count: lane.count) { decompose(lane[$0], constants) }
    let reciprocal = C.one / sum.number.value
    for index in lane.indices {
      let term = decompose(lane[index], constants)
      lane[index] = (term.number.value * reciprocal)
        .scaled(byPowerOfTwo: term.exponent - sum.exponent)
    }
  }

  /// The same sum in tracked numbers.
  struct TrackedExtended<C: BinaryFloat>: ScaledTerm {
    var exponent: Int
    var number: Tracked<C>
    func hasSmallerScale(than other: Self) -> Bool { exponent < other.exponent }

    func rescaled(_ number: Tracked<C>, to other: Self) -> Tracked<C> {
      let factor = 1.0.scaled(byPowerOfTwo: exponent - other.exponent)
      var result = Tracked<C>(
        number.total * factor,
        Deviation(over: number.over * factor, under: number.under * factor))
      result.drift = number.drift * factor
      result.mayOverflow = number.mayOverflow
      let smallest = result.total - result.under - result.drift
      if smallest < C.format.leastNormal {
        let error = ArithmeticModel<C>.subnormalRounding(to: result.largest)
        result.over += error
        result.under += error
      }
      return result
    }

    func rescaled(_ residual: Tracked<C>.Residual, to other: Self) -> Tracked<C>.Residual {
      let factor = 1.0.scaled(byPowerOfTwo: exponent - other.exponent)
      return Tracked<C>.Residual(
        magnitude: residual.magnitude * factor,
        error: residual.error * factor + ArithmeticModel<C>.halfQuantum)
    }

    mutating func adoptScale(of other: Self) { exponent = other.exponent }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let constants = Constants<C>()
    var ln2 = BigFloat(precision: ExactNumber.precision)
    ln2.setLogarithm(BigFloat(2), .toNearestOrEven)
    let shared = ExactNumber(ln2)
    let total = summation.sum(count: lane.count) { decompose(lane[$0], constants) }
    var exponents: [Int] = []
    let terms = lane.map { logit -> Staged<C> in
      exponents.append(decompose(logit, constants).exponent)
      if logit == -C.infinity { return Staged(C.zero) }
      let n = exponent(of: logit, constants)
      let r = logit.addingProduct(-n, constants.high).addingProduct(-n, constants.low)
      let reduced = trace.step(.reduction, r, [Staged(logit)]) {
        $1.setProduct(shared.value, BigFloat(-n.exactDouble), .toNearestOrEven)
        $1.formSum($0[0].value, .toNearestOrEven)
      }
      return trace.exponential(reduced)
    }
    let sum = trace.sum(
      of: terms, scales: exponents.map { $0 - total.exponent }, computed: total.number.value)
    let product = trace.product(
      terms[index], trace.quotient(Staged(C.one), sum, .reciprocal))
    let shift = exponents[index] - total.exponent
    return trace.step(.powerOfTwo, product.computed.scaled(byPowerOfTwo: shift), [product]) {
      $1.assign($0[0].value, .toNearestOrEven)
      $1.formProduct(withPowerOfTwo: max(shift, -(1 << 29)))
    }
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let u = C.format.unitRoundoff
    let constants = Constants<C>()
    let accuracy = ArithmeticModel<C>.elementary
    var terms: [TrackedExtended<C>] = []
    terms.reserveCapacity(lane.count)
    for logit in lane.logits {
      if logit == -.infinity {
        terms.append(TrackedExtended(exponent: maskedExponent, number: Tracked(0, .none)))
        continue
      }
      guard 3 * u * abs(logit) <= ln2.high / 2 else { return nil }
      let n = exponent(of: C(rounding: logit), constants).exactDouble
      let r = logit.addingProduct(-n, ln2.high).addingProduct(-n, ln2.low)
      let first = u * (abs(r) + abs(n) * constants.highError)
      let second = u * (abs(r) + first + abs(n) * constants.lowError)
      let argumentError =
        first + second + abs(n) * constants.lowError + C.format.leastSubnormal
      let mantissa = Double.exp(r)
      let growth = Double.expMinusOne(argumentError)
      let relative = growth + accuracy.relative + growth * accuracy.relative
      terms.append(
        TrackedExtended(
          exponent: Int(n),
          number: Tracked(
            mantissa, Deviation(over: mantissa * relative, under: mantissa * relative))))
    }
    let total = summation.sum(count: lane.count) { terms[$0] }
    let sum = total.number
    guard sum.isSound else { return nil }
    let inverse = 1 / sum.total
    let reciprocal = ArithmeticModel<C>.quotient(
      .none, by: sum.total, sum.deviation, value: inverse)
    return lane.weights.indices.map { index in
      let term = terms[index]
      if lane.logits[index] == -.infinity { return .none }
      let product = ArithmeticModel<C>.product(
        term.number.total, term.number.deviation, inverse, reciprocal)
      let factor = 1.0.scaled(byPowerOfTwo: term.exponent - total.exponent)
      let value = lane.probability(index)
      let scaled = Deviation(over: product.over * factor, under: product.under * factor)
      guard value - scaled.under < C.format.leastNormal else { return scaled }
      let error = ArithmeticModel<C>.subnormalRounding(to: value + scaled.over)
      return Deviation(
        over: scaled.over + error,
        under: ArithmeticModel<C>.capped(scaled.under + error, by: value))
    }
  }
}
