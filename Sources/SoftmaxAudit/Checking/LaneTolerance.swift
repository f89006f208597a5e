import FloatFormats
import RealModule
import SoftmaxVariants

/// How far each output of one lane may be from the exact value.
struct LaneTolerance: Sendable {
  /// The bound on |y - p|, one per logit.
  var bounds: [Double]
  /// Where a zero is accepted whatever the bound, because results that small may be flushed; empty where none is.
  var mayVanish: [Bool]

  /// The bound for an output, given what it is.
  func bound(at index: Int, output: Double) -> Double {
    !mayVanish.isEmpty && output == 0 && mayVanish[index] ? .infinity : bounds[index]
  }
}

/// The default tolerance: what any sound softmax keeps to that declares nothing.
///
/// **Derivation.** With u the unit roundoff of the output format, eta its smallest subnormal number, d_j = max - x_j,
/// w_j = e^(-d_j), s = sum w_j, p_j = w_j / s:
///
/// 1. The subtraction is rounded once: the argument of the exponential is -d_j (1 + a), |a| <= u, which changes w_j by a
///    factor between e^(-d_j u) and e^(d_j u).
/// 2. An exponential good to K ulp, an ulp being at most 2u of the value, adds a factor 1 + 2Ku; in the subnormal range
///    its error is K eta.
/// 3. So the sum of the computed weights is off by at most a factor T (1 + 2Ku) with T = sum p_j e^(d_j u), and n K eta.
/// 4. Adding n terms in any order costs a factor 1 / (1 - S), S = (n - 1) u + n K eta / s.
/// 5. The division, a multiplication by a reciprocal in its place, and the rounding to the output format: (1 + u)^3.
/// 6. Together |y - p_i| <= p_i B + alpha with B = e^(d_i u) T (1 + 2Ku) / (1 - 2Ku) (1 + u)^3 / (1 - S) - 1 and
///    alpha = (K + 1) eta. The error of numerator and denominator have opposite signs in the worst case: hence the
///    quotient of the two exponential factors.
///
/// K = 4. A softmax with 16-bit outputs is taken to compute in float32: then K = 1 and S = u + (n - 1) 2^-24 + n eta / s.
/// Where S >= 1/2 there is no bound, and nothing can be judged.
struct DefaultTolerance: Sendable {
  let output: FloatFormat
  let underflow: UnderflowPolicy

  func tolerance(of lane: LaneProfile) -> LaneTolerance? {
    let u = output.unitRoundoff
    let eta = output.leastSubnormal
    let isNarrow = output.bitWidth == 16
    let ulps = isNarrow ? 1.0 : 4.0
    let count = Double(lane.count)
    // What is lost of a term that is flushed, or rounded where numbers are subnormal.
    let loss = underflow == .flush ? max(eta, flushed) : eta
    let summation =
      (isNarrow ? u + (count - 1) * 0x1p-24 : (count - 1) * u) + count * ulps * loss / lane.sum
    guard summation < 0.5 else { return nil }
    // T - 1, by terms that are accurate however small u is.
    var excess = 0.0
    for index in lane.logits.indices where lane.weights[index] > 0 {
      excess += lane.probability(index) * Double.expMinusOne(lane.distances[index] * u)
    }
    let logFactor =
      Double.log(onePlus: excess) + Double.log(onePlus: 2 * ulps * u)
      - Double.log(onePlus: -2 * ulps * u) + 3 * Double.log(onePlus: u)
      - Double.log(onePlus: -summation)
    var result = LaneTolerance(bounds: [], mayVanish: [])
    result.bounds.reserveCapacity(lane.count)
    for index in lane.logits.indices {
      let distance = lane.distances[index]
      guard distance < .infinity || lane.logits[index] != -.infinity else {
        result.bounds.append(0)
        if underflow == .flush { result.mayVanish.append(true) }
        continue
      }
      let probability = lane.probability(index)
      let exponent = distance * u + logFactor
      let relative =
        exponent < 700
        ? probability * Double.expMinusOne(exponent)
        : Double.exp(min(700, logFactor - distance * (1 - u))) / lane.sum
      // 2^-40 covers the rounding of this evaluation, which is below 2^-44, and one step more that of subnormal bounds.
      result.bounds.append(((relative + (ulps + 1) * eta) * (1 + 0x1p-40)).nextUp)
      if underflow == .flush {
        result.mayVanish.append(
          probability - relative < output.leastNormal * (1 + 0x1p-40))
      }
    }
    return result
  }

  /// The least number that hardware does not flush in the format computed in, float32 for the 16-bit ones.
  private var flushed: Double {
    output.bitWidth == 16 ? FloatFormat.float32.leastNormal : output.leastNormal
  }
}

/// The tolerance of a declared model: its bound, evaluated on the lane.
struct ModelTolerance: Sendable {
  let model: SoftmaxVariant
  let input: FloatFormat
  let output: FloatFormat
  let underflow: UnderflowPolicy

  /// The tolerance; nil outside the domain of the model.
  func tolerance(of lane: LaneProfile) throws -> LaneTolerance? {
    let computing = model.computingFormat(for: input)
    guard
      var bounds = try computing.open(Work(model: model, profile: lane, output: output))
    else { return nil }
    var mayVanish: [Bool] = []
    if underflow == .flush {
      // Terms that are flushed make the sum smaller by at most n 2^e_min, of at least 1.
      let lost = 2 * Double(lane.count) * computing.leastNormal / lane.sum
      for index in bounds.indices { bounds[index] += lost * lane.probability(index) }
      mayVanish = bounds.indices.map {
        lane.probability($0) - bounds[$0]
          < max(output.leastNormal, computing.leastNormal) * (1 + 0x1p-40)
      }
    }
    return LaneTolerance(bounds: bounds, mayVanish: mayVanish)
  }

  private struct Work: FormatGenericWork {
    let model: SoftmaxVariant
    let profile: LaneProfile
    let output: FloatFormat

    func run<C: BinaryFloat>(_ computing: C.Type) throws -> [Double]? {
      model.bound(on: profile, computingIn: computing, output: output)
    }
  }
}
