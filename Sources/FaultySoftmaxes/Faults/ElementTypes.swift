import FloatFormats
import Laws

extension FaultySoftmax {
  /// The computation runs in another format than input or output have.
  static let elementTypeFaults = [
    FaultySoftmax(
      "logits-narrowed-to-float32", "reads float64 logits as float32 and computes in float64",
      .types, formats: [.float64], LogitsNarrowed(to: .float32)),
    FaultySoftmax(
      "bfloat16-read-through-float16", "reads bfloat16 logits through float16, which ends at 65504",
      .types, formats: [.bfloat16], LogitsNarrowed(to: .float16)),
    FaultySoftmax(
      "logits-rounded-to-integers", "converts the logits to integers", .types,
      LogitsRoundedToIntegers()),
    FaultySoftmax(
      "output-rounded-to-integers", "converts the probabilities to integers and back",
      .types, OutputRoundedToIntegers()),
    FaultySoftmax(
      "output-through-float16", "rounds to float16 before it writes the output format",
      .types, formats: .beyondFloat16, OutputThrough(.float16)),
    FaultySoftmax(
      "output-through-bfloat16", "rounds to bfloat16 before it writes the output format",
      .types, formats: .wide, OutputThrough(.bfloat16)),
  ]
}

private struct LogitsNarrowed: SoftmaxRecipe {
  let format: FloatFormat
  init(to format: FloatFormat) { self.format = format }
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices { lane[index] = rounded(lane[index], to: format) }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct LogitsRoundedToIntegers: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices { lane[index] = lane[index].roundedToInteger }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct OutputRoundedToIntegers: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    (term / sum).roundedToInteger
  }
}

private struct OutputThrough: SoftmaxRecipe {
  let format: FloatFormat
  init(_ format: FloatFormat) { self.format = format }
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    rounded(term / sum, to: format)
  }
}
