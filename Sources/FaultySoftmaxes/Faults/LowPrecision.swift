import FloatFormats
import Laws

extension FaultySoftmax {
  /// Sums or intermediate results are kept in too narrow a format.
  static let lowPrecisionFaults = [
    FaultySoftmax(
      "sum-in-the-input-format", "adds up in the 16 bits of its input", .lowPrecision,
      formats: .narrow, SumInTheInputFormat()),
    FaultySoftmax(
      "everything-in-the-input-format", "computes every step in the 16 bits of its input",
      .lowPrecision, formats: .narrow, EverythingInTheInputFormat()),
    FaultySoftmax(
      "sum-in-float16", "adds up in float16, which ends at 65504", .lowPrecision,
      SumRounded(to: .float16)),
    FaultySoftmax(
      "block-sums-in-float16", "rounds the sum of each 64 terms to float16", .lowPrecision,
      formats: .wide, BlockSumsInFloat16()),
    FaultySoftmax(
      "sum-stored-in-bfloat16", "rounds the finished sum to bfloat16", .lowPrecision,
      formats: .wide, SumStoredInBFloat16()),
    FaultySoftmax(
      "exponentials-stored-in-bfloat16", "keeps the exponentials in bfloat16 between the passes",
      .lowPrecision, formats: .wide, ExponentialsStored(in: .bfloat16)),
    FaultySoftmax(
      "numerators-stored-in-float16",
      "adds up full exponentials but keeps them in float16 for the quotient", .lowPrecision,
      formats: .wide, NumeratorsStoredInFloat16()),
    FaultySoftmax(
      "float64-summed-in-float32", "adds up float64 exponentials in float32", .lowPrecision,
      formats: [.float64], SumRounded(to: .float32)),
    FaultySoftmax(
      "difference-in-bfloat16", "rounds x - max to bfloat16 before the exponential", .lowPrecision,
      formats: .beyondBFloat16, DifferenceInBFloat16()),
    FaultySoftmax(
      "sum-stops-at-256", "adds up in bfloat16, where 256 + 1 is 256", .lowPrecision,
      SumRounded(to: .bfloat16)),
  ]
}

private struct SumInTheInputFormat: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<terms.count, in: call.input)
  }
}

private struct EverythingInTheInputFormat: SoftmaxRecipe {
  func computingFormat(for input: FloatFormat) -> FloatFormat { input }
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: false)
  }
}

private struct SumRounded: SoftmaxRecipe {
  let format: FloatFormat
  init(to format: FloatFormat) { self.format = format }
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: terms, 0..<terms.count, in: format)
  }
}

private struct BlockSumsInFloat16: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    var result = C.zero
    for start in stride(from: 0, to: terms.count, by: 64) {
      let block = total(of: terms, start..<min(start + 64, terms.count))
      result = result + rounded(block, to: .float16)
    }
    return result
  }
}

private struct SumStoredInBFloat16: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    rounded(total(of: terms, 0..<terms.count), to: .bfloat16)
  }
}

private struct ExponentialsStored: SoftmaxRecipe {
  let format: FloatFormat
  init(in format: FloatFormat) { self.format = format }
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { rounded(C.exp(logit - maximum), to: format) }
}

private struct NumeratorsStoredInFloat16: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    rounded(term, to: .float16) / sum
  }
}

private struct DifferenceInBFloat16: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { C.exp(rounded(logit - maximum, to: .bfloat16)) }
}
