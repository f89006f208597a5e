import AuditedOperations
import FloatFormats
import Laws
import RealModule
import SoftmaxVariants

extension FaultySoftmax {
  /// Attentions with one mistake each, after public reports.
  package static let ofAttention: [FaultySoftmax] =
    modifierFaultsOfAttention + weightFaults + scoreFaults + blockFaults + headFaults
    + otherFaultsOfAttention

  private static let modifierFaultsOfAttention: [FaultySoftmax] = [
    FaultySoftmax(
      "attention-sink-ignored", "takes no notice of sinks (TransformerEngine#2541)", .formula,
      attention: AttentionRecipe(modifiers: { modifiers, _ in modifiers.sinks = nil })),
    FaultySoftmax(
      "sink-of-first-head", "gives every head the sink of the first", .axes,
      attention: AttentionRecipe(modifiers: { modifiers, _ in
        guard let sinks = modifiers.sinks, let first = sinks.first else { return }
        modifiers.sinks = sinks.map { _ in first }
      })),
    FaultySoftmax(
      "attention-sink-scaled", "scales the sink as it does scores", .formula,
      attention: AttentionRecipe(row: { row, _ in row.sink = row.sink.map { $0 * row.scale } })),
    FaultySoftmax(
      "cap-dropped", "takes no notice of a soft cap (sgl-kernel-xpu#491)", .formula,
      attention: AttentionRecipe(modifiers: { modifiers, _ in modifiers.softcap = nil })),
    FaultySoftmax(
      "cap-after-mask", "adds the mask before the cap, which makes -inf a number (onnx#7865)",
      .specialValues,
      attention: AttentionRecipe(masksBeforeCap: true, multipliesHidden: true)),
    FaultySoftmax(
      "attention-mask-scaled", "scales the mask with the scores", .formula,
      attention: AttentionRecipe(row: { row, _ in
        row.addends = row.addends.map { $0.map { $0 * abs(row.scale) } }
      })),
    FaultySoftmax(
      "mask-ignored", "takes no notice of a mask", .formula,
      attention: AttentionRecipe(modifiers: { modifiers, _ in modifiers.mask = nil })),
    FaultySoftmax(
      "hidden-multiplied", "multiplies hidden values by a weight of 0, NaN among them",
      .specialValues, attention: AttentionRecipe(multipliesHidden: true)),
    FaultySoftmax(
      "hidden-finite", "hides by a large negative number in the place of -inf", .specialValues,
      attention: AttentionRecipe(row: { row, _ in
        row.addends = row.addends.map { $0.map { max($0, -30_000) } }
      })),
    FaultySoftmax(
      "causal-top-left", "aligns every causal mask at the first query", .axes,
      attention: AttentionRecipe(modifiers: { modifiers, _ in
        if modifiers.causal != nil { modifiers.causal = .topLeft }
      })),
    FaultySoftmax(
      "causal-off-by-one", "shows a query the key after its own", .axes,
      attention: AttentionRecipe(row: { row, shape in
        guard let addends = row.addends, shape.queries > 1,
          let first = addends.firstIndex(of: -.infinity), first > 0,
          addends[first...].allSatisfy({ $0 == -.infinity })
        else { return }
        row.addends?[first] = 0
      })),
    FaultySoftmax(
      "scale-missing", "does not scale where no scale is given", .temperature,
      attention: AttentionRecipe(modifiers: { modifiers, _ in
        modifiers.scale = modifiers.scale ?? 1
      })),
    FaultySoftmax(
      "scale-of-dimension", "divides by the dimension, not by its root", .temperature,
      attention: AttentionRecipe(modifiers: { modifiers, shape in
        modifiers.scale = modifiers.scale ?? 1 / Double(shape.dimension)
      })),
  ]

  private static let weightFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "weights-clipped",
      "clips weights of deferred rescaling at the end of float8-e4m3fn (flash-attention#2716)",
      .quantized,
      attention: AttentionRecipe(
        order: .online(16), base: .two, weight: { min($0, 1.75) }, deferral: 4)),
    FaultySoftmax(
      "small-weights-vanish",
      "loses weights below 2^-10 in the second product alone (flashinfer#5020)", .underflow,
      attention: AttentionRecipe(weight: { $0 < 0x1p-10 ? 0 : $0 })),
    FaultySoftmax(
      "weights-truncated",
      "cuts weights to four bits in the second product alone (ROCm/FlyDSL#1020)", .quantized,
      attention: AttentionRecipe(weight: { rounded($0, toBits: 4, .down) })),
    FaultySoftmax(
      "exponential-of-degree-2",
      "approximates exp2 by a polynomial of degree 2 (cudnn-frontend#971)",
      .approximation,
      attention: AttentionRecipe(
        order: .online(64), base: .two,
        exponential: { exponentialOfDegree(2, $0) })),
    FaultySoftmax(
      "exponential-of-degree-3",
      "approximates exp2 by a polynomial good to 2^-13.4 in float32 (flash-attention#2263)",
      .approximation, formats: .wide,
      attention: AttentionRecipe(
        order: .online(64), base: .two,
        exponential: { exponentialOfDegree(3, $0) })),
    FaultySoftmax(
      "output-summed-in-bfloat16",
      "rounds every partial sum of the output to bfloat16 (arXiv 2510.04212)", .lowPrecision,
      attention: AttentionRecipe(accumulator: { FloatFormat.bfloat16.rounded($0) })),
  ]

  private static let scoreFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "scores-in-bfloat16", "stores scores in bfloat16", .lowPrecision,
      attention: AttentionRecipe(score: { FloatFormat.bfloat16.rounded($0) })),
    FaultySoftmax(
      "scores-summed-in-bfloat16", "rounds every partial sum of a score to bfloat16",
      .lowPrecision, attention: AttentionRecipe(scoreSum: { FloatFormat.bfloat16.rounded($0) })),
    FaultySoftmax(
      "queries-in-tensor-float32", "cuts queries and keys to 11 bits (cudnn-frontend#971)",
      .lowPrecision, formats: .wide,
      attention: AttentionRecipe(row: { row, _ in
        row.query = row.query.map { rounded($0, toBits: 11) }
        row.keys = row.keys.map { rounded($0, toBits: 11) }
      })),
    FaultySoftmax(
      "maximum-at-least-0", "subtracts no maximum below 0", .overflow,
      attention: AttentionRecipe(maximum: { max($0, 0) })),
    FaultySoftmax(
      "maximum-not-subtracted", "subtracts no maximum", .overflow,
      attention: AttentionRecipe(maximum: { _ in 0 })),
  ]

  private static let blockFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "values-not-rescaled", "rescales the sum of weights alone where the maximum grows",
      .formula, attention: AttentionRecipe(order: .online(16), rescalesValues: false)),
    FaultySoftmax(
      "sum-not-rescaled", "rescales the weighted values alone where the maximum grows", .formula,
      attention: AttentionRecipe(order: .online(16), rescalesSum: false)),
    FaultySoftmax(
      "parts-merged-as-they-are", "adds up the sums of parts that are relative to other maxima",
      .formula,
      attention: AttentionRecipe(order: .split(2), rescalesValues: false, rescalesSum: false)),
    FaultySoftmax(
      "last-block-left-out", "leaves out keys beyond a multiple of 16", .tails,
      attention: AttentionRecipe(row: { row, _ in
        if row.count > 16 { row.resize(to: row.count / 16 * 16) }
      })),
    FaultySoftmax(
      "padding-counted", "counts keys of 0 up to a multiple of 16 (rocm-libraries#10519)", .tails,
      attention: AttentionRecipe(row: { row, _ in
        row.resize(to: (row.count + 15) / 16 * 16)
      })),
  ]

  private static let headFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "groups-interleaved", "reads head h mod the heads of keys", .axes,
      attention: AttentionRecipe(keyHead: { row, shape in
        let (batch, head, _) = shape.place(ofRow: row)
        return batch * shape.keyHeads + head % shape.keyHeads
      })),
    FaultySoftmax(
      "keys-of-first-batch", "reads the keys of the first batch for all", .axes,
      attention: AttentionRecipe(keyHead: { row, shape in
        shape.keyHead(ofRow: row) % shape.keyHeads
      })),
  ]

  private static let otherFaultsOfAttention: [FaultySoftmax] = [
    FaultySoftmax(
      "prefilling-unlike-decoding",
      "takes exp2 where there are several queries and exp for one (flash-attention#2596)",
      .nondeterminism,
      attention: AttentionRecipe(
        order: .online(16), base: .two, isReplaced: { $0.queries > 1 })),
    FaultySoftmax(
      "logsumexp-in-base-2", "gives the logsumexp in base 2", .wrongFunction,
      attention: AttentionRecipe(logSumExp: { ($0 + Double.log($1)) * 0x1.71547652b82fep+0 })),
    FaultySoftmax(
      "attention-logsumexp-without-maximum", "gives the logarithm of the sum alone", .formula,
      attention: AttentionRecipe(logSumExp: { Double.log($1) })),
    FaultySoftmax(
      "noisy-output", "gives every output a hundredth too large (mlir-air#1427)", .wrongFunction,
      attention: AttentionRecipe(output: { 1.01 * $0 })),
    FaultySoftmax(
      "output-rounded-down", "cuts outputs to twelve bits", .rounding, formats: .wide,
      attention: AttentionRecipe(output: { rounded($0, toBits: 12, .down) })),
  ]

  /// A number of so many significant bits.
  private static func rounded(
    _ number: Double, toBits bits: Int,
    _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero
  ) -> Double {
    guard number != 0, number.isFinite else { return number }
    let unit = Double(sign: .plus, exponent: Int(number.exponent) - (bits - 1), significand: 1)
    return (number / unit).rounded(rule) * unit
  }

  /// 2^x by its integer part and a polynomial of the rest.
  ///
  /// Degree 3 has the coefficients of FlashAttention 4, good to 8.8e-5; degree 2 is good to 2e-3.
  private static func exponentialOfDegree(_ degree: Int, _ x: Double) -> Double {
    guard x.isFinite, x > -1100 else { return 0 }
    let whole = x.rounded(.down)
    let rest = x - whole
    let value =
      degree == 3
      ? 1 + rest * (0.6951633 + rest * (0.2276 + rest * 0.0771))
      : 1 + rest * (0.6565 + rest * 0.3435)
    return value * Double.exp2(max(whole, -1020))
  }
}

extension SoundSoftmax {
  /// The built-in attentions, declaring nothing.
  package static let ofAttention: [SoundSoftmax] = AttentionVariant.all.map { SoundSoftmax($0) }
}
