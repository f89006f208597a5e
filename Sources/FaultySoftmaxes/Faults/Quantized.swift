import FloatFormats
import Laws

extension FaultySoftmax {
  /// Probabilities or exponentials are rounded to a fixed-point grid.
  static let quantizedFaults = [
    FaultySoftmax(
      "output-on-a-grid-of-2^-16", "rounds the probabilities to multiples of 2^-16", .quantized,
      OutputOnAGrid(bits: 16, largest: 1)),
    FaultySoftmax(
      "output-in-8-bits", "rounds to multiples of 1/256 and stops at 255/256", .quantized,
      OutputOnAGrid(bits: 8, largest: 255.0 / 256)),
    FaultySoftmax(
      "exponential-in-15-bit-fixed-point", "rounds the exponentials to multiples of 2^-15",
      .quantized, ExponentialInFixedPoint()),
  ]
}

private struct OutputOnAGrid: SoftmaxRecipe {
  let bits: Int
  let largest: Double
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    let value = (term / sum).scaled(byPowerOfTwo: bits).roundedToInteger
      .scaled(byPowerOfTwo: -bits)
    return value > C(rounding: largest) ? C(rounding: largest) : value
  }
}

private struct ExponentialInFixedPoint: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    C.exp(logit - maximum).scaled(byPowerOfTwo: 15).roundedToInteger.scaled(byPowerOfTwo: -15)
  }
}
