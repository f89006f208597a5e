import AuditedOperations
import FloatFormats
import Laws
import SoftmaxVariants

/// Scales, soft caps, masks and sinks that are forgotten, applied twice, or in another order.
extension FaultySoftmax {
  /// Faults that show with modifiers alone: without them they are sound.
  package static let ofModifiers: [FaultySoftmax] =
    sinkFaults + capFaults + scaleFaults + maskFaults

  private static let sinkFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "sink-ignored", "takes a sink and leaves it out (NVIDIA/TransformerEngine#2541)",
      .formula, SinkIgnored()),
    FaultySoftmax(
      "log-softmax-sink-ignored", "takes a sink and leaves it out of the logarithm's sum",
      .formula, of: .logSoftmax, SinkIgnored()),
    FaultySoftmax(
      "sink-scaled", "multiplies the sink by the scale of the logits", .formula, SinkScaled()),
    FaultySoftmax(
      "sink-capped", "bounds the sink by the soft cap of the logits", .formula, SinkCapped()),
    FaultySoftmax(
      "sink-has-an-output", "puts the sink's probability in the place of the first output",
      .axes, SinkHasOutput()),
    FaultySoftmax(
      "sink-in-the-maximum-alone", "takes the sink into the maximum and not into the sum",
      .formula, SinkInMaximum()),
    FaultySoftmax(
      "sink-not-rescaled", "adds e^sink to a sum of exponentials relative to the maximum",
      .overflow, SinkNotRescaled()),
    FaultySoftmax(
      "logsumexp-sink-beside-the-maximum", "takes the maximum without the sink, which overflows",
      .overflow, of: .logSumExp, SinkBesideMaximum()),
    FaultySoftmax(
      "first-sink-for-every-lane", "reads the sink of the first lane for all of them", .axes,
      FirstSink()),
  ]

  private static let capFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "soft-cap-dropped", "ignores the soft cap (sgl-project/sgl-kernel-xpu#491)", .formula,
      CapDropped()),
    FaultySoftmax(
      "soft-cap-after-mask", "bounds masked logits, so that -inf becomes -k (onnx/onnx#7865)",
      .formula, CapAfterMask()),
    FaultySoftmax(
      "soft-cap-without-factor", "takes tanh(z / k) and does not multiply by k", .formula,
      CapWithoutFactor()),
    FaultySoftmax(
      "hard-cap", "clamps logits to [-k, k] in the place of a soft cap", .approximation,
      HardCap()),
  ]

  private static let scaleFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "scale-ignored", "gives scores their softmax unscaled", .temperature,
      ScaleIgnored()),
    FaultySoftmax(
      "scale-twice", "multiplies by the scale before and after", .temperature,
      ScaleTwice()),
    FaultySoftmax(
      "logsumexp-scale-of-the-result", "multiplies the logsumexp by the scale, not the logits",
      .temperature, of: .logSumExp, ScaleOfResult()),
    FaultySoftmax(
      "scale-after-soft-cap", "bounds unscaled logits, and scales them after that", .formula,
      ScaleAfterCap()),
  ]

  private static let maskFaults: [FaultySoftmax] = [
    FaultySoftmax(
      "mask-multiplied", "multiplies by the mask where it should add it", .formula,
      MaskMultiplied()),
    FaultySoftmax(
      "mask-as-minus-10000", "takes -10000 for a mask of -inf", .specialValues, MaskFinite()),
    FaultySoftmax(
      "mask-scaled", "multiplies the mask by the scale as well", .formula,
      MaskScaled()),
    FaultySoftmax(
      "causal-sees-the-next-key", "hides keys from j = i + 2 on", .axes, CausalOffByOne()),
    FaultySoftmax(
      "causal-top-left-always",
      "aligns causal masks at the top left where the bottom right was asked for",
      .axes, CausalTopLeft()),
  ]

  /// A fault with modifiers.
  private convenience init(
    _ name: String, _ summary: String, _ bugClass: BugClass,
    of operation: AuditedOperation = .softmax, _ recipe: some ModifierRecipe
  ) {
    self.init(
      name, summary, bugClass, of: operation, modifiers: recipe)
  }
}

private struct SinkIgnored: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    plainOutputs(of: numbers, sink: nil, operation)
  }
}

private struct SinkScaled: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    own.sink = own.sink.map { $0 * (own.scale ?? 1) }
    return own
  }
}

private struct SinkCapped: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    if let sink = own.sink, let cap = own.softcap, sink.isFinite {
      own.sink = cap * (sink / cap).hyperbolicTangent
    }
    return own
  }
}

private struct SinkHasOutput: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    guard let sink else { return plainOutputs(of: numbers, sink: nil, operation) }
    return Array(plainOutputs(of: [sink] + numbers, sink: nil, operation).dropLast())
  }
}

private struct SinkInMaximum: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    let largest = (numbers + [sink].compactMap { $0 }).reduce(-C.infinity) { $1 > $0 ? $1 : $0 }
    let sum = numbers.reduce(C.zero) { $0 + C.exp($1 - largest) }
    return finished(numbers, largest, sum, operation)
  }
}

private struct SinkNotRescaled: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    let largest = numbers.reduce(-C.infinity) { $1 > $0 ? $1 : $0 }
    var sum = numbers.reduce(C.zero) { $0 + C.exp($1 - largest) }
    if let sink { sum = sum + C.exp(sink) }
    return finished(numbers, largest, sum, operation)
  }
}

private struct SinkBesideMaximum: ModifierRecipe {
  func outputs<C: BinaryFloat>(of numbers: [C], sink: C?, _ operation: AuditedOperation) -> [C] {
    let largest = numbers.reduce(-C.infinity) { $1 > $0 ? $1 : $0 }
    guard largest > -C.infinity else { return plainOutputs(of: numbers, sink: sink, operation) }
    var sum = numbers.reduce(C.zero) { $0 + C.exp($1 - largest) }
    if let sink { sum = sum + C.exp(sink - largest) }
    return finished(numbers, largest, sum, operation)
  }
}

private struct FirstSink: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    own.sink = tensor.sink?.first
    return own
  }
}

private struct CapDropped: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    var own = modifiers
    own.softcap = nil
    return ModifiedLogitsInFormat(own).numbers(of: logits)
  }
}

private struct CapAfterMask: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    let masked = ModifiedLogitsInFormat(
      LaneModifiers(scale: modifiers.scale, mask: modifiers.mask)
    ).numbers(of: logits)
    return ModifiedLogitsInFormat(LaneModifiers(softcap: modifiers.softcap)).numbers(of: masked)
  }
}

private struct CapWithoutFactor: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    guard let cap = modifiers.softcap else {
      return ModifiedLogitsInFormat(modifiers).numbers(of: logits)
    }
    let scaled = ModifiedLogitsInFormat(LaneModifiers(scale: modifiers.scale)).numbers(of: logits)
    return ModifiedLogitsInFormat(LaneModifiers(mask: modifiers.mask)).numbers(
      of: scaled.map { ($0 / C(rounding: cap)).hyperbolicTangent })
  }
}

private struct HardCap: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    var scaled = ModifiedLogitsInFormat(LaneModifiers(scale: modifiers.scale)).numbers(of: logits)
    if let cap = modifiers.softcap.map({ C(rounding: $0) }) {
      scaled = scaled.map { $0 > cap ? cap : $0 < -cap ? -cap : $0 }
    }
    return ModifiedLogitsInFormat(LaneModifiers(mask: modifiers.mask)).numbers(of: scaled)
  }
}

private struct ScaleIgnored: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    var own = modifiers
    own.scale = nil
    return ModifiedLogitsInFormat(own).numbers(of: logits)
  }
}

private struct ScaleTwice: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    let once = ModifiedLogitsInFormat(LaneModifiers(scale: modifiers.scale)).numbers(of: logits)
    return ModifiedLogitsInFormat(modifiers).numbers(of: once)
  }
}

private struct ScaleOfResult: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    tensor.lane(lane, of: geometry)
  }

  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    guard let scale = modifiers.scale, scale != 0 else {
      return ModifiedLogitsInFormat(modifiers).numbers(of: logits)
    }
    // c L(x) is L of x + (c - 1) L(x).
    let whole = plainOutputs(of: logits, sink: nil, .logSumExp)[0]
    let shift = (C(rounding: scale) - .one) * whole
    var own = modifiers
    own.scale = nil
    return ModifiedLogitsInFormat(own).numbers(of: logits.map { $0 + shift })
  }
}

private struct ScaleAfterCap: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    let capped = ModifiedLogitsInFormat(
      LaneModifiers(softcap: modifiers.softcap)
    ).numbers(of: logits)
    return ModifiedLogitsInFormat(
      LaneModifiers(scale: modifiers.scale, mask: modifiers.mask)
    ).numbers(of: capped)
  }
}

private struct MaskMultiplied: ModifierRecipe {
  func numbers<C: BinaryFloat>(of logits: [C], _ modifiers: LaneModifiers) -> [C] {
    var own = modifiers
    own.mask = nil
    let numbers = ModifiedLogitsInFormat(own).numbers(of: logits)
    guard let mask = modifiers.mask else { return numbers }
    // 1 where nothing is hidden, 0 where something is.
    return numbers.indices.map { mask[$0] == -.infinity ? C.zero : numbers[$0] }
  }
}

private struct MaskFinite: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    own.mask = own.mask?.map { max($0, -10000) }
    return own
  }
}

private struct MaskScaled: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    if let scale = own.scale, scale > 0 { own.mask = own.mask?.map { $0 * scale } }
    return own
  }
}

private struct CausalOffByOne: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var own = tensor.lane(lane, of: geometry)
    guard tensor.causal != nil, var mask = own.mask,
      let first = mask.firstIndex(of: -.infinity), first > 0
    else { return own }
    mask[first] = 0
    own.mask = mask
    return own
  }
}

private struct CausalTopLeft: ModifierRecipe {
  func modifiers(of tensor: LogitModifiers, lane: Int, _ geometry: LaneGeometry) -> LaneModifiers {
    var other = tensor
    if other.causal != nil { other.causal = .topLeft }
    return other.lane(lane, of: geometry)
  }
}
