import FloatFormats
import Laws

extension FaultySoftmax {
  /// The exponential or the reciprocal is an approximation, and a poor one.
  static let approximateExponentialFaults = [
    FaultySoftmax(
      "schraudolph-exponential", "writes x log2 e into the exponent field: 2^f becomes 1 + f",
      .approximation, SchraudolphExponential()),
    FaultySoftmax(
      "polynomial-of-degree-2", "approximates 2^f by a polynomial of degree 2",
      .approximation, formats: .beyondBFloat16, PolynomialExponential(degree: 2)),
    FaultySoftmax(
      "polynomial-of-degree-4", "approximates 2^f by a polynomial of degree 4",
      .approximation, formats: .wide, PolynomialExponential(degree: 4)),
    FaultySoftmax(
      "power-of-256", "computes exp(x) as (1 + x/256)^256", .approximation,
      PowerOf256()),
    FaultySoftmax(
      "exp-off-by-2^-18-in-a-window", "errs by 2^-18 for differences between -1.5 and -1.375 only",
      .approximation, formats: .wide, ExpOffInAWindow(from: -1.5, to: -1.375)),
    FaultySoftmax(
      "exp-off-by-2^-18-around-ln-2",
      "errs by 2^-18 within 2^-7 of -ln 2, where the range reduction takes another binade",
      .approximation, formats: .wide, ExpOffInAWindow(from: -0.701, to: -0.6854)),
    FaultySoftmax(
      "table-of-256-steps", "looks the exponential up at the nearest multiple of 1/256",
      .approximation, formats: .wide, TableOf256Steps()),
    FaultySoftmax(
      "exp-good-to-20-ulp", "errs by up to 20 ulp, up and down in turn", .approximation,
      formats: .wide, ExpGoodTo20Ulp()),
    FaultySoftmax(
      "exp-drops-at-table-boundaries",
      "promises to be monotone, and falls by 7 ulp at every multiple of 1/64",
      .approximation, formats: .wide, promises: ["monotone"],
      ExpDropsAtTableBoundaries()),
    FaultySoftmax(
      "reciprocal-estimate-unrefined", "multiplies by a reciprocal estimate of 14 bits",
      .approximation, formats: .wide, ReciprocalEstimate(bits: 14)),
    FaultySoftmax(
      "reciprocal-in-float32", "takes the reciprocal of a float64 sum in float32",
      .approximation, formats: [.float64], ReciprocalEstimate(bits: 24)),
    FaultySoftmax(
      "exp-vanishes-below-minus-13", "gives 0 for differences below -13",
      .approximation, ExpVanishesBelowMinus13()),
  ]
}

/// log2 e.
private let log2E = 0x1.71547652b82fep+0

private struct SchraudolphExponential: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let power = (logit - maximum) * C(rounding: log2E)
    guard power > C(rounding: -1000.0) else { return C.exp(logit - maximum) }
    let (floor, fraction) = splitIntoFloorAndFraction(power)
    return (C.one + fraction).scaled(byPowerOfTwo: Int(floor.exactDouble))
  }
}

private struct PolynomialExponential: SoftmaxRecipe {
  let degree: Int
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let power = (logit - maximum) * C(rounding: log2E)
    guard power > C(rounding: -1000.0) else { return C.exp(logit - maximum) }
    let integer = power.roundedToInteger
    let rest = (power - integer) * C(rounding: 0x1.62e42fefa39efp-1)
    // Horner's rule for the Taylor polynomial of e^rest.
    var value = C.one
    for k in stride(from: degree, through: 1, by: -1) {
      value = C.one.addingProduct(value, rest / C(rounding: Double(k)))
    }
    return value.scaled(byPowerOfTwo: Int(integer.exactDouble))
  }
}

private struct PowerOf256: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    guard difference > C(rounding: -256.0) else { return C.exp(difference) }
    var value = C.one + difference.scaled(byPowerOfTwo: -8)
    for _ in 0..<8 { value = value * value }
    return value
  }
}

private struct ExpOffInAWindow: SoftmaxRecipe {
  let low: Double
  let high: Double
  init(from low: Double, to high: Double) {
    self.low = low
    self.high = high
  }
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    let term = C.exp(difference)
    let isInside = difference > C(rounding: low) && difference < C(rounding: high)
    return isInside ? term.addingProduct(term, C(rounding: 0x1p-18)) : term
  }
}

private struct TableOf256Steps: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let scaled = (logit - maximum).scaled(byPowerOfTwo: 8)
    return C.exp(scaled.roundedToInteger.scaled(byPowerOfTwo: -8))
  }
}

private struct ExpGoodTo20Ulp: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    guard !difference.isZero else { return C.one }
    // The sign from a hash of the bits, so that it depends on the difference and on nothing else.
    let hash = (UInt64(difference.magnitudeBits) &* 0x9E37_79B9_7F4A_7C15) >> 63
    return moved(C.exp(difference), byPlaces: hash == 0 ? 20 : -20)
  }
}

private struct ExpDropsAtTableBoundaries: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    let term = C.exp(difference)
    guard difference < C.zero, difference.isFinite else { return term }
    let place = splitIntoFloorAndFraction(difference.scaled(byPowerOfTwo: 6)).fraction
    return place < C(rounding: 0x1p-5) ? moved(term, byPlaces: -7) : term
  }
}

/// The product with a reciprocal of which only the leading bits are kept.
struct ReciprocalEstimate: SoftmaxRecipe {
  let bits: Int
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    term * truncated(C.one / sum, toBits: bits)
  }
}

private struct ExpVanishesBelowMinus13: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let difference = logit - maximum
    return difference < C(rounding: -13.0) ? C.zero : C.exp(difference)
  }
}
